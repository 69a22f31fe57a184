//! What an author forgets in a declaration, told when the pack is built instead of when it is installed.

use std::collections::BTreeSet;

use super::Pack;
use crate::Date;
use crate::manifest::{Selects, Target};

impl Pack {
    /// What is missing or contradicts itself, in words for the author; empty where all is well. `cargo anshu build` stops
    /// with these.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (text, line) in [
            (self.title, ".title(\"…\")"),
            (self.publisher, ".publisher(\"…\")"),
            (self.duty.title, ".duty(\"职责名称\", \"条款\")"),
            (self.duty.article, ".duty(\"职责名称\", \"条款\")"),
        ] {
            if text.trim().is_empty() {
                problems.push(format!("缺少 {line}"));
            }
        }
        if self.effective_from.parse::<Date>().is_err() {
            problems.push(format!(
                "生效日期“{}”不是日期；应为 .effective_from(\"2026-01-01\")",
                self.effective_from
            ));
        }
        if let Some(until) = self.effective_until
            && (until.parse::<Date>().is_err() || until < self.effective_from)
        {
            problems.push(format!(
                "失效日期“{until}”不是施行之后的日期；应为 .effective_until(\"2030-12-31\")，即有效的最后一天"
            ));
        }
        if self.lenient.is_some() && self.selects != Selects::Occurred {
            problems.push(
                "从旧兼从轻比较事实发生时与现在的规定，应与 .selects(Selects::Occurred) 一起使用"
                    .into(),
            );
        }
        if self.articles.is_empty() {
            problems.push("缺少 .article(\"…\")：它落实哪些条款".into());
        }
        self.purposes_stated(&mut problems);
        self.names(&mut problems);
        problems
    }

    /// Every action and view serves a declared purpose.
    fn purposes_stated(&self, problems: &mut Vec<String>) {
        let codes: Vec<_> = self.purposes.iter().map(|purpose| purpose.code).collect();
        let used = self
            .actions
            .iter()
            .map(|action| (format!("操作 {}", action.name), action.purpose))
            .chain(self.views.iter().map(|view| (format!("视图 {}", view.name), view.purpose)));
        for (what, code) in used {
            if !codes.contains(&code) {
                problems
                    .push(format!("{what} 的目的“{code}”没有声明；已声明：{}", codes.join("、")));
            }
        }
        for action in self.actions.iter().filter(|action| action.article.trim().is_empty()) {
            problems.push(format!("操作 {} 缺少 .article(\"…\")：依据哪一条", action.name));
        }
    }

    /// Names are the pack's own, unique, and what actions and views stand on exists.
    fn names(&self, problems: &mut Vec<String>) {
        let types: Vec<_> = self
            .facet_names
            .iter()
            .copied()
            .chain(self.matters.iter().map(super::Matter::name))
            .chain(self.risks.iter().map(|risk| risk.name))
            .collect();
        let own = format!("{}.", self.name);
        for name in types.iter().filter(|name| !name.starts_with(&own)) {
            problems.push(format!("“{name}”应当以“{own}”开头"));
        }
        let kinds: [(&str, Vec<&str>); 4] = [
            ("类型", types.clone()),
            ("操作", self.actions.iter().map(|action| action.name).collect()),
            ("视图", self.views.iter().map(|view| view.name).collect()),
            ("主题", self.hears.iter().map(super::Heard::topic).collect()),
        ];
        for (kind, names) in kinds {
            let mut seen = BTreeSet::new();
            problems.extend(
                names
                    .into_iter()
                    .filter(|name| !seen.insert(*name))
                    .map(|name| format!("{kind}“{name}”声明了两次")),
            );
        }
        let targets = self
            .actions
            .iter()
            .map(|action| (action.name, action.on))
            .chain(self.views.iter().map(|view| (view.name, view.on)));
        for (name, on) in targets {
            let (Target::Entity(of) | Target::Case(of) | Target::Risk(of)) = on else { continue };
            if !types.contains(&of) && !self.reads.contains(of) {
                problems.push(format!("“{name}”的办理对象“{of}”没有声明；本插件的用 .facet、.matter、.risk，别的用 .reads"));
            }
        }
    }
}
