//! What the machine must have, and how it gets it.
//!
//! Each need checks first and prints one line. What is missing is installed where that needs nobody's leave; otherwise the
//! line says what to type, and what will be left out until then.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree::{Tree, printed, program};
use crate::{apt, plugins};

/// Why the machine is being prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To run a centre with sample data.
    Demo,
    /// To run every check and test.
    Test,
}

/// What was found or installed.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Node.js and npm, for the console.
    pub(crate) node: bool,
    /// A browser, for its tests.
    pub(crate) browser: Option<PathBuf>,
    /// `cargo fmt` and `cargo clippy`.
    pub(crate) lints: bool,
    /// Nothing is missing.
    pub(crate) complete: bool,
}

/// The oldest Node.js that builds the console.
const OLDEST_NODE: u32 = 20;
const BROWSERS: &[&str] =
    &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// One thing that the machine must have.
struct Need<'a> {
    name: &'a str,
    /// Where or which it is, or none where it is missing.
    find: &'a dyn Fn() -> Option<String>,
    /// Installs it without asking; whether that worked shows when it is looked for again.
    install: &'a dyn Fn() -> bool,
    /// What a person can type.
    advice: &'a str,
    /// What does not work without it.
    without: &'a str,
}

impl Need<'_> {
    /// Looks, installs, looks again; prints one line on what it found.
    fn meet(&self) -> bool {
        let Self { name, find, install, advice, without } = self;
        if let Some(found) = find() {
            println!("有  {name}：{found}");
            return true;
        }
        println!("缺  {name}：正在安装");
        match install().then(find).flatten() {
            Some(found) => {
                println!("有  {name}：{found}（刚刚装上）");
                true
            }
            None => {
                println!("缺  {name}：没能自动装上。请运行：{advice}。没有它，{without}");
                false
            }
        }
    }
}

/// Prepares the machine. What it could not provide is told on the terminal and in the answer; nothing is fatal here.
pub(crate) fn set_up(tree: &Tree, purpose: Purpose) -> Machine {
    let compiler = plugins::compiler(tree);
    if let Err(error) = &compiler {
        println!("缺  插件编译器：{error:#}");
    }
    let node = Need {
        name: "Node.js",
        find: &|| node(tree),
        install: &|| apt::offers(tree, "nodejs", OLDEST_NODE) && apt::install(tree, &["nodejs", "npm"]),
        advice: "安装 Node.js 20 或更新的版本（含 npm），例如 apt-get install nodejs npm，或见 https://nodejs.org",
        without: "网页控制台只有一页说明",
    }
    .meet();
    let mut complete = compiler.is_ok() && node;
    let (mut browser, mut lints) = (None, true);
    if purpose == Purpose::Test {
        lints = self::lints(tree);
        complete &= lints & self::browser(tree) & font(tree) & postgresql(tree) & registry(tree);
        complete &= solver(tree) & token(tree) & python(tree);
        browser = program(BROWSERS);
    }
    Machine { node, browser, lints, complete }
}

fn lints(tree: &Tree) -> bool {
    Need {
        name: "rustfmt 和 clippy",
        find: &|| {
            printed(tree.cargo().args(["fmt", "--version"]))?;
            printed(tree.cargo().args(["clippy", "--version"]))
        },
        install: &|| {
            let mut rustup = tree.command("rustup");
            rustup
                .args(["component", "add", "rustfmt", "clippy"])
                .status()
                .is_ok_and(|status| status.success())
        },
        advice: "rustup component add rustfmt clippy",
        without: "不检查格式和写法",
    }
    .meet()
}

fn browser(tree: &Tree) -> bool {
    Need {
        name: "浏览器",
        find: &|| program(BROWSERS).map(|path| path.display().to_string()),
        install: &|| apt::install(tree, &["chromium"]),
        advice: "apt-get install chromium",
        without: "跳过浏览器测试",
    }
    .meet()
}

fn font(tree: &Tree) -> bool {
    Need {
        name: "中文字体",
        find: &|| {
            let listed =
                printed(Command::new("fc-list").args([":lang=zh", "family"])).unwrap_or_default();
            let of_package = Path::new("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc");
            let first = listed.lines().next().map(str::to_owned).filter(|line| !line.is_empty());
            first.or_else(|| of_package.exists().then(|| of_package.display().to_string()))
        },
        install: &|| apt::install(tree, &["fonts-wqy-microhei"]),
        advice: "apt-get install fonts-wqy-microhei",
        without: "浏览器测试的截图里没有汉字",
    }
    .meet()
}

fn postgresql(tree: &Tree) -> bool {
    Need {
        name: "PostgreSQL",
        find: &|| initdb().map(|path| path.display().to_string()),
        // Debian bookworm has 15; a later release has its own.
        install: &|| apt::install(tree, &["postgresql-15"]) || apt::install(tree, &["postgresql"]),
        advice: "apt-get install postgresql-15",
        without: "数据层只在 SQLite 上测试",
    }
    .meet()
}

fn registry(tree: &Tree) -> bool {
    Need {
        name: "OCI 仓库",
        find: &|| program(&["docker-registry"]).map(|path| path.display().to_string()),
        install: &|| apt::install(tree, &["docker-registry"]),
        advice: "apt-get install docker-registry",
        without: "跳过插件包推送和取回的测试",
    }
    .meet()
}

/// What proves that policies keep what must hold.
fn solver(tree: &Tree) -> bool {
    Need {
        name: "求解器 cvc5",
        find: &|| program(&["cvc5"]).map(|path| path.display().to_string()),
        install: &|| apt::install(tree, &["cvc5"]),
        advice: "apt-get install cvc5",
        without: "跳过访问策略的机器证明（固定的必须拒绝表照常检查）",
    }
    .meet()
}

/// A token in software, for what keeps keys in hardware.
fn token(tree: &Tree) -> bool {
    Need {
        name: "软件密码机 SoftHSM",
        find: &|| {
            let module = Path::new("/usr/lib/softhsm/libsofthsm2.so");
            module.exists().then(|| module.display().to_string())
        },
        install: &|| apt::install(tree, &["softhsm2"]),
        advice: "apt-get install softhsm2",
        without: "跳过 PKCS#11 密钥的测试",
    }
    .meet()
}

/// What the second verifier of the log is written in.
fn python(tree: &Tree) -> bool {
    Need {
        name: "Python 3（含 cryptography）",
        find: &|| {
            let look = ["-c", "import sys, cryptography; print(sys.version.split()[0])"];
            printed(Command::new("python3").args(look))
        },
        install: &|| apt::install(tree, &["python3", "python3-cryptography"]),
        advice: "apt-get install python3 python3-cryptography",
        without: "跳过用另一种语言校验日志的测试",
    }
    .meet()
}

/// The newest server on the machine. Debian keeps its programs out of the PATH.
fn initdb() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin/initdb")))
        .filter(|initdb| initdb.exists())
        .collect();
    found.sort();
    found.pop().or_else(|| program(&["initdb"]))
}

fn node(tree: &Tree) -> Option<String> {
    let version = printed(tree.command("node").arg("--version"))?;
    let major: u32 = version.trim_start_matches('v').split('.').next()?.parse().ok()?;
    let npm = printed(tree.command("npm").arg("--version"))?;
    (major >= OLDEST_NODE).then(|| format!("{version}，npm {npm}"))
}
