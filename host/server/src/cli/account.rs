//! `anshu account`.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::process::ExitCode;

use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::{Error, Result};
use clap::Subcommand;

use super::say;
use crate::config::Settings;
use crate::run::Centre;
use crate::secret;

/// `anshu account …`.
#[derive(Debug, Subcommand)]
pub(super) enum Account {
    /// 新建账号；口令从标准输入读取一行
    Add {
        /// 登录名
        #[arg(long)]
        login: String,
        /// 姓名
        #[arg(long)]
        name: String,
        /// 单位编号或名称
        #[arg(long)]
        unit: String,
        /// 角色，可重复
        #[arg(long = "role")]
        roles: Vec<String>,
        /// 可接触的最高级别：L1、L2、L3、L4、Important
        #[arg(long, default_value = "L2")]
        clearance: String,
    },
    /// 列出单位
    Units,
}

/// Runs a command.
pub(super) async fn run(settings: Settings, command: Account) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = work(&centre, command).await;
    centre.close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn work(centre: &Centre, command: Account) -> Result<()> {
    let app = &centre.app;
    let units = app.data.units().await?;
    match command {
        Account::Units => {
            for unit in units {
                let functions: Vec<_> = unit.functions.into_iter().collect();
                say(format!(
                    "{}  {}  {}  {}",
                    unit.id,
                    unit.division,
                    unit.name,
                    functions.join(",")
                ));
            }
        }
        Account::Add { login, name, unit, roles, clearance } => {
            if app.data.has_administrators().await? {
                return Err(Error::Conflict(
                    "三员已经设立：账号由系统管理员提出，经安全管理员同意后开通，不再由命令行建立"
                        .into(),
                ));
            }
            let Some(found) =
                units.into_iter().find(|one| one.id.as_str() == unit || one.name == unit)
            else {
                return Err(Error::invalid(
                    "--unit",
                    "没有这个单位",
                    "anshu account units 列出的编号或名称",
                ));
            };
            let clearance: Level = serde_json::from_value(serde_json::Value::String(clearance))
                .map_err(|_| {
                    Error::invalid("--clearance", "没有这个级别", "L1、L2、L3、L4 或 Important")
                })?;
            let mut password = String::new();
            std::io::stdin()
                .lock()
                .read_line(&mut password)
                .map_err(|error| Error::Unavailable(format!("不能从标准输入读取口令：{error}")))?;
            let hash = secret::hash(password.trim_end_matches(['\r', '\n']).to_owned()).await?;
            let ctx = app.operator("account-add")?;
            let person = Person {
                id: secret::id()?,
                name,
                unit: found.id,
                division: found.division,
                roles: roles.into_iter().collect::<BTreeSet<_>>(),
                clearance,
                functions: found.functions,
            };
            app.data.put_account(&ctx, &login, &person, &hash).await?;
            say(format!("已建立账号 {login}"));
        }
    }
    Ok(())
}
