//! Whether files are a policy set that may hold: their form, the schema, and the lines that none may cross.

use anshu_authz::Authority;
use anshu_model::{Error, Result};

use super::PolicyFile;

/// Files of one set, and bytes of all of them.
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 256 * 1024;

/// Checks a policy set as it would be before it is put in force.
///
/// # Errors
/// [`Error::Invalid`] with every problem, its file, line and policy, and with every line that it crosses.
pub fn check_policies(files: &[PolicyFile]) -> Result<Authority> {
    form(files)?;
    Authority::own(&borrowed(files))
}

/// The files as the policy engine takes them.
pub(super) fn borrowed(files: &[PolicyFile]) -> Vec<(&str, &str)> {
    files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect()
}

fn form(files: &[PolicyFile]) -> Result<()> {
    let size: usize = files.iter().map(|file| file.text.len()).sum();
    if files.is_empty() || files.len() > MOST_FILES || size > MOST_BYTES {
        let right = format!("1 至 {MOST_FILES} 个文件，共不超过 {MOST_BYTES} 字节");
        return Err(Error::invalid(
            "策略集",
            format!("{} 个文件，{size} 字节", files.len()),
            right,
        ));
    }
    let wrong = |name: &str| {
        let stem = name.strip_suffix(".cedar").unwrap_or_default();
        stem.is_empty()
            || !stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if let Some(file) = files.iter().find(|file| wrong(&file.name)) {
        return Err(Error::invalid(
            &file.name,
            "文件名不可用",
            "字母、数字和连字符组成的 <名称>.cedar",
        ));
    }
    let mut names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(twice) => {
            Err(Error::invalid(*twice.first().unwrap_or(&""), "文件名重复", "不重复的文件名"))
        }
        None => Ok(()),
    }
}
