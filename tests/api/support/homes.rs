//! Gives each test server a home of its own, shares one server between all test processes, and
//! stops it after the last of them, however that died.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to start or to stop.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Seconds without any test process after which the shared server goes: cargo-nextest has gaps
/// between its processes.
const LINGER: &str = "2";

/// A Unix socket's path holds 107 bytes; PostgreSQL and Redis add a file name of up to 20.
const LONGEST_HOME: usize = 80;

/// What stops a server after its last user.
const KEEPER: &str = include_str!("keeper.sh");

/// A directory for one server: `data` (the server's own, and its working directory), `log`, and
/// `users`, locked by every process that uses it.
pub struct Home {
    /// Short, random, and open to the server's user.
    pub path: PathBuf,
    _users: File,
}

impl Home {
    /// The shared server's home: that of a running one, or a new one, in which `launch` starts the
    /// server. Processes come one at a time; a server that is about to be stopped is not joined.
    pub fn shared(server: &str, launch: impl FnOnce(&Home)) -> Home {
        let base = base();
        let turn = open(&base.join(format!("{server}.lock")));
        turn.lock().expect("lock the start of a test server");
        let pointer = base.join(format!("{server}.home"));
        if let Some(home) = Home::join(&pointer) {
            return home;
        }
        let home = Home::create(&base, server, LINGER);
        launch(&home);
        fs::write(&pointer, home.path.as_os_str().as_encoded_bytes()).expect("write a pointer");
        home
    }

    /// A home for a server of this process alone.
    pub fn private(server: &str) -> Home {
        Home::create(&base(), server, "0")
    }

    fn join(pointer: &Path) -> Option<Home> {
        let path = PathBuf::from(fs::read_to_string(pointer).ok()?);
        let users = File::open(path.join("users")).ok()?;
        users.try_lock_shared().ok()?;
        // Without a keeper the server would stay for ever.
        let keeper = File::open(path.join("keeper")).ok()?;
        keeper.try_lock().is_err().then_some(Home {
            path,
            _users: users,
        })
    }

    fn create(base: &Path, server: &str, linger: &str) -> Home {
        let turn = open(&base.join("homes.lock"));
        turn.lock().expect("lock the homes of test servers");
        sweep(base);
        let path = base.join(format!("{server}-{:08x}", random() as u32));
        assert!(
            path.as_os_str().len() <= LONGEST_HOME,
            "too long for a socket: {path:?}"
        );
        let data = path.join("data");
        DirBuilder::new()
            .mode(0o755)
            .create(&path)
            .expect("create a server's home");
        DirBuilder::new()
            .mode(0o700)
            .create(&data)
            .expect("create a data directory");
        open(&path.join("keeper"));
        let users = open(&path.join("users"));
        users.lock_shared().expect("lock a server's home");
        if let Some(user) = ServerUser::maybe_find() {
            for path in [&path, &data] {
                chown(path, Some(user.uid), Some(user.gid)).expect("give a home to its server");
            }
        }
        keep(&path, linger);
        Home {
            path,
            _users: users,
        }
    }

    /// A command that runs `program` in the home as a user other than root, in a session of its
    /// own, and writes to the log.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setsid");
        if let Some(ServerUser { uid, gid }) = ServerUser::maybe_find() {
            command.arg("setpriv").args([
                format!("--reuid={uid}"),
                format!("--regid={gid}"),
                "--clear-groups".to_owned(),
            ]);
        }
        command.arg(program);
        detach(&mut command, Some(&self.path.join("log")));
        command.current_dir(self.data());
        command
    }

    /// What the server wrote, for a failure's message.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path.join("log")).unwrap_or_default()
    }

    /// Where the server keeps its files.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Waits for `ready`; a server that ends or dawdles fails the test with its log.
    pub fn wait_until(&self, child: &mut Child, ready: impl Fn() -> bool) {
        let started = Instant::now();
        while !ready() {
            let ended = child.try_wait().expect("look at a test server");
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "no start ({ended:?}): {}",
                self.log()
            );
            sleep(Duration::from_millis(5));
        }
    }
}

/// Who runs a server when the tests run as root, which PostgreSQL refuses.
struct ServerUser {
    uid: u32,
    gid: u32,
}

impl ServerUser {
    fn maybe_find() -> Option<ServerUser> {
        if own_uid() != 0 {
            return None;
        }
        let users = fs::read_to_string("/etc/passwd").expect("read /etc/passwd");
        ["postgres", "nobody"].iter().find_map(|name| {
            let fields: Vec<&str> = users
                .lines()
                .map(|line| line.split(':').collect())
                .find(|fields: &Vec<&str>| fields[0] == *name)?;
            Some(ServerUser {
                uid: fields.get(2)?.parse().ok()?,
                gid: fields.get(3)?.parse().ok()?,
            })
        })
    }
}

/// Where this checkout's test servers live. Others may pass through but not list it; short, since
/// socket paths are. In memory where there is room (Docker gives `/dev/shm` 64 MB): a disk under
/// load made a database of 12 ms take 1,000.
fn base() -> PathBuf {
    let mut checkout = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut checkout);
    let uid = own_uid();
    let root = if free_megabytes("/dev/shm") >= 1_024 {
        "/dev/shm"
    } else {
        "/tmp"
    };
    let path = PathBuf::from(format!(
        "{root}/yigate-{uid}-{:08x}",
        checkout.finish() as u32
    ));
    DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(&path)
        .expect("create a folder for test servers");
    let owner = fs::symlink_metadata(&path)
        .expect("look at the folder for test servers")
        .uid();
    assert_eq!(owner, uid, "{path:?} belongs to someone else");
    path
}

fn free_megabytes(folder: &str) -> u64 {
    let report = Command::new("df")
        .args(["--output=avail", "--block-size=1M", folder])
        .output();
    let report = report.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&report)
        .lines()
        .nth(1)
        .and_then(|free| free.trim().parse().ok())
        .unwrap_or(0)
}

/// Has the homes without users whose keeper was killed cleared.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let home = entry.path();
        let free = |file| File::open(home.join(file)).is_ok_and(|file| file.try_lock().is_ok());
        if free("keeper") && free("users") {
            keep(&home, "0");
        }
    }
}

/// Starts a home's keeper in the background of a shell that ends at once: it is nobody's child, so
/// nobody need wait for it.
fn keep(home: &Path, linger: &str) {
    let mut keeper = Command::new("sh");
    keeper
        .args(["-c", r#"setsid sh -c "$@" &"#, "sh", KEEPER, "keeper"])
        .arg(home)
        .arg(linger);
    detach(&mut keeper, None)
        .status()
        .expect("spawn a server's keeper");
}

fn open(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .expect("open a lock file")
}

fn own_uid() -> u32 {
    fs::metadata("/proc/self").expect("read /proc/self").uid()
}

/// Keeps nothing of the test runner's: a pipe held open would keep it waiting.
fn detach<'a>(command: &'a mut Command, log: Option<&Path>) -> &'a mut Command {
    let sink = || match log {
        Some(log) => Stdio::from(
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(log)
                .expect("open a server's log"),
        ),
        None => Stdio::null(),
    };
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(sink())
        .stderr(sink())
}

/// Good enough for names that must not meet.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
