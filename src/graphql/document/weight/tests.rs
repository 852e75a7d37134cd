//! Each limit, from both sides.

use async_graphql::parser::parse_query;

use super::*;
use crate::locale::Locale;

/// The code and message of a document's refusal.
fn refusal(document: &str) -> Option<(&'static str, String)> {
    let document = parse_query(document).expect(document);
    let error = check(&document, &Documents::default()).err()?;
    Some((error.code(), error.message(Locale::En)))
}

fn passes(document: &str) {
    assert_eq!(refusal(document), None, "{document}");
}

fn exceeds(document: &str, figures: &str) {
    let (code, message) = refusal(document).expect(document);
    assert_eq!(code, "LIMIT_EXCEEDED");
    assert!(message.contains(figures), "{message}");
}

fn times(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// Fragments each of which uses the next one twice.
fn doubling(count: usize) -> String {
    let fragments = times(count, |no| {
        let next = no + 1;
        format!("fragment f{no} on Query {{ ...f{next} ...f{next} }} ")
    });
    format!("{{ ...f0 }} {fragments} fragment f{count} on Query {{ a }}")
}

#[test]
fn each_limit_is_a_figure_that_passes_and_one_more_that_does_not() {
    let fields = |count| format!("{{ a {{ {} }} }}", "b ".repeat(count));
    passes(&fields(499));
    exceeds(
        &fields(500),
        "at most 500 fields and fragments, its fragments expanded; this one has 501.",
    );
    let deep = |depth: usize| format!("{}{}", "{ a ".repeat(depth), "}".repeat(depth));
    passes(&deep(10));
    exceeds(
        &deep(11),
        "at most 10 levels of fields, its fragments expanded; this one has 11.",
    );
    // Deeper than brackets may lie, by a fragment.
    let nested = |depth: usize| {
        let sets = |depth| format!("{{ {} ", "... {".repeat(depth));
        let (own, ends) = (depth - 40, "}".repeat(40));
        format!(
            "{} ...F {} fragment F on Q {} a {ends}",
            sets(own - 1),
            "}".repeat(own),
            sets(39),
        )
    };
    passes(&nested(80));
    exceeds(
        &nested(81),
        "at most 80 levels of selection sets, its fragments expanded; this one has 81.",
    );
    let aliases = |count| format!("{{ a {{ {} }} }}", times(count, |no| format!("b{no}: b ")));
    passes(&aliases(30));
    exceeds(
        &aliases(31),
        "at most 30 aliases, its fragments expanded; this one has 31.",
    );
    let directives = |count: usize| format!("{{ a {} }}", "@b ".repeat(count));
    passes(&directives(50));
    exceeds(
        &directives(51),
        "at most 50 directives, its fragments expanded; this one has 51.",
    );
    let roots = |count: usize| format!("{{ {} }}", "a ".repeat(count));
    passes(&roots(20));
    exceeds(
        &roots(21),
        "at most 20 fields at the root of an operation, its fragments expanded; this one has 21.",
    );
    let fragments = |count| {
        format!(
            "{{ a }} {}",
            times(count, |no| format!("fragment f{no} on A {{ a }} "))
        )
    };
    passes(&fragments(20));
    exceeds(
        &fragments(21),
        "at most 20 fragments, its fragments expanded; this one has 21.",
    );
}

#[test]
fn each_limit_is_a_setting() {
    let small = Documents {
        max_fields: 6,
        max_depth: 2,
        max_aliases: 1,
        max_directives: 1,
        max_roots: 3,
        max_fragments: 1,
        ..Documents::default()
    };
    for (name, at, above) in [
        ("fields", "{ a { b b b b b } }", "{ a { b b b b b b } }"),
        ("depth", "{ a { b } }", "{ a { b { c } } }"),
        ("aliases", "{ x: a a }", "{ x: a y: a }"),
        ("directives", "query @a { a }", "query @a { a @b }"),
        ("roots", "{ a a a }", "{ a a a a }"),
        (
            "fragments",
            "{ ...F } fragment F on Q { a }",
            "{ ...F ...G } fragment F on Q { a } fragment G on Q { a }",
        ),
    ] {
        let code = |document: &str| {
            let document = parse_query(document).expect(document);
            check(&document, &small).err().map(|error| error.code())
        };
        assert_eq!(code(at), None, "{name}");
        assert_eq!(code(above), Some("LIMIT_EXCEEDED"), "{name}");
    }
}

#[test]
fn a_fragment_weighs_as_often_as_it_is_used() {
    passes(&doubling(3));
    exceeds(&doubling(8), "fields and fragments");
    exceeds(&doubling(19), "fields and fragments");
    exceeds(
        "{ ...F } fragment F on Query { ...G ...G } fragment G on Query { a a a a a a a a a a a }",
        "this one has 22",
    );
    let directives = "@a ".repeat(30);
    exceeds(
        &format!("{{ ...F a {{ ...F }} }} fragment F on Query {{ a {directives} }}"),
        "this one has 60",
    );
    // Unused ones are validated, too.
    exceeds(
        &doubling(18).replace("{ ...f0 }", "{ a }"),
        "fields and fragments",
    );
    exceeds(
        &format!(
            "query A {{ a {{ {0} }} }} query B {{ a {{ {0} }} }}",
            "b ".repeat(250)
        ),
        "this one has 502",
    );
}

#[test]
fn what_is_saturated_is_refused() {
    let fragments = times(19, |no| {
        format!(
            "fragment f{no} on Query {{ {} }} ",
            format!("...f{} ", no + 1).repeat(4_000)
        )
    });
    exceeds(
        &format!("{{ ...f0 }} {fragments} fragment f19 on Query {{ a }}"),
        "fields and fragments",
    );
}

#[test]
fn fragments_that_contain_themselves_or_are_not_there_are_refused() {
    for (document, message) in [
        (
            "{ ...A } fragment A on Query { ...A }",
            "`query`: the fragment `A` contains itself.",
        ),
        (
            "{ a { ...A } } fragment A on B { b { ...C } } fragment C on B { c ... { ...C } }",
            "`query`: the fragment `C` contains itself.",
        ),
        (
            "{ ...A }",
            "`query`: there is no fragment `A` in this document.",
        ),
        (
            "{ a } fragment A on B { ...C } fragment C on B { ...D }",
            "`query`: there is no fragment `D` in this document.",
        ),
    ] {
        let refusal = refusal(document);
        assert_eq!(
            refusal,
            Some(("BAD_USER_INPUT", message.to_owned())),
            "{document}"
        );
    }
    let (_, message) =
        refusal("{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }").expect("refused");
    assert!(message.ends_with("contains itself."), "{message}");
}

#[test]
fn one_login_and_one_field_that_is_followed() {
    passes("mutation { signIn(input: {}) { a } }");
    exceeds(
        "mutation { a: signIn(input: {}) { a } b: signIn(input: {}) { a } }",
        "at most 1 `signIn`, `tokenRefresh`",
    );
    passes("mutation { tokenRefresh(input: {}) { a } }");
    exceeds(
        "mutation { signIn(input: {}) { a } tokenRefresh(input: {}) { a } }",
        "at most 1 `signIn`, `tokenRefresh`",
    );
    exceeds(
        "mutation A { ...F } mutation B { ...F } fragment F on Mutation { signIn { a } }",
        "this one has 2",
    );
    passes("subscription { a { b c } }");
    let (code, _) =
        refusal("subscription { ...F } fragment F on Subscription { a b }").expect("refused");
    assert_eq!(code, "BAD_USER_INPUT");
}

#[test]
fn introspection_does_not_come_back_from_types_to_types() {
    passes("{ __schema { types { fields { type { interfaces { name } } } } } }");
    exceeds(
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "this one has 3",
    );
    // From a type to one type it may go as deep as brackets lie.
    let of_type =
        |depth: usize| format!("{} name {}", "ofType { ".repeat(depth), "}".repeat(depth));
    passes(&format!("{{ __type(name: \"A\") {{ {} }} }}", of_type(30)));
    passes(&format!(
        "{{ __schema {{ types {{ ...T }} }} }} fragment T on __Type {{ {} }}",
        of_type(30)
    ));
    passes("{ a { b { c { d { e { f { g { h { i { __typename } } } } } } } } } }");
}
