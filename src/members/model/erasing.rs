//! Decides whether what names a member is erased.

use crate::error::{Problem, Refusal};

/// Characters of a reason.
const LONGEST_REASON: usize = 200;

/// Why what names a member is not erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseRefusal {
    /// There is no such member.
    NotFound,
    /// There is no reason, or a longer one than is kept.
    ReasonInvalid,
}

impl Refusal for EraseRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such member.", "会员不存在。"),
            Self::ReasonInvalid => Problem::new(
                format!("`reason` is 1 to {LONGEST_REASON} characters of text."),
                format!("`reason` 须为 1 至 {LONGEST_REASON} 个字符。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "memberId",
            Self::ReasonInvalid => "reason",
        };
        Some(field.to_owned())
    }
}

/// A reason as it is kept.
pub fn read_reason(reason: &str) -> Result<&str, EraseRefusal> {
    let reason = reason.trim();
    let fits = (1..=LONGEST_REASON).contains(&reason.chars().count());
    if fits && !reason.chars().any(char::is_control) {
        return Ok(reason);
    }
    Err(EraseRefusal::ReasonInvalid)
}
