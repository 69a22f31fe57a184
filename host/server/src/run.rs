//! Opening a centre, serving it, and closing it: in this order everything starts and, reversed, stops.

use std::net::SocketAddr;
use std::sync::Arc;

use anshu_data::log::note;
use anshu_data::{Config, Data, Durability};
use anshu_model::{Error, Result};
use anshu_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, cosign, exports, packs, provenance, trials, upgrades, vault, verify};
use crate::config::Settings;
use crate::lock::Lock;
use crate::{http, jobs};

/// How a centre's storage is opened.
pub(crate) fn storage(settings: &Settings) -> Config {
    Config {
        url: settings.database.clone(),
        durability: Durability::Full,
        keys: settings.folder.join("keys"),
        origin: settings.origin.clone(),
        smallest_figure: Config::SMALLEST_FIGURE,
    }
}

/// The sandbox, which keeps the code that it compiles beside the database.
fn sandbox(settings: &Settings) -> Result<Sandbox> {
    let key = anshu_data::key(&storage(settings).keys, "compiled.key")?;
    let limits = anshu_sandbox::Settings {
        compiler: settings.compiler.clone(),
        ..anshu_sandbox::Settings::default()
    };
    Sandbox::keeping(limits, &settings.folder.join("compiled"), &key)
}

/// Makes the log's SM2 key where the configuration asks for it. A log that was signed by SM2 does not stop being so by a line
/// in a file: the key must be put away.
fn sign_by_sm2(settings: &Settings) -> Result<()> {
    let keys = storage(settings).keys;
    match settings.audit.sm2 {
        Some(true) => note::make_sm2(&keys, &settings.origin),
        Some(false) if keys.join(note::SM2_PRIVATE_FILE).exists() => Err(Error::invalid(
            "log.sm2",
            "false，而密钥目录中有 SM2 签名密钥",
            format!(
                "true；要停用国密签名，请先移走 {}",
                keys.join(note::SM2_PRIVATE_FILE).display()
            ),
        )),
        Some(false) | None => Ok(()),
    }
}

/// An open centre. Nobody else works on it while this lives.
#[derive(Debug)]
pub struct Centre {
    /// Its parts.
    pub app: App,
    lock: Lock,
}

impl Centre {
    /// Opens storage and loads the packs that are installed.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another program holds the data folder; whatever storage says.
    pub async fn open(settings: Settings) -> Result<Self> {
        let centre = Self::bare(settings, false).await?;
        let app = &centre.app;
        let (data, settings) = (&app.data, &app.settings);
        data.use_protection(settings.measures.protection.clone());
        data.use_limits(settings.measures.limits);
        data.use_export_policy(settings.measures.export);
        if let Some(loud) = provenance::warn(&app.settings.provenance) {
            tracing::warn!("{loud}");
        }
        app.data.note_policies(&app.operator("start")?).await?;
        app.data.use_sealed_rules(app.settings.sealed.clone());
        packs::load(app).await?;
        app.data.refresh_labels(app.settings.time.now()).await?;
        app.data.sweep_informants(&app.operator("sweep")?).await?;
        Ok(centre)
    }

    /// Opens storage alone, to look at the policies and to reset them: also where those in force pass no more, and the centre
    /// does not start. Nothing else is to be done with it.
    ///
    /// # Errors
    /// As [`Centre::open`].
    pub async fn open_to_repair(settings: Settings) -> Result<Self> {
        Self::bare(settings, true).await
    }

    /// The parts, before anything is set up in them.
    async fn bare(settings: Settings, repairs: bool) -> Result<Self> {
        let lock = Lock::take(&settings.folder)?;
        sign_by_sm2(&settings)?;
        let authority = anshu_data::Authority::shipped()?;
        let storage = storage(&settings);
        let data = if repairs {
            Data::open_to_repair(&storage, &settings.vault, authority).await?
        } else {
            Data::open_sealed(&storage, &settings.vault, authority).await?
        };
        let sandbox = sandbox(&settings)?;
        let app = App {
            data,
            sandbox,
            settings: Arc::new(settings),
            witnessed: Arc::default(),
            verified: Arc::default(),
            trials: Arc::default(),
            retention: Arc::default(),
            rekeying: Arc::default(),
            exports: Arc::default(),
        };
        Ok(Self { app, lock })
    }

    /// Serves the centre until [`Running::stop`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the address cannot be listened on.
    pub async fn serve(self) -> Result<Running> {
        http::health::gather();
        let listen = self.app.settings.listen;
        let failed = |error: std::io::Error| {
            Error::Unavailable(format!(
                "不能监听 {listen}：{error}；请用 --listen 换一个地址或端口"
            ))
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let ready = async {
            trials::shadow::resume(&self.app).await?;
            cosign::before_start(&self.app).await
        };
        if let Err(error) = ready.await {
            // Whoever looks into why needs the files, with nobody at them.
            self.close().await;
            return Err(error);
        }
        tasks.spawn(jobs::run(self.app.clone(), stop.clone()));
        tasks.spawn(http::health::tend(stop.clone()));
        tasks.spawn(upgrades::run(self.app.clone(), stop.clone()));
        tasks.spawn(vault::run(self.app.clone(), stop.clone()));
        tasks.spawn(exports::work::run(self.app.clone(), stop.clone()));
        tasks.spawn(cosign::run(self.app.clone(), stop.clone()));
        tasks.spawn(verify::run(self.app.clone(), stop.clone()));
        let router = http::router(self.app.clone());
        let stopped = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await
            {
                tracing::error!(%error, "server ended");
            }
        });
        tasks.close();
        tracing::info!(%address, "serving");
        Ok(Running { address, stop, tasks, centre: self })
    }

    /// Commits what waits and closes storage.
    pub async fn close(self) {
        self.app.trials.close().await;
        self.app.data.close().await;
        drop(self.lock);
    }
}

/// A centre that is being served.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
    centre: Centre,
}

impl Running {
    /// Its parts.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.centre.app
    }

    /// Answers what was asked, finishes the jobs that run, commits, closes.
    pub async fn stop(self) {
        self.stop.cancel();
        // Idle connections of browsers must not hold the program.
        if tokio::time::timeout(std::time::Duration::from_secs(15), self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some requests did not end in time");
        }
        self.centre.close().await;
    }
}
