//! Makes an installed pack of a component file: everything that can be wrong is found here, before anything is called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anshu_model::capability::{Capabilities, Grant};
use anshu_model::context::PackRef;
use anshu_model::manifest::{Form, Manifest, Selects, ViewShape};
use anshu_model::schema::Schema;
use anshu_model::{Error, Problem, Result};
use serde_json::Value;
use wasmtime::component::{Component, Linker};

use crate::check::Checker;
use crate::compile::{Known, of_pack};
use crate::contract;
use crate::inspect::{Inspection, inspect};
use crate::labels;
use crate::pack::{Action, Declared, Facet, Matter, Pack};
use crate::quarantine::Health;
use crate::sandbox::Inner;

/// Checks, compiles and links a pack.
pub(crate) fn install(inner: &Inner, bytes: &[u8], grant: &Grant) -> Result<Pack> {
    let Inspection { manifest, imports, digest, .. } = inspect(bytes)?;
    let known = Known { manifest, imports };
    let checked = check(&known, grant)?;
    check_schemas(&checked.declared)?;
    let component = match inner.maker.kept(&digest) {
        Some((component, _)) => component,
        None => inner.maker.make(bytes, &digest, &known)?,
    };
    link(inner, checked, known, digest, grant, &component)
}

/// Puts a pack that was installed before back in its place. Where its code was kept, its file is not looked into again:
/// what was found in it then is under the same seal. Grant and declarations are checked as ever.
pub(crate) fn restore(
    inner: &Inner,
    digest: &str,
    grant: &Grant,
    bytes: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<Pack> {
    if let Some((component, known)) = inner.maker.kept(digest) {
        let checked = check(&known, grant)?;
        return link(inner, checked, known, digest.to_owned(), grant, &component);
    }
    let pack = install(inner, &bytes()?, grant)?;
    if pack.reference.digest != digest {
        return Err(Error::invalid(
            format!("插件 {} 的文件", pack.title()),
            format!("摘要为 {}", pack.reference.digest),
            format!("登记的摘要 {digest}；文件已被改动，请从备份恢复或重新安装"),
        ));
    }
    Ok(pack)
}

/// What a manifest and a grant came to.
struct Checked {
    effective: Capabilities,
    version: semver::Version,
    declared: Declared,
}

fn check(known: &Known, grant: &Grant) -> Result<Checked> {
    let Known { manifest, imports } = known;
    if manifest.name != grant.pack {
        return Err(Error::invalid(
            "/pack",
            format!("授权书给的是 {}", grant.pack),
            manifest.name.clone(),
        ));
    }
    let effective = manifest.requests.intersection(&grant.allows);
    let refused: Vec<_> =
        imports.difference(&effective.imports).map(|import| import.name()).collect();
    if !refused.is_empty() {
        return Err(Error::Denied(format!(
            "插件 {} {} 导入了未获授权的接口：{}。请在清单中申请并由集成人员批准，或从插件中去掉",
            manifest.name,
            manifest.version,
            refused.join("、")
        )));
    }
    let mut problems = Vec::new();
    let version = check_head(manifest, &mut problems);
    let declared = check_declarations(manifest, &mut problems);
    labels::check(manifest, &declared, &mut problems);
    problems.extend(manifest.transition_problems());
    match version.filter(|_| problems.is_empty()) {
        Some(version) => Ok(Checked { effective, version, declared }),
        None => Err(Error::Invalid(problems)),
    }
}

/// The schemas that a manifest declares, as far as they can be read.
pub(crate) fn schemas(manifest: &Manifest) -> Vec<Schema> {
    let facets = manifest.facets.iter().map(|facet| (facet.name.clone(), &facet.schema));
    let topics = manifest.topics.iter().map(|topic| (topic.name.clone(), &topic.schema));
    let forms = manifest.matters.iter().flat_map(|matter| {
        let name = |form: &Form| format!("{}/{}", matter.name, form.name);
        matter.forms.iter().map(move |form| (name(form), &form.schema))
    });
    let actions = manifest.actions.iter().map(|action| &action.form);
    let actions = actions.map(|form| (format!("{}.{}", manifest.name, form.name), &form.schema));
    let all = facets.chain(topics).chain(forms).chain(actions);
    all.filter_map(|(name, schema)| Schema::parse(&name, schema).ok()).collect()
}

/// Every schema is one that values can be checked against.
fn check_schemas(declared: &Declared) -> Result<()> {
    let mut problems = Vec::new();
    for error in declared.checkers().filter_map(|checker| checker.validator().err()) {
        match error {
            Error::Invalid(found) => problems.extend(found),
            other => return Err(other),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Links a component to what it was granted, and to nothing else.
fn link(
    inner: &Inner,
    checked: Checked,
    known: Known,
    digest: String,
    grant: &Grant,
    component: &Component,
) -> Result<Pack> {
    let Checked { effective, version, declared } = checked;
    let Known { manifest, imports } = known;
    let mut linker = Linker::new(&inner.maker.engine);
    // Inspection has seen to it that there is one, and that nothing of another is imported or exported.
    let contract = contract::version(&manifest.contract)
        .ok_or_else(|| Error::Internal(format!("contract {}", manifest.contract)))?;
    for capability in contract
        .capabilities
        .iter()
        .filter(|capability| effective.imports.contains(&capability.import))
    {
        (capability.link)(&mut linker)
            .map_err(|error| Error::Internal(format!("link: {error:#}")))?;
    }
    let linked = linker
        .instantiate_pre(component)
        .and_then(contract.exports)
        .map_err(|error| of_pack(&manifest, unusable(&error)))?;

    let reference =
        PackRef { name: manifest.name.clone(), version: manifest.version.clone(), digest };
    Ok(Pack {
        reference,
        effective_from: manifest.effective_from.clone(),
        grant: grant.clone(),
        effective,
        imports,
        version,
        declared,
        linked,
        health: Health::default(),
        quota: inner.quotas.of(&manifest.name, &inner.settings),
        manifest,
    })
}

fn unusable(error: &wasmtime::Error) -> Error {
    Error::invalid(
        "组件",
        format!("不能装入（{error:#}）"),
        "符合合约和限额的组件；请用受支持的开发包重新构建",
    )
}

fn check_head(manifest: &Manifest, problems: &mut Vec<Problem>) -> Option<semver::Version> {
    let mut add =
        |at: &str, found: String, expected: &str| problems.push(Problem::new(at, found, expected));
    if !is_name(&manifest.name) {
        add(
            "/name",
            format!("“{}”", manifest.name),
            "小写字母开头，由小写字母、数字和连字符组成，不超过 64 个字符",
        );
    }
    if !is_date(&manifest.effective_from) {
        add(
            "/effective_from",
            format!("“{}”", manifest.effective_from),
            "真实存在的日期，如 2026-01-01",
        );
    }
    if let Some(until) = &manifest.effective_until
        && (!is_date(until) || *until < manifest.effective_from)
    {
        add(
            "/effective_until",
            format!("“{until}”"),
            "不早于 /effective_from 的日期：有效的最后一天",
        );
    }
    if manifest.lenient {
        if manifest.selects != Selects::Occurred {
            let expected = "occurred：从旧兼从轻比较的是事实发生时与现在的规定";
            add("/selects", "与 /lenient 不符".into(), expected);
        }
        if manifest.lenient_basis.as_ref().is_none_or(|basis| basis.article.trim().is_empty()) {
            add("/lenient_basis", "缺失".into(), "从旧兼从轻所依据的条款，注明法定或者政策");
        }
    }
    let purposes: BTreeSet<_> =
        manifest.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
    for (index, action) in manifest.actions.iter().enumerate() {
        if !purposes.contains(action.purpose.as_str()) {
            add(
                &format!("/actions/{index}/purpose"),
                format!("“{}”", action.purpose),
                "/purposes 中声明的处理目的",
            );
        }
    }
    for (index, view) in manifest.views.iter().enumerate() {
        if !purposes.contains(view.purpose.as_str()) {
            add(
                &format!("/views/{index}/purpose"),
                format!("“{}”", view.purpose),
                "/purposes 中声明的处理目的",
            );
        }
        if view.columns.is_empty() || view.columns.len() > 16 {
            add(
                &format!("/views/{index}/columns"),
                format!("{} 列", view.columns.len()),
                "1 至 16 列",
            );
        }
        if matches!(view.shape, ViewShape::Figures | ViewShape::Chart) && view.columns.len() < 2 {
            add(
                &format!("/views/{index}/columns"),
                format!("{} 列", view.columns.len()),
                "2 列以上：第一列说明是什么，第二列是数",
            );
        }
    }
    let version = semver::Version::parse(&manifest.version);
    if version.is_err() {
        add("/version", format!("“{}”", manifest.version), "语义化版本，如 1.0.0");
    }
    version.ok()
}

fn check_declarations(manifest: &Manifest, problems: &mut Vec<Problem>) -> Declared {
    let mut reader = Reader { pack: &manifest.name, names: BTreeSet::new(), problems };
    let mut declared = Declared::default();
    for (index, facet) in manifest.facets.iter().enumerate() {
        reader.own_name(&format!("/facets/{index}/name"), &facet.name);
        if let Some(checker) = reader.schema(&facet.name, &facet.schema) {
            declared.facets.insert(facet.name.clone(), Arc::new(Facet { on: facet.on, checker }));
        }
    }
    for (index, matter) in manifest.matters.iter().enumerate() {
        reader.own_name(&format!("/matters/{index}/name"), &matter.name);
        let forms = reader.forms(&format!("/matters/{index}/forms"), &matter.name, &matter.forms);
        let substages = matter
            .substages
            .iter()
            .map(|(stage, substages)| {
                (*stage, substages.iter().map(|substage| substage.name.clone()).collect())
            })
            .collect();
        let entry = Matter { label: matter.label.clone(), substages, forms };
        declared.matters.insert(matter.name.clone(), Arc::new(entry));
    }
    for (index, risk) in manifest.risks.iter().enumerate() {
        reader.own_name(&format!("/risks/{index}/name"), &risk.name);
        declared.risks.insert(risk.name.clone());
    }
    for (index, topic) in manifest.topics.iter().enumerate() {
        let at = format!("/topics/{index}/name");
        if !is_topic(&topic.name) {
            reader.problem(
                &at,
                format!("“{}”", topic.name),
                "名称@版本号，如 something-happened@1",
            );
        }
        reader.unique(&at, &topic.name);
        if let Some(checker) = reader.schema(&topic.name, &topic.schema) {
            declared.topics.insert(topic.name.clone(), Arc::new(checker));
        }
    }
    for (index, action) in manifest.actions.iter().enumerate() {
        reader.unique(&format!("/actions/{index}/name"), &format!("动作 {}", action.name));
        let name = format!("{}.{}", manifest.name, action.form.name);
        if let Some(checker) = reader.schema(&name, &action.form.schema) {
            let action = Action { declaration: action.clone(), form: Arc::new(checker) };
            declared.actions.insert(action.declaration.name.clone(), action);
        }
    }
    for (index, view) in manifest.views.iter().enumerate() {
        reader.unique(&format!("/views/{index}/name"), &format!("视图 {}", view.name));
        declared.views.insert(view.name.clone(), view.clone());
    }
    declared
}

struct Reader<'a> {
    pack: &'a str,
    names: BTreeSet<String>,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, at: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.problems.push(Problem::new(at, found, expected));
    }

    /// A name that the pack owns: its own name, a point, and more.
    fn own_name(&mut self, at: &str, name: &str) {
        let own = name
            .strip_prefix(self.pack)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(is_part);
        if !own {
            let expected =
                format!("以“{}.”开头，其后为小写字母、数字、点、连字符或下划线", self.pack);
            self.problem(at, format!("“{name}”"), expected);
        }
        self.unique(at, name);
    }

    fn unique(&mut self, at: &str, name: &str) {
        if !self.names.insert(name.to_owned()) {
            self.problem(at, format!("“{name}”重复"), "在插件内唯一的名称");
        }
    }

    fn schema(&mut self, name: &str, json: &Value) -> Option<Checker> {
        match Checker::new(name, json) {
            Ok(checker) => Some(checker),
            Err(Error::Invalid(problems)) => {
                self.problems.extend(problems);
                None
            }
            Err(error) => {
                self.problem(name, error.to_string(), "可用的模式");
                None
            }
        }
    }

    fn forms(&mut self, at: &str, owner: &str, forms: &[Form]) -> BTreeMap<String, Checker> {
        let mut found = BTreeMap::new();
        for (index, form) in forms.iter().enumerate() {
            if found.contains_key(&form.name) {
                self.problem(
                    &format!("{at}/{index}/name"),
                    format!("“{}”重复", form.name),
                    "在事项类型内唯一的名称",
                );
            } else if let Some(checker) =
                self.schema(&format!("{owner}/{}", form.name), &form.schema)
            {
                found.insert(form.name.clone(), checker);
            }
        }
        found
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

fn is_part(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|letter| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter)
        })
}

fn is_topic(name: &str) -> bool {
    name.split_once('@').is_some_and(|(name, version)| {
        is_part(name) && version.parse::<u32>().is_ok_and(|version| version > 0)
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
