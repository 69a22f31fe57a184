//! Guardians of children: the links as the desk sees them, what is withheld, and the children that a guardian may choose.

use anshu_data::{Guardian, GuardianDocument, Warded, WithheldMatter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::Words;

/// For whom somebody asks.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WardQuery {
    /// A child, by the guardian's link; none for oneself.
    pub ward: Option<String>,
}

/// A child whose guardian is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WardView {
    /// The link, by which the guardian asks.
    pub link: String,
    /// The child's name.
    pub name: String,
    /// What the guardian is to the child.
    pub relation: String,
    /// When the link ends by itself.
    #[schema(format = DateTime)]
    pub until: String,
}

impl WardView {
    /// A child, in words.
    #[must_use]
    pub fn of(ward: &Warded, words: &Words) -> Self {
        Self {
            link: ward.link.to_string(),
            name: ward.name.clone(),
            relation: ward.relation.clone(),
            until: words.at(ward.until),
        }
    }
}

/// Lets a guardian's account ask about a child. Both numbers are looked up, and kept nowhere.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardianLinkRequest {
    /// The guardian's account.
    pub login: String,
    /// The scheme of the guardian's own document.
    pub scheme: String,
    /// Its number.
    pub number: String,
    /// The scheme of the child's document.
    pub child_scheme: String,
    /// Its number.
    pub child_number: String,
    /// What the guardian is to the child.
    pub relation: String,
    /// Which paper of guardianship was shown.
    pub document: String,
    /// Why it is this guardian.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
}

/// Ends a link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndGuardianRequest {
    /// Why.
    pub reason: String,
}

/// A paper that shows guardianship.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuardianDocumentView {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
}

/// The links, and what a new one may say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuardiansView {
    /// The links, newest first.
    pub items: Vec<GuardianLinkView>,
    /// The papers that show guardianship.
    pub documents: Vec<GuardianDocumentView>,
    /// Until the child completes so many years.
    pub age: u16,
    /// Whether that is the law's line or the centre's policy, in words.
    pub age_basis: String,
}

/// A link: without the child's or the guardian's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GuardianLinkView {
    /// The link.
    pub id: String,
    /// The guardian's account.
    pub login: String,
    /// What the guardian is to the child.
    pub relation: String,
    /// Which paper was shown.
    pub document: String,
    /// Why it is this guardian.
    pub ground: String,
    /// The article that it rests on.
    pub article: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub linked_at: String,
    /// Until the child completes so many years.
    pub age: u16,
    /// When that is.
    #[schema(format = DateTime)]
    pub until: String,
    /// Whether it is in force.
    pub open: bool,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Why.
    pub ended_why: Option<String>,
}

impl GuardiansView {
    /// The links, in words.
    #[must_use]
    pub fn of(guardians: &[Guardian], age: u16, basis: &str, words: &Words) -> Self {
        Self {
            items: guardians.iter().map(|one| GuardianLinkView::of(one, words)).collect(),
            documents: GuardianDocument::ALL
                .iter()
                .map(|one| GuardianDocumentView {
                    name: one.name().to_owned(),
                    title: one.title().to_owned(),
                })
                .collect(),
            age,
            age_basis: basis.to_owned(),
        }
    }
}

impl GuardianLinkView {
    fn of(guardian: &Guardian, words: &Words) -> Self {
        Self {
            id: guardian.id.to_string(),
            login: guardian.login.clone(),
            relation: guardian.relation.clone(),
            document: guardian.document.title().to_owned(),
            ground: guardian.ground.clone(),
            article: guardian.article.clone(),
            linked_at: words.at(guardian.linked_at),
            age: guardian.age,
            until: words.at(guardian.until),
            open: guardian.ended.is_none() && guardian.until > words.now,
            ended_at: guardian.ended.as_ref().map(|(at, _)| words.at(*at)),
            ended_why: guardian.ended.as_ref().map(|(_, why)| why.clone()),
        }
    }
}

/// A matter that some rule withholds from a guardian.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WithheldMatterView {
    /// The matter.
    pub id: String,
    /// What kind of matter.
    pub matter: String,
    /// Which unit leads.
    pub unit: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub since: String,
    /// By which rules it is withheld, in words.
    pub rules: Vec<String>,
    /// Whether it was released to this guardian.
    pub released: bool,
    /// Why it cannot be released now.
    pub why_not: Option<String>,
}

impl WithheldMatterView {
    /// A matter, in words.
    #[must_use]
    pub fn of(matter: &WithheldMatter, words: &Words) -> Self {
        let rules = [
            (matter.protected, "受保护的事项"),
            (matter.party, "监护人本人也是当事人"),
            (matter.informed, "有单独存放的举报人或者报告人"),
            (matter.deferred, "正在延后告知"),
        ];
        let rules = rules.into_iter().filter(|(holds, _)| *holds);
        Self {
            id: matter.id.to_string(),
            matter: words.matter_title(&matter.type_name),
            unit: words.unit(&matter.unit),
            since: words.at(matter.created_at),
            rules: rules.map(|(_, title)| title.to_owned()).collect(),
            released: matter.released,
            why_not: matter
                .deferred
                .then(|| "延后告知期间不能核准；须先由批准人提前结束".to_owned()),
        }
    }
}

/// Releases a matter to a guardian.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// Why telling does the child no harm.
    pub reason: String,
}
