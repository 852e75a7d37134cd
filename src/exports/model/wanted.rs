//! What an export is to hold: its list, with absolute times, and its columns.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::export::{ExportFormat, ExportKind, ExportLanguage, Model};
use serde::{Deserialize, Serialize};

use super::columns::{
    ACCOUNT_COLUMNS, BOUGHT_COLUMNS, BUYER_COLUMNS, MEMBER_COLUMN, PROFILE_COLUMNS, title,
};
use super::file::extension;
use crate::auth::model::Scope;
use crate::fees::model::FeeFilter;
use crate::ledger::service::LedgerFilter;
use crate::members::model::MemberFilter;
use crate::orders::model::{OrderFilter, OrderSort};
use crate::payouts::model::PayoutFilter;
use crate::refunds::model::RefundFilter;
use crate::time_range::TimeRange;

/// Which rows, in which order: the filter of the list, its times absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum List {
    /// Orders.
    Orders {
        /// Which.
        filter: OrderFilter,
        /// In which order.
        sort: OrderSort,
    },
    /// Refunds, the newest first.
    Refunds(RefundFilter),
    /// The entries of ledger transactions, the newest first.
    LedgerEntries(LedgerFilter),
    /// Fees, the newest first.
    Fees(FeeFilter),
    /// Payouts, the newest first.
    Payouts(PayoutFilter),
    /// Members, those first who were named last.
    Members(MemberFilter),
}

/// What an export is to hold, as its row keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which rows.
    pub list: List,
    /// Which columns, in order.
    pub columns: Vec<String>,
}

impl List {
    /// What its rows are.
    #[must_use]
    pub const fn kind(&self) -> ExportKind {
        match self {
            Self::Orders { .. } => ExportKind::Orders,
            Self::Refunds(_) => ExportKind::Refunds,
            Self::LedgerEntries(_) => ExportKind::LedgerEntries,
            Self::Fees(_) => ExportKind::Fees,
            Self::Payouts(_) => ExportKind::Payouts,
            Self::Members(_) => ExportKind::Members,
        }
    }

    /// The same list without what was made after an instant: what an export holds is settled when it is asked
    /// for, and one that is sorted by time comes to its end.
    #[must_use]
    pub fn until(mut self, at: DateTime<Utc>) -> Self {
        let made = match &mut self {
            Self::Orders { filter, .. } => &mut filter.created,
            Self::Refunds(filter) => &mut filter.requested,
            Self::LedgerEntries(filter) => &mut filter.posted,
            Self::Fees(filter) => &mut filter.taken,
            Self::Payouts(filter) => &mut filter.requested,
            Self::Members(filter) => &mut filter.created,
        };
        let end = at + TimeDelta::milliseconds(1);
        let (from, to) = made.map_or((DateTime::UNIX_EPOCH, end), |range| {
            (range.from, range.to.min(end))
        });
        *made = Some(TimeRange { from, to });
        self
    }
}

/// The scope that the list itself needs.
const fn scope(kind: ExportKind) -> Scope {
    match kind {
        ExportKind::Orders => Scope::OrdersRead,
        ExportKind::Refunds => Scope::RefundsRead,
        ExportKind::LedgerEntries | ExportKind::Fees => Scope::LedgerRead,
        ExportKind::Payouts => Scope::PayoutsRead,
        ExportKind::Members => Scope::MembersRead,
    }
}

/// Every scope that some of a list's columns need: that of the list, and of what is told beside it.
#[must_use]
pub fn scopes(kind: ExportKind, columns: &[String]) -> Vec<Scope> {
    let mut needed = vec![scope(kind)];
    let tells_account = |name: &String| ACCOUNT_COLUMNS.contains(&name.as_str());
    if kind == ExportKind::Payouts && columns.iter().any(tells_account) {
        needed.push(Scope::BankAccountsRead);
    }
    if kind == ExportKind::Orders && columns.iter().any(|name| name == MEMBER_COLUMN) {
        needed.push(Scope::MembersRead);
    }
    let tells_orders = |name: &String| BOUGHT_COLUMNS.contains(&name.as_str());
    if kind == ExportKind::Members && columns.iter().any(tells_orders) {
        needed.push(Scope::OrdersRead);
    }
    needed
}

/// The columns of a list of which nobody has said which are wanted: all that whoever asks may see, where a scope was
/// enough for the list before there were members.
#[must_use]
pub fn unasked(kind: ExportKind, mut columns: Vec<String>, may_see_members: bool) -> Vec<String> {
    if kind == ExportKind::Orders && !may_see_members {
        columns.retain(|name| name != MEMBER_COLUMN);
    }
    columns
}

/// Whether some of a list's columns tell who bought, or who members are: personal data, which is masked unless it may be
/// seen.
#[must_use]
pub fn tells_buyers(kind: ExportKind, columns: &[String]) -> bool {
    let tells = |names: &[&str]| columns.iter().any(|name| names.contains(&name.as_str()));
    match kind {
        ExportKind::Orders => tells(&BUYER_COLUMNS),
        ExportKind::Members => tells(&PROFILE_COLUMNS),
        _ => false,
    }
}

/// What a file is called: its list, and when it was asked for on the merchant's clock.
#[must_use]
pub fn file_name(row: &Model, zone: Tz) -> String {
    let (en, zh) = title(row.kind);
    let title = match row.language {
        ExportLanguage::En => en.to_lowercase().replace(' ', "-"),
        ExportLanguage::ZhCn => zh.to_owned(),
    };
    named(&title, row, zone)
}

/// The same in letters that any address may hold.
#[must_use]
pub fn plain_name(kind: ExportKind, row: &Model, zone: Tz) -> String {
    let (en, _) = title(kind);
    named(&en.to_lowercase().replace(' ', "-"), row, zone)
}

fn named(title: &str, row: &Model, zone: Tz) -> String {
    let made = DateTime::from_timestamp_millis(row.id.made_at_ms()).unwrap_or_default();
    let made = made.with_timezone(&zone).format("%Y%m%d-%H%M%S");
    let format: ExportFormat = row.format;
    format!("{title}-{made}.{}", extension(format))
}

/// How much of an export is done, in percent; none where that cannot be told.
#[must_use]
pub fn percent(done: i64, total: Option<i64>) -> Option<i32> {
    let total = total?;
    if total <= 0 {
        return Some(0);
    }
    i32::try_from((done * 100 / total).clamp(0, 100)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_later_is_not_in_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-29T04:00:00Z");
        let end = at("2026-11-29T04:00:00.001Z");
        let list = |range: Option<TimeRange>| List::Orders {
            filter: OrderFilter {
                created: range,
                ..OrderFilter::default()
            },
            sort: OrderSort::default(),
        };
        let made = |range| match list(range).until(now) {
            List::Orders { filter, .. } => filter.created.unwrap(),
            _ => panic!("another list"),
        };
        assert_eq!(made(None).to, end);
        let today = TimeRange {
            from: at("2026-11-28T16:00:00Z"),
            to: at("2026-11-29T16:00:00Z"),
        };
        assert_eq!(made(Some(today)), TimeRange { to: end, ..today });
        let past = TimeRange { to: now, ..today };
        assert_eq!(made(Some(past)), past);
    }

    #[test]
    fn what_is_wanted_reads_back() {
        let wanted = Wanted {
            list: List::Refunds(RefundFilter {
                search: Some("x".to_owned()),
                not: Some(Box::default()),
                ..RefundFilter::default()
            }),
            columns: vec!["refundNo".to_owned()],
        };
        let text = serde_json::to_string(&wanted).unwrap();
        assert_eq!(serde_json::from_str::<Wanted>(&text).unwrap(), wanted);
    }

    #[test]
    fn who_has_accounts_told_may_see_accounts() {
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let needed = |columns: &[&str]| scopes(ExportKind::Payouts, &names(columns));
        assert_eq!(needed(&["payoutNo", "amount"]), [Scope::PayoutsRead]);
        for column in ACCOUNT_COLUMNS {
            let both = [Scope::PayoutsRead, Scope::BankAccountsRead];
            assert_eq!(needed(&["payoutNo", column]), both, "{column}");
        }
    }

    #[test]
    fn who_may_not_see_members_has_orders_without_them_unless_they_are_asked_for() {
        let all = || vec!["orderNo".to_owned(), MEMBER_COLUMN.to_owned()];
        let both = [Scope::OrdersRead, Scope::MembersRead];
        assert_eq!(scopes(ExportKind::Orders, &all()), both);
        assert_eq!(unasked(ExportKind::Orders, all(), true), all());
        let without = unasked(ExportKind::Orders, all(), false);
        assert_eq!(without, ["orderNo"]);
        assert_eq!(scopes(ExportKind::Orders, &without), [Scope::OrdersRead]);
        assert_eq!(unasked(ExportKind::Members, all(), false), all());
    }

    #[test]
    fn progress_is_between_nothing_and_all() {
        assert_eq!(percent(5, None), None);
        assert_eq!(percent(0, Some(0)), Some(0));
        assert_eq!(percent(50, Some(200)), Some(25));
        assert_eq!(percent(300, Some(200)), Some(100));
    }
}
