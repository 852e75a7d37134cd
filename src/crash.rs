//! Points at which a test may have the process killed, to prove that nothing is lost there. Builds for use
//! have none of it.

/// The variable that names the point at which the process dies.
pub const VARIABLE: &str = "YIGATE_TEST_CRASH_AT";

/// Dies here, without a word to anyone, where the environment names this point. In builds for tests only.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    if std::env::var(VARIABLE).is_ok_and(|wanted| wanted == name) {
        let own = std::process::id().to_string();
        let _ = std::process::Command::new("kill")
            .args(["-9", &own])
            .status();
        std::thread::park();
    }
}

/// What the id of a request begins with that is to panic where its rest says.
pub const PANIC: &str = "panic-in-";

/// Panics here where a request's id wants it. In builds for tests only.
#[cfg(debug_assertions)]
pub fn panic_in(name: &str, request_id: &str) {
    assert!(
        request_id.strip_prefix(PANIC) != Some(name),
        "a panic that a test asked for"
    );
}

/// Does nothing: this build is for use.
#[cfg(not(debug_assertions))]
pub fn panic_in(_name: &str, _request_id: &str) {}

/// The variable with which a test lets a process of its own speak to a stub on this machine, in clear.
pub const REACH: &str = "YIGATE_TEST_REACH_ANYWHERE";

/// Whether payment platforms may be anywhere. In builds for tests only.
#[must_use]
pub fn reaches_anywhere() -> bool {
    cfg!(debug_assertions) && std::env::var_os(REACH).is_some()
}

/// Does nothing: this build is for use.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
