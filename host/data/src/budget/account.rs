//! Which accounts an operation is charged to, and over which time each adds up.

use anshu_model::context::{OpContext, Principal};
use anshu_model::instant::{Instant, Offset};

use super::Budgets;

/// What is charged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of<'a> {
    /// Records that were shown clear.
    People,
    /// The same of another unit, through a share. How many rows it may hand over is agreed in it, so that what holds for a
    /// case, which is agreed nowhere, does not hold for a share: a person's day and month do.
    Shared,
    /// Figures about a type.
    Figures(&'a str),
}

/// One account: whose, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Account {
    /// As the log names them, with what it is for.
    pub(super) who: String,
    pub(super) limit: u32,
    pub(super) what: &'static str,
    pub(super) span: Span,
}

/// Over which time an account adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Span {
    Day,
    Month,
}

impl Span {
    /// What the table calls the span that an instant lies in: a date, or the first seven letters of one.
    pub(super) fn name(self, now: Instant, offset: Offset) -> String {
        let date = now.date(offset).to_string();
        match self {
            Self::Day => date,
            Self::Month => date.chars().take(7).collect(),
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Day => "每日",
            Self::Month => "每月",
        }
    }
}

impl Budgets {
    /// The accounts that an operation is charged to.
    pub(super) fn accounts(&self, context: &OpContext, of: Of<'_>) -> Vec<Account> {
        let limits = *self.limits.get();
        let pack = context.pack.as_ref().map(|pack| pack.name.as_str());
        let account = |who: String, limit, what| Account { who, limit, what, span: Span::Day };
        let monthly = |who: &str, limit, what| Account {
            who: who.to_owned(),
            limit,
            what,
            span: Span::Month,
        };
        let (who, own) = match (&context.principal, pack) {
            (Principal::Person(person), _) => (format!("person:{}", person.id), limits.person),
            (Principal::Duty(duty), _) => (format!("duty:{}", duty.pack), limits.duty),
            // The host's own jobs show nothing to anybody.
            (Principal::System { .. }, _) => return Vec::new(),
        };
        match of {
            Of::Figures(type_name) => {
                let who = match pack {
                    Some(pack) => format!("{who}+{pack}"),
                    None => who,
                };
                vec![account(format!("{who}|figures|{type_name}"), limits.figures, "同类统计")]
            }
            Of::People if self.is_import(context) => Vec::new(),
            Of::People | Of::Shared => {
                let own_month = match &context.principal {
                    Principal::Person(_) => limits.person_month,
                    Principal::Duty(_) | Principal::System { .. } => limits.pack_month,
                };
                let mut all =
                    vec![account(who.clone(), own, "当事人"), monthly(&who, own_month, "当事人")];
                if let (Of::People, Principal::Person(_), Some(case)) =
                    (of, &context.principal, &context.purpose.serves)
                {
                    let of_case = format!("{who}|case|{case}");
                    all.push(account(of_case, limits.case, "同一事项的当事人"));
                }
                if let (Principal::Person(_), Some(pack)) = (&context.principal, pack) {
                    let (who, what) = (format!("pack:{pack}"), "插件读取的当事人");
                    all.push(monthly(&who, limits.pack_month, what));
                    all.push(account(who, limits.pack, what));
                }
                all
            }
        }
    }
}
