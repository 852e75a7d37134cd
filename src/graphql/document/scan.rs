//! What is refused before a document is parsed: the parser is recursive, and a deep one kills it.

use crate::config::Documents;
use crate::error::{Error, Problem};

/// Refuses a document that is too long, has too many tokens or lies too deep to be parsed safely.
pub fn check(document: &str, limits: &Documents) -> Result<(), Error> {
    let most = limits.max_bytes;
    if document.len() > most {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document is at most {most} bytes."),
            format!("查询文档最长 {most} 字节。"),
        )));
    }
    let scanned = scan(document)
        .ok_or_else(|| Error::bad_input("query", "a string has no end.", "有字符串未结束。"))?;
    let (most, deepest) = (limits.max_nesting, scanned.deepest);
    if deepest > most {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document nests at most {most} brackets; this one {deepest}."),
            format!("查询文档括号最多嵌套 {most} 层，当前为 {deepest} 层。"),
        )));
    }
    let (most, tokens) = (limits.max_tokens, scanned.tokens);
    if tokens > most {
        return Err(Error::LimitExceeded(Problem::new(
            format!("A document has at most {most} tokens; this one has {tokens}."),
            format!("查询文档最多 {most} 个词法单元，当前为 {tokens} 个。"),
        )));
    }
    Ok(())
}

/// What a scan counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Scanned {
    /// How deep the brackets lie, those in strings and comments left out.
    deepest: usize,
    /// Names, numbers, strings and punctuation.
    tokens: usize,
}

/// Counts without recursion; none where a string has no end. Never less than what the parser meets before
/// it stops.
fn scan(document: &str) -> Option<Scanned> {
    let bytes = document.as_bytes();
    let (mut depth, mut place) = (0_usize, 0_usize);
    let mut scanned = Scanned::default();
    while let Some(byte) = bytes.get(place) {
        let rest = &bytes[place..];
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                place += 1;
                continue;
            }
            b'#' => {
                let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                place += end.unwrap_or(rest.len());
                continue;
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                scanned.deepest = scanned.deepest.max(depth);
                1
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                1
            }
            b'"' => string(rest)?,
            b'.' if rest.starts_with(b"...") => 3,
            _ if is_word(*byte) => rest.iter().take_while(|byte| is_word(**byte)).count(),
            _ => 1,
        };
        scanned.tokens += 1;
        place += length;
    }
    Some(scanned)
}

/// Whether a byte is part of a name or of a number's digits.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
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

    fn deepest(document: &str) -> Option<usize> {
        Some(scan(document)?.deepest)
    }

    fn refusal(document: &str, limits: &Documents) -> Option<&'static str> {
        check(document, limits).err().map(|error| error.code())
    }

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
            let refusal = refusal(document, &Documents::default());
            assert_eq!(refusal, Some("BAD_USER_INPUT"));
        }
    }

    #[test]
    fn a_document_may_nest_so_deep_and_no_deeper_wherever_it_does() {
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
            // The largest that can be set.
            let limits = Documents {
                max_nesting: 64,
                max_bytes: 65_536,
                max_tokens: 65_536,
                ..Documents::default()
            };
            let too_deep = refusal(&nested(2_000), &limits);
            assert_eq!(too_deep, Some("LIMIT_EXCEEDED"), "{before}");
            // What is let through does not kill the parser, whatever it says.
            let passes = |depth: &usize| check(&nested(*depth), &limits).is_ok();
            let most = (1..=64)
                .rev()
                .find(passes)
                .expect("something is let through");
            assert!(!passes(&(most + 1)), "{before} {most}");
            let _ = parse_query(nested(most));
        }
    }

    #[test]
    fn bytes_tokens_and_brackets_are_let_through_up_to_their_limits() {
        let limits = Documents {
            max_bytes: 100,
            max_tokens: 20,
            max_nesting: 5,
            ..Documents::default()
        };
        for (name, at, above) in [
            (
                "bytes",
                format!("{{ a }}{}", " ".repeat(95)),
                format!("{{ a }}{}", " ".repeat(96)),
            ),
            (
                "names",
                format!("{{ {} }}", "a ".repeat(18)),
                format!("{{ {} }}", "a ".repeat(19)),
            ),
            (
                "spreads",
                format!("{{ {} }}", "...a ".repeat(9)),
                format!("{{ {} }}", "...a ".repeat(10)),
            ),
            (
                "strings",
                format!("{{ a(b: [{}]) }}", "\"\"\"[\"\"\" ".repeat(11)),
                format!("{{ a(b: [{}]) }}", "\"\"\"[\"\"\" ".repeat(12)),
            ),
            (
                "brackets",
                format!("{}{}", "{ a ".repeat(5), "}".repeat(5)),
                format!("{}{}", "{ a ".repeat(6), "}".repeat(6)),
            ),
        ] {
            assert_eq!(refusal(&at, &limits), None, "{name}");
            assert_eq!(refusal(&above, &limits), Some("LIMIT_EXCEEDED"), "{name}");
        }
    }

    #[test]
    fn whatever_separates_is_no_token() {
        for (document, tokens) in [
            ("", 0),
            (" ,\t\r\n # a b c", 0),
            ("{ a, b }", 4),
            ("query($a: [Int!]! = [1, -2.5e3]) @x { ...F }", 25),
            ("\"a b\" \"\"\"c\nd\"\"\"", 2),
        ] {
            let counted = scan(document).expect("strings end").tokens;
            assert_eq!(counted, tokens, "{document}");
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

        /// Whatever is sent, it is counted to the end, and a token has at least a byte.
        #[test]
        fn anything_is_scanned_to_its_end(text in ".*") {
            if let Some(scanned) = scan(&text) {
                prop_assert!(scanned.tokens <= text.len() && scanned.deepest <= scanned.tokens);
            }
        }
    }
}
