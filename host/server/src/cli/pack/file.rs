//! `anshu pack` on files: inspecting, signing, verifying, and taking them to and from a registry. None of it opens a centre.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anshu_model::provenance::{Algorithm, Signature};
use anshu_model::{Error, Result};
use anshu_sandbox::provenance;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand, ValueEnum};

use super::inspect;
use crate::cli::say;
use crate::config::Settings;
use crate::oci::{Access, Account, Registry};
use crate::{file, signing};

/// `anshu pack …` on a file.
#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// 查看插件包：是什么、要什么、收集哪些个人信息、谁签了名
    Inspect {
        /// 插件包文件
        file: PathBuf,
        /// 签名文件；默认是插件包旁边的 .sig
        #[arg(long, value_name = "文件")]
        signatures: Option<PathBuf>,
        /// 以 JSON 输出，供程序使用
        #[arg(long)]
        json: bool,
    },
    /// 生成一把签名密钥
    Keygen {
        /// 私钥写入哪个文件（不会覆盖已有文件）
        #[arg(long, value_name = "文件")]
        out: PathBuf,
        /// 签名算法
        #[arg(long, value_enum, default_value = "ed25519")]
        algorithm: AlgorithmName,
    },
    /// 给插件包签名：签名写入插件包旁边的 .sig，已有的签名保留
    Sign {
        /// 插件包文件
        file: PathBuf,
        /// 私钥文件
        #[arg(long, value_name = "文件")]
        key: PathBuf,
        /// 签名人：单位和姓名，随签名一起保护
        #[arg(long, value_name = "签名人")]
        signer: String,
        /// 签名文件；默认是插件包旁边的 .sig
        #[arg(long, value_name = "文件")]
        signatures: Option<PathBuf>,
    },
    /// 核验插件包的签名是否符合本中心的规则
    Verify {
        /// 插件包文件
        file: PathBuf,
        /// 签名文件；默认是插件包旁边的 .sig
        #[arg(long, value_name = "文件")]
        signatures: Option<PathBuf>,
    },
    /// 把插件包和签名推送到 OCI 仓库
    Push {
        /// 插件包文件
        file: PathBuf,
        /// 仓库地址，如 registry.example:5000/packs/demo:1.0.0
        reference: String,
        /// 签名文件；默认是插件包旁边的 .sig
        #[arg(long, value_name = "文件")]
        signatures: Option<PathBuf>,
        #[command(flatten)]
        access: AccessArgs,
    },
    /// 从 OCI 仓库取回插件包和签名
    Pull {
        /// 仓库地址，以标签（:1.0.0）或摘要（@sha256:…）结尾
        reference: String,
        /// 写入哪个文件；默认是 <名称>-<版本>.wasm
        #[arg(long, short, value_name = "文件")]
        out: Option<PathBuf>,
        #[command(flatten)]
        access: AccessArgs,
    },
}

/// Signature algorithms, on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AlgorithmName {
    /// Ed25519
    Ed25519,
    /// 国密 SM2（配 SM3）
    Sm2,
}

/// How a registry is reached.
#[derive(Debug, Args)]
pub(crate) struct AccessArgs {
    /// 不用 TLS；只许用于本机上的仓库
    #[arg(long)]
    plain_http: bool,
    /// 另外信任的根证书（PEM）
    #[arg(long, value_name = "文件")]
    ca: Option<PathBuf>,
    /// 用户名；不写时用 docker 配置里的账号（docker login）
    #[arg(long, value_name = "用户名", requires = "password_stdin")]
    username: Option<String>,
    /// 从标准输入读取口令
    #[arg(long, requires = "username")]
    password_stdin: bool,
}

/// Runs a command.
pub(super) async fn run(settings: &Settings, command: FileCommand) -> Result<ExitCode> {
    match command {
        FileCommand::Inspect { file, signatures, json } => {
            inspect::run(settings, &file, signatures.as_deref(), json)?;
        }
        FileCommand::Keygen { out, algorithm } => keygen(&out, algorithm)?,
        FileCommand::Sign { file, key, signer, signatures } => {
            sign(&file, &key, &signer, signatures.as_deref())?;
        }
        FileCommand::Verify { file, signatures } => {
            return verify(settings, &file, signatures.as_deref());
        }
        FileCommand::Push { file, reference, signatures, access } => {
            let bytes = file::bytes(&file)?;
            let (_, signatures) = self::signatures(&file, signatures.as_deref())?;
            let registry = Registry::open(&reference, access.read()?)?;
            let pushed = registry.push(&bytes, &signatures).await?;
            say(format!("已推送 {}，签名 {} 个", pushed.reference, signatures.len()));
            say(format!("摘要 {}", pushed.digest));
        }
        FileCommand::Pull { reference, out, access } => {
            let registry = Registry::open(&reference, access.read()?)?;
            let pulled = registry.pull().await?;
            let claim = provenance::claim(&pulled.bytes)?;
            let out =
                out.unwrap_or_else(|| format!("{}-{}.wasm", claim.name, claim.version).into());
            write(&out, &pulled.bytes)?;
            write_signatures(&beside(&out), &pulled.signatures)?;
            say(format!(
                "已取回 {}（{}），签名 {} 个",
                out.display(),
                claim.title(),
                pulled.signatures.len()
            ));
            say(format!("摘要 {}", pulled.digest));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn keygen(out: &Path, algorithm: AlgorithmName) -> Result<()> {
    let algorithm = match algorithm {
        AlgorithmName::Ed25519 => Algorithm::Ed25519,
        AlgorithmName::Sm2 => Algorithm::Sm2,
    };
    let key = signing::make(out, algorithm)?;
    say(format!("私钥已写入 {}，只有本人可读；请离线保管并备份", out.display()));
    say(format!("密钥编号 {}", key.id()));
    say("把下面几行写进中心的 anshu.toml（名称和持有部门请改成真实的）：");
    say("");
    say("[provenance.keys.我的部门]");
    say("holder = \"部门名称\"");
    say(format!("algorithm = \"{}\"", algorithm.name()));
    say(format!("public_key = \"{}\"", STANDARD.encode(key.public_key())));
    Ok(())
}

fn sign(path: &Path, key: &Path, signer: &str, signatures: Option<&Path>) -> Result<()> {
    let bytes = file::bytes(path)?;
    // What is wrong with the pack is told before anybody answers for it.
    anshu_sandbox::Sandbox::inspect(&bytes)?;
    let key = signing::read(key)?;
    let made = key.sign(&bytes, signer)?;
    let (_, mut all) = self::signatures(path, signatures)?;
    // A key signs once; signing again replaces what it signed before, such as an older build.
    all.retain(|one| one.key_id != made.key_id);
    all.push(made);
    let target = signatures.map_or_else(|| beside(path), Path::to_owned);
    write_signatures(&target, &all)?;
    say(format!("已签名：{}（{}）", path.display(), provenance::claim(&bytes)?.title()));
    say(format!("签名文件 {}，共 {} 个签名；密钥编号 {}", target.display(), all.len(), key.id()));
    Ok(())
}

fn verify(settings: &Settings, path: &Path, signatures: Option<&Path>) -> Result<ExitCode> {
    let bytes = file::bytes(path)?;
    let (_, signatures) = self::signatures(path, signatures)?;
    let examined =
        provenance::examine(&settings.provenance, &bytes, &signatures, settings.time.now())?;
    for finding in &examined.signatures {
        say(finding.line());
    }
    if let Some(loud) = crate::app::provenance::warn(&settings.provenance) {
        say(loud);
    }
    match examined.why_not() {
        None => {
            say(format!("符合：{}", examined.claim.title()));
            Ok(ExitCode::SUCCESS)
        }
        Some(why) => {
            say(format!("不符合：{why}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The signatures of a pack, with the file that they stand in: the stated one, or the one beside the pack, where there is one.
pub(super) fn signatures(
    pack: &Path,
    stated: Option<&Path>,
) -> Result<(Option<String>, Vec<Signature>)> {
    let path = stated.map_or_else(|| beside(pack), Path::to_owned);
    if stated.is_none() && !path.exists() {
        return Ok((None, Vec::new()));
    }
    let name = path.display().to_string();
    let signatures = provenance::signatures(&name, &file::bytes(&path)?)?;
    Ok((Some(name), signatures))
}

/// The signature file of a pack: `<pack>.wasm.sig`.
fn beside(pack: &Path) -> PathBuf {
    let mut name = pack.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

fn write_signatures(path: &Path, signatures: &[Signature]) -> Result<()> {
    let text = serde_json::to_string_pretty(signatures)
        .map_err(|error| Error::Internal(error.to_string()))?;
    write(path, text.as_bytes())
}

/// Writes a file so that a reader sees the old one or the new one, never half of one.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        Error::Unavailable(format!("不能写入 {}：{error}；请核对目录和权限", path.display()))
    })
}

impl AccessArgs {
    fn read(self) -> Result<Access> {
        let password = if self.password_stdin { Some(password()?) } else { None };
        Ok(Access {
            plain_http: self.plain_http,
            root: self.ca.as_deref().map(file::bytes).transpose()?,
            account: match self.username.zip(password) {
                Some((name, password)) => Account::Named(name, password),
                None => Account::Docker,
            },
        })
    }
}

/// The first line of standard input: a password on the command line would be read by everybody on the machine.
fn password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| Error::Unavailable(format!("不能从标准输入读取口令：{error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
