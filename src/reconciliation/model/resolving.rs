//! Decides whether a person may settle a reconciliation item.

use entity::reconciliation_item::{Model, ReconciliationKind};

use crate::error::{Problem, Refusal};

/// How many characters a note has at the most.
pub const LONGEST_NOTE: usize = 500;

/// Why an item was not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveRefusal {
    /// There is no such item.
    NotFound,
    /// It was settled before.
    AlreadyResolved,
    /// Its money is set aside until it goes back to the payer.
    RefundPending,
    /// There is no note.
    NoteMissing,
    /// The note is too long.
    NoteTooLong,
}

impl Refusal for ResolveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such item.", "对账差异不存在。"),
            Self::AlreadyResolved => Problem::new(
                "The item was settled before, which is for good.",
                "该差异已处理，不能更改。",
            ),
            Self::RefundPending => Problem::new(
                "A second payment's money is set aside until it is back with its payer; the refund, which \
                 is made by itself, settles the item.",
                "重复支付的款项在退回付款人之前一直被预留；系统自动发起退款，退款完成后该差异自动处理。",
            ),
            Self::NoteMissing => Problem::new(
                "Say in `note` why the item is settled so.",
                "请在 `note` 中填写处理说明。",
            ),
            Self::NoteTooLong => Problem::new(
                format!("`note` has at most {LONGEST_NOTE} characters."),
                format!("`note` 最多 {LONGEST_NOTE} 个字符。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound | Self::AlreadyResolved | Self::RefundPending => "itemId",
            Self::NoteMissing | Self::NoteTooLong => "note",
        };
        Some(field.to_owned())
    }
}

/// A note as it is kept: there, short, and without blanks around it.
pub fn check_note(note: &str) -> Result<&str, ResolveRefusal> {
    match note.trim() {
        "" => Err(ResolveRefusal::NoteMissing),
        note if note.chars().count() > LONGEST_NOTE => Err(ResolveRefusal::NoteTooLong),
        note => Ok(note),
    }
}

/// An item is settled once; by hand only where that leaves no money behind that is set aside for it.
pub fn check_open(item: &Model) -> Result<(), ResolveRefusal> {
    match (item.resolved_at, item.kind) {
        (Some(_), _) => Err(ResolveRefusal::AlreadyResolved),
        (None, ReconciliationKind::SecondPayment) => Err(ResolveRefusal::RefundPending),
        (None, _) => Ok(()),
    }
}
