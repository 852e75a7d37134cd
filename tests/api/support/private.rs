//! A server of one test, which may stop, crash and start again.

use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::homes::{Home, PATIENCE};

/// A server of this process alone: stopped, killed and started as a test wants, and gone with its
/// files at the end.
pub struct Private {
    pub home: Home,
    child: Option<Child>,
}

impl Private {
    /// A home without a running server.
    pub fn new(home: Home) -> Private {
        Private { home, child: None }
    }

    /// Starts the server by `launch`, unless it runs.
    pub fn start(&mut self, launch: impl FnOnce(&Home) -> Child) {
        if self.child.is_none() {
            self.child = Some(launch(&self.home));
        }
    }

    /// Stops the server in good order; its files stay.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        signal("INT", &[child.id()]);
        let started = Instant::now();
        while child.try_wait().expect("wait for a test server").is_none() {
            if started.elapsed() > PATIENCE {
                self.child = Some(child);
                return self.kill9();
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Kills the server and all its children at once, as a crash would; its files stay.
    pub fn kill9(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let id = child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        let mut doomed = vec![id];
        doomed.extend(
            children
                .split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
        signal("KILL", &doomed);
        child.wait().expect("wait for a test server");
        // PostgreSQL does not start while one of its processes lives.
        let lives = |id: &u32| fs::read_link(format!("/proc/{id}/cwd")).is_ok();
        while doomed.iter().any(lives) {
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // In good order, since what PostgreSQL shares between processes is not all in its home. The
        // keeper removes what is left.
        self.stop();
        let _ = fs::remove_dir_all(&self.home.path);
    }
}

/// By the shell: its `kill` is everywhere, and ours would be unsafe code.
fn signal(name: &str, processes: &[u32]) {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"kill -s "$@" 2>/dev/null"#, "sh", name]);
    shell
        .args(processes.iter().map(u32::to_string))
        .status()
        .expect("send a signal");
}
