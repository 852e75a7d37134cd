//! Which columns a list has in a file, what they are called, and what stands in them. A further list is one more
//! file here, an arm in each `match` of [`ExportKind`], and one in `service/rows.rs`.

mod fees;
mod ledger;
mod members;
mod orders;
mod payouts;
mod refunds;

use entity::export::ExportKind;

pub use fees::{FEES, TakenFee};
pub use ledger::{LEDGER_ENTRIES, Posted};
pub use members::{
    BOUGHT_COLUMNS, KnownMember, MEMBERS, PROFILE_COLUMNS, TAGS_COLUMN, TIER_COLUMN,
};
pub use orders::{BUYER_COLUMNS, MEMBER_COLUMN, ORDERS, SoldOrder};
pub use payouts::{ACCOUNT_COLUMNS, PAYOUTS, PaidOut};
pub use refunds::{GivenBack, REFUNDS};

use super::cell::{Cell, Style};
use super::refusal::CreateRefusal;
use crate::error::Problem;

/// What is said beside a column's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nothing.
    Plain,
    /// The zone of its times.
    Zone,
    /// The currency of its amounts.
    Currency,
}

/// What a column is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// By programs, and in JSON.
    pub name: &'static str,
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// What is said beside it.
    pub unit: Unit,
}

impl Heading {
    /// As people read it above the column.
    #[must_use]
    pub fn say(&self, style: &Style) -> String {
        let name = style.say(self.en, self.zh);
        match self.unit {
            Unit::Plain => name.to_owned(),
            Unit::Zone => format!("{name} ({})", style.zone.name()),
            Unit::Currency => format!("{name} ({})", style.currency.code()),
        }
    }
}

/// A column of rows of one kind.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// What it is called.
    pub heading: Heading,
    /// What stands in it.
    pub cell: fn(&R) -> Cell,
}

/// A column.
const fn column<R>(
    name: &'static str,
    en: &'static str,
    zh: &'static str,
    unit: Unit,
    cell: fn(&R) -> Cell,
) -> Column<R> {
    Column {
        heading: Heading { name, en, zh, unit },
        cell,
    }
}

/// What a list is called.
#[must_use]
pub const fn title(kind: ExportKind) -> (&'static str, &'static str) {
    match kind {
        ExportKind::Orders => ("Orders", "订单"),
        ExportKind::Refunds => ("Refunds", "退款"),
        ExportKind::LedgerEntries => ("Ledger entries", "资金流水"),
        ExportKind::Fees => ("Fees", "手续费"),
        ExportKind::Payouts => ("Payouts", "提现"),
        ExportKind::Members => ("Members", "会员"),
    }
}

/// Every column of a list, in order.
#[must_use]
pub fn headings(kind: ExportKind) -> Vec<Heading> {
    fn of<R>(columns: &[Column<R>]) -> Vec<Heading> {
        columns.iter().map(|column| column.heading).collect()
    }
    match kind {
        ExportKind::Orders => of(ORDERS),
        ExportKind::Refunds => of(REFUNDS),
        ExportKind::LedgerEntries => of(LEDGER_ENTRIES),
        ExportKind::Fees => of(FEES),
        ExportKind::Payouts => of(PAYOUTS),
        ExportKind::Members => of(MEMBERS),
    }
}

/// The columns that are wanted, in the wanted order; all where nothing is said.
pub fn choose(kind: ExportKind, wanted: Option<&[String]>) -> Result<Vec<String>, CreateRefusal> {
    let known: Vec<&str> = headings(kind).iter().map(|heading| heading.name).collect();
    let Some(wanted) = wanted else {
        return Ok(known.into_iter().map(str::to_owned).collect());
    };
    let is_once = |at: usize| !wanted[..at].contains(&wanted[at]);
    let is_bad = |(at, name): &(usize, &String)| !known.contains(&name.as_str()) || !is_once(*at);
    let bad = wanted.iter().enumerate().find(is_bad);
    if bad.is_none() && !wanted.is_empty() {
        return Ok(wanted.to_vec());
    }
    let (en, zh) = match bad {
        Some((_, name)) if known.contains(&name.as_str()) => (
            format!("`columns` names `{name}` twice."),
            format!("`columns` 中 `{name}` 重复。"),
        ),
        Some((_, name)) => (
            format!(
                "`columns` names `{name}`, which is none of {}.",
                known.join(", ")
            ),
            format!(
                "`columns` 中没有 `{name}` 这一列，可用的列：{}。",
                known.join("、")
            ),
        ),
        None => (
            "`columns` is empty: leave it out for all, or name some.".to_owned(),
            "`columns` 为空：不填为全部列，或列出所需的列。".to_owned(),
        ),
    };
    Err(CreateRefusal::Invalid {
        field: "columns".to_owned(),
        problem: Problem::new(en, zh),
    })
}

/// The columns of these names, in their order.
#[must_use]
pub fn pick<R>(columns: &'static [Column<R>], names: &[String]) -> Vec<&'static Column<R>> {
    let find = |name: &String| columns.iter().find(|column| column.heading.name == name);
    names.iter().filter_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ExportKind; 6] = [
        ExportKind::Orders,
        ExportKind::Refunds,
        ExportKind::LedgerEntries,
        ExportKind::Fees,
        ExportKind::Payouts,
        ExportKind::Members,
    ];

    #[test]
    fn columns_are_told_apart_in_every_language() {
        for kind in KINDS {
            let headings = headings(kind);
            for (at, one) in headings.iter().enumerate() {
                for other in &headings[..at] {
                    assert!(
                        one.name != other.name && one.en != other.en && one.zh != other.zh,
                        "{kind:?}: {one:?} {other:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_wanted_is_known_and_named_once() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let choose = |wanted: &[&str]| choose(ExportKind::Orders, Some(&names(wanted)));
        assert_eq!(
            choose(&["paid", "orderNo"]),
            Ok(names(&["paid", "orderNo"]))
        );
        for wanted in [&[][..], &["paid", "paid"], &["price"]] {
            assert!(choose(wanted).is_err(), "{wanted:?}");
        }
        assert_eq!(
            super::choose(ExportKind::Fees, None).unwrap().len(),
            FEES.len()
        );
    }
}
