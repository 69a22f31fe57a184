//! Titles in other languages: `translations/<language>.json` beside the plugin's `Cargo.toml`, each a JSON object from a
//! title's JSON pointer in the manifest to its text. Checked here with their lines, so that nothing is translated in vain.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anshu_model::translation::{self, Texts, Translations};
use anyhow::{Context as _, Result, bail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The translation files of a plugin, in a stable order.
pub(crate) fn files(plugin: &Path) -> Result<Vec<PathBuf>> {
    let folder = plugin.join("translations");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("读不到 {}", folder.display())),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("读不到 {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The translations as JSON for the pack; none where there are none. What stands for no title of the manifest is refused,
/// all at once, each with file and line.
pub(crate) fn read(files: &[PathBuf], manifest: &str) -> Result<Option<String>> {
    if files.is_empty() {
        return Ok(None);
    }
    let (mut translations, mut sources) = (Translations::new(), BTreeMap::new());
    let mut problems = Vec::new();
    for path in files {
        let language = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("读不到 {}", path.display()))?;
        let entries: Entries = serde_json::from_str(&text).with_context(|| {
            format!("{} 应当是 JSON 对象：清单里标题的 JSON 指针 → 译文", path.display())
        })?;
        let mut texts = Texts::new();
        for (key, translated) in entries.0 {
            if texts.insert(key.clone(), translated).is_some() {
                problems.push(format!("{}：{key} 写了两遍", place(path, &text, Some(&key), 1)));
            }
        }
        translations.insert(language.clone(), texts);
        sources.insert(language, (path, text));
    }
    let manifest = serde_json::from_str(manifest)?;
    for (language, key, problem) in translation::check(&translations, &manifest) {
        let at = sources.get(&language).map(|(path, text)| place(path, text, key.as_deref(), 0));
        problems.push(format!("{}：{problem}", at.unwrap_or_default()));
    }
    if !problems.is_empty() {
        bail!("翻译有 {} 处不对：\n  {}", problems.len(), problems.join("\n  "));
    }
    Ok(Some(serde_json::to_string(&translations)?))
}

/// File and line of a key, where it stands for the n-th time.
fn place(path: &Path, text: &str, key: Option<&str>, nth: usize) -> String {
    let written = key.and_then(|key| serde_json::to_string(key).ok());
    let line = written.and_then(|written| {
        text.lines().enumerate().filter(|(_, line)| line.contains(&written)).nth(nth)
    });
    match line {
        Some((index, _)) => format!("{} 第 {} 行", path.display(), index + 1),
        None => path.display().to_string(),
    }
}

/// The members of a JSON object as they stand, also those that stand twice.
struct Entries(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Entries(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
