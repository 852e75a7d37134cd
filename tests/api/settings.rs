//! Settings: each stands in the operators' page, in both languages, and in the example file, with its default.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use yigate::config::Settings;

use crate::schema::root;
use crate::support::World;

/// All settings with their defaults, by name (`http.address`); null is none.
fn defaults() -> Vec<(String, Value)> {
    let all = serde_json::to_value(Settings::default()).expect("settings");
    let sections = all.as_object().expect("sections");
    sections
        .iter()
        .flat_map(|(section, settings)| {
            let settings = settings.as_object().expect("a section");
            settings
                .iter()
                .map(move |(name, value)| (format!("{section}.{name}"), value.clone()))
        })
        .collect()
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).expect("a file")
}

/// The beginning of a setting's row; its default ends it where that is a number, a yes or a no. Other
/// defaults are written in words.
fn row(name: &str, default: &str) -> String {
    let variable = name.replace('.', "__").to_uppercase();
    let is_plain = default.parse::<u64>().is_ok() || ["true", "false"].contains(&default);
    let default = if is_plain { default } else { "" };
    format!("| `{name}` | `YIGATE_{variable}` | {default}")
}

#[test]
fn both_languages_tell_every_setting_with_its_default_and_no_other() {
    let rows: BTreeSet<String> = defaults()
        .iter()
        .map(|(name, default)| row(name, &default.to_string()))
        .collect();
    for file in ["docs/operations.md", "docs/operations.zh-CN.md"] {
        let text = text(file);
        let told: BTreeSet<String> = text
            .lines()
            .filter(|line| line.contains("` | `YIGATE_"))
            .filter_map(|line| {
                let mut cells = line.trim_matches('|').split('|').map(str::trim);
                let name = cells.next()?.trim_matches('`');
                let variable = cells.next()?;
                let told = row(name, cells.next()?);
                assert!(told.contains(variable), "{file}: {variable} is not {name}");
                Some(told)
            })
            .collect();
        let missing: Vec<&String> = rows.difference(&told).collect();
        let strange: Vec<&String> = told.difference(&rows).collect();
        assert!(missing.is_empty(), "{file} does not tell {missing:#?}");
        assert!(strange.is_empty(), "{file} tells {strange:#?}");
    }
}

#[test]
fn the_example_file_holds_every_setting_with_its_default() {
    let text = text("config/yigate.example.toml");
    let mut section = "";
    let mut told = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let Some((name, value)) = line
            .strip_prefix("# ")
            .and_then(|line| line.split_once(" = "))
        else {
            continue;
        };
        if section.is_empty() || name.contains(' ') {
            continue;
        }
        let parsed: Value = toml::from_str(&format!("value = {value}"))
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        let is_none = value.ends_with("# default: none");
        let value = if is_none {
            Value::Null
        } else {
            parsed["value"].clone()
        };
        told.push((format!("{section}.{name}"), value));
    }
    let mut defaults = defaults();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    defaults.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(told, defaults);
}

#[tokio::test]
async fn a_command_that_joins_a_gateway_makes_neither_a_database_nor_a_key() {
    let world = World::on_sqlite().await;
    let directory = world.directory().join("elsewhere");
    std::fs::create_dir(&directory).expect("a directory");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yigate"));
        let done = command.current_dir(&directory).args(arguments).output();
        let done = done.expect("yigate runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        (done.status.code(), said)
    };
    let files = || std::fs::read_dir(&directory).expect("a directory").count();
    for command in [
        &["check", "statistics"][..],
        &["audit", "verify"],
        &["reseal"],
        &["token", "--email", "owner@shop.example"],
    ] {
        let (code, said) = run(command);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("setting `database.url`: there is no file yigate.db"),
            "{said}"
        );
        assert_eq!(files(), 0, "{command:?} left something behind");
    }
    std::fs::write(directory.join("yigate.db"), "").expect("a file");
    let (code, said) = run(&["reseal"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("setting `secrets.master_key_file`: there is no file yigate.key"),
        "{said}"
    );
    assert_eq!(files(), 1, "a key was made");
}
