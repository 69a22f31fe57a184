//! What a manifest declares about transitions, checked: by itself, and against an older version. All problems at once.

use std::collections::{BTreeMap, BTreeSet};

use semver::VersionReq;

use super::{Reach, Transition};
use crate::error::{Error, Problem};
use crate::manifest::{Manifest, MatterType};

impl Manifest {
    /// Everything that is wrong with the declared transitions by themselves.
    #[must_use]
    pub fn transition_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, transition) in self.transitions.iter().enumerate() {
            let at = format!("/transitions/{index}");
            let mut add = |place: &str, found: String, expected: &str| {
                problems.push(Problem::new(format!("{at}/{place}"), found, expected));
            };
            if VersionReq::parse(&transition.from).is_err() {
                add("from", format!("“{}”", transition.from), "语义化版本的范围，如 <0.2.0");
            }
            if transition.note.trim().is_empty() {
                add("note", "没有说明".into(), "写给承办人的一句话：从何时起、有什么变化");
            }
            let cited =
                transition.basis.as_ref().is_some_and(|basis| !basis.article.trim().is_empty());
            if !cited && matches!(transition.rule, Reach::Immediate | Reach::Favourable) {
                let found = format!("“{}”没有依据", transition.rule.title());
                add("basis", found, "准许对在办事项适用新规定的条款，注明法定或者政策");
            }
            match self.matters.iter().find(|matter| matter.name == transition.matter) {
                Some(matter) => transition.check_against(matter, &mut add),
                None => {
                    let known: Vec<_> =
                        self.matters.iter().map(|matter| matter.name.as_str()).collect();
                    let found = format!("本插件没有事项类型“{}”", transition.matter);
                    add("matter", found, &or_none(&known));
                }
            }
            for (name, limit) in &transition.limits {
                if let Err(Error::Invalid(wrong)) = limit.to.check() {
                    for Problem { at, found, expected } in wrong {
                        add(&format!("limits/{name}/to{at}"), found, &expected);
                    }
                }
            }
        }
        problems
    }

    /// What an older version has that this one takes away without saying what becomes of it.
    #[must_use]
    pub fn unmapped_from(&self, older: &Self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for old in &older.matters {
            let transition = self.transition(&old.name, &older.version);
            let stays = |transition: &Transition| transition.rule == Reach::NewOnly;
            let Some(new) = self.matters.iter().find(|matter| matter.name == old.name) else {
                problems.push(Problem::new(
                    "/matters",
                    format!("{} 版的事项类型“{}”不见了", older.version, old.title),
                    "保留该事项类型，直到没有在办事项",
                ));
                continue;
            };
            if transition.is_some_and(stays) {
                continue;
            }
            for lost in substages(old).difference(&substages(new)) {
                let mapped = transition.is_some_and(|found| found.substages.contains_key(*lost));
                if !mapped {
                    problems.push(Problem::new(
                        format!("/transitions/{}/substages/{lost}", old.name),
                        format!("{} 版的子环节“{lost}”被去掉而没有对应", older.version),
                        "在衔接声明中写明它由哪个子环节接替",
                    ));
                }
            }
        }
        problems
    }
}

impl Transition {
    fn check_against(&self, matter: &MatterType, add: &mut impl FnMut(&str, String, &str)) {
        let known = substages(matter);
        for (old, new) in &self.substages {
            if !known.contains(new.as_str()) {
                let names: Vec<_> = known.iter().copied().collect();
                add(&format!("substages/{old}"), format!("没有子环节“{new}”"), &or_none(&names));
            }
        }
        let forms: BTreeMap<&str, BTreeSet<&str>> =
            matter.forms.iter().map(|form| (form.name.as_str(), fields(&form.schema))).collect();
        for (index, required) in self.required.iter().enumerate() {
            match forms.get(required.form.as_str()) {
                None => {
                    let names: Vec<_> = forms.keys().copied().collect();
                    let found = format!("事项没有表单“{}”", required.form);
                    add(&format!("required/{index}/form"), found, &or_none(&names));
                }
                Some(fields) if !fields.contains(required.field.as_str()) => {
                    let names: Vec<_> = fields.iter().copied().collect();
                    let found = format!("表单没有字段“{}”", required.field);
                    add(&format!("required/{index}/field"), found, &or_none(&names));
                }
                Some(_) => {}
            }
        }
    }
}

fn substages(matter: &MatterType) -> BTreeSet<&str> {
    matter.substages.values().flatten().map(|substage| substage.name.as_str()).collect()
}

fn fields(schema: &serde_json::Value) -> BTreeSet<&str> {
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() { "不填写：没有可填的".to_owned() } else { names.join("、") }
}
