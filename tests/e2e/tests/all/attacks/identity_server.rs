//! A city's identity server, small and in this process, which may be told to lie. Written from the specifications (OpenID
//! Connect Core, RFC 7636), not from the library that checks it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// How the server lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    Nonce,
    Issuer,
    Audience,
    Expired,
    Key,
}

/// What the server knows.
#[derive(Debug, Default)]
struct Known {
    lie: Option<Lie>,
    /// The challenge, the nonce and the claims of each code.
    codes: BTreeMap<String, (String, String, Value)>,
    /// How many codes were given, and how often one was exchanged or tried.
    given: usize,
    exchanges: usize,
}

/// The server.
#[derive(Debug, Clone)]
pub(super) struct IdentityServer {
    pub(super) issuer: String,
    known: Arc<Mutex<Known>>,
}

fn key(name: &str) -> SigningKey {
    let secret: [u8; 32] = Sha256::digest(format!("identity server {name}")).into();
    SigningKey::from_slice(&secret).unwrap()
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "another machine's clock: tokens are checked against the wall clock, not the centre's"
)]
fn seconds() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_secs().try_into().unwrap()
}

/// A parameter of a query or a form.
pub(super) fn parameter(text: &str, name: &str) -> String {
    let pairs = text.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
        .next()
        .unwrap_or_default()
}

impl IdentityServer {
    #[expect(clippy::disallowed_methods, reason = "a server that ends with the test")]
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { issuer, known: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let mut buffer = [0; 4096];
                    loop {
                        let read = stream.read(&mut buffer).await.unwrap_or(0);
                        request.extend_from_slice(&buffer[..read]);
                        let text = String::from_utf8_lossy(&request).into_owned();
                        let Some((head, body)) = text.split_once("\r\n\r\n") else {
                            if read == 0 {
                                return;
                            }
                            continue;
                        };
                        let length = head.lines().find_map(|line| {
                            line.to_lowercase()
                                .strip_prefix("content-length: ")?
                                .trim()
                                .parse()
                                .ok()
                        });
                        if read == 0 || body.len() >= length.unwrap_or(0) {
                            let (status, answer) = serving.answer(head, body);
                            let answer = answer.to_string();
                            let text = format!(
                                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                                answer.len()
                            );
                            let _ = stream.write_all(text.as_bytes()).await;
                            return;
                        }
                    }
                });
            }
        });
        server
    }

    /// From now on it lies, or no more.
    pub(super) fn lie(&self, lie: Option<Lie>) {
        self.known.lock().unwrap().lie = lie;
    }

    pub(super) fn exchanges(&self) -> usize {
        self.known.lock().unwrap().exchanges
    }

    /// Somebody signs in at the server, which sends them back with a code and the state.
    pub(super) fn approve(&self, address: &str, login: &str) -> (String, String) {
        assert!(address.starts_with(&format!("{}/authorize?", self.issuer)), "{address}");
        assert_eq!(parameter(address, "code_challenge_method"), "S256");
        assert_eq!(parameter(address, "response_type"), "code");
        let mut known = self.known.lock().unwrap();
        known.given += 1;
        let code = format!("code-{}", known.given);
        let claims = json!({ "sub": format!("subject-{login}"), "staff": login });
        let (challenge, nonce) =
            (parameter(address, "code_challenge"), parameter(address, "nonce"));
        known.codes.insert(code.clone(), (challenge, nonce, claims));
        (code, parameter(address, "state"))
    }

    fn answer(&self, head: &str, body: &str) -> (u16, Value) {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let issuer = &self.issuer;
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                }),
            ),
            "/keys" => {
                let point = key("own").verifying_key().to_sec1_point(false);
                let part = |range| URL_SAFE_NO_PAD.encode(&point.as_bytes()[range]);
                let one = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
                    "x": part(1..33), "y": part(33..65) });
                (200, json!({ "keys": [one] }))
            }
            "/token" => self.exchange(body),
            _ => (404, json!({})),
        }
    }

    fn exchange(&self, form: &str) -> (u16, Value) {
        let mut known = self.known.lock().unwrap();
        known.exchanges += 1;
        let refused = || (400, json!({ "error": "invalid_grant" }));
        let verifier = parameter(form, "code_verifier");
        // A code serves once.
        let Some((challenge, nonce, mut claims)) = known.codes.remove(&parameter(form, "code"))
        else {
            return refused();
        };
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != challenge {
            return refused();
        }
        let lie = |lie: Lie| known.lie == Some(lie);
        let issued = if lie(Lie::Expired) { seconds() - 7200 } else { seconds() };
        let of =
            |lying: bool, truth: &str| if lying { "another".to_owned() } else { truth.to_owned() };
        claims["iss"] = of(lie(Lie::Issuer), &self.issuer).into();
        claims["aud"] = of(lie(Lie::Audience), "anshu").into();
        claims["nonce"] = of(lie(Lie::Nonce), &nonce).into();
        claims["iat"] = issued.into();
        claims["exp"] = (issued + 300).into();
        let signer = key(if lie(Lie::Key) { "stolen" } else { "own" });
        let text = format!(
            "{}.{}",
            encode(&json!({ "alg": "ES256", "typ": "JWT", "kid": "one" })),
            encode(&claims)
        );
        let signature: Signature = signer.sign(text.as_bytes());
        let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        (200, json!({ "access_token": "opaque", "token_type": "Bearer", "id_token": token }))
    }
}
