//! What is refused before a document is parsed and before it is validated: the parser is recursive, and a
//! deep document kills it; validation looks at every field that a fragment brings, as often as it does.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Selection, SelectionSet,
};

use crate::error::{Error, Problem};

/// The longest document, in bytes.
pub const LONGEST_DOCUMENT: usize = 65_536;
/// How deep brackets may lie inside each other.
const DEEPEST: usize = 50;
/// How many fields a document may ask for, those of a fragment counted wherever it is spread. The
/// library compares all fields of one name with each other, before anybody is asked who they are.
const MOST_FIELDS: usize = 3_000;
/// How deep selections may lie inside each other, fragments included.
const DEEPEST_SELECTION: usize = 100;

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

/// Refuses a document that asks for more fields than is decent: fragments that spread others twice
/// double with each step, so that a short text may ask for a billion.
pub fn check_size(document: &ExecutableDocument) -> Result<(), Error> {
    let mut counter = Counter {
        document,
        known: HashMap::new(),
    };
    let operations: Vec<&SelectionSet> = match &document.operations {
        DocumentOperations::Single(operation) => vec![&operation.node.selection_set.node],
        DocumentOperations::Multiple(operations) => operations
            .values()
            .map(|operation| &operation.node.selection_set.node)
            .collect(),
    };
    let of_operations = operations.into_iter().map(|set| counter.count(set, 0));
    let fields = of_operations.fold(0_usize, usize::saturating_add);
    // A fragment that nobody spreads is looked at by the library nevertheless.
    let of_fragments = document
        .fragments
        .values()
        .map(|fragment| counter.count(&fragment.node.selection_set.node, 0))
        .max();
    if fields.max(of_fragments.unwrap_or_default()) <= MOST_FIELDS {
        return Ok(());
    }
    Err(Error::LimitExceeded(Problem::new(
        format!("A document asks for at most {MOST_FIELDS} fields, fragments spread out."),
        format!("查询文档最多请求 {MOST_FIELDS} 个字段（片段按展开计）。"),
    )))
}

/// Counts fields; each fragment once.
struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// The fields of a fragment; none while it is being counted, which ends a circle.
    known: HashMap<&'a Name, Option<usize>>,
}

impl<'a> Counter<'a> {
    fn count(&mut self, set: &'a SelectionSet, depth: usize) -> usize {
        if depth > DEEPEST_SELECTION {
            return usize::MAX;
        }
        set.items
            .iter()
            .map(|item| match &item.node {
                Selection::Field(field) => self
                    .count(&field.node.selection_set.node, depth + 1)
                    .saturating_add(1),
                Selection::InlineFragment(fragment) => {
                    self.count(&fragment.node.selection_set.node, depth + 1)
                }
                Selection::FragmentSpread(spread) => {
                    self.count_fragment(&spread.node.fragment_name.node, depth + 1)
                }
            })
            .fold(0, usize::saturating_add)
    }

    fn count_fragment(&mut self, name: &'a Name, depth: usize) -> usize {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return 0;
        };
        self.known.insert(name, None);
        let fields = self.count(&fragment.node.selection_set.node, depth);
        self.known.insert(name, Some(fields));
        fields
    }
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

    fn size(document: &str) -> Result<(), Error> {
        check_size(&async_graphql::parser::parse_query(document).unwrap())
    }

    #[test]
    fn fields_count_wherever_their_fragment_is_spread() {
        let doubling = |steps: usize| {
            let mut text = String::from("{ ...F0 } ");
            for place in 0..steps {
                let next = place + 1;
                text += &format!("fragment F{place} on Q {{ ...F{next} ...F{next} }} ");
            }
            text + &format!("fragment F{steps} on Q {{ a }}")
        };
        assert!(size(&doubling(11)).is_ok(), "2,048 fields");
        assert!(size(&doubling(12)).is_err(), "4,096 fields");
        assert!(size(&doubling(80)).is_err());
        assert!(size(&doubling(900)).is_err());
        assert!(size(&format!("{{ {} }}", "a ".repeat(3_000))).is_ok());
        assert!(size(&format!("{{ {} }}", "a ".repeat(3_001))).is_err());
    }

    #[test]
    fn a_circle_of_fragments_is_left_to_validation() {
        assert!(size("{ ...A } fragment A on Q { a ...B } fragment B on Q { ...A }").is_ok());
    }
}
