//! `cargo anshu new`: a plugin's first folder.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

const CARGO_TOML: &str = include_str!("../template/Cargo.toml.template");
const LIB_RS: &str = include_str!("../template/src/lib.rs.template");

/// The files of a new plugin, relative to its folder.
const FILES: [(&str, &str); 2] = [("Cargo.toml", CARGO_TOML), ("src/lib.rs", LIB_RS)];

/// What to scaffold, and where.
#[derive(Clone, Debug)]
pub struct ScaffoldOptions {
    /// The plugin's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// A folder inside Anshu's workspace, or where the plugin shall stand alone.
    pub folder: PathBuf,
    /// The plugin's own folder; by default `plugins/<name>` of the workspace, or `<folder>/<name>` when it stands alone.
    pub path: Option<PathBuf>,
    /// The folder of the crate `anshu-sdk`, for a plugin that stands outside of Anshu's workspace.
    pub sdk: Option<PathBuf>,
}

/// Writes a minimal plugin and returns its folder.
///
/// # Errors
/// Where the name is unusable, the folder already exists, or there is no SDK to build against.
pub fn scaffold(options: &ScaffoldOptions) -> Result<PathBuf> {
    let name = &options.name;
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !name.starts_with(|letter: char| letter.is_ascii_lowercase())
        || !name.chars().all(letters)
        || name.ends_with('-')
    {
        bail!("“{name}”不能作插件名：只能用小写字母、数字和连字符，并以字母开头，例如 fire-safety");
    }
    let workspace = Workspace::read(&options.folder).ok().filter(|workspace| {
        options.sdk.is_none()
            && workspace.packages.iter().any(|package| package.name == "anshu-sdk")
    });
    let folder = match (&options.path, &workspace) {
        (Some(path), _) => options.folder.join(path),
        (None, Some(workspace)) => workspace.root.join("plugins").join(name),
        (None, None) => options.folder.join(name),
    };
    if folder.exists() {
        bail!("{} 已经存在；请换一个名字，或用 --path 指定另一个目录", folder.display());
    }
    let (package, sdk, lints, profile) = match (&workspace, &options.sdk) {
        (Some(_), _) => (
            "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
             license.workspace = true\npublish.workspace = true"
                .to_owned(),
            "anshu-sdk.workspace = true\nserde.workspace = true".to_owned(),
            "\n[lints]\nworkspace = true\n",
            "",
        ),
        (None, Some(sdk)) => (
            "version = \"0.1.0\"\nedition = \"2024\"\npublish = false".to_owned(),
            format!(
                "anshu-sdk = {{ path = {} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}",
                serde_json::to_string(&sdk_folder(&options.folder, sdk)?)?
            ),
            "\n[lints.rust]\nunsafe_code = \"forbid\"\n",
            "\n[workspace]\n\n[profile.release]\nopt-level = \"s\"\nlto = true\nstrip = true\npanic = \"abort\"\n\
             codegen-units = 1\n",
        ),
        (None, None) => bail!(
            "{} 不在 Anshu 的工作区里。请在工作区里运行，或者用 --sdk 指明 SDK 的目录（例如 --sdk ../anshu/sdk/rust）",
            options.folder.display()
        ),
    };
    for (file, template) in FILES {
        let text = template
            .replace("{{name}}", name)
            .replace("{{package}}", &package)
            .replace("{{sdk}}", &sdk)
            .replace("{{lints}}", lints)
            .replace("{{profile}}", profile);
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        std::fs::write(&path, text).with_context(|| format!("写不了 {}", path.display()))?;
    }
    Ok(folder)
}

fn sdk_folder(folder: &Path, sdk: &Path) -> Result<PathBuf> {
    let sdk = folder.join(sdk);
    if !sdk.join("Cargo.toml").exists() {
        bail!("{} 里没有 SDK（Cargo.toml）", sdk.display());
    }
    Ok(sdk.canonicalize()?)
}
