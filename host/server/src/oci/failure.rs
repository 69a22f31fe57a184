//! What a registry or the way to it does wrong, in words that say where and what to do.

use anshu_model::Error;
use oci_client::Reference;
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::secrets::RegistryAuth;

/// Whether a registry is on this machine.
pub(super) fn is_here(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// That what came is not what was asked for.
pub(super) fn other_digest(place: &Reference) -> Error {
    Error::Denied(format!(
        "{} 给出的内容与摘要不符，已丢弃：仓库或途中的设备改动了它；请核对仓库，或改用文件交付",
        place.whole()
    ))
}

/// A failure of the client, told.
pub(super) fn told(
    doing: &str,
    place: &Reference,
    auth: &RegistryAuth,
    error: OciDistributionError,
) -> Error {
    use OciDistributionError as Failed;
    let (registry, whole) = (place.resolve_registry(), place.whole());
    match error {
        Failed::UnauthorizedError { .. } | Failed::AuthenticationFailure(_) => {
            refused(registry, auth)
        }
        Failed::RegistryError { envelope, .. } => {
            let codes: Vec<_> = envelope.errors.iter().map(|error| &error.code).collect();
            let any = |wanted: &[OciErrorCode]| codes.iter().any(|code| wanted.contains(code));
            if any(&[OciErrorCode::Unauthorized, OciErrorCode::Denied]) {
                refused(registry, auth)
            } else if any(&[
                OciErrorCode::ManifestUnknown,
                OciErrorCode::NameUnknown,
                OciErrorCode::NotFound,
                OciErrorCode::BlobUnknown,
            ]) {
                missing(&whole)
            } else {
                Error::Unavailable(format!(
                    "{doing} {whole} 时仓库答复有误：{envelope}；请把这段话交给仓库管理员"
                ))
            }
        }
        Failed::ImageManifestNotFoundError(_) | Failed::ServerError { code: 404, .. } => {
            missing(&whole)
        }
        Failed::ServerError { code: 401 | 403, .. } => refused(registry, auth),
        Failed::ServerError { code, message, .. } => {
            let message: String = message.chars().take(200).collect();
            Error::Unavailable(format!(
                "{doing} {whole} 时仓库出错（HTTP {code} {message}）；请稍后再试或联系仓库管理员"
            ))
        }
        Failed::DigestError(_) => other_digest(place),
        Failed::IoError(error) => {
            Error::Denied(format!("{doing} {whole} 失败：{error}；已丢弃，请核对仓库"))
        }
        Failed::RequestError(error) => Error::Unavailable(format!(
            "{doing} {whole} 时连不上仓库 {registry}（{}）；请核对主机、端口和网络。自签证书用 --ca 指明；\
             本机上不用 TLS 的仓库加 --plain-http",
            chain(&error)
        )),
        other => Error::Unavailable(format!(
            "{doing} {whole} 失败（{other}）；请核对 {registry} 是不是 OCI 仓库"
        )),
    }
}

fn missing(whole: &str) -> Error {
    Error::NotFound(format!("仓库里没有 {whole}；请核对路径、标签或摘要"))
}

fn refused(registry: &str, auth: &RegistryAuth) -> Error {
    let who = match auth {
        RegistryAuth::Anonymous => "未登录的访问".to_owned(),
        RegistryAuth::Basic(name, _) => format!("账号 {name}"),
        RegistryAuth::Bearer(_) => "docker 配置里的令牌".to_owned(),
    };
    Error::Denied(format!(
        "仓库 {registry} 拒绝了{who}；请核对账号、口令和权限（docker login {registry}，或 --username 与 --password-stdin）"
    ))
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push('：');
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
