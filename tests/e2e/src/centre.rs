//! A centre in this process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anshu_server::config::Stated;
use anshu_server::demo::{Sample, set_up};
use anshu_server::run::Centre as Open;
use anshu_server::{App, Running, Settings};
use tempfile::TempDir;

use crate::http::Browser;

/// The repository.
#[must_use]
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The folder with the built packs.
///
/// # Panics
/// Where they were not built, with what to do: these tests run real packs.
#[must_use]
pub fn packs() -> PathBuf {
    let stated = std::env::var_os("ANSHU_PACKS").map(PathBuf::from);
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map(|target| PathBuf::from(target).join("packs"));
    let usual = repository().join("target").join("packs");
    let candidates = [stated, target, Some(usual)];
    let found = candidates.into_iter().flatten().find(|folder| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.path().extension().is_some_and(|extension| extension == "wasm"))
        })
    });
    #[expect(clippy::panic, reason = "a test without what it tests must fail, and say what to do")]
    found.unwrap_or_else(|| panic!("没有找到已构建的插件包；请先运行 cargo xtask plugins"))
}

/// What a test changes in the settings.
type Change = Box<dyn Fn(&mut Settings) + Send + Sync>;

/// A centre that is being served.
pub struct Centre {
    folder: TempDir,
    running: Option<Running>,
    change: Change,
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Centre").field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[expect(clippy::expect_used, reason = "a harness of tests: what fails here fails the test")]
impl Centre {
    /// A fresh centre out of the demonstration's sample, with everything that it imports.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl Fn(&mut Settings) + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut centre = Self { folder, running: None, change: Box::new(change) };
        centre.open().await;
        centre
    }

    /// Serves the folder again, as after a restart.
    pub async fn open(&mut self) {
        let sample = Sample::read(&repository().join("examples/centre")).expect("the sample reads");
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let settings = Settings::of_folder(self.folder.path(), listen).expect("settings");
        let data = Some(self.folder.path().to_owned());
        let stated = Stated { data, listen: Some(listen), ..Stated::default() };
        let mut settings = sample.configure(settings, &stated).expect("configured");
        (self.change)(&mut settings);
        let open = Open::open(settings).await.expect("the centre opens");
        set_up(&open.app, &sample, &packs()).await.expect("the sample is set up");
        self.running = Some(open.serve().await.expect("the centre serves"));
    }

    /// Stops serving. The data stays.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The centre's parts, to move its time.
    #[must_use]
    pub fn app(&self) -> &App {
        self.running.as_ref().expect("it is being served").app()
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn stranger(&self) -> Browser {
        Browser::stranger(self.running.as_ref().expect("it is being served").address)
    }

    /// Somebody who is signed in with a demonstration account.
    pub async fn person(&self, login: &str) -> Browser {
        let mut browser = self.stranger();
        let answer = browser.sign_in(login, &format!("demo-{login}-2026")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser
    }
}
