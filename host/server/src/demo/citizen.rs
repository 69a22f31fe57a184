//! Binds a demonstration account to the one person of the generated samples whom it stands for: the first row that has a number
//! and was taken in. It goes through the same desk as at the window, in the name of the officer that the sample says.

use anshu_model::{Error, Result};

use super::sample::CitizenLine;
use crate::app::App;

/// Binds an account where it is not bound yet. Without the generated file, as where a pack was not built, it stays unbound.
pub(super) async fn bind(app: &App, line: &CitizenLine) -> Result<()> {
    let officer = app.data.account(&line.officer).await?;
    let officer = officer.map(|account| account.person).ok_or_else(|| {
        Error::invalid("样例", format!("没有账号 {}", line.officer), "样例中列出的账号")
    })?;
    let ctx = app.context(&officer, None)?;
    if app.data.subject_links(&ctx).await?.iter().any(|link| link.login == line.login) {
        return Ok(());
    }
    for number in numbers(app, line)? {
        let ctx = app.context(&officer, None)?;
        match app
            .data
            .link_subject(
                &ctx,
                &line.login,
                &line.scheme,
                &number,
                "演示数据，视为已在窗口核验证件",
            )
            .await
        {
            Ok(()) => return Ok(()),
            // That row was not taken in.
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    tracing::warn!(login = line.login, "no sample person to bind the account to");
    Ok(())
}

/// The numbers of a column of a generated file, in order.
fn numbers(app: &App, line: &CitizenLine) -> Result<Vec<String>> {
    let name = line.recipe.with_extension("csv");
    let path = app.settings.folder.join("sample").join(name.file_name().unwrap_or_default());
    if !path.exists() {
        return Ok(Vec::new());
    }
    let wrong =
        |error: csv::Error| Error::Unavailable(format!("不能读取 {}：{error}", path.display()));
    let mut reader = csv::Reader::from_path(&path).map_err(wrong)?;
    let place = reader.headers().map_err(wrong)?.iter().position(|name| name == line.column);
    let place = place.ok_or_else(|| {
        Error::invalid(
            "样例",
            format!("没有列 {}", line.column),
            format!("{} 中的列", path.display()),
        )
    })?;
    let mut numbers = Vec::new();
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        numbers.extend(row.get(place).filter(|number| !number.is_empty()).map(str::to_owned));
    }
    Ok(numbers)
}
