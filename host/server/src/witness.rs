//! The witness's side of C2SP tlog-witness over HTTP: bytes in, a status and a few bytes out. What is judged, and what is
//! remembered before an answer leaves, is [`anshu_data::log::cosigner`]. Nothing of a centre is here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anshu_data::log::cosigner::{Answer, Cosigner, Witness};
use anshu_model::{Error, Result};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most bytes of a request: 63 hashes and a checkpoint with its signatures.
const MOST: usize = 64 << 10;

/// A witness that is being served.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its public key.
    pub key: String,
    /// How large each log was when it was seen last.
    pub seen: BTreeMap<String, u64>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Answers what was asked, and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// A witness in a folder, for logs by their public keys. At first use its key is made, and then it must be named.
///
/// # Errors
/// As [`Cosigner::open`] and [`Witness::open`].
pub fn open(folder: &Path, name: Option<&str>, logs: &[String]) -> Result<Witness> {
    Witness::open(folder, Cosigner::open(folder, name)?, logs)
}

/// Serves a witness until [`Running::stop`].
///
/// # Errors
/// [`Error::Unavailable`] where the address cannot be listened on.
pub async fn serve(witness: Witness, listen: SocketAddr) -> Result<Running> {
    let failed = |error: std::io::Error| {
        Error::Unavailable(format!("不能监听 {listen}：{error}；请用 --listen 换一个地址或端口"))
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (key, seen) = (witness.verifier().to_text(), witness.seen());
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let public = key.clone();
    let router = Router::new()
        .route("/add-checkpoint", post(add))
        .route("/", get(move || async move { format!("{public}\n") }))
        .layer(DefaultBodyLimit::max(MOST))
        .with_state(Arc::new(witness));
    let stopped = stop.clone().cancelled_owned();
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
            tracing::error!(%error, "witness ended");
        }
    });
    tasks.close();
    Ok(Running { address, key, seen, stop, tasks })
}

/// `add-checkpoint`. Writing what was seen waits for the disk, so it has a thread that may.
async fn add(State(witness): State<Arc<Witness>>, body: String) -> Response {
    let judged = tokio::task::spawn_blocking(move || witness.add(&body, seconds())).await;
    let answer = match judged {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::error!(%error, "a checkpoint was not remembered");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Err(error) => {
            tracing::error!(%error, "a checkpoint was not judged");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    match answer {
        Answer::Cosigned(line) => (StatusCode::OK, line).into_response(),
        Answer::Malformed => StatusCode::BAD_REQUEST.into_response(),
        Answer::Untrusted => StatusCode::FORBIDDEN.into_response(),
        Answer::UnknownLog => StatusCode::NOT_FOUND.into_response(),
        Answer::Seen(size) => {
            let kind = [(CONTENT_TYPE, "text/x.tlog.size")];
            (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
        }
        Answer::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

/// The wall clock, in seconds since 1970: a cosignature says when.
#[must_use]
pub fn seconds() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
