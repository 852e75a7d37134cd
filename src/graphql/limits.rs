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
    use async_graphql::Value;
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::Selection;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for (document, depth) in [
            (r#"{ a(b: "[[[[") }"#, 2),
            ("{ a # [[[[\n }", 1),
            ("{ a # \"\"\"\n }", 1),
            ("{ a(b: \"\"\"[[[[ \"x\" \"\"\") }", 2),
            (r#"{ a(b: "\"[[[") }"#, 2),
            (r#"{ a(b: "\\", c: [[1]]) }"#, 4),
            (r#"{ a(b: "", c: [[1]]) }"#, 4),
        ] {
            assert_eq!(deepest(document), Some(depth), "{document}");
        }
    }

    #[test]
    fn in_a_block_string_a_backslash_alone_escapes_nothing() {
        for (document, depth) in [
            (r#"{ a(b: """\\""" """, c: [[1]]) }"#, Some(4)),
            (r#"{ a(b: """\""" [[[""", c: [1]) }"#, Some(3)),
            (r#"{ a(b: """\\""", c: [[1]]) }"#, None),
        ] {
            assert_eq!(deepest(document), depth, "{document}");
        }
    }

    #[test]
    fn a_string_without_an_end_is_refused() {
        for document in [
            r#"{ a(b: ["""x" [[1]]]) }"#,
            "{ a(b: \"",
            "{ a(b: \"\n\") }",
            "\"\"\"\\\"\"\"",
        ] {
            assert_eq!(deepest(document), None, "{document}");
            assert_eq!(
                check(document).map_err(|it| it.code()),
                Err("BAD_USER_INPUT")
            );
        }
    }

    #[test]
    fn a_document_may_nest_fifty_deep_and_no_deeper_wherever_it_does() {
        for (before, open, close, after) in [
            ("{ a(b: ", "[", "]", ") }"),
            ("{ a(b: ", "{ c: [", "] }", ") }"),
            ("query($a: A = ", "[", "]", ") { a }"),
            ("query($a: ", "[", "]", ") { a }"),
            ("query @a(b: ", "[", "]", ") { a }"),
            ("fragment A on B { a @a(b: ", "{ c: {", "} }", ") }"),
            ("", "{ a ", "}", ""),
            ("", "{ ... { a ", "} }", ""),
            (r#"{ a(b: """\\""" """, c: "#, "[", "]", ") }"),
        ] {
            let nested = |depth| {
                format!(
                    "{before}{}{}{after}",
                    open.repeat(depth),
                    close.repeat(depth)
                )
            };
            let error = check(&nested(2_000)).expect_err(before);
            assert_eq!(error.code(), "LIMIT_EXCEEDED", "{before}");
            // What is let through does not kill the parser, whatever it says.
            let most = (1..=50).rev().find(|depth| check(&nested(*depth)).is_ok());
            let _ = parse_query(nested(most.expect("something is let through")));
        }
    }

    /// How deep a document's brackets lie as the parser has read them.
    fn read(document: &str) -> Option<usize> {
        fn depth(value: &Value) -> usize {
            match value {
                Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
                _ => 0,
            }
        }
        let document = parse_query(document).ok()?;
        let (_, operation) = document.operations.iter().next()?;
        let Selection::Field(field) = &operation.node.selection_set.node.items.first()?.node else {
            return None;
        };
        let (_, value) = field.node.arguments.first()?;
        let value = value.node.clone().into_const()?;
        Some(2 + depth(&value))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Strings, comments and brackets in any order: what the parser accepts is as deep as was counted.
        #[test]
        fn the_parser_never_reads_deeper_than_was_counted(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "\"", "\"\"\"", "\\", "\\\"\"\"", "\\\\", "[", "]", "[[1]]", "\n", "#", " ", "x",
                    "\"a\"", "\"\"\"a\"\"\"", "\"\\\\\"", "\"\"\"\\\\\"\"\"",
                ]),
                0..12,
            ),
        ) {
            let document = format!("{{ a(b: [{}]) }}", parts.concat());
            if let (Some(read), Some(counted)) = (read(&document), deepest(&document)) {
                prop_assert_eq!(read, counted, "{}", document);
            }
        }
    }
}
