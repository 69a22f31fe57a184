//! `[sign_in]`, `[oidc]` and `[emergency]`: how people prove who they are, and how far emergency access goes. All of it is
//! local policy (本地政策); what is not stated is the careful choice.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anshu_data::EmergencyPolicy;
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// Who must have a second factor. Whoever has one is always asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Nobody must. For demonstrations.
    Off,
    /// The three administrators.
    #[default]
    Administrators,
    /// Everybody.
    All,
}

/// `[sign_in]`, as it may be stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInSection {
    /// Who must have a second factor: `off`, `administrators` or `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactor>,
    /// Where browsers reach the centre, as `https://name`. Passkeys and identity servers are bound to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// For how many minutes a proof of who one is serves for what asks for a fresh one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_minutes: Option<u32>,
    /// How many sessions one person has at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u32>,
}

/// `[oidc]`: a city's own identity server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSection {
    /// What the button says.
    pub name: String,
    /// The server's issuer, as its discovery document names it.
    pub issuer: String,
    /// The name under which the centre is registered there.
    pub client_id: String,
    /// The file with the secret that goes with it.
    pub client_secret_file: PathBuf,
    /// The claim that holds the login name of an account here. Accounts are never made from it.
    pub login_claim: String,
    /// Whether that server asks for a second factor itself, so that none is asked here.
    #[serde(default)]
    pub second_factor: bool,
}

/// `[emergency]`, as it may be stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencySection {
    /// For how many minutes at most, up to 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// How many records it shows at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u32>,
    /// Within how many hours it must be reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_hours: Option<u32>,
    /// With how many unreviewed ones nobody begins another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreviewed: Option<u32>,
    /// The reasons that may be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<EmergencyReason>,
}

/// A reason for emergency access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyReason {
    /// The code, as the log has it.
    pub code: String,
    /// What it is called.
    pub title: String,
}

/// How people prove who they are, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPolicy {
    /// Who must have a second factor.
    pub second_factor: SecondFactor,
    /// Where browsers reach the centre; none where that is not known, and passkeys cannot be used.
    pub public_url: Option<String>,
    /// Whether another port of that address is the same place, as where a demonstration takes any that is free.
    pub any_port: bool,
    /// How long a proof of who one is is fresh.
    pub fresh: Duration,
    /// How many sessions one person has at most.
    pub sessions: u32,
}

/// How far emergency access goes, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// The limits.
    pub policy: EmergencyPolicy,
    /// The reasons that may be given. Never empty.
    pub reasons: Vec<EmergencyReason>,
}

impl SignInSection {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What holds.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the address is none, or a limit is out of its bounds.
    pub(super) fn resolve(self, listen: SocketAddr, tls: bool) -> Result<SignInPolicy> {
        let mut problems = Vec::new();
        if let Some(url) = &self.public_url {
            let host = url.strip_prefix("https://").or_else(|| {
                url.strip_prefix("http://").filter(|host| host.starts_with("localhost"))
            });
            if !host.is_some_and(|host| !host.is_empty() && !host.contains('/')) {
                let right = "https://主机名，不带路径；仅演示可用 http://localhost";
                problems.push(Problem::new("sign_in.public_url", url, right));
            }
        }
        let fresh = self.fresh_minutes.unwrap_or(10);
        within(&mut problems, "sign_in.fresh_minutes", fresh, 1, 60);
        let sessions = self.sessions.unwrap_or(3);
        within(&mut problems, "sign_in.sessions", sessions, 1, 100);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let any_port = self.public_url.is_none();
        // On this machine alone a browser reaches it by this name; an address has no passkeys.
        let local = listen.ip().is_loopback() && !tls;
        let here = || local.then(|| format!("http://localhost:{}", listen.port()));
        Ok(SignInPolicy {
            second_factor: self.second_factor.unwrap_or_default(),
            public_url: self.public_url.or_else(here),
            any_port,
            fresh: Duration::from_secs(u64::from(fresh) * 60),
            sessions,
        })
    }
}

impl OidcSection {
    /// Refuses an issuer that is not protected on its way.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn check(&self) -> Result<()> {
        let local = ["http://127.0.0.1:", "http://localhost:"];
        if self.issuer.starts_with("https://")
            || local.iter().any(|local| self.issuer.starts_with(local))
        {
            return Ok(());
        }
        Err(Error::invalid("oidc.issuer", self.issuer.as_str(), "以 https:// 开头的签发方地址"))
    }
}

impl EmergencySection {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What holds.
    ///
    /// # Errors
    /// [`Error::Invalid`] where a limit is out of its bounds.
    pub(super) fn resolve(self) -> Result<Emergency> {
        let usual = EmergencyPolicy::default();
        let policy = EmergencyPolicy {
            minutes: self.minutes.unwrap_or(usual.minutes),
            records: self.records.unwrap_or(usual.records),
            review_hours: self.review_hours.unwrap_or(usual.review_hours),
            unreviewed: self.unreviewed.unwrap_or(usual.unreviewed),
        };
        let mut problems = Vec::new();
        within(&mut problems, "emergency.minutes", policy.minutes, 1, 60);
        within(&mut problems, "emergency.records", policy.records, 1, 10_000);
        within(&mut problems, "emergency.review_hours", policy.review_hours, 1, 168);
        within(&mut problems, "emergency.unreviewed", policy.unreviewed, 1, 3);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let reason =
            |code: &str, title: &str| EmergencyReason { code: code.into(), title: title.into() };
        let usual = || {
            vec![
                reason("life", "危及人身安全，来不及逐级审批"),
                reason("search", "紧急寻人"),
                reason("public-safety", "重大公共安全事件处置"),
            ]
        };
        let reasons = if self.reasons.is_empty() { usual() } else { self.reasons };
        Ok(Emergency { policy, reasons })
    }
}

fn within(problems: &mut Vec<Problem>, name: &str, value: u32, least: u32, most: u32) {
    if !(least..=most).contains(&value) {
        problems.push(Problem::new(name, value.to_string(), format!("{least} 至 {most}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 8650))
    }

    #[test]
    fn what_is_not_stated_is_the_careful_choice() {
        let policy = SignInSection::default().resolve(local(), false).unwrap();
        assert_eq!(policy.second_factor, SecondFactor::Administrators);
        assert_eq!(policy.public_url.as_deref(), Some("http://localhost:8650"));
        let open = SocketAddr::from(([10, 0, 0, 1], 443));
        assert_eq!(SignInSection::default().resolve(open, true).unwrap().public_url, None);
        assert_eq!(EmergencySection::default().resolve().unwrap().policy.minutes, 60);
    }

    #[test]
    fn every_wrong_value_is_named_with_what_would_be_right() {
        let wrong = SignInSection {
            public_url: Some("http://elsewhere.example".into()),
            fresh_minutes: Some(0),
            sessions: Some(0),
            ..SignInSection::default()
        };
        let Error::Invalid(problems) = wrong.resolve(local(), false).unwrap_err() else {
            panic!("refused otherwise")
        };
        assert_eq!(problems.len(), 3, "{problems:?}");
        let long = EmergencySection { minutes: Some(61), ..EmergencySection::default() };
        assert!(long.resolve().unwrap_err().to_string().contains("1 至 60"));
    }
}
