//! What is refused before a document is parsed: the parser is recursive, and a deep one kills it.

use crate::error::{Error, Problem};

/// The longest document, in bytes.
pub const LONGEST_DOCUMENT: usize = 65_536;
/// How deep brackets may lie inside each other.
const DEEPEST: usize = 50;

/// Refuses a document that is too long or too deep to be parsed safely.
pub fn check(document: &str) -> Result<(), Error> {
    if document.len() > LONGEST_DOCUMENT {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document is at most {LONGEST_DOCUMENT} bytes."),
            format!("查询文档最长 {LONGEST_DOCUMENT} 字节。"),
        )));
    }
    let depth = deepest(document)
        .ok_or_else(|| Error::bad_input("query", "a string has no end.", "有字符串未结束。"))?;
    if depth > DEEPEST {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document nests at most {DEEPEST} brackets; this one {depth}."),
            format!("查询文档括号最多嵌套 {DEEPEST} 层，当前为 {depth} 层。"),
        )));
    }
    Ok(())
}

/// How deep the brackets lie, those in strings and comments left out; none where a string has no end.
/// Never less than what the parser meets before it stops.
fn deepest(document: &str) -> Option<usize> {
    let bytes = document.as_bytes();
    let (mut depth, mut deepest, mut place) = (0_usize, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(place) {
        place = match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
                place + 1
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                place + 1
            }
            b'#' => {
                let mut rest = bytes[place..].iter();
                let end = rest.position(|byte| matches!(byte, b'\n' | b'\r'));
                end.map_or(bytes.len(), |end| place + end)
            }
            b'"' => place + string(&bytes[place..])?,
            _ => place + 1,
        };
    }
    Some(deepest)
}

/// How long the string is that begins here. In a block string only `\"""` escapes; the parser reads a
/// block string without an end as an empty string and goes on behind it, and so none is let through.
fn string(bytes: &[u8]) -> Option<usize> {
    let block = bytes.starts_with(b"\"\"\"");
    let (quotes, escape, escaped): (&[u8], &[u8], usize) = if block {
        (b"\"\"\"", b"\\\"\"\"", 4)
    } else {
        (b"\"", b"\\", 2)
    };
    let mut at = quotes.len();
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(escape) {
            at += escaped;
        } else if rest.starts_with(quotes) {
            return Some(at + quotes.len());
        } else if !block && matches!(rest[0], b'\n' | b'\r') {
            return None;
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(deepest(r#"{ a(b: "[[[[") }"#), 2);
        assert_eq!(deepest("{ a # [[[[\n }"), 1);
        assert_eq!(deepest("{ a(b: \"\"\"[[[[ \"x\" \"\"\") }"), 2);
        assert_eq!(deepest(r#"{ a(b: "\"[[[") }"#), 2);
    }

    #[test]
    fn a_document_may_nest_fifty_deep_and_no_deeper() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(check(&nested(50)).is_ok());
        assert!(check(&nested(51)).is_err());
        assert!(check(&nested(2_000)).is_err());
    }
}
