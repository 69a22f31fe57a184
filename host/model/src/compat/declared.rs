//! What a manifest declares beside its schemas.

use std::collections::BTreeSet;

use super::list::List;
use super::{Bump, Report, schema};
use crate::manifest::{
    ActionDeclaration, ActionTarget, FacetDeclaration, Form, Manifest, MatterType,
    PurposeDeclaration, RiskType, Substage, TopicDeclaration, ViewDeclaration,
};

/// Compares two manifests, in their own order.
pub(super) fn compare(report: &mut Report, old: &Manifest, new: &Manifest) {
    words(report, old, new);
    law(report, old, new);
    purposes(report, old, new);
    facets(report, old, new);
    matters(report, old, new);
    risks(report, old, new);
    actions(report, old, new);
    topics(report, old, new);
    views(report, old, new);
}

fn words(report: &mut Report, old: &Manifest, new: &Manifest) {
    report.differs(Bump::Patch, "/title", &old.title, &new.title, "名称有变");
    report.differs(Bump::Patch, "/articles", &old.articles, &new.articles, "落实的条款有变");
    report.differs(Bump::Patch, "/duty", &old.duty, &new.duty, "职责有变");
}

/// Which law decides.
fn law(report: &mut Report, old: &Manifest, new: &Manifest) {
    report.differs(Bump::Major, "/selects", &old.selects, &new.selects, "选择版本所依的时间有变");
    report.differs(Bump::Major, "/lenient", &old.lenient, &new.lenient, "是否从旧兼从轻有变");
    let text = "从旧兼从轻的依据有变";
    report.differs(Bump::Minor, "/lenient_basis", &old.lenient_basis, &new.lenient_basis, text);
}

fn purposes(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "处理目的",
        at: &|index, _| format!("/purposes/{index}"),
        name: |purpose: &PurposeDeclaration| (&purpose.code, &purpose.title),
        matter: |_| None,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.purposes, &new.purposes) {
        let text = format!("处理目的“{}”的法定依据有变", new.title);
        report.differs(Bump::Minor, &format!("{at}/ground"), &old.ground, &new.ground, &text);
        report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
    }
}

fn facets(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "属性组",
        at: &|index, _| format!("/facets/{index}"),
        name: |facet: &FacetDeclaration| (&facet.name, &facet.title),
        matter: |_| None,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.facets, &new.facets) {
        let text = format!("属性组“{}”换了所属的实体种类", new.title);
        report.differs(Bump::Major, &format!("{at}/on"), &old.on, &new.on, &text);
        report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
        schema::compare(report, &format!("{at}/schema"), &new.title, &old.schema, &new.schema);
    }
}

fn matters(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "事项类型",
        at: &|index, _| format!("/matters/{index}"),
        name: |matter: &MatterType| (&matter.name, &matter.title),
        matter: |matter| Some(&matter.name),
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.matters, &new.matters) {
        report.about(Some(&new.name), |report| matter(report, &at, old, new));
    }
}

fn matter(report: &mut Report, at: &str, old: &MatterType, new: &MatterType) {
    let text = format!("事项“{}”的分级有变", new.title);
    report.differs(Bump::Major, &format!("{at}/label"), &old.label, &new.label, &text);
    report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
    let stages: BTreeSet<_> = old.substages.keys().chain(new.substages.keys()).collect();
    for stage in stages {
        let of = |matter: &MatterType| matter.substages.get(stage).cloned().unwrap_or_default();
        let what = format!("“{}”环节的子环节", stage.title());
        let list = List {
            what: &what,
            at: &|index, _| format!("{at}/substages/{}/{index}", stage.name()),
            name: |substage: &Substage| (&substage.name, &substage.title),
            matter: |_| None,
            gone: Bump::Major,
            came: &|_| Bump::Minor,
        };
        for (at, old, new) in list.stayed(report, &of(old), &of(new)) {
            report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
        }
    }
    let list = List {
        what: "表单",
        at: &|index, _| format!("{at}/forms/{index}"),
        name: |form: &Form| (&form.name, &form.title),
        matter: |_| None,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.forms, &new.forms) {
        form(report, &at, old, new);
    }
}

fn form(report: &mut Report, at: &str, old: &Form, new: &Form) {
    if old.title != new.title || old.layout != new.layout {
        report.add(Bump::Patch, at, format!("表单“{}”的名称或排列有变", new.title));
    }
    schema::compare(report, &format!("{at}/schema"), &new.title, &old.schema, &new.schema);
}

fn risks(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "风险类型",
        at: &|index, _| format!("/risks/{index}"),
        name: |risk: &RiskType| (&risk.name, &risk.title),
        matter: |_| None,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.risks, &new.risks) {
        report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
    }
}

fn actions(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "动作",
        at: &|index, _| format!("/actions/{index}"),
        name: |action: &ActionDeclaration| (&action.name, &action.title),
        matter,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    fn matter(action: &ActionDeclaration) -> Option<&str> {
        match &action.on {
            ActionTarget::Case(matter) => Some(matter),
            ActionTarget::Nothing | ActionTarget::Entity(_) | ActionTarget::Risk(_) => None,
        }
    }
    for (at, old, new) in list.stayed(report, &old.actions, &new.actions) {
        report.about(matter(old), |report| action(report, &at, old, new));
    }
}

fn action(report: &mut Report, at: &str, old: &ActionDeclaration, new: &ActionDeclaration) {
    let title = &new.title;
    let text = format!("动作“{title}”换了办理对象");
    report.differs(Bump::Major, &format!("{at}/on"), &old.on, &new.on, &text);
    let text = format!("动作“{title}”换了处理目的");
    report.differs(Bump::Major, &format!("{at}/purpose"), &old.purpose, &new.purpose, &text);
    let text = format!("动作“{title}”的依据有变");
    report.differs(Bump::Minor, &format!("{at}/article"), &old.article, &new.article, &text);
    report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
    // No function means everybody in scope.
    let narrower = !new.functions.is_empty()
        && (old.functions.is_empty() || !old.functions.is_subset(&new.functions));
    if narrower {
        let text = format!("动作“{title}”原来可以办理的单位，有的不能再办理");
        report.add(Bump::Major, format!("{at}/functions"), text);
    } else if old.functions != new.functions {
        let text = format!("动作“{title}”可以由更多单位办理");
        report.add(Bump::Minor, format!("{at}/functions"), text);
    }
    form(report, &format!("{at}/form"), &old.form, &new.form);
}

fn topics(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "主题",
        at: &|index, _| format!("/topics/{index}"),
        name: |topic: &TopicDeclaration| (&topic.name, &topic.title),
        matter: |_| None,
        gone: Bump::Major,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.topics, &new.topics) {
        report.differs(Bump::Patch, &format!("{at}/title"), &old.title, &new.title, "名称有变");
        schema::compare(report, &format!("{at}/schema"), &new.title, &old.schema, &new.schema);
    }
}

/// Views are drawn by whichever version is the latest: nothing rests on them.
fn views(report: &mut Report, old: &Manifest, new: &Manifest) {
    let list = List {
        what: "视图",
        at: &|index, _| format!("/views/{index}"),
        name: |view: &ViewDeclaration| (&view.name, &view.title),
        matter: |_| None,
        gone: Bump::Minor,
        came: &|_| Bump::Minor,
    };
    for (at, old, new) in list.stayed(report, &old.views, &new.views) {
        report.differs(Bump::Patch, &at, old, new, &format!("视图“{}”有变", new.title));
    }
}
