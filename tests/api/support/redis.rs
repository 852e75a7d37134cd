//! Redis for tests: one server for a whole run, with a database for each test, and private servers
//! that can crash.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;

use super::homes::Home;
use super::private::Private;
use super::programs::maybe_find_programs;

/// More than there are tests: numbers are not given back.
const DATABASES: u32 = 16_384;

/// The run's shared server.
pub struct Redis {
    home: Home,
}

impl Redis {
    /// The server of this run, started if need be; `None`, said on stderr, where Redis is not
    /// installed.
    pub fn maybe_start() -> Option<&'static Redis> {
        static SERVER: OnceLock<Option<Redis>> = OnceLock::new();
        let start = || {
            let programs = maybe_find_redis()?;
            let home = Home::shared("redis", |home| {
                drop(launch(home, &programs, &["--save", ""]))
            });
            Some(Redis { home })
        };
        SERVER.get_or_init(start).as_ref()
    }

    /// The URL of an empty database that no other test has. Keys and streams are apart; Pub/Sub
    /// channels are not.
    pub fn database(&self) -> String {
        let count = || -> redis::RedisResult<u32> {
            let mut connection = redis::Client::open(url(&self.home, 0))?.get_connection()?;
            redis::cmd("INCR").arg("databases").query(&mut connection)
        };
        let number = count().expect("count the tests' Redis databases");
        assert!(number < DATABASES, "raise DATABASES");
        url(&self.home, number)
    }
}

/// A durable server of one test: it may be stopped, killed and started again.
pub struct PrivateRedis {
    programs: PathBuf,
    server: Private,
}

impl PrivateRedis {
    /// A new, running server; `None`, said on stderr, where Redis is not installed.
    pub fn maybe_start() -> Option<PrivateRedis> {
        let programs = maybe_find_redis()?;
        let server = Private::new(Home::private("redis"));
        let mut server = PrivateRedis { programs, server };
        server.start();
        Some(server)
    }

    /// Starts it again, with what it had written.
    pub fn start(&mut self) {
        let settings = [
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--save",
            "",
        ];
        self.server
            .start(|home| launch(home, &self.programs, &settings));
    }

    /// Stops it in good order.
    pub fn stop(&mut self) {
        self.server.stop();
    }

    /// Crashes it.
    pub fn kill9(&mut self) {
        self.server.kill9();
    }

    /// The same before and after a restart.
    pub fn url(&self) -> String {
        url(&self.server.home, 0)
    }
}

fn maybe_find_redis() -> Option<PathBuf> {
    maybe_find_programs("Redis", "redis-server", "REDIS_BIN", &[], "redis-server")
}

/// Returns when the server takes connections.
fn launch(home: &Home, programs: &Path, settings: &[&str]) -> Child {
    let socket = socket(home);
    // What a crashed one left.
    let _ = std::fs::remove_file(&socket);
    let mut server = home.command(&programs.join("redis-server"));
    server
        .args(["--port", "0", "--unixsocketperm", "777", "--unixsocket"])
        .arg(&socket);
    server
        .args(["--databases", &DATABASES.to_string()])
        .arg("--dir")
        .arg(home.data());
    server.args(settings);
    let mut child = server.spawn().expect("spawn redis-server");
    home.wait_until(&mut child, || answers(&socket));
    child
}

/// It connects before it has read its files, and answers LOADING.
fn answers(socket: &Path) -> bool {
    let ping = || -> redis::RedisResult<String> {
        let url = format!("redis+unix://{}", socket.display());
        redis::cmd("PING").query(&mut redis::Client::open(url)?.get_connection()?)
    };
    UnixStream::connect(socket).is_ok() && ping().is_ok()
}

fn socket(home: &Home) -> PathBuf {
    home.path.join("redis")
}

fn url(home: &Home, database: u32) -> String {
    format!("redis+unix://{}?db={database}", socket(home).display())
}

mod tests {
    use super::*;

    fn increment(url: &str) -> redis::RedisResult<u32> {
        let mut connection = redis::Client::open(url)?.get_connection()?;
        redis::cmd("INCR").arg("paid").query(&mut connection)
    }

    #[test]
    fn a_private_server_keeps_writes_over_a_stop_and_a_crash() {
        let Some(mut server) = PrivateRedis::maybe_start() else {
            return;
        };
        assert_eq!(increment(&server.url()), Ok(1));
        server.kill9();
        assert!(increment(&server.url()).is_err());
        server.start();
        assert_eq!(increment(&server.url()), Ok(2));
        server.stop();
        server.start();
        assert_eq!(increment(&server.url()), Ok(3));
    }

    #[test]
    fn each_test_has_a_database_of_its_own() {
        let Some(server) = Redis::maybe_start() else {
            return;
        };
        assert_eq!(increment(&server.database()), Ok(1));
        assert_eq!(increment(&server.database()), Ok(1));
    }
}
