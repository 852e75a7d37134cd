//! A place in a merchant's events, as clients keep it.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The number of the last event that was seen; opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{:x}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.strip_prefix('e')
            .filter(|digits| !digits.starts_with(['+', '-']))
            .and_then(|digits| i64::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or_else(|| {
                Error::bad_input(
                    "after",
                    "is not a cursor. Pass one that an event or a query gave you.",
                    "不是有效的游标，请使用事件或查询返回的游标。",
                )
            })
    }
}
