//! The sections `[vault]` and `[retention]` of `anshu.toml`: how bodies are sealed, and what happens when a period ends.
//!
//! ```toml
//! [vault]
//! cipher = "sm4-gcm"            # or "aes-256-gcm", which is meant where nothing is said; what is there stays readable
//! provider = "pkcs11"           # or "file": master.key in the folder of keys
//! module = "/usr/lib/softhsm/libsofthsm2.so"
//! token = "anshu"               # the token's label
//! pin_file = "/etc/anshu/pin"
//! key_uses = 1048576            # how often a data key seals before the next one is made
//!
//! [retention]                    # local policy
//! grace_days = 30                # between the end of a period, when processing stops, and erasure
//! log_months = 36                # how long decisions about nobody are readable; the log itself is never cut
//! ```

use std::path::PathBuf;

use anshu_data::{Cipher, RetentionPolicy, TokenSettings, VaultSettings};
use anshu_model::{Error, Problem, Result};
use serde::{Deserialize, Serialize};

/// Least months for which network logs are kept (网络安全法 art. 23, 3° in the version of 2026).
const LEAST_LOG_MONTHS: u32 = 6;
/// Most uses of a data key: random nonces of 96 bits allow 2³² (NIST SP 800-38D, 8.3).
const MOST_USES: u64 = 1 << 32;

/// `[vault]`, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultSection {
    /// The cipher of what is sealed from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<String>,
    /// Who keeps the master key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The PKCS#11 module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<PathBuf>,
    /// The token's label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The file whose first line is the PIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_file: Option<PathBuf>,
    /// How often a data key seals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_uses: Option<u64>,
}

impl VaultSection {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// # Errors
    /// [`Error::Invalid`] with every wrong value.
    pub(super) fn resolve(self) -> Result<VaultSettings> {
        let mut problems = Vec::new();
        let cipher = self.cipher.as_deref().map_or(Some(Cipher::default()), Cipher::from_name);
        if cipher.is_none() {
            let found = self.cipher.clone().unwrap_or_default();
            problems.push(Problem::new("vault.cipher", found, "aes-256-gcm 或 sm4-gcm"));
        }
        let uses = self.key_uses.unwrap_or(VaultSettings::USES);
        if !(1..=MOST_USES).contains(&uses) {
            let expected = format!("1 至 {MOST_USES}：随机数不得重复");
            problems.push(Problem::new("vault.key_uses", uses.to_string(), expected));
        }
        let token = match (self.provider.as_deref(), self.module, self.token, self.pin_file) {
            (None | Some("file"), None, None, None) => None,
            (Some("pkcs11"), Some(module), Some(label), Some(pin_file)) => {
                Some(TokenSettings { module, label, pin_file })
            }
            (Some("pkcs11"), ..) => {
                let expected = "provider = \"pkcs11\" 须同时写明 module、token 和 pin_file";
                problems.push(Problem::new("vault", "密码设备的设置不全", expected));
                None
            }
            (None | Some("file"), ..) => {
                let expected = "使用密码设备须写明 provider = \"pkcs11\"";
                problems.push(Problem::new("vault", "写了密码设备的设置", expected));
                None
            }
            (Some(other), ..) => {
                problems.push(Problem::new("vault.provider", other, "file 或 pkcs11"));
                None
            }
        };
        match cipher {
            Some(cipher) if problems.is_empty() => Ok(VaultSettings { cipher, token, uses }),
            _ => Err(Error::Invalid(problems)),
        }
    }
}

/// `[retention]`, as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionSection {
    /// Days between the end of a period and erasure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_days: Option<u32>,
    /// Months for which decisions about nobody are readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_months: Option<u32>,
}

impl RetentionSection {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// # Errors
    /// [`Error::Invalid`] where logs would be kept for less than the law asks.
    pub(super) fn resolve(&self) -> Result<RetentionPolicy> {
        let policy = RetentionPolicy::default();
        if let Some(months) = self.log_months.filter(|months| *months < LEAST_LOG_MONTHS) {
            return Err(Error::invalid(
                "retention.log_months",
                format!("{months} 个月"),
                format!("不少于 {LEAST_LOG_MONTHS} 个月：日志的法定最短留存期限"),
            ));
        }
        Ok(RetentionPolicy {
            grace_days: self.grace_days.unwrap_or(policy.grace_days),
            log_months: self.log_months.or(policy.log_months),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(text: &str) -> Result<VaultSettings> {
        crate::config::toml_of::<VaultSection>("anshu.toml", text)?.resolve()
    }

    #[test]
    fn what_is_not_said_is_a_file_and_aes() {
        assert_eq!(vault("").unwrap(), VaultSettings::default());
        assert_eq!(vault("cipher = \"sm4-gcm\"").unwrap().cipher, Cipher::Sm4Gcm);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        for (text, named) in [
            ("cipher = \"rot13\"", "aes-256-gcm"),
            ("provider = \"cloud\"", "pkcs11"),
            ("provider = \"pkcs11\"", "pin_file"),
            ("token = \"anshu\"", "provider"),
            ("key_uses = 0", "随机数"),
            ("key_uses = 4294967297", "随机数"),
            ("cypher = \"sm4-gcm\"", "cypher"),
        ] {
            let error = vault(text).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn logs_are_not_kept_for_less_than_the_law_asks() {
        let of = |log_months| RetentionSection { log_months, ..RetentionSection::default() };
        let error = of(Some(5)).resolve().unwrap_err().to_string();
        assert!(error.contains("6 个月"), "{error}");
        assert_eq!(of(Some(6)).resolve().unwrap().log_months, Some(6));
        assert_eq!(of(None).resolve().unwrap(), RetentionPolicy::default());
    }
}
