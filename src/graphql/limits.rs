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
    if deepest(document) > DEEPEST {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document nests at most {DEEPEST} brackets."),
            format!("查询文档括号最多嵌套 {DEEPEST} 层。"),
        )));
    }
    Ok(())
}

/// How deep the brackets lie, those in strings and comments left out.
fn deepest(document: &str) -> usize {
    let bytes = document.as_bytes();
    let (mut depth, mut deepest, mut place) = (0_usize, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => {
                let rest = bytes.get(place..).unwrap_or_default();
                place += rest
                    .iter()
                    .position(|byte| matches!(byte, b'\n' | b'\r'))
                    .unwrap_or(rest.len());
                continue;
            }
            b'"' => {
                place = after_string(bytes, place);
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    deepest
}

/// Where the string that begins at `place` is over.
fn after_string(bytes: &[u8], place: usize) -> usize {
    let block = bytes.get(place..place + 3) == Some(b"\"\"\"".as_slice());
    let (mut at, end): (usize, &[u8]) = if block {
        (place + 3, b"\"\"\"")
    } else {
        (place + 1, b"\"")
    };
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at..].starts_with(end) {
            return at + end.len();
        } else if !block && matches!(bytes[at], b'\n' | b'\r') {
            return at;
        } else {
            at += 1;
        }
    }
    bytes.len()
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
