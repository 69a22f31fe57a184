//! One PostgreSQL for the whole run, on a socket in a temporary folder. It refuses to run as root, so root runs it as the
//! `postgres` user; it ends with the test process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running cluster.
pub(crate) struct Cluster {
    bin: PathBuf,
    pub(crate) folder: PathBuf,
}

/// The address of a new, empty database.
pub(crate) fn fresh() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let cluster = cluster();
    let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
    run(cluster.tool("createdb").args(["-U", "postgres"]).arg(&name));
    format!("postgres://postgres@localhost/{name}?host={}", cluster.folder.display())
}

/// A copy of a database that nobody is connected to.
pub(crate) fn copy(url: &str) -> String {
    let copy = fresh();
    let (from, to) = (database(url), database(&copy));
    let maintenance = url.replacen(&format!("/{from}?"), "/postgres?", 1);
    ask(&maintenance, &format!("DROP DATABASE {to}"));
    ask(&maintenance, &format!("CREATE DATABASE {to} TEMPLATE {from}"));
    copy
}

/// The name of the database in an address.
fn database(url: &str) -> &str {
    url.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
}

/// What a statement answers, as text.
pub(crate) fn ask(url: &str, sql: &str) -> String {
    let output = cluster().tool("psql").args(["-At", "-c", sql, url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

impl Cluster {
    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.env("PGHOST", &self.folder);
        command
    }
}

fn start() -> Cluster {
    let bin = installed();
    let parent = std::env::temp_dir();
    sweep(&parent);
    let folder = parent.join(format!("anshu-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let root = number(&["-u"]) == 0;
    if root {
        std::os::unix::fs::chown(
            &folder,
            Some(number(&["-u", "postgres"])),
            Some(number(&["-g", "postgres"])),
        )
        .unwrap();
    }
    let data = folder.join("data");
    run(as_user(root, &bin.join("initdb"))
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "-N", "-D"])
        .arg(&data));
    let (program, socket) = (bin.join("postgres"), folder.clone());
    // The server is told to end when the thread that started it ends, so that thread stays.
    std::thread::spawn(move || {
        let mut child = as_user(root, &program)
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "max_connections=400", "-k"])
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::from(std::fs::File::create(socket.join("log")).unwrap()))
            .spawn()
            .unwrap();
        let _ = child.wait();
    });
    let cluster = Cluster { bin, folder };
    let since = Instant::now();
    while !cluster.tool("pg_isready").arg("-q").status().unwrap().success() {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "PostgreSQL does not start: see {}",
            cluster.folder.display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    cluster
}

/// The newest PostgreSQL of the machine.
fn installed() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max();
    newest.expect("PostgreSQL is not installed: run `cargo xtask setup`")
}

fn as_user(root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig=INT"]).arg(program);
    command.current_dir("/");
    command
}

fn number(args: &[&str]) -> u32 {
    let output = Command::new("id").args(args).output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .expect("PostgreSQL's user is missing: run `cargo xtask setup`")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Takes away what runs that ended left behind.
fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(process) = name.strip_prefix("anshu-pg-") else { continue };
        if !Path::new("/proc").join(process).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
