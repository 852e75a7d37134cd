//! The gateway as its own process, which can be killed.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use yigate::config::Settings;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `yigate serve`; it is killed with its test.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `yigate serve` with these settings, and waits until it is ready.
    pub async fn start(settings: &Settings, directory: &Path) -> Self {
        Self::start_with(settings, directory, &[]).await
    }

    /// The same, with such variables.
    pub async fn start_with(
        settings: &Settings,
        directory: &Path,
        variables: &[(&str, &str)],
    ) -> Self {
        let file = directory.join("yigate.toml");
        let text = toml::to_string(settings).expect("TOML");
        std::fs::write(&file, text).expect("a settings file");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join("log"))
            .expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_yigate"));
        command.arg("--config").arg(&file).arg("serve");
        command.envs(variables.iter().copied());
        command.current_dir(directory).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        let mut child = command.spawn().expect("yigate starts");
        let began = Instant::now();
        let ready = format!("{}/readyz", settings.http.public_url);
        loop {
            let answer = super::instances::browser().get(&ready).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Self { child };
            }
            let ended = child.try_wait().expect("look at yigate");
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "no start ({ended:?}): {}",
                std::fs::read_to_string(directory.join("log")).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits, at most ten seconds, until it has died by itself.
    pub async fn dies(&mut self) {
        for _ in 0..1_000 {
            if self.child.try_wait().expect("look at yigate").is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it lives on");
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("kill runs").success());
    }

    /// Kills it at once, whatever it is doing.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
