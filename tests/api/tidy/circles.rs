//! Which slice calls which: never in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::{is_schema, sources};
use crate::schema::root;

/// Calls that close a circle, and why they may.
const KNOWN: &[(&str, &str, &str)] = &[(
    "orders",
    "webhooks",
    "an order keeps where its shop wants to be called; what calls there reads orders and refunds",
)];

/// The slices of the domain, as `lib.rs` lists them; the demo stands before all of them, and is called by none.
fn slices() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let domain = text.split("// The edge.").next().unwrap_or_default();
    let modules = domain.lines().filter_map(|line| {
        let name = line.strip_prefix("pub mod ")?.strip_suffix(';')?;
        (name != "demo").then(|| name.to_owned())
    });
    modules.collect()
}

/// The modules of ours that code names: `crate::a::…` and `use crate::{a, b::…}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let letters = text.chars();
        letters
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    };
    // Who acts is known to everybody: see `auth::model::Actor`.
    let code = code.replace("crate::auth::model", "");
    let mut found = BTreeSet::new();
    for (_, rest) in code
        .match_indices("crate::")
        .map(|(at, name)| (at, &code[at + name.len()..]))
    {
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0_i32;
        let mut first = String::new();
        for letter in list.chars().take_while(|letter| *letter != ';') {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    found.insert(word(first.trim()));
                    first.clear();
                    continue;
                }
                _ => {}
            }
            first.push(letter);
        }
        found.insert(word(first.trim()));
    }
    found
}

#[test]
fn slices_call_each_other_in_no_circle() {
    let slices = slices();
    assert!(slices.len() > 20, "slices are found");
    let mut calls: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for source in sources("src") {
        let place = source.place();
        // GraphQL is a graph: schemas name each other's objects, and loaders load them.
        if is_schema(place) || place.ends_with("/loader.rs") {
            continue;
        }
        let slice = slices
            .iter()
            .find(|slice| place.starts_with(&format!("{slice}/")));
        let Some(slice) = slice else { continue };
        let others = named(&source.code).into_iter().filter(|name| {
            let is_known = KNOWN
                .iter()
                .any(|(from, to, _)| *from == slice.as_str() && *to == name.as_str());
            name != slice && slices.contains(name) && !is_known
        });
        calls.entry(slice).or_default().extend(others);
    }
    assert!(calls["campaigns"].contains("segments"), "calls are found");
    // Who calls nobody that is left is in no circle.
    while let Some(free) = calls
        .iter()
        .find(|(_, others)| !others.iter().any(|name| calls.contains_key(name.as_str())))
        .map(|(slice, _)| *slice)
    {
        calls.remove(free);
    }
    assert!(
        calls.is_empty(),
        "these call each other in a circle, or somebody in one: {calls:?}"
    );
}
