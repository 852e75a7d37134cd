//! The layers of ARCHITECTURE.md: which words each may contain, and how long a file may be.

mod across;
mod circles;

use std::path::Path;

use crate::schema::{root, rust_files};

/// The longest file.
const LONGEST: usize = 400;

/// Longer files, and why.
const LONGER: &[(&str, &str)] = &[(
    "tests/api/support.rs",
    "one vocabulary for all tests; its parts lie beside it",
)];

/// A source file, without comments and without its unit tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The file's place from `src/` on: `orders/schema/list.rs`.
    fn place(&self) -> &str {
        self.path.trim_start_matches("src/")
    }

    /// Whether it calls a method of this name.
    fn calls(&self, method: &str) -> bool {
        self.code.contains(&format!(".{method}("))
    }

    fn names(&self, word: &str) -> bool {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        self.code.match_indices(word).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let root = root();
    rust_files(&root.join(folder))
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source file");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            Source {
                path: relative(&root, &path),
                code,
            }
        })
        .filter(|source| !source.path.contains("/tests"))
        .collect()
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.display().to_string()
}

/// The files of `src/` that name a word, save where it belongs.
fn strays(word: &str, belongs: impl Fn(&str) -> bool) -> Vec<String> {
    sources("src")
        .into_iter()
        .filter(|source| source.names(word) && !belongs(source.place()))
        .map(|source| format!("{} names {word}", source.path))
        .collect()
}

fn none(found: Vec<String>) {
    assert_eq!(found, Vec::<String>::new());
}

fn is_schema(place: &str) -> bool {
    place.ends_with("/schema.rs") || place.contains("/schema/")
}

#[test]
fn graphql_is_spoken_at_the_edge_alone() {
    none(strays("async_graphql", |place| {
        is_schema(place)
            || place.starts_with("graphql/")
            || place.starts_with("http/")
            || place.ends_with("/loader.rs")
            || place == "error.rs"
    }));
}

#[test]
fn http_is_spoken_at_the_edge_alone() {
    none(strays("axum", |place| place.starts_with("http/")));
    none(strays("async_graphql_axum", |place| {
        place.starts_with("http/")
    }));
}

#[test]
fn a_model_decides_without_database_clock_or_waiting() {
    let models = sources("src").into_iter().filter(|source| {
        let place = source.place();
        place.ends_with("/model.rs") || place.contains("/model/")
    });
    let models: Vec<Source> = models.collect();
    assert!(models.len() > 3, "models are found");
    for model in models {
        for word in [
            "sea_orm", "sqlx", "async", "await", "Clock", "App", "now()", "rand",
        ] {
            assert!(!model.names(word), "{} names {word}", model.path);
        }
    }
}

#[test]
fn a_schema_asks_services_and_never_the_database() {
    for source in sources("src")
        .iter()
        .filter(|source| is_schema(source.place()))
    {
        for word in ["QueryFilter", "QuerySelect", "EntityTrait"] {
            assert!(!source.names(word), "{} names {word}", source.path);
        }
        for call in across::WAYS {
            assert!(!source.calls(call), "{} calls {call}", source.path);
        }
    }
}

/// Rows of these belong to no merchant.
const OF_NO_MERCHANT: [&str; 4] = ["refresh_token", "sign_in_delay", "signing_key", "staff"];

#[test]
fn every_query_begins_with_whose_rows_it_reads() {
    let mut found = Vec::new();
    for source in sources("src") {
        for verb in [
            "find",
            "find_by_id",
            "update_many",
            "delete_many",
            "delete_by_id",
        ] {
            for (at, _) in source.code.match_indices(&format!("Entity::{verb}(")) {
                let before = source.code[..at].trim_end_matches("::");
                let table = before
                    .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .next();
                let table = table.unwrap_or_default();
                if verb.starts_with("find") || !OF_NO_MERCHANT.contains(&table) {
                    found.push(format!("{}: {table}::Entity::{verb}", source.path));
                }
            }
        }
    }
    none(found);
}

#[test]
fn the_kernel_knows_no_slice() {
    let kernel = [
        "app.rs",
        "clock.rs",
        "error.rs",
        "invalid.rs",
        "locale.rs",
        "merchant.rs",
        "money.rs",
        "paging.rs",
        "seal.rs",
        "ticks.rs",
        "time_range.rs",
        "understood.rs",
    ];
    for source in sources("src") {
        let place = source.place();
        let folder = place.starts_with("events/") || place.starts_with("db/");
        if !kernel.contains(&place) && !folder {
            continue;
        }
        for slice in ["orders", "channels", "auth", "demo", "graphql", "http"] {
            for path in [format!("crate::{slice}::"), format!("crate::{slice};")] {
                assert!(!source.code.contains(&path), "{} names {path}", source.path);
            }
        }
    }
}

#[test]
fn migrations_know_nothing_of_ours() {
    for source in sources("migration/src") {
        for word in ["entity", "yigate"] {
            assert!(!source.names(word), "{} names {word}", source.path);
        }
    }
    let manifest =
        std::fs::read_to_string(root().join("migration/Cargo.toml")).expect("a manifest");
    assert!(
        !manifest.contains("entity"),
        "migrations outlive the entities of today"
    );
}

#[test]
fn entities_know_nothing_but_the_database() {
    for source in sources("entity/src") {
        for word in ["yigate", "async_graphql", "axum", "tokio", "migration"] {
            assert!(!source.names(word), "{} names {word}", source.path);
        }
    }
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    let root = root();
    let mut found = Vec::new();
    for folder in ["src", "entity/src", "migration/src", "tests"] {
        for path in rust_files(&root.join(folder)) {
            let place = relative(&root, &path);
            let text = std::fs::read_to_string(&path).expect("a source file");
            let (lines, name) = (text.lines().count(), path.file_stem());
            if lines > LONGEST && !LONGER.iter().any(|(longer, _)| *longer == place) {
                found.push(format!("{place} has {lines} lines"));
            }
            let name = name.and_then(|name| name.to_str()).unwrap_or_default();
            if [
                "utils", "util", "helpers", "helper", "common", "types", "misc", "shared",
            ]
            .contains(&name)
            {
                found.push(format!("{place} is named for nothing"));
            }
            if !text.starts_with("//! ") {
                found.push(format!("{place} does not say what it holds"));
            }
        }
    }
    none(found);
}

#[test]
fn nothing_is_left_for_later() {
    for folder in ["src", "entity/src", "migration/src", "tests"] {
        for source in sources(folder) {
            // Written in two parts, so that this file does not name it.
            for word in ["todo", "unimplemented", "dbg"] {
                let call = format!("{word}!(");
                assert!(!source.code.contains(&call), "{} calls {call}", source.path);
            }
        }
    }
}

/// The rows of a README's table of guards: what, where it stands, which tests watch it.
fn guards() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("tests/README.md")).expect("a README");
    let guards = text.split("## Which test watches which guard").nth(1);
    let rows = guards.expect("the table").lines();
    let rows = rows.filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        row.trim_matches('|')
            .split('|')
            .map(str::to_owned)
            .collect()
    })
    .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_readme_names_tests_that_exist() {
    let root = root();
    let mut missing = Vec::new();
    for row in guards() {
        let tests: Vec<&str> = row
            .last()
            .map(|cell| quoted(cell).collect())
            .unwrap_or_default();
        assert!(!tests.is_empty(), "a guard that nobody watches: {row:?}");
        for test in tests {
            let (module, name) = test.rsplit_once("::").expect("a path");
            let file = root.join(format!("tests/api/{}.rs", module.replace("::", "/")));
            let code = std::fs::read_to_string(&file).unwrap_or_default();
            if !code.contains(&format!("fn {name}(")) {
                missing.push(test.to_owned());
            }
        }
    }
    none(missing);
}

/// Whether a path such as `server::run` names a module of `src/`, or a function of one.
fn stands(path: &str) -> bool {
    let place = |path: &str| root().join("src").join(path.replace("::", "/"));
    if place(path).is_dir() || place(path).with_extension("rs").is_file() {
        return true;
    }
    let (module, name) = path.rsplit_once("::").unwrap_or_default();
    [
        place(module).with_extension("rs"),
        place(module).join("mod.rs"),
    ]
    .iter()
    .any(|file| {
        let code = std::fs::read_to_string(file).unwrap_or_default();
        code.contains(&format!("fn {name}(")) || code.contains(&format!("fn {name}<"))
    })
}

#[test]
fn the_readme_names_guards_that_exist() {
    let is_path = |text: &str| {
        let of_a_path = |letter: char| letter.is_ascii_lowercase() || "_:{}, ".contains(letter);
        text.contains("::") && text.chars().all(of_a_path)
    };
    let mut missing = Vec::new();
    let mut found = 0;
    for row in guards() {
        for path in quoted(&row[1]).filter(|text| is_path(text)) {
            let (module, names) = path.rsplit_once("::").expect("a path");
            for name in names.trim_matches(['{', '}']).split(", ") {
                found += 1;
                if !stands(&format!("{module}::{name}")) {
                    missing.push(path.to_owned());
                }
            }
        }
    }
    assert!(found > 50, "paths are found");
    none(missing);
}
