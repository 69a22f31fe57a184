//! As much of HTTP as a browser's session needs: a connection for each request, a cookie, the anti-forgery token.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Somebody at a browser.
#[derive(Debug, Clone)]
pub struct Browser {
    address: SocketAddr,
    /// The session's cookie, as `name=value`.
    pub cookie: Option<String>,
    /// The session's anti-forgery token.
    pub csrf: Option<String>,
    /// What the browser says of itself.
    pub agent: Option<String>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header with a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

impl Browser {
    /// Somebody who is not signed in.
    #[must_use]
    pub fn stranger(address: SocketAddr) -> Self {
        Self { address, cookie: None, csrf: None, agent: None }
    }

    /// Signs in; the answer is the server's.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        let answer = self
            .post("/api/v1/session", &serde_json::json!({ "login": login, "password": password }))
            .await;
        self.enter(&answer);
        answer
    }

    /// Keeps the cookie and the token of an answer that opens or renews a session.
    pub fn enter(&mut self, answer: &Answer) {
        let Some(cookie) = answer.header("set-cookie") else { return };
        self.cookie = cookie.split(';').next().map(str::to_owned);
        self.csrf = answer.json().get("csrf").and_then(Value::as_str).map(str::to_owned);
    }

    /// Proves again who one is, with the password.
    pub async fn confirm(&mut self, password: &str) -> Answer {
        let asked = self.post("/api/v1/session/confirm/begin", &Value::Null).await.json();
        let proof = serde_json::json!({ "ticket": asked.get("ticket"), "password": password });
        let answer = self.post("/api/v1/session/confirm", &proof).await;
        self.enter(&answer);
        answer
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("content-type", "application/json")],
            Some(body.to_string().into_bytes()),
        )
        .await
    }

    /// Sends anything.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(agent) = &self.agent {
            request.push_str(&format!("user-agent: {agent}\r\n"));
        }
        if let Some(cookie) = &self.cookie {
            request.push_str(&format!("cookie: {cookie}\r\n"));
        }
        if let (Some(csrf), false) = (&self.csrf, method == "GET") {
            request.push_str(&format!("x-anshu-csrf: {csrf}\r\n"));
        }
        let body = body.unwrap_or_default();
        request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut bytes = request.into_bytes();
        bytes.extend(body);
        match exchange(self.address, &bytes).await {
            Ok(answer) => answer,
            Err(error) => {
                Answer { status: 0, headers: Vec::new(), body: error.to_string().into_bytes() }
            }
        }
    }
}

async fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    // A server that has heard enough may close before all is sent; what it said first still counts.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let body = bytes.get((end + 4).min(bytes.len())..).unwrap_or_default().to_vec();
    let chunked =
        headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Ok(Answer { status, headers, body: if chunked { joined(&body) } else { body } })
}

/// The chunks of a body, joined.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(body.get(..end).unwrap_or_default()).into_owned();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        let start = end + 2;
        if size == 0 {
            break;
        }
        whole.extend_from_slice(body.get(start..start + size).unwrap_or_default());
        body = body.get(start + size + 2..).unwrap_or_default();
    }
    whole
}
