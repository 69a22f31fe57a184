//! `anshu setup`: the first run. It makes the three administrators, and then never runs again: from there on accounts are
//! proposed by one of them and agreed to by another.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anshu_data::ADMINISTRATORS;
use anshu_model::division::Division;
use anshu_model::label::Level;
use anshu_model::org::{Person, Unit};
use anshu_model::{Error, Result};
use clap::Args;

use super::say;
use crate::config::Settings;
use crate::run::Centre;
use crate::secret;

/// `anshu setup`.
#[derive(Debug, Args)]
pub(super) struct Setup {
    /// 三员所在单位的编号或名称；没有时以此名称新建
    #[arg(long)]
    unit: String,
    /// 新建单位时的行政区划代码
    #[arg(long)]
    division: Option<String>,
    /// 系统管理员，写作 登录名:姓名
    #[arg(long, value_name = "登录名:姓名")]
    administrator: String,
    /// 安全管理员，写作 登录名:姓名
    #[arg(long, value_name = "登录名:姓名")]
    security: String,
    /// 安全审计员，写作 登录名:姓名
    #[arg(long, value_name = "登录名:姓名")]
    auditor: String,
    /// 只检查，不建立
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(settings: Settings, setup: Setup) -> Result<ExitCode> {
    let centre = Centre::open(settings).await?;
    let done = work(&centre, setup).await;
    centre.close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn work(centre: &Centre, setup: Setup) -> Result<()> {
    let data = &centre.app.data;
    if data.has_administrators().await? {
        return Err(Error::Conflict("三员已经设立，首次设置不能再次运行".into()));
    }
    let stated = [&setup.administrator, &setup.security, &setup.auditor];
    let mut three = Vec::with_capacity(stated.len());
    for ((role, title), text) in ADMINISTRATORS.iter().zip(stated) {
        let wrong = || Error::invalid(format!("--{role}"), text.as_str(), "登录名:姓名");
        let (login, name) = text.split_once(':').ok_or_else(wrong)?;
        let (login, name) = (login.trim().to_owned(), name.trim().to_owned());
        if login.is_empty() || name.is_empty() {
            return Err(wrong());
        }
        three.push((*role, *title, login, name));
    }
    let different = |of: fn(&(&str, &str, String, String)) -> String| {
        three.iter().map(of).collect::<BTreeSet<_>>().len() == three.len()
    };
    if !different(|one| one.2.clone()) || !different(|one| one.3.clone()) {
        return Err(Error::invalid("三员", "登录名或姓名重复", "三个不同的人"));
    }
    let unit = unit(centre, &setup).await?;
    if setup.dry_run {
        say(format!("将在 {} 建立：", unit.name));
        for (_, title, login, name) in &three {
            say(format!("  {title}  {login}  {name}"));
        }
        return Ok(());
    }
    let ctx = centre.app.operator("setup")?;
    if !data.units().await?.iter().any(|known| known.id == unit.id) {
        data.put_unit(&ctx, &unit).await?;
    }
    let mut lines = Vec::with_capacity(three.len());
    for (role, title, login, name) in three {
        // One that was made before an interruption gets another one-time password.
        let known = data.account(&login).await?.map(|account| account.person.id);
        let password = secret::code::<16>(4)?;
        let hash = secret::hash(password.clone()).await?;
        let person = Person {
            id: match known {
                Some(id) => id,
                None => secret::id()?,
            },
            name,
            unit: unit.id.clone(),
            division: unit.division.clone(),
            roles: BTreeSet::from([role.to_owned()]),
            clearance: Level::L2,
            functions: unit.functions.clone(),
        };
        data.put_new_account(&ctx, &login, &person, &hash).await?;
        lines.push(format!("  {title}  {login}  {password}"));
    }
    say("三员已经设立。以下一次性口令只显示这一次，请分别交给本人；首次登录须修改：");
    lines.into_iter().for_each(say);
    Ok(())
}

/// The unit of the three, as it is or as it would be made.
async fn unit(centre: &Centre, setup: &Setup) -> Result<Unit> {
    let units = centre.app.data.units().await?;
    let known =
        units.into_iter().find(|one| one.id.as_str() == setup.unit || one.name == setup.unit);
    if let Some(unit) = known {
        return Ok(unit);
    }
    let Some(division) = &setup.division else {
        return Err(Error::invalid(
            "--unit",
            format!("没有单位 {}", setup.unit),
            "已登记的单位；或再用 --division 给出行政区划代码，以新建这个单位",
        ));
    };
    Ok(Unit {
        id: secret::id()?,
        name: setup.unit.clone(),
        division: Division::parse(division)?,
        functions: BTreeSet::new(),
    })
}
