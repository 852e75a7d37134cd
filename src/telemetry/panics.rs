//! Panics in the log: a line like every other, instead of text between the lines of JSON.

use std::panic::PanicHookInfo;

/// As much of a panic's text as is told.
const LONGEST: usize = 200;

/// Has every panic logged, with its place.
pub fn tell() {
    std::panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let text = panic.payload_as_str().unwrap_or_default();
    let text: String = text.chars().take(LONGEST).collect();
    tracing::error!(place, text, "a panic");
}
