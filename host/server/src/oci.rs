//! Packs in an OCI registry, in the layout of the common Wasm clients: one layer `application/wasm` under a config of type
//! `application/vnd.wasm.config.v0+json`. Whatever pulls components pulls packs.
//!
//! Signatures travel as an artifact of their own under the tag `sha256-<digest>.sig`, where the digest is the one of the
//! pack's manifest, so that tools which copy signatures along find them, and registries without the referrers API do.
//! It must not decide whether a signature is worth anything: what it brings is checked like a file from anywhere.

mod artifact;
mod failure;

use std::time::Duration;

use anshu_model::provenance::Signature;
use anshu_model::{Error, Result};
use anshu_sandbox::{Sandbox, provenance};
use oci_client::client::{Certificate, CertificateEncoding, ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};

use artifact::{Artifact, Capped, sha256};

/// How a registry is reached.
#[derive(Default)]
pub struct Access {
    /// Without TLS. Only for a registry on this machine.
    pub plain_http: bool,
    /// One more root certificate that is trusted, as PEM.
    pub root: Option<Vec<u8>>,
    /// Who asks.
    pub account: Account,
}

/// Who asks a registry.
#[derive(Default)]
pub enum Account {
    /// Nobody in particular.
    #[default]
    Nobody,
    /// Whom `docker login` left for the registry, else nobody.
    Docker,
    /// A name with its password.
    Named(String, String),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("plain_http", &self.plain_http).finish_non_exhaustive()
    }
}

/// One place in a registry.
pub struct Registry {
    client: Client,
    place: Reference,
    auth: RegistryAuth,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Registry").field(&self.place.whole()).finish()
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("Nobody"),
            Self::Docker => f.write_str("Docker"),
            Self::Named(name, _) => f.debug_tuple("Named").field(name).finish_non_exhaustive(),
        }
    }
}

/// What was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Where it is, by digest: whoever pulls this gets this.
    pub reference: String,
    /// The digest of its manifest, as `sha256:…`.
    pub digest: String,
}

/// What was pulled.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The pack. It has the digest that the manifest states; whether it is to be trusted is not known yet.
    pub bytes: Vec<u8>,
    /// Its signatures, unchecked.
    pub signatures: Vec<Signature>,
    /// The digest of its manifest, as `sha256:…`.
    pub digest: String,
}

impl Registry {
    /// A place in a registry, such as `registry.example:5000/packs/demo:1.0.0` or `…@sha256:…`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] where this is no such place, or another machine is to be reached without TLS.
    pub fn open(place: &str, access: Access) -> Result<Self> {
        let wrong = |found: String| {
            Error::invalid(
                "仓库地址",
                found,
                "主机[:端口]/路径:标签 或 主机[:端口]/路径@sha256:摘要，如 registry.example:5000/packs/demo:1.0.0",
            )
        };
        // Without a host the usual clients go to a public registry abroad, which nobody here means.
        let host = place.split_once('/').map(|(host, _)| host);
        if !host.is_some_and(|host| host == "localhost" || host.contains(['.', ':'])) {
            return Err(wrong(format!("“{place}”没有写明主机")));
        }
        let place: Reference =
            place.parse().map_err(|error| wrong(format!("“{place}”（{error}）")))?;
        let registry = place.resolve_registry().to_owned();
        if access.plain_http && !failure::is_here(&registry) {
            return Err(Error::invalid(
                "--plain-http",
                format!("{registry} 不是本机"),
                "只对 127.0.0.1 或 localhost 使用；其他主机须用 TLS，自签证书用 --ca 指明",
            ));
        }
        let auth = match access.account {
            Account::Named(name, password) => RegistryAuth::Basic(name, password),
            Account::Docker => of_docker(&registry)?,
            Account::Nobody => RegistryAuth::Anonymous,
        };
        let protocol = if access.plain_http {
            ClientProtocol::HttpsExcept(vec![registry.clone()])
        } else {
            ClientProtocol::Https
        };
        // Another part of the program may have chosen already; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = access.root.map(|data| Certificate { encoding: CertificateEncoding::Pem, data });
        let client = Client::try_from(ClientConfig {
            protocol,
            extra_root_certificates: root.into_iter().collect(),
            connect_timeout: Some(Duration::from_secs(10)),
            read_timeout: Some(Duration::from_secs(60)),
            user_agent: concat!("anshu/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        })
        .map_err(|error| {
            Error::invalid("--ca", format!("不能使用（{error}）"), "PEM 格式的根证书")
        })?;
        Ok(Self { client, place, auth })
    }

    /// Pushes a pack with its signatures. Signatures by other keys that are there already stay; the same pack pushed twice is
    /// one artifact.
    ///
    /// # Errors
    /// [`Error::Invalid`] where this is no pack or the place has no tag; [`Error::Denied`] where the registry refuses the
    /// account; [`Error::Unavailable`] where it does not answer.
    pub async fn push(&self, bytes: &[u8], signatures: &[Signature]) -> Result<Pushed> {
        if self.place.tag().is_none() || self.place.digest().is_some() {
            return Err(Error::invalid(
                "仓库地址",
                self.place.whole(),
                "推送时以标签结尾，如 :1.0.0",
            ));
        }
        let pack = Artifact::of_pack(&Sandbox::inspect(bytes)?, bytes)?;
        self.sign_in(RegistryOperation::Push).await?;
        // First the signatures: whoever finds the pack finds them too.
        if !signatures.is_empty() {
            let place = self.signatures_of(&pack.digest)?;
            let mut all = self.fetch_signatures(&place).await.unwrap_or_default();
            all.retain(|old| signatures.iter().all(|new| new.key_id != old.key_id));
            all.extend_from_slice(signatures);
            self.store(&place, &Artifact::of_signatures(&all)?).await?;
        }
        self.store(&self.place, &pack).await?;
        let (registry, repository) = (self.place.registry(), self.place.repository());
        Ok(Pushed {
            reference: format!("{registry}/{repository}@{}", pack.digest),
            digest: pack.digest,
        })
    }

    /// Pulls a pack with its signatures.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none; [`Error::Denied`] where the registry refuses the account, or gives something
    /// else than the digest promises; [`Error::Invalid`] where it is no pack; [`Error::Unavailable`] where the registry
    /// does not answer.
    pub async fn pull(&self) -> Result<Pulled> {
        self.sign_in(RegistryOperation::Pull).await?;
        let (manifest, digest) = self.manifest(&self.place).await?;
        let wrong = |found: String| {
            Error::invalid(self.place.whole(), found, "插件包：一层 application/wasm，不是容器镜像")
        };
        let [layer] = manifest.layers.as_slice() else {
            return Err(wrong(format!("有 {} 层", manifest.layers.len())));
        };
        if layer.media_type != anshu_model::provenance::MEDIA_TYPE {
            return Err(wrong(format!("内容是 {}", layer.media_type)));
        }
        let bytes = self.blob(&self.place, layer, artifact::MOST_BYTES).await?;
        Sandbox::inspect(&bytes)?;
        let signatures = match self.fetch_signatures(&self.signatures_of(&digest)?).await {
            Err(Error::NotFound(_)) => Vec::new(),
            other => other?,
        };
        Ok(Pulled { bytes, signatures, digest })
    }

    /// The tag of a pack's signatures.
    fn signatures_of(&self, digest: &str) -> Result<Reference> {
        let tag = format!("{}.sig", digest.replace(':', "-"));
        let (registry, repository) = (self.place.registry(), self.place.repository());
        let place = format!("{registry}/{repository}:{tag}");
        place.parse().map_err(|error| Error::Internal(format!("{place}: {error}")))
    }

    async fn fetch_signatures(&self, place: &Reference) -> Result<Vec<Signature>> {
        let (manifest, _) = self.manifest(place).await?;
        let layer = manifest.layers.iter().find(|layer| layer.media_type == artifact::SIGNATURES);
        let layer = layer.ok_or_else(|| {
            Error::invalid(place.whole(), "不是插件签名", "由 anshu pack push 推送的签名")
        })?;
        let bytes = self.blob(place, layer, artifact::MOST_SIGNATURE_BYTES).await?;
        provenance::signatures(&place.whole(), &bytes)
    }

    async fn sign_in(&self, operation: RegistryOperation) -> Result<()> {
        let done = self.client.auth(&self.place, &self.auth, operation).await;
        done.map(|_| ()).map_err(|error| self.failed("登录", &self.place, error))
    }

    async fn manifest(&self, place: &Reference) -> Result<(OciImageManifest, String)> {
        let got = self.client.pull_manifest_raw(place, &self.auth, &[OCI_IMAGE_MEDIA_TYPE]).await;
        let (bytes, _) = got.map_err(|error| self.failed("取清单", place, error))?;
        let digest = sha256(&bytes);
        if place.digest().is_some_and(|wanted| wanted != digest) {
            return Err(failure::other_digest(place));
        }
        let manifest = serde_json::from_slice(&bytes).map_err(|error| {
            Error::invalid(
                place.whole(),
                format!("不是单个制品的清单（{error}）"),
                "由 anshu pack push 或 wkg 推送的插件包",
            )
        })?;
        Ok((manifest, digest))
    }

    /// A blob, no larger than stated and no larger than allowed, that has its digest.
    async fn blob(&self, place: &Reference, layer: &OciDescriptor, most: usize) -> Result<Vec<u8>> {
        let size = usize::try_from(layer.size).ok().filter(|size| *size <= most);
        let size = size.ok_or_else(|| {
            Error::invalid(
                place.whole(),
                format!("{} 字节", layer.size),
                format!("不超过 {most} 字节"),
            )
        })?;
        let mut blob = Capped::new(size);
        let got = self.client.pull_blob(place, layer, &mut blob).await;
        got.map_err(|error| self.failed("取内容", place, error))?;
        let bytes = blob.into_bytes();
        if sha256(&bytes) == layer.digest { Ok(bytes) } else { Err(failure::other_digest(place)) }
    }

    async fn store(&self, place: &Reference, artifact: &Artifact) -> Result<()> {
        for blob in [&artifact.config, &artifact.layer] {
            let pushed = self.client.push_blob(place, blob.clone(), &sha256(blob)).await;
            pushed.map_err(|error| self.failed("推送", place, error))?;
        }
        let kind =
            OCI_IMAGE_MEDIA_TYPE.parse().map_err(|_| Error::Internal("media type".into()))?;
        let pushed = self.client.push_manifest_raw(place, artifact.manifest.clone(), kind).await;
        pushed.map(|_| ()).map_err(|error| self.failed("推送", place, error))
    }

    fn failed(&self, doing: &str, place: &Reference, error: OciDistributionError) -> Error {
        failure::told(doing, place, &self.auth, error)
    }
}

/// What `docker login` left for a registry: nobody, where it left nothing.
fn of_docker(registry: &str) -> Result<RegistryAuth> {
    use docker_credential::{CredentialRetrievalError as Failed, DockerCredential};
    match docker_credential::get_credential(registry) {
        Ok(DockerCredential::UsernamePassword(name, password)) => {
            Ok(RegistryAuth::Basic(name, password))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(RegistryAuth::Bearer(token)),
        // A file that is not there is told as one that cannot be read.
        Err(Failed::ConfigNotFound | Failed::ConfigReadError | Failed::NoCredentialConfigured) => {
            Ok(RegistryAuth::Anonymous)
        }
        Err(error) => Err(Error::Unavailable(format!(
            "不能从 docker 配置读取 {registry} 的账号（{error}）；请重新 docker login，或用 --username 和 --password-stdin"
        ))),
    }
}
