//! What another policy set would mean here: which posts, of those that accounts have and of those that policies know, would gain
//! or lose what. Posts are counted; nobody is named.

use std::collections::{BTreeMap, BTreeSet};

use anshu_authz::{Authority, Effect, Post, compare, idle, named_by};
use anshu_model::context::OpContext;
use anshu_model::label::Level;
use anshu_model::leaf::Action;
use anshu_model::{Error, Result};

use super::PolicyFile;
use super::check::borrowed;
use crate::Data;
use crate::account::{ADMINISTRATORS, ROLES};
use crate::db::Query;

/// What a policy set would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEffects {
    /// Each post for which something changes, with how many open accounts have it.
    pub posts: Vec<(Effect, u64)>,
    /// New and changed policies that do nothing for any post, by their places.
    pub idle: Vec<String>,
    /// Policies that name a single person, duty or job and are new, changed or gone, by their places: what they allow is not
    /// seen here.
    pub named: Vec<String>,
}

impl PolicyEffects {
    /// Whether somebody could do more than before, as far as can be told; what cannot be told counts as more.
    #[must_use]
    pub fn widens(&self) -> bool {
        !self.named.is_empty() || self.posts.iter().any(|(effect, _)| !effect.gains.is_empty())
    }
}

impl Data {
    /// What files would change as policies, beside the ones that hold. Files that cross a line can be asked about too.
    ///
    /// # Errors
    /// [`Error::Denied`] where the post does not see policies; [`Error::Invalid`] where the files, or those in force, cannot be
    /// read as policies at all.
    pub async fn policy_effects(
        &self,
        context: &OpContext,
        files: Vec<PolicyFile>,
    ) -> Result<PolicyEffects> {
        self.allow(context, "see-policies", Action::Configure).await?;
        let now = self.files_in_force().await?;
        self.effects(now, files).await
    }

    pub(super) async fn effects(
        &self,
        now: Vec<PolicyFile>,
        then: Vec<PolicyFile>,
    ) -> Result<PolicyEffects> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT roles, clearance, COUNT(*) FROM account WHERE closed_at IS NULL GROUP BY roles, clearance",
        );
        let mut posts: BTreeMap<Post, u64> = BTreeMap::new();
        for row in tx.rows(query).await? {
            let post = Post::Person { roles: row.json(0)?, clearance: row.json(1)? };
            *posts.entry(post).or_default() += row.count(2)?;
        }
        drop(tx);
        // Thousands of small questions: not on a thread that answers others.
        let work = move || weigh(&now, &then, posts);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(error.to_string()))?
    }
}

fn weigh(
    now: &[PolicyFile],
    then: &[PolicyFile],
    mut posts: BTreeMap<Post, u64>,
) -> Result<PolicyEffects> {
    let (now, then) = (borrowed(now), borrowed(then));
    let (before, after) = (Authority::unheld(&now)?, Authority::unheld(&then)?);
    let known: BTreeSet<&str> = ROLES.iter().map(|(role, _)| *role).collect();
    let texts = before.named_roles() | after.named_roles();
    // Posts that nobody holds today: somebody will tomorrow.
    for role in known.iter().copied().chain(texts.iter().map(String::as_str)) {
        let held = |post: &Post| matches!(post, Post::Person { roles, .. } if roles.len() == 1 && roles.contains(role));
        if !posts.keys().any(held) {
            let roles = BTreeSet::from([role.to_owned()]);
            posts.insert(Post::Person { roles, clearance: Level::Important }, 0);
        }
    }
    posts.insert(Post::Duty, 0);
    posts.insert(Post::System, 0);
    let asked: Vec<Post> = posts.keys().cloned().collect();
    let codes = texts.iter().map(String::as_str).filter(|text| !known.contains(text)).collect();
    let effects = compare(&before, &after, &asked, &codes)?;
    let count = |effect: Effect| {
        let accounts = posts.get(&effect.post).copied().unwrap_or_default();
        (effect, accounts)
    };
    // A forbid that keeps posts apart says something only of whoever would hold two.
    let mut asked = asked;
    for (admin, _) in ADMINISTRATORS {
        for role in known.iter().filter(|role| **role != admin) {
            let roles = BTreeSet::from([(*role).to_owned(), admin.to_owned()]);
            asked.push(Post::Person { roles, clearance: Level::Important });
        }
    }
    Ok(PolicyEffects {
        posts: effects.into_iter().map(count).collect(),
        idle: idle(&now, &then, &asked, &codes)?,
        named: named_by(&now, &then),
    })
}
