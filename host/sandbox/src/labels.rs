//! What a manifest says of the data that it collects, beyond what each schema can say by itself: purposes that it declares, who
//! told only where the host can take it out, and nothing again that the centre holds already.
//!
//! What is the same datum is told by what attributes declare: their code in the catalogue (`item`), or for the numbers that name
//! a person or an organisation, which the host itself keeps, the name of the scheme as the format, the mask or the attribute's own
//! name. Two attributes without codes that mean the same under other names are not seen here; who answers the grant reads them.

use std::collections::BTreeSet;

use anshu_model::Problem;
use anshu_model::entity::EntityKind;
use anshu_model::label::{Mask, Tag};
use anshu_model::manifest::Manifest;
use anshu_model::schema::{Item, Schema};

use crate::pack::Declared;

/// Purposes are declared, and informants stand in forms of actions alone.
pub(crate) fn check(manifest: &Manifest, declared: &Declared, problems: &mut Vec<Problem>) {
    let purposes: BTreeSet<_> =
        manifest.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
    let forms: BTreeSet<_> =
        declared.actions.values().map(|action| action.form.schema.name()).collect();
    for schema in declared.checkers().map(|checker| &checker.schema) {
        for item in schema.items() {
            let at = format!("{}{}/x-anshu", schema.name(), item.pointer());
            if let Some(purpose) = &item.attribute.purpose
                && !purpose.trim().is_empty()
                && !purposes.contains(purpose.as_str())
            {
                let known: Vec<_> = purposes.iter().copied().collect();
                let right = format!("/purposes 中声明的处理目的：{}", known.join("、"));
                problems.push(Problem::new(format!("{at}/purpose"), format!("“{purpose}”"), right));
            }
            if item.attribute.tags.contains(&Tag::Informant) && !forms.contains(schema.name()) {
                let right = "只在动作的表单中填写举报人信息：宿主在调用插件前取出，单独存放";
                problems.push(Problem::new(format!("{at}/tags"), "举报人信息", right));
            }
        }
    }
}

/// What a pack's facets collect although the centre holds it: the host, or another pack. What an earlier version of the same pack
/// collects is its own; what the pack reads where it is held it may keep; and a stated reason is for those who answer the grant.
pub(crate) fn again(pack: &Manifest, before: &[&Manifest], others: &[&Manifest]) -> Vec<Problem> {
    let own: BTreeSet<_> = before
        .iter()
        .flat_map(|manifest| collected(manifest))
        .map(|held| (held.facet, held.attribute))
        .collect();
    let held: Vec<_> = others.iter().flat_map(|manifest| collected(manifest)).collect();
    let mut problems = Vec::new();
    for new in collected(pack) {
        let stated = new.again.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        if stated || own.contains(&(new.facet.clone(), new.attribute.clone())) {
            continue;
        }
        let what = match held.iter().find(|old| old.same(&new)) {
            Some(old) if pack.requests.reads.contains(&old.facet) => continue,
            Some(old) => format!(
                "“{}”已由插件 {} 在属性组 {} 中采集（{}）",
                new.title, old.pack, old.facet, old.title
            ),
            None if new.number.is_some_and(|scheme| scheme != PHONE) => {
                format!("“{}”已由综治中心作为身份标识保存", new.title)
            }
            None => continue,
        };
        let right = "读取已有的数据（在 requests.reads 中申请），或在 again 中写明确需重复采集的理由，由授权审批人决定";
        problems.push(Problem::new(format!("{}{}/x-anshu", new.facet, new.pointer), what, right));
    }
    problems
}

/// A datum that a facet keeps.
struct Held {
    pack: String,
    facet: String,
    on: EntityKind,
    attribute: String,
    title: String,
    pointer: String,
    item: Option<String>,
    /// The scheme, where it is a number that the host keeps of such an entity.
    number: Option<&'static str>,
    again: Option<String>,
}

impl Held {
    fn same(&self, other: &Self) -> bool {
        self.on == other.on
            && (self.item.is_some() && self.item == other.item
                || self.number.is_some() && self.number == other.number)
    }
}

/// What the facets of a manifest keep.
fn collected(manifest: &Manifest) -> Vec<Held> {
    let mut found = Vec::new();
    for facet in &manifest.facets {
        // A schema that cannot be read is refused for that.
        let Ok(schema) = Schema::parse(&facet.name, &facet.schema) else { continue };
        found.extend(schema.items().map(|item| Held {
            pack: manifest.name.clone(),
            facet: facet.name.clone(),
            on: facet.on,
            attribute: item.name(),
            title: item.title(),
            pointer: item.pointer(),
            item: item.attribute.item.clone(),
            number: number(facet.on, &item),
            again: item.attribute.again.clone(),
        }));
    }
    found
}

/// What names a person: the schemes of their papers. The host keeps these itself, as identifiers.
const PAPERS: [&str; 6] = [
    "resident-id",
    "passport",
    "hk-macau-taiwan-residence-permit",
    "foreign-permanent-resident",
    "hk-macau-travel-permit",
    "taiwan-travel-permit",
];
/// What packs may keep, but not each again.
const PHONE: &str = "phone";

/// The scheme of a number, where an attribute is one: it is its format, its mask, or the attribute's name.
fn number(on: EntityKind, item: &Item<'_>) -> Option<&'static str> {
    let name = item.name().replace('_', "-");
    let last = name.rsplit('.').next().unwrap_or_default();
    let is = |scheme: &str| item.format() == Some(scheme) || last == scheme;
    let papers: &[&'static str] = match on {
        EntityKind::Person => &PAPERS,
        EntityKind::Organisation => &["credit-code"],
        EntityKind::Place | EntityKind::Thing => return None,
    };
    let masked = match item.attribute.mask {
        Mask::ResidentId => papers.first(),
        _ => None,
    };
    let phone = (is(PHONE) || item.attribute.mask == Mask::Phone).then_some(PHONE);
    papers.iter().find(|scheme| is(scheme)).or(masked).copied().or(phone)
}
