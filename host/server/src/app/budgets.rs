//! Who was shown how much today.

use std::collections::BTreeMap;

use anshu_model::org::Person;
use anshu_model::{Id, Result};

use super::App;
use crate::view::figure::{BudgetLine, BudgetsView};

/// What was spent of the day's budgets, for those who supervise: of their own division.
///
/// # Errors
/// [`anshu_model::Error::Denied`] where the person does not supervise.
pub async fn list(app: &App, person: &Person) -> Result<BudgetsView> {
    let ctx = app.context(person, None)?;
    let (limits, spent) = app.data.budgets(&ctx).await?;
    let words = app.words().await?;
    let mut known: BTreeMap<String, Option<Person>> = BTreeMap::new();
    let mut lines = Vec::new();
    for spent in &spent {
        let account = spent.who.split('|').next().unwrap_or_default();
        let (kind, id) = account.split_once(':').unwrap_or(("", account));
        let id = id.split(['@', '+']).next().unwrap_or(id);
        let owner = match kind {
            "person" => {
                if !known.contains_key(id) {
                    let found = app.data.person(&Id::from_text(id)).await?;
                    known.insert(id.to_owned(), found);
                }
                // Accounts of posts elsewhere, and of posts that are gone, are not this supervisor's.
                let Some(Some(owner)) = known.get(id) else { continue };
                if !person.division.contains(&owner.division) {
                    continue;
                }
                format!("{}（{}）", owner.name, words.unit(&owner.unit))
            }
            _ => words.pack_named(id),
        };
        lines.push(BudgetLine::of(spent, owner, &limits, &words));
    }
    Ok(BudgetsView {
        person: limits.person,
        case: limits.case,
        pack: limits.pack,
        duty: limits.duty,
        figures: limits.figures,
        basis: "《条例》第四十四条；各项上限为本地政策，由系统管理员在配置中设定".into(),
        lines,
    })
}
