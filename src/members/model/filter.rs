//! Which members are wanted, and in which order.

use entity::{MemberId, TierId};
use serde::{Deserialize, Serialize};

use super::hiding::hidden;
use crate::time_range::TimeRange;

/// Which members are wanted: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFilter {
    /// The beginning of the shop's own number.
    pub member_no: Option<String>,
    /// Of which member the one of that number has become a part: looked up whenever a list is read, and kept nowhere.
    #[serde(skip)]
    pub survivor: Option<MemberId>,
    /// Whether they have paid for an order.
    pub has_paid: Option<bool>,
    /// Named for the first time in this span.
    pub created: Option<TimeRange>,
    /// Whose first payment lies in this span.
    pub first_paid: Option<TimeRange>,
    /// What is known of them by heart: a name, a telephone number, an e-mail address. All must be theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likenesses: Vec<Likeness>,
    /// Of any of these tiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_ids: Option<Vec<TierId>>,
    /// With any of these tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Born in this month, 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_month: Option<u32>,
    /// What they have paid in all lies in this range.
    #[serde(default)]
    pub spent: SpentRange,
    /// Whose last payment lies in this span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_paid: Option<TimeRange>,
    /// Who have paid, and not since this instant, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_paid_since_ms: Option<i64>,
    /// Whether they agree to be written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consented: Option<bool>,
}

/// How a member is reached, as somebody searches for it.
#[derive(Clone, PartialEq, Eq)]
pub enum Contact {
    /// A telephone number.
    Phone(String),
    /// The last four digits of one.
    PhoneTail(String),
    /// An e-mail address.
    Email(String),
}

hidden!(Contact);

/// What keyed hashes are kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hashed {
    /// The name.
    Name,
    /// The telephone number.
    Phone,
    /// Its last four digits.
    PhoneTail,
    /// The e-mail address.
    Email,
}

/// Something that names a person, by its keyed hashes alone: a filter is kept with a file that is written by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// What it is.
    pub of: Hashed,
    /// Its hash under the key of now, and under those before.
    pub hashes: Vec<Vec<u8>>,
}

/// A range of what was paid in all, in minor units, both ends in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentRange {
    /// The least.
    pub min_minor: Option<i64>,
    /// The most.
    pub max_minor: Option<i64>,
}

/// What a list of members is sorted by; ties by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberSortField {
    /// When they were first named.
    #[default]
    Created,
    /// What they have paid in all.
    Spent,
    /// When they last paid; those who never did are left out.
    LastPaid,
}

/// How a list of members is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSort {
    /// By what.
    pub field: MemberSortField,
    /// Whether the largest or latest come first.
    pub downward: bool,
}

impl Default for MemberSort {
    fn default() -> Self {
        Self {
            field: MemberSortField::Created,
            downward: true,
        }
    }
}
