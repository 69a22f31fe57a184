//! The command `cargo anshu`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks to a terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use cargo_anshu::{BuildOptions, Built, Changes, Inspection, ScaffoldOptions, Toolchain};
use clap::{Args, Parser, Subcommand};

/// 构建、查看和新建安枢插件。
#[derive(Debug, Parser)]
#[command(name = "cargo anshu", bin_name = "cargo anshu", version)]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 把插件构建成一个插件包（<target>/packs/<名称>-<版本>.wasm）
    Build(Build),
    /// 新建一个插件的目录
    New(New),
    /// 查看一个插件包：名称、版本、接口、清单
    Inspect {
        /// 插件包文件
        file: PathBuf,
    },
    /// 检查新版本有没有违背它的版本号：插件包与插件包比，合约目录与合约目录比
    Check {
        /// 新的插件包文件，或新的 WIT 目录；默认构建当前目录的插件
        newer: Option<PathBuf>,
        /// 旧的插件包文件，或旧的 WIT 目录
        #[arg(long, value_name = "文件或目录")]
        against: PathBuf,
    },
    /// 显示用哪个编译器构建插件
    Toolchain {
        /// 缺少时自动安装（rustup，或者以 root 用 apt-get）
        #[arg(long)]
        install: bool,
    },
}

#[derive(Debug, Args)]
struct Build {
    /// 要构建的插件；默认是当前目录的插件
    #[arg(long, short, conflicts_with = "workspace")]
    package: Option<String>,
    /// 构建工作区里的全部插件
    #[arg(long)]
    workspace: bool,
    /// 插件包放在哪个目录；默认 <target>/packs
    #[arg(long)]
    out: Option<PathBuf>,
    /// 打开插件的哪些 cargo feature
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// 构建后与这个旧版本的插件包比：版本号说兼容而内容不兼容时报错
    #[arg(long, value_name = "文件", conflicts_with = "workspace")]
    against: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct New {
    /// 插件名：小写字母、数字和连字符
    name: String,
    /// 放在哪个目录；默认 plugins/<插件名>
    #[arg(long)]
    path: Option<PathBuf>,
    /// SDK 的目录；插件不在 Anshu 工作区里时需要
    #[arg(long)]
    sdk: Option<PathBuf>,
}

fn main() -> ExitCode {
    // Cargo starts `cargo-anshu anshu build`; a person may start `cargo-anshu build`.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "anshu") {
        arguments.remove(1);
    }
    match run(Arguments::parse_from(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("错误：{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let folder = std::env::current_dir().context("当前目录不可用")?;
    match arguments.command {
        Verb::Build(Build { package, workspace, out, features, against }) => {
            let options = BuildOptions { folder, package, target: None, out, features };
            if workspace {
                return cargo_anshu::build_workspace(&options, |package, built| match built {
                    Ok(built) => print_built(built),
                    Err(error) => eprintln!("错误：{package}：{error:#}"),
                });
            }
            let built = cargo_anshu::build(&options)?;
            print_built(&built);
            if let Some(older) = against {
                let changes = cargo_anshu::changes(&older, &built.path)?;
                print_changes(&changes);
                changes.admitted?;
            }
        }
        Verb::New(New { name, path, sdk }) => {
            let made =
                cargo_anshu::scaffold(&ScaffoldOptions { name: name.clone(), folder, path, sdk })?;
            println!("已新建 {}。下一步：cargo anshu build --package {name}", made.display());
        }
        Verb::Inspect { file } => print_inspection(&cargo_anshu::inspect(&file)?),
        Verb::Check { newer, against } => {
            if against.is_dir() {
                let newer = newer.context("请写明新的 WIT 目录")?;
                cargo_anshu::check_wit(&against, &newer)?;
                println!("相符：{} 与 {} 比，版本号与内容相符", newer.display(), against.display());
                return Ok(());
            }
            let newer = match newer {
                Some(newer) => newer,
                None => cargo_anshu::build(&BuildOptions { folder, ..Default::default() })?.path,
            };
            let changes = cargo_anshu::changes(&against, &newer)?;
            print_changes(&changes);
            changes.admitted?;
        }
        Verb::Toolchain { install } => {
            let toolchain = if install {
                Toolchain::install(&folder)?
            } else {
                Toolchain::find_or_add(&folder)?
            };
            println!("插件编译器：{}", toolchain.describe());
        }
    }
    Ok(())
}

fn print_built(built: &Built) {
    let Built { name, version, path, size, digest, imports, elapsed, unchanged } = built;
    let seconds = elapsed.as_secs_f64();
    if *unchanged {
        println!("{name} {version}  无需重建（{seconds:.2} 秒）  {}", path.display());
        return;
    }
    println!("{name} {version}  已构建（{seconds:.1} 秒）  {}", path.display());
    println!("  大小  {size} 字节");
    println!("  摘要  sha256:{digest}");
    println!("  接口  {}", listed(imports));
}

fn print_changes(Changes { compat, .. }: &Changes) {
    for change in &compat.changes {
        println!("{}  {}  {}", change.needs.title(), change.at, change.text);
    }
    println!("共 {} 处不同；至少须提升{}", compat.changes.len(), compat.needed.title());
}

fn print_inspection(inspection: &Inspection) {
    let Inspection {
        size,
        digest,
        contract,
        imports,
        exports,
        sections,
        manifest,
        golden,
        languages,
    } = inspection;
    let text = |field: &str| {
        let value = manifest.as_ref().and_then(|manifest| manifest.get(field));
        value.and_then(serde_json::Value::as_str).unwrap_or("（没有）").to_owned()
    };
    println!("名称  {}", text("name"));
    println!("版本  {}", text("version"));
    println!("合同  {}", contract.as_deref().unwrap_or("（没有）"));
    println!("大小  {size} 字节");
    println!("摘要  sha256:{digest}");
    println!("导入  {}", listed(imports));
    println!("导出  {}", listed(exports));
    let sections: Vec<_> =
        sections.iter().map(|(name, size)| format!("{name}（{size} 字节）")).collect();
    println!("附段  {}", listed(&sections));
    println!("样例  {golden} 个");
    println!("翻译  {}", listed(languages));
    let Some(serde_json::Value::Object(manifest)) = manifest else {
        println!("清单  （没有）");
        return;
    };
    println!("清单");
    for (field, value) in manifest {
        println!("  {field}：{}", summary(value));
    }
}

/// One line for a value of the manifest: what it is called where it is a list of named things, else itself or its size.
fn summary(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let name = |item: &Value| match item {
                Value::String(text) => Some(text.clone()),
                item => ["name", "title", "topic"]
                    .iter()
                    .find_map(|field| Some(item.get(field)?.as_str()?.to_owned())),
            };
            let names: Vec<_> = items.iter().filter_map(name).collect();
            format!("{} 项  {}", items.len(), names.join("、"))
        }
        Value::Object(fields) => {
            format!(
                "{} 项  {}",
                fields.len(),
                fields.keys().map(String::as_str).collect::<Vec<_>>().join("、")
            )
        }
        other => other.to_string(),
    }
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "（没有）".to_owned() } else { items.join("、") }
}
