//! Accounts: one administrator proposes what they become, another agrees.

use anshu_data::{ChangeKind, Post, Proposal, ROLES};
use anshu_model::label::Level;
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::App;
use crate::secret;
use crate::view::account::{AccountList, AccountView, ChangeView, Choice, ProposeChange, Proposed};

/// All accounts, and what a proposal may choose from.
///
/// # Errors
/// [`Error::Denied`] for anybody but the three administrators.
pub async fn list(app: &App, person: &Person) -> Result<AccountList> {
    let ctx = app.context(person, None)?;
    let accounts = app.data.accounts(&ctx).await?;
    let words = app.words().await?;
    let choice = |value: &str, title: &str| Choice { value: value.into(), title: title.into() };
    let levels = [Level::L1, Level::L2, Level::L3, Level::L4];
    let named = |level: &Level| serde_json::to_value(level).ok()?.as_str().map(str::to_owned);
    Ok(AccountList {
        accounts: accounts.into_iter().map(|head| AccountView::of(head, &words)).collect(),
        roles: ROLES.iter().map(|(role, title)| choice(role, title)).collect(),
        units: words.units.iter().map(|(id, name)| choice(id.as_str(), name)).collect(),
        levels: levels.iter().filter_map(named).collect(),
    })
}

/// The latest changes, those that wait first.
///
/// # Errors
/// As [`list`].
pub async fn changes(app: &App, person: &Person) -> Result<Vec<ChangeView>> {
    let ctx = app.context(person, None)?;
    let changes = app.data.account_changes(&ctx).await?;
    let (words, names) = (app.words().await?, app.data.staff_names().await?);
    let view = |change| ChangeView::of(change, &person.id, &names, &words);
    Ok(changes.into_iter().map(view).collect())
}

/// Proposes a change. Where a one-time password comes with it, it is shown this once, and holds when the change is agreed to.
///
/// # Errors
/// [`Error::Denied`] where the person may not; [`Error::Invalid`] where the proposal is none.
pub async fn propose(app: &App, person: &Person, asked: ProposeChange) -> Result<Proposed> {
    let ctx = app.context(person, None)?;
    let ProposeChange { kind, login, post, reason } = asked;
    let kind = ChangeKind::parse(&kind).ok_or_else(|| {
        let right = ChangeKind::ALL.map(|kind| format!("{}（{}）", kind.name(), kind.title()));
        Error::invalid("/kind", kind, right.join("、"))
    })?;
    // Before anything costly is done for somebody who may not.
    app.data.allows(&ctx, "propose-account").await?;
    let password = kind.gives_password().then(|| secret::code::<16>(4)).transpose()?;
    let password_hash = match &password {
        Some(password) => Some(secret::hash(password.clone()).await?),
        None => None,
    };
    let post = post.map(|post| Post {
        name: post.name.trim().to_owned(),
        unit: Id::from_text(post.unit),
        roles: post.roles.into_iter().collect(),
        clearance: post.clearance,
    });
    let proposal = Proposal { kind, login, post, reason, password_hash };
    let id = app.data.propose_change(&ctx, proposal).await?;
    Ok(Proposed { id: id.to_string(), password })
}

/// Agrees to a change, which then holds, or refuses it.
///
/// # Errors
/// [`Error::Denied`] where the person may not, or it is their own; [`Error::Conflict`] where it was answered meanwhile.
pub async fn decide(
    app: &App,
    person: &Person,
    id: &str,
    agrees: bool,
    answer: &str,
) -> Result<()> {
    let ctx = app.context(person, None)?;
    app.data.decide_change(&ctx, &Id::from_text(id), agrees, answer).await
}

/// Takes a change back.
///
/// # Errors
/// As [`decide`].
pub async fn withdraw(app: &App, person: &Person, id: &str) -> Result<()> {
    let ctx = app.context(person, None)?;
    app.data.withdraw_change(&ctx, &Id::from_text(id)).await
}
