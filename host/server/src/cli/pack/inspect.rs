//! `anshu pack inspect`: a pack's file in plain words, or as JSON for machines.

use std::path::Path;

use anshu_model::{Error, Result};
use anshu_sandbox::{Sandbox, provenance};

use crate::cli::say;
use crate::config::Settings;
use crate::file;
use crate::view::inspection::{InspectionView, PersonalField};
use crate::view::provenance::ProvenanceView;

/// Shows what is in a pack.
pub(super) fn run(
    settings: &Settings,
    path: &Path,
    signatures: Option<&Path>,
    json: bool,
) -> Result<()> {
    let bytes = file::bytes(path)?;
    let inspection = Sandbox::inspect(&bytes)?;
    let (name, signatures) = super::file::signatures(path, signatures)?;
    let now = settings.time.now();
    let examined = provenance::examine(&settings.provenance, &bytes, &signatures, now)?;
    let view = InspectionView::of(&inspection, ProvenanceView::examined(&examined));
    if json {
        say(serde_json::to_string_pretty(&view)
            .map_err(|error| Error::Internal(error.to_string()))?);
        return Ok(());
    }
    for line in lines(&view) {
        say(line);
    }
    let known = settings.provenance.keys.len();
    say(format!("签名文件  {}", name.as_deref().unwrap_or("（没有）")));
    for finding in &examined.signatures {
        say(format!("  {}", finding.line()));
    }
    match examined.why_not() {
        None => say("签名规则  符合本中心的签名规则，可以安装"),
        Some(why) if known == 0 => {
            say(format!(
                "签名规则  不符合：本中心（{}）还没有登记可信的密钥。{why}",
                settings.folder.display()
            ));
        }
        Some(why) => say(format!("签名规则  不符合：{why}")),
    }
    if let Some(loud) = crate::app::provenance::warn(&settings.provenance) {
        say(loud);
    }
    Ok(())
}

fn lines(view: &InspectionView) -> Vec<String> {
    let mut lines = vec![
        format!("名称      {}", view.name),
        format!("版本      {}", view.version),
        format!("标题      {}", view.title),
        format!("发布部门  {}", view.publisher),
        format!("摘要      sha256:{}", view.digest),
        format!("大小      {} 字节", view.size),
        format!("合约      {}", view.contract),
        format!("施行日期  {}", view.effective_from),
    ];
    list(&mut lines, "执行的条文", &view.articles);
    list(&mut lines, "请求的能力", &view.asks);
    if !view.unasked.is_empty() {
        list(&mut lines, "！！清单没有写明、组件却实际导入的接口：不会获准安装", &view.unasked);
    }
    let purposes: Vec<_> = view
        .purposes
        .iter()
        .map(|purpose| format!("{}（{}），依据 {}", purpose.title, purpose.code, purpose.ground))
        .collect();
    list(&mut lines, "处理目的", &purposes);
    let personal: Vec<_> = view.personal.iter().map(personal).collect();
    list(&mut lines, "个人信息和重要数据", &personal);
    list(&mut lines, "样例", &view.golden);
    let translations: Vec<_> = view
        .translations
        .iter()
        .map(|(language, count)| format!("{language}：{count}/{} 个标题", view.titles))
        .collect();
    list(&mut lines, "翻译", &translations);
    lines
}

fn personal(field: &PersonalField) -> String {
    let PersonalField { of, title, level, about, purpose, ground, retention } = field;
    let about = if about.is_empty() { String::new() } else { format!("，{}", about.join("、")) };
    format!("{of} · {title}（{level}{about}）：目的 {purpose}；依据 {ground}；保存 {retention}")
}

fn list(lines: &mut Vec<String>, title: &str, items: &[String]) {
    if items.is_empty() {
        lines.push(format!("{title}：无"));
    } else {
        lines.push(format!("{title}（{} 项）：", items.len()));
        lines.extend(items.iter().map(|item| format!("  {item}")));
    }
}
