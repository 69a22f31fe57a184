//! Master keys on a token behind PKCS#11: they are made there, and never leave it. What wraps is CKM_AES_GCM with a nonce
//! from this machine; a token that insists on a nonce of its own is not supported.
//!
//! A file beside the other keys says which of the token's keys wraps. The token answers one at a time; what it unwrapped is
//! kept in the vault's cache, so that a page of a list asks it for what it has not seen yet alone.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use anshu_model::{Error, Result};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error as TokenError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::cipher::Secret;
use super::provider::{BY_TOKEN, Provider, absent, broken};
use crate::log::note::hex;

/// What our keys on a token are called.
const LABEL: &str = "anshu-master";
/// The file that says which of them wraps.
const CURRENT: &str = "token.current";
/// Bytes of a nonce, bits of a tag.
const NONCE: usize = 12;
const TAG: u64 = 128;

/// Where a token is, and how it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// The PKCS#11 module: a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// The file with the PIN in its first line.
    pub pin_file: PathBuf,
}

/// Master keys on a token.
#[derive(Debug)]
pub(super) struct Token {
    folder: PathBuf,
    session: Mutex<Session>,
    keys: RwLock<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    current: String,
    all: HashMap<String, ObjectHandle>,
}

impl Token {
    /// Opens the token and finds our keys; at first use one is made, where `make` says so.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what the token said.
    pub(super) fn open(settings: &TokenSettings, folder: &Path, make: bool) -> Result<Self> {
        let context = Pkcs11::new(&settings.module).map_err(|error| {
            let module = settings.module.display();
            Error::Unavailable(format!(
                "不能装入 PKCS#11 模块 {module}（{error}）；请检查 [vault] 的 module"
            ))
        })?;
        let initialized = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        match initialized {
            // Another part of this process has opened it already.
            Ok(())
            | Err(TokenError::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) => {
            }
            Err(error) => return Err(unanswered(&error)),
        }
        let mut found = None;
        for slot in context.get_slots_with_token().map_err(|error| unanswered(&error))? {
            let info = context.get_token_info(slot).map_err(|error| unanswered(&error))?;
            if info.label() == settings.label {
                found = Some(slot);
            }
        }
        let slot = found.ok_or_else(|| {
            Error::Unavailable(format!(
                "没有标签为 {} 的密码设备；请检查 [vault] 的 token",
                settings.label
            ))
        })?;
        let session = context.open_rw_session(slot).map_err(|error| unanswered(&error))?;
        match session.login(UserType::User, Some(&pin(&settings.pin_file)?)) {
            Ok(()) | Err(TokenError::Pkcs11(RvError::UserAlreadyLoggedIn, Function::Login)) => {}
            Err(error) => {
                return Err(Error::Unavailable(format!(
                    "密码设备拒绝登录（{error}）；请检查 PIN 文件"
                )));
            }
        }
        let token = Self {
            folder: folder.to_owned(),
            session: Mutex::new(session),
            keys: RwLock::default(),
        };
        token.find()?;
        if token.current().is_empty() && make {
            token.renew()?;
        }
        Ok(token)
    }

    /// Our keys, and which of them wraps.
    fn find(&self) -> Result<()> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::Label(LABEL.as_bytes().to_vec()),
        ];
        let mut keys = Keys::default();
        for handle in session.find_objects(&ours).map_err(|error| unanswered(&error))? {
            let found = session.get_attributes(handle, &[AttributeType::Id]);
            for attribute in found.map_err(|error| unanswered(&error))? {
                if let Attribute::Id(id) = attribute {
                    keys.all.insert(hex(&id), handle);
                }
            }
        }
        if let Ok(text) = fs::read_to_string(self.folder.join(CURRENT)) {
            let named = text.trim().to_owned();
            if !keys.all.contains_key(&named) {
                return Err(absent(&named, "密码设备"));
            }
            keys.current = named;
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn handle(&self, master: &str) -> Result<ObjectHandle> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.all.get(master).copied().ok_or_else(|| absent(master, "密码设备"))
    }
}

impl Provider for Token {
    fn name(&self) -> &'static str {
        "pkcs11"
    }

    fn current(&self) -> String {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).current.clone()
    }

    fn has(&self, master: &str) -> bool {
        self.handle(master).is_ok()
    }

    fn wrap(&self, about: &[u8], key: &Secret) -> Result<Vec<u8>> {
        let handle = self.handle(&self.current())?;
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce)
            .map_err(|error| Error::Internal(format!("random source: {error}")))?;
        let mut wrapped = vec![BY_TOKEN];
        wrapped.extend_from_slice(&nonce);
        let parameters =
            GcmParams::new(&mut nonce, about, TAG.into()).map_err(|error| unanswered(&error))?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = session.encrypt(&Mechanism::AesGcm(parameters), handle, key.bytes());
        wrapped.extend(sealed.map_err(|error| unanswered(&error))?);
        Ok(wrapped)
    }

    fn unwrap(&self, master: &str, about: &[u8], wrapped: &[u8]) -> Result<Secret> {
        let handle = self.handle(master)?;
        let Some((&BY_TOKEN, rest)) = wrapped.split_first() else { return Err(broken()) };
        let Some((nonce, sealed)) = rest.split_first_chunk::<NONCE>() else { return Err(broken()) };
        let mut nonce = *nonce;
        let parameters =
            GcmParams::new(&mut nonce, about, TAG.into()).map_err(|error| unanswered(&error))?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match session.decrypt(&Mechanism::AesGcm(parameters), handle, sealed) {
            Ok(plain) => Secret::of(&Zeroizing::new(plain)).ok_or_else(broken),
            Err(TokenError::Pkcs11(
                RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                // SoftHSM says of a wrong tag that something went wrong.
                | RvError::GeneralError,
                _,
            )) => Err(broken()),
            Err(error) => Err(unanswered(&error)),
        }
    }

    fn refresh(&self) -> Result<()> {
        self.find()
    }

    fn renew(&self) -> Result<String> {
        let mut id = [0_u8; 8];
        getrandom::fill(&mut id)
            .map_err(|error| Error::Internal(format!("random source: {error}")))?;
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(LABEL.as_bytes().to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::ValueLen(32.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let made = session.generate_key(&Mechanism::AesKeyGen, &template);
        made.map_err(|error| unanswered(&error))?;
        drop(session);
        let named = hex(&id);
        // Written beside and put in place: whoever is killed here has the old one or the new one.
        let beside = self.folder.join(format!("{CURRENT}.new"));
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&beside, format!("{named}\n")))
            .and_then(|()| fs::rename(&beside, self.folder.join(CURRENT)))
            .map_err(|error| {
                Error::Unavailable(format!("密钥文件夹无法写入（{error}）；请检查其权限"))
            })?;
        self.find()?;
        Ok(named)
    }
}

fn pin(file: &Path) -> Result<AuthPin> {
    let text = fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
        Error::Unavailable(format!("不能读取 PIN 文件 {}（{error}）", file.display()))
    })?;
    match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => Ok(AuthPin::new(line.into())),
        None => {
            Err(Error::Unavailable(format!("PIN 文件 {} 是空的；第一行应为 PIN", file.display())))
        }
    }
}

/// A token that did not do what it was asked. Its words hold no key.
fn unanswered(error: &TokenError) -> Error {
    Error::Unavailable(format!("密码设备没有完成操作（{error}）；请检查设备"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
    const HERE: &str = "ANSHU_TEST_TOKEN";

    /// A real token, of SoftHSM, in a folder of its own. Its place is told by the environment alone, so a process of its own
    /// works with it.
    #[test]
    fn a_token_wraps_and_unwraps() {
        if !Path::new(MODULE).is_file() {
            // Said aloud: nobody shall believe that this was tried.
            println!("SKIPPED: no PKCS#11 module at {MODULE}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("softhsm2.conf");
        fs::create_dir(folder.path().join("tokens")).unwrap();
        let tokens = folder.path().join("tokens");
        fs::write(
            &conf,
            format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display()),
        )
        .unwrap();
        fs::write(folder.path().join("pin"), "123456\n").unwrap();
        let made = Command::new("softhsm2-util")
            .env("SOFTHSM2_CONF", &conf)
            .args([
                "--init-token",
                "--free",
                "--label",
                "anshu-test",
                "--pin",
                "123456",
                "--so-pin",
                "654321",
            ])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let done = Command::new(std::env::current_exe().unwrap())
            .env("SOFTHSM2_CONF", &conf)
            .env(HERE, folder.path())
            .args(["vault::token::tests::on_the_token", "--exact", "--ignored", "--nocapture"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned()
            + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
    }

    #[test]
    #[ignore = "started by a_token_wraps_and_unwraps"]
    fn on_the_token() {
        let Some(folder) = std::env::var_os(HERE).map(PathBuf::from) else { return };
        let settings = TokenSettings {
            module: MODULE.into(),
            label: "anshu-test".into(),
            pin_file: folder.join("pin"),
        };
        let keys = folder.join("keys");
        assert!(Token::open(&settings, &keys, false).unwrap().current().is_empty());
        let token = Token::open(&settings, &keys, true).unwrap();
        let key = Secret::random().unwrap();
        let first = token.current();
        let wrapped = token.wrap(b"a", &key).unwrap();
        assert_eq!(wrapped.first(), Some(&BY_TOKEN));
        let second = token.renew().unwrap();
        assert_ne!(first, second);
        for token in [&token, &Token::open(&settings, &keys, true).unwrap()] {
            assert_eq!(token.current(), second);
            assert_eq!(token.unwrap(&first, b"a", &wrapped).unwrap().bytes(), key.bytes());
            assert!(matches!(token.unwrap(&first, b"b", &wrapped), Err(Error::Internal(_))));
            assert!(token.unwrap(&second, b"a", &wrapped).is_err());
            assert!(matches!(token.unwrap("00", b"a", &wrapped), Err(Error::Unavailable(_))));
        }
        let wrong = TokenSettings { label: "other".into(), ..settings.clone() };
        assert!(Token::open(&wrong, &keys, true).unwrap_err().to_string().contains("other"));
        fs::write(folder.join("pin"), "000000\n").unwrap();
        drop(token);
        assert!(Token::open(&settings, &keys, true).unwrap_err().to_string().contains("PIN"));
    }
}
