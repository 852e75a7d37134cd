//! Decides what becomes of two members who are one person.

use entity::member::Model;
use entity::point_entry::PointKind;
use entity::{MemberId, PointLotId, point_lot};

use super::profile::Profile;
use crate::error::{Problem, Refusal};
use crate::idempotency;

/// Why two members are not made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRefusal {
    /// There is no such member, who is to become a part of the other.
    FromNotFound,
    /// There is no such member, who is to stay.
    IntoNotFound,
    /// Both are the same.
    SameMember,
    /// The one has become a part of somebody already.
    AlreadyMerged,
    /// The one who is to stay is a part of somebody else.
    IntoMerged,
    /// What named one of them was erased.
    Erased,
    /// One of them was changed meanwhile.
    VersionConflict,
    /// The idempotency key was used with another input.
    KeyReused,
    /// The first request with this idempotency key is still under way.
    InProgress,
}

impl Refusal for MergeRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::FromNotFound | Self::IntoNotFound => {
                Problem::new("There is no such member.", "会员不存在。")
            }
            Self::SameMember => Problem::new(
                "A member is not merged into themselves.",
                "不能将会员与其自身合并。",
            ),
            Self::AlreadyMerged => Problem::new(
                "They have become a part of another member already.",
                "该会员已被合并。",
            ),
            Self::IntoMerged => Problem::new(
                "They have become a part of another member: merge into that one.",
                "目标会员已被合并，请合并至其所属会员。",
            ),
            Self::Erased => Problem::new(
                "What named one of them was erased: nobody can tell that they are one person.",
                "其中一位会员的个人信息已删除，无法合并。",
            ),
            Self::VersionConflict => Problem::new(
                "One of them was changed meanwhile: read both again.",
                "会员资料已被修改，请重新读取后再试。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::FromNotFound | Self::AlreadyMerged => "fromId",
            Self::IntoNotFound | Self::SameMember | Self::IntoMerged => "intoId",
            Self::Erased => return None,
            Self::VersionConflict => "expectedVersion",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
        };
        Some(field.to_owned())
    }
}

/// The versions in which whoever merges has read the two: the one who goes, and the one who stays.
pub type Versions = (i32, i32);

/// Refuses what is not merged.
pub fn check_merge(from: &Model, into: &Model, expected: Versions) -> Result<(), MergeRefusal> {
    if from.merged_into.is_some() {
        return Err(MergeRefusal::AlreadyMerged);
    }
    if into.merged_into.is_some() {
        return Err(MergeRefusal::IntoMerged);
    }
    if from.erased_at.is_some() || into.erased_at.is_some() {
        return Err(MergeRefusal::Erased);
    }
    if (from.version, into.version) != expected {
        return Err(MergeRefusal::VersionConflict);
    }
    Ok(())
}

/// What is known of both, as one: what they bought is added, the first that they bought is the earlier one. What the one
/// who stays says of themselves holds; what they do not say is taken from the other. Whether they want to be written to,
/// they alone say; what was taken back as the other since is looked at behind it. Points are moved by [`move_points`], and
/// tiers looked at behind it.
#[must_use]
pub fn become_one(from: &Model, into: &Model) -> Model {
    let mut one = into.clone();
    let first = |member: &Model| member.first_paid_at.map(|at| at.0);
    let earlier = match (first(from), first(into)) {
        (Some(from), Some(into)) => from < into,
        (from, _) => from.is_some(),
    };
    if earlier {
        one.first_order_id = from.first_order_id;
        one.first_paid_at = from.first_paid_at;
        one.first_channel_id = from.first_channel_id;
        one.first_method = from.first_method;
        one.first_country.clone_from(&from.first_country);
        one.first_tier_id = from.first_tier_id;
    }
    one.joined_at = std::cmp::min_by_key(from.joined_at, into.joined_at, |at| at.0);
    one.paid_orders += from.paid_orders;
    one.spent_minor += from.spent_minor;
    let last = [from.last_paid_at, into.last_paid_at];
    one.last_paid_at = last.into_iter().flatten().max_by_key(|at| at.0);
    one.birthday = into.birthday.or(from.birthday);
    one.locale = into.locale.clone().or_else(|| from.locale.clone());
    one.version += 1;
    one
}

/// What names both, as one: what the one who stays does not say is taken from the other. `born` says whether the
/// birthday is the other's.
#[must_use]
pub fn join_profiles(from: &Profile, into: &Profile, born: bool) -> Profile {
    let or = |into: &Option<String>, from: &Option<String>| into.clone().or_else(|| from.clone());
    Profile {
        name: or(&into.name, &from.name),
        phone: or(&into.phone, &from.phone),
        email: or(&into.email, &from.email),
        birth_year: if born {
            from.birth_year
        } else {
            into.birth_year
        },
        remark: or(&into.remark, &from.remark),
    }
}

/// How the points of one member stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Those that can be spent.
    pub points: i64,
    /// Those that cannot be spent yet.
    pub pending: i64,
    /// Those that are owed.
    pub owed: i64,
}

impl Standing {
    /// How a member's points stand.
    #[must_use]
    pub const fn of(member: &Model) -> Self {
        Self {
            points: member.points,
            pending: member.points_pending,
            owed: member.points_owed,
        }
    }
}

/// An entry that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// Whose.
    pub member_id: MemberId,
    /// Of which lot.
    pub lot_id: Option<PointLotId>,
    /// What happened.
    pub kind: PointKind,
    /// By how much.
    pub by: Standing,
    /// How many could be spent afterwards.
    pub balance: i64,
}

/// What becomes of the points of two members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovedPoints {
    /// The entries, in their order.
    pub entries: Vec<NewEntry>,
    /// What is left of the lots of which some went against what was owed.
    pub left: Vec<(PointLotId, i64)>,
    /// How the points of the one who stays stand afterwards.
    pub standing: Standing,
}

/// Moves the points of one member to another, lot by lot: each is an entry out of the one and an entry into the other,
/// so that both still have what is left of their lots and what their entries sum to. Where one of them owes points that
/// the other has, these go against it at once, those first that end first, and behind them those that cannot be spent
/// yet: who owes points has none. `theirs` are the lots of the one who goes,
/// `ours` those of the one who stays, with anything left of them.
#[must_use]
pub fn move_points(
    (from, theirs): (&Model, &[point_lot::Model]),
    (into, ours): (&Model, &[point_lot::Model]),
) -> MovedPoints {
    let mut moved = Moving {
        moved: MovedPoints::default(),
        from: (from.id, Standing::of(from)),
        into: (into.id, Standing::of(into)),
    };
    for lot in theirs.iter().filter(|lot| lot.remaining > 0) {
        let mut by = Standing::default();
        if lot.releases_at.is_some() {
            by.pending = lot.remaining;
        } else {
            by.points = lot.remaining;
        }
        moved.go(Some(lot.id), by);
    }
    let owed = moved.from.1.owed;
    if owed != 0 {
        let by = Standing {
            owed,
            ..Standing::default()
        };
        moved.go(None, by);
    }
    let mut lots: Vec<&point_lot::Model> = theirs.iter().chain(ours).collect();
    lots.retain(|lot| lot.remaining > 0);
    // Those that cannot be spent yet come last, and of both those that never end.
    lots.sort_by_key(|lot| {
        let end = lot.expires_at.map(|at| at.0);
        (lot.releases_at.is_some(), end.is_none(), end, lot.id.0)
    });
    for lot in lots {
        moved.repay(lot);
    }
    moved.moved.standing = moved.into.1;
    moved.moved
}

struct Moving {
    moved: MovedPoints,
    from: (MemberId, Standing),
    into: (MemberId, Standing),
}

impl Moving {
    fn go(&mut self, lot_id: Option<PointLotId>, by: Standing) {
        let back = Standing {
            points: -by.points,
            pending: -by.pending,
            owed: -by.owed,
        };
        for ((member_id, standing), by) in [(&mut self.from, back), (&mut self.into, by)] {
            standing.points += by.points;
            standing.pending += by.pending;
            standing.owed += by.owed;
            self.moved.entries.push(NewEntry {
                member_id: *member_id,
                lot_id,
                kind: PointKind::Merged,
                by,
                balance: standing.points,
            });
        }
    }

    fn repay(&mut self, lot: &point_lot::Model) {
        let (member_id, standing) = &mut self.into;
        let some = lot.remaining.min(standing.owed);
        if some <= 0 {
            return;
        }
        let (points, pending) = match lot.releases_at {
            Some(_) => (0, -some),
            None => (-some, 0),
        };
        standing.points += points;
        standing.pending += pending;
        standing.owed -= some;
        self.moved.left.push((lot.id, lot.remaining - some));
        self.moved.entries.push(NewEntry {
            member_id: *member_id,
            lot_id: Some(lot.id),
            kind: PointKind::Repaid,
            by: Standing {
                points,
                pending,
                owed: -some,
            },
            balance: standing.points,
        });
    }
}

#[cfg(test)]
mod tests;
