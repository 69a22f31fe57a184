//! A city's own identity server (OpenID Connect): code flow with PKCE, state and nonce, bound to the browser that began it.
//! It proves who somebody is; what they may do is in their account here, and no account is ever made from it.

use anshu_data::Ticket;
use anshu_model::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};

use super::{Opened, Proved, device::Device, failed, open, second};
use crate::app::App;
use crate::config::OidcSection;
use crate::secret;
use crate::view::security::{OidcAnswer, SecondFactor};

/// What a ticket is for.
const KIND: &str = "oidc";
/// How long somebody has at the identity server.
const PATIENCE: i64 = 10 * 60_000;
/// How long that server has to answer, and how much it may answer.
const ANSWER: std::time::Duration = std::time::Duration::from_secs(10);
const MOST: usize = 1 << 20;
/// What a person is told; why is in the program's log.
const REFUSED: &str = "统一身份认证没有通过";

/// What is kept while the person is at the identity server.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    issuer: String,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    /// The digest of what the browser holds.
    browser: [u8; 32],
}

/// Where the browser goes, and what it holds until it comes back.
#[derive(Debug)]
pub struct Sent {
    /// The address at the identity server.
    pub to: String,
    /// For the cookie.
    pub browser: String,
}

/// What comes of it.
#[derive(Debug)]
pub enum Came {
    /// A session.
    In(Box<Opened>),
    /// A second factor is asked for here.
    Second(Box<SecondFactor>),
}

/// Sends a browser to the identity server.
///
/// # Errors
/// [`Error::NotFound`] where none is configured; [`Error::Unavailable`] where it does not answer.
pub async fn start(app: &App) -> Result<Sent> {
    let oidc = configured(app)?;
    let client = client(app, oidc).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (to, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".into()))
        .set_pkce_challenge(challenge)
        .url();
    let browser = secret::token()?;
    let begun =
        Begun { issuer: oidc.issuer.clone(), nonce, verifier, browser: secret::digest(&browser) };
    let state_text = serde_json::to_string(&begun).map_err(internal)?;
    let (now, ticket) = (app.settings.time.now(), Ticket { person: None, state: state_text });
    let key = secret::digest(state.secret());
    app.data.put_ticket(key, KIND, &ticket, now, now.plus(PATIENCE)).await?;
    Ok(Sent { to: to.to_string(), browser })
}

/// Takes a browser back from the identity server.
///
/// # Errors
/// [`Error::Denied`] where anything of it is not what was begun here, or nobody here has that login name.
pub async fn come_back(
    app: &App,
    answer: OidcAnswer,
    browser: Option<&str>,
    device: &Device,
) -> Result<Came> {
    let oidc = configured(app)?;
    let ctx = app.operator("sign-in")?;
    match login(app, oidc, answer, browser).await {
        Ok(login) => {
            let Some(account) = app.data.account(&login).await? else {
                let told = "统一身份认证的用户在本中心没有账号，请联系本单位管理员";
                return Err(failed(app, &ctx, &login, told, "统一身份认证的用户没有账号").await?);
            };
            if oidc.second_factor {
                let opened = open(app, account.person, login, device, Proved::Elsewhere).await?;
                return Ok(Came::In(Box::new(opened)));
            }
            if let Some(asked) = second::ask(app, &account.person, second::SIGN_IN).await? {
                return Ok(Came::Second(Box::new(asked)));
            }
            let opened = open(app, account.person, login, device, Proved::ElsewhereOnce).await?;
            Ok(Came::In(Box::new(opened)))
        }
        Err(Error::Denied(why)) => {
            tracing::warn!(why, "an identity server's answer was refused");
            Err(failed(app, &ctx, "", REFUSED, REFUSED).await?)
        }
        Err(error) => Err(error),
    }
}

/// The login name that an answer proves. Why it proves none is for the program's log.
async fn login(
    app: &App,
    oidc: &OidcSection,
    answer: OidcAnswer,
    browser: Option<&str>,
) -> Result<String> {
    let refused = |why: &str| Error::Denied(why.to_owned());
    let key = secret::digest(&answer.state);
    let now = app.settings.time.now();
    let ticket = app.data.try_ticket(key, KIND, now).await?;
    let ticket = ticket.ok_or_else(|| refused("unknown state"))?;
    // Whatever comes of it, it was its one try.
    if !app.data.take_ticket(key).await? {
        return Err(refused("state was used"));
    }
    let begun: Begun = serde_json::from_str(&ticket.state).map_err(internal)?;
    if browser.is_none_or(|browser| secret::digest(browser) != begun.browser) {
        return Err(refused("another browser began it"));
    }
    // Of the server that was asked, and of no other (RFC 9207): an answer mixed up with another server's goes no further.
    if begun.issuer != oidc.issuer || answer.iss.is_some_and(|iss| iss != begun.issuer) {
        return Err(refused("another issuer answered"));
    }
    if let Some(error) = answer.error {
        return Err(Error::Denied(format!("the server said {error}")));
    }
    let code = answer.code.ok_or_else(|| refused("no code"))?;
    let client = client(app, oidc).await?;
    let http = |request| fetch(request);
    let token = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(internal)?
        .set_pkce_verifier(begun.verifier)
        .request_async(&http)
        .await
        .map_err(|error| Error::Denied(format!("code not exchanged: {error}")))?;
    let id_token = token.id_token().ok_or_else(|| refused("no id token"))?;
    let verifier = client.id_token_verifier();
    let claims = id_token
        .claims(&verifier, &begun.nonce)
        .map_err(|error| Error::Denied(format!("id token: {error}")))?;
    if let Some(stated) = claims.access_token_hash() {
        let denied = |error: &dyn std::fmt::Display| Error::Denied(format!("id token: {error}"));
        let algorithm = id_token.signing_alg().map_err(|error| denied(&error))?;
        let key = id_token.signing_key(&verifier).map_err(|error| denied(&error))?;
        let found = AccessTokenHash::from_token(token.access_token(), algorithm, key)
            .map_err(|error| denied(&error))?;
        if found != *stated {
            return Err(refused("another access token"));
        }
    }
    claim(&id_token.to_string(), &oidc.login_claim)
        .ok_or_else(|| refused("the claim with the login name is missing"))
}

/// A claim of a token that was verified.
fn claim(token: &str, name: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims.get(name)?.as_str().map(str::to_owned).filter(|login| !login.is_empty())
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// The centre as the identity server's client. The server's keys are read anew each time: a key that was withdrawn there
/// does not serve here.
async fn client(app: &App, oidc: &OidcSection) -> Result<Client> {
    let issuer = IssuerUrl::new(oidc.issuer.clone()).map_err(internal)?;
    let http = |request| fetch(request);
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.map_err(|error| {
        tracing::warn!(%error, "the identity server was not discovered");
        Error::Unavailable("统一身份认证没有响应，请稍后再试，或用口令登录".into())
    })?;
    let file = app.settings.folder.join(&oidc.client_secret_file);
    let key = std::fs::read_to_string(&file)
        .map_err(|error| Error::Unavailable(format!("不能读取 {}：{error}", file.display())))?;
    let here = app.settings.sign_in.public_url.as_deref().ok_or_else(|| {
        Error::Unavailable("没有配置对外地址 [sign_in] public_url，不能使用统一身份认证".into())
    })?;
    let back =
        RedirectUrl::new(format!("{here}/api/v1/session/oidc/callback")).map_err(internal)?;
    let (id, key) = (ClientId::new(oidc.client_id.clone()), key.trim().to_owned());
    Ok(CoreClient::from_provider_metadata(metadata, id, Some(ClientSecret::new(key)))
        .set_redirect_uri(back))
}

/// One request to the identity server. Redirects are not followed: where the server is, is configured.
async fn fetch(request: HttpRequest) -> std::result::Result<HttpResponse, std::io::Error> {
    // The library is built without a provider of its own; a second one changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWER)
        .build()
        .map_err(std::io::Error::other)?;
    let request = reqwest::Request::try_from(request).map_err(std::io::Error::other)?;
    let mut response = client.execute(request).await.map_err(std::io::Error::other)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(std::io::Error::other)? {
        if body.len() + chunk.len() > MOST {
            return Err(std::io::Error::other("the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse::new(body);
    (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
    Ok(answer)
}

fn configured(app: &App) -> Result<&OidcSection> {
    app.settings.oidc.as_ref().ok_or_else(|| Error::NotFound("统一身份认证".into()))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("identity server: {error}"))
}
