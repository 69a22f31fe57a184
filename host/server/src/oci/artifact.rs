//! What is stored in a registry: manifest, config and one layer, byte for byte the same for the same pack.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use anshu_model::provenance::{MEDIA_TYPE, Signature};
use anshu_model::{Error, Result};
use anshu_sandbox::Inspection;
use oci_client::annotations;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciDescriptor, OciImageManifest};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWrite;

/// The config of a component.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The config of a list of signatures.
const SIGNATURES_CONFIG: &str = "application/vnd.anshu.signatures.config.v1+json";
/// A list of signatures, as in a signature file.
pub(super) const SIGNATURES: &str = "application/vnd.anshu.signatures.v1+json";
/// The largest pack that is pulled, in bytes: what the sandbox looks at.
pub(super) const MOST_BYTES: usize = 64 << 20;
/// The largest list of signatures, in bytes.
pub(super) const MOST_SIGNATURE_BYTES: usize = 64 << 10;

/// Something that is stored under a tag.
#[derive(Debug)]
pub(super) struct Artifact {
    pub(super) config: Vec<u8>,
    pub(super) layer: Vec<u8>,
    pub(super) manifest: Vec<u8>,
    /// The digest of the manifest, as `sha256:…`.
    pub(super) digest: String,
}

impl Artifact {
    /// A pack, as `wkg` and others store a component.
    pub(super) fn of_pack(inspection: &Inspection, bytes: &[u8]) -> Result<Self> {
        let manifest = &inspection.manifest;
        let config = json!({
            // Not when it was pushed: the same pack is the same artifact wherever and whenever it is pushed.
            "created": "1970-01-01T00:00:00Z",
            "author": manifest.publisher,
            "architecture": "wasm",
            // What the layout's clients call a component's system; it says nothing of WASI being imported.
            "os": "wasip2",
            "layerDigests": [sha256(bytes)],
            "component": {
                "exports": inspection.exported(),
                "imports": inspection.imported(),
                "target": null,
            },
        });
        let notes = [
            (annotations::ORG_OPENCONTAINERS_IMAGE_TITLE, &manifest.name),
            (annotations::ORG_OPENCONTAINERS_IMAGE_VERSION, &manifest.version),
            (annotations::ORG_OPENCONTAINERS_IMAGE_VENDOR, &manifest.publisher),
            (annotations::ORG_OPENCONTAINERS_IMAGE_DESCRIPTION, &manifest.title),
        ];
        let notes = notes.map(|(key, text)| (key.to_owned(), text.clone()));
        Self::new(CONFIG, bytes_of(&config)?, MEDIA_TYPE, bytes.to_vec(), BTreeMap::from(notes))
    }

    /// Signatures.
    pub(super) fn of_signatures(signatures: &[Signature]) -> Result<Self> {
        let layer = bytes_of(&signatures)?;
        Self::new(SIGNATURES_CONFIG, b"{}".to_vec(), SIGNATURES, layer, BTreeMap::new())
    }

    fn new(
        config_type: &str,
        config: Vec<u8>,
        layer_type: &str,
        layer: Vec<u8>,
        annotations: BTreeMap<String, String>,
    ) -> Result<Self> {
        let manifest = bytes_of(&OciImageManifest {
            media_type: Some(OCI_IMAGE_MEDIA_TYPE.to_owned()),
            config: descriptor(config_type, &config)?,
            layers: vec![descriptor(layer_type, &layer)?],
            annotations: (!annotations.is_empty()).then_some(annotations),
            ..OciImageManifest::default()
        })?;
        Ok(Self { digest: sha256(&manifest), config, layer, manifest })
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Result<OciDescriptor> {
    Ok(OciDescriptor {
        media_type: media_type.to_owned(),
        digest: sha256(bytes),
        size: i64::try_from(bytes.len()).map_err(|error| Error::Internal(error.to_string()))?,
        ..OciDescriptor::default()
    })
}

fn bytes_of(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Internal(error.to_string()))
}

/// A digest as registries write it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("sha256:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Takes so many bytes and no more, whatever a registry sends.
#[derive(Debug)]
pub(super) struct Capped {
    bytes: Vec<u8>,
    most: usize,
}

impl Capped {
    /// Room for so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most }
    }

    /// What was taken.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl AsyncWrite for Capped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.bytes.len() + bytes.len() > self.most {
            let told = format!("仓库发来的内容超过其清单所写的 {} 字节", self.most);
            return Poll::Ready(Err(io::Error::other(told)));
        }
        self.bytes.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
