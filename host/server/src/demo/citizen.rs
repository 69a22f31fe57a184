//! Binds a demonstration account to the one person of the generated samples whom it stands for: the first row that has a number,
//! was taken in and is nobody's yet. It goes through the same desk as at the window, in the name of the officer that the sample
//! says. A guardian's account is linked with a child of the samples beside that.

use anshu_data::{GuardianDocument, NewGuardian, Numbered};
use anshu_model::context::OpContext;
use anshu_model::org::Person;
use anshu_model::{Error, Result};

use super::sample::{ChildLine, CitizenLine};
use crate::app::App;

/// Binds an account where it is not bound yet. Without the generated file, as where a pack was not built, it stays unbound.
pub(super) async fn bind(app: &App, line: &CitizenLine) -> Result<()> {
    let officer = officer(app, line).await?;
    let links = app.data.subject_links(&context(app, &officer)?).await?;
    if links.iter().any(|link| link.login == line.login) {
        return Ok(());
    }
    let proof = "演示数据，视为已在窗口核验证件";
    for number in numbers(app, line, &line.column)? {
        let ctx = context(app, &officer)?;
        match app.data.link_subject(&ctx, &line.login, &line.scheme, &number, proof).await {
            Ok(()) => {
                return match &line.guardian_of {
                    Some(child) => link(app, line, &officer, number, child).await,
                    None => Ok(()),
                };
            }
            // That row was not taken in, or is another account's.
            Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    tracing::warn!(login = line.login, "no sample person to bind the account to");
    Ok(())
}

/// Links an account that was bound by a number of its own with the first child who is young enough.
async fn link(
    app: &App,
    line: &CitizenLine,
    officer: &Person,
    own: String,
    child: &ChildLine,
) -> Result<()> {
    let numbered = |number: String| Numbered { scheme: line.scheme.clone(), number };
    for number in numbers(app, line, &child.column)? {
        let new = NewGuardian {
            login: line.login.clone(),
            guardian: numbered(own.clone()),
            child: numbered(number),
            relation: child.relation.clone(),
            document: GuardianDocument::HouseholdRegister,
            ground: "演示数据，视为已在窗口核验户口簿".into(),
            article: "个人信息保护法 第31条".into(),
            age: app.settings.persons.guardian_age,
        };
        match app.data.link_guardian(&context(app, officer)?, &new).await {
            Ok(_) => return Ok(()),
            // That row was not taken in, or the child is too old.
            Err(Error::NotFound(_) | Error::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    tracing::warn!(login = line.login, "no sample child to link the account with");
    Ok(())
}

async fn officer(app: &App, line: &CitizenLine) -> Result<Person> {
    let officer = app.data.account(&line.officer).await?;
    officer.map(|account| account.person).ok_or_else(|| {
        Error::invalid("样例", format!("没有账号 {}", line.officer), "样例中列出的账号")
    })
}

fn context(app: &App, officer: &Person) -> Result<OpContext> {
    app.context(officer, None)
}

/// The numbers of a column of a generated file, in order.
fn numbers(app: &App, line: &CitizenLine, column: &str) -> Result<Vec<String>> {
    let name = line.recipe.with_extension("csv");
    let path = app.settings.folder.join("sample").join(name.file_name().unwrap_or_default());
    if !path.exists() {
        return Ok(Vec::new());
    }
    let wrong =
        |error: csv::Error| Error::Unavailable(format!("不能读取 {}：{error}", path.display()));
    let mut reader = csv::Reader::from_path(&path).map_err(wrong)?;
    let place = reader.headers().map_err(wrong)?.iter().position(|name| name == column);
    let place = place.ok_or_else(|| {
        Error::invalid("样例", format!("没有列 {column}"), format!("{} 中的列", path.display()))
    })?;
    let mut numbers = Vec::new();
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        numbers.extend(row.get(place).filter(|number| !number.is_empty()).map(str::to_owned));
    }
    Ok(numbers)
}
