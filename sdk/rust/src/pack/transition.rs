//! Transitions (新旧衔接): what a new version means for the open cases that older ones opened.

use serde_json::{Map, Value, json};

use crate::calendar::Limit;
use crate::manifest::stage_name;
use crate::{Basis, CaseStage};

/// What a new version means for the open cases of one matter type: to be declared for every change that is not compatible.
///
/// ```
/// use anshu_sdk::{Basis, Transition, calendar::Limit};
/// const POLICY: Basis = Basis::policy("示例办法 第6条");
/// let transition = Transition::of("demo.matter")
///     .from("<0.2.0")
///     .immediate(POLICY)
///     .limit(&Limit::days("答复", 7, POLICY))
///     .note("自 2026 年 12 月 1 日起，答复时限由 10 日改为 7 日");
/// # let _ = transition;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Transition(Map<String, Value>);

impl Transition {
    /// A transition for the cases of a matter type. Until it says otherwise, it is for cases of every older version, and the
    /// new rule for new cases only.
    pub fn of(matter: &'static str) -> Self {
        let mut declared = Map::new();
        declared.insert("matter".into(), matter.into());
        declared.insert("from".into(), "*".into());
        declared.insert("note".into(), "".into());
        Self(declared)
    }

    /// From which versions, as a requirement of semver such as `<0.2.0`.
    pub fn from(self, versions: &'static str) -> Self {
        self.with("from", versions.into())
    }

    /// New cases only; open ones end under the rule that they began with.
    pub fn new_only(self) -> Self {
        self.with("rule", "new_only".into())
    }

    /// An open case from its next stage on.
    pub fn next_stage(self) -> Self {
        self.with("rule", "next_stage".into())
    }

    /// Every open case at once, because an article says so.
    pub fn immediate(self, basis: Basis) -> Self {
        self.with("rule", "immediate".into()).with("basis", json!(basis))
    }

    /// An open case only where the new rule gives the person concerned more time or a lower burden (从旧兼从轻).
    pub fn favourable(self, basis: Basis) -> Self {
        self.with("rule", "favourable".into()).with("basis", json!(basis))
    }

    /// A person decides, case by case.
    pub fn manual(self) -> Self {
        self.with("rule", "manual".into())
    }

    /// The article behind a rule that does not need one.
    pub fn basis(self, basis: Basis) -> Self {
        self.with("basis", json!(basis))
    }

    /// In plain words, for whoever handles the case: from when on, and what changes.
    pub fn note(self, note: &'static str) -> Self {
        self.with("note", note.into())
    }

    /// The substage that takes an old one's place.
    pub fn substage(self, old: &'static str, new: &'static str) -> Self {
        self.entry("substages", old, new.into())
    }

    /// A limit of the authority's that takes the place of the one with the same name.
    pub fn limit(self, to: &Limit) -> Self {
        self.entry("limits", to.name(), json!({ "to": to.declared(), "whose": "authority" }))
    }

    /// A limit of the person's or operator's that takes the place of the one with the same name: longer is in their favour.
    pub fn party_limit(self, to: &Limit) -> Self {
        self.entry("limits", to.name(), json!({ "to": to.declared(), "whose": "party" }))
    }

    /// A field that must be filled in from a stage on and was not asked before.
    pub fn requires(mut self, form: &'static str, field: &'static str, from: CaseStage) -> Self {
        let required = json!({ "form": form, "field": field, "from": stage_name(from) });
        if let Some(all) = self.0.entry("required").or_insert_with(|| json!([])).as_array_mut() {
            all.push(required);
        }
        self
    }

    /// The function whose units handle such cases from now on.
    pub fn handled_by(self, function: &'static str) -> Self {
        self.with("function", function.into())
    }

    /// The new rule lowers a burden of the person concerned: for [`Transition::favourable`].
    pub fn eases(self) -> Self {
        self.with("eases", true.into())
    }

    /// The pack itself is asked about each case (`migrate`), beside what is declared. Rarely needed, and slower.
    pub fn asks(self) -> Self {
        self.with("asks", true.into())
    }

    pub(crate) fn declared(&self) -> Value {
        self.0.clone().into()
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    fn entry(mut self, map: &str, name: &str, value: Value) -> Self {
        if let Some(map) = self.0.entry(map).or_insert_with(|| json!({})).as_object_mut() {
            map.insert(name.into(), value);
        }
        self
    }
}
