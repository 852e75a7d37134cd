//! Finds the servers' programs, and says loudly when there are none.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Set to 1 (as in CI), a missing program fails the tests that would otherwise be skipped.
const REQUIRED: &str = "YIGATE_TEST_REQUIRE_SERVERS";

/// The directory of `program`: `variable`, then `folders` (newest version first), then PATH.
/// Without one: a loud line on stderr, or a panic where servers are required.
pub fn maybe_find_programs(
    server: &str,
    program: &str,
    variable: &str,
    folders: &[&str],
    package: &str,
) -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = std::env::var_os(variable)
        .map(PathBuf::from)
        .into_iter()
        .collect();
    if candidates.is_empty() {
        candidates.extend(folders.iter().flat_map(|folder| versions(folder)));
        candidates.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
    }
    // Homes, users and processes are told apart by Linux's means.
    let usable = |folder: &PathBuf| cfg!(target_os = "linux") && folder.join(program).is_file();
    let found = candidates.into_iter().find(usable);
    if found.is_none() {
        let reason = format!(
            "no server binaries found: no `{program}` in ${variable} or else on PATH \
             (Debian: apt-get install {package}; other systems than Linux: not supported)"
        );
        assert!(
            std::env::var(REQUIRED).as_deref() != Ok("1"),
            "{REQUIRED}=1, but {reason}"
        );
        // Not eprintln: the test runner would keep it to itself.
        let _ = writeln!(std::io::stderr(), "\nSKIPPED: {server} tests: {reason}");
    }
    found
}

/// `/usr/lib/postgresql/*/bin`: every folder that the one `*` stands for, highest version first.
fn versions(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once("/*/") else {
        return vec![PathBuf::from(pattern)];
    };
    let entries = fs::read_dir(before).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers
        .into_iter()
        .map(|number| Path::new(before).join(number.to_string()).join(after))
        .collect()
}
