//! What is kept of documents, and what nothing gets past.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// What the fuzzer begins with.
static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/guard");
    let files = std::fs::read_dir(folder).expect("the corpus").flatten();
    let read = files.map(|file| std::fs::read(file.path()).expect("a file"));
    read.collect()
});
static DOCUMENTS: LazyLock<Documents> = LazyLock::new(documents);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What the fuzzer does for longer: pieces of what is known to hurt, put together anyhow.
    #[test]
    fn whatever_is_put_together_is_judged(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        begin in any::<prop::sample::Index>(),
        between in ".{0,8}",
    ) {
        let (one, other) = (one.get(&CORPUS), other.get(&CORPUS));
        let (head, _) = one.split_at(cut.index(one.len() + 1));
        let (_, tail) = other.split_at(begin.index(other.len() + 1));
        let bytes = [head, between.as_bytes(), tail].concat();
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(document) = DOCUMENTS.of_text(&text) {
            let _ = document.formula.bill(None, &serde_json::Map::new());
        }
    }
}

fn documents() -> Documents {
    Documents::new(&Settings::default(), Metrics::default()).expect("no manifest")
}

#[test]
fn a_text_is_read_once_valid_or_not() {
    let documents = documents();
    let text = "query A { __typename }";
    let first = documents.of_text(text).expect("valid");
    let second = documents.of_text(text).expect("valid");
    assert!(Arc::ptr_eq(&first, &second));
    assert!(documents.of_text("{ nothing }").is_err());
    let kept = documents.verdicts.get(&hash_of("{ nothing }"));
    assert!(matches!(kept, Some(Err(errors)) if errors.len() == 1));
    let other = documents.of_text("query A { __typename } ").expect("valid");
    assert!(
        !Arc::ptr_eq(&first, &other),
        "another text is another document"
    );
}

#[test]
fn what_is_kept_is_bounded() {
    let documents = documents();
    let long = "a".repeat(12_000);
    for no in 0..200 {
        let _ = documents.of_text(&format!("{{ __typename }} # {no} {long}"));
    }
    documents.verdicts.run_pending_tasks();
    assert!(documents.verdicts.weighted_size() <= VERDICT_BYTES);
    assert!(documents.verdicts.entry_count() < 100);
}

#[test]
fn a_request_names_its_document_in_one_way() {
    let read = |body: &str| Params::from_json(body.as_bytes()).expect("a body");
    let hash = "a".repeat(64);
    let persisted =
        format!(r#"{{ "persistedQuery": {{ "version": 1, "sha256Hash": "{hash}" }} }}"#);
    for (body, expected) in [
        (r#"{ "query": "{ a }" }"#.to_owned(), "text"),
        ("{}".to_owned(), "text"),
        (r#"{ "documentId": "x" }"#.to_owned(), "id"),
        (r#"{ "documentId": "x", "query": "" }"#.to_owned(), "id"),
        (
            r#"{ "documentId": "x", "query": "{ a }" }"#.to_owned(),
            "BAD_USER_INPUT",
        ),
        (format!(r#"{{ "extensions": {persisted} }}"#), "hash"),
        (
            format!(r#"{{ "query": "{{ a }}", "extensions": {persisted} }}"#),
            "both",
        ),
        (
            r#"{ "query": "{ a }", "extensions": { "persistedQuery": null } }"#.to_owned(),
            "text",
        ),
        (
            r#"{ "extensions": { "persistedQuery": {} } }"#.to_owned(),
            "BAD_USER_INPUT",
        ),
    ] {
        let params = read(&body);
        let said = match named(&params) {
            Ok(Named::Text(_)) => "text",
            Ok(Named::Id(_)) => "id",
            Ok(Named::Hash(_)) => "hash",
            Ok(Named::Both(..)) => "both",
            Err(error) => error.code(),
        };
        assert_eq!(said, expected, "{body}");
    }
}
