//! Any bytes as a document: the guard, both parsers, the merging, the validation and the price.
//!
//! `cargo +nightly fuzz run guard`, from the repository's root. What it finds belongs into `corpus/guard/`:
//! the tests send each file of it to a gateway.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use yigate::config::Settings;
use yigate::graphql::document::Documents;
use yigate::metrics::Metrics;

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    // No manifest and no Redis: nothing can fail.
    Documents::new(&Settings::default(), Metrics::default()).expect("the defaults have no manifest")
});

fuzz_target!(|bytes: &[u8]| {
    let _ = DOCUMENTS.of_text(&String::from_utf8_lossy(bytes));
});
