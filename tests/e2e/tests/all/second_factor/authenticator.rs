//! A key in software, written from the WebAuthn specification and not from the library that checks it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::value::Value as Cbor;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A key, and the page on which it is used.
#[derive(Clone)]
pub(super) struct Authenticator {
    /// The address of the page.
    pub(super) origin: String,
    host: String,
    key: SigningKey,
    id: Vec<u8>,
    counter: u32,
}

impl Authenticator {
    /// A key on a page of `https://<host>`.
    pub(super) fn new(origin: &str) -> Self {
        let host = origin.trim_start_matches("https://").to_owned();
        let secret: [u8; 32] = Sha256::digest(format!("sample key {origin}")).into();
        let key = SigningKey::from_slice(&secret).unwrap();
        Self { origin: origin.to_owned(), host, key, id: vec![7; 16], counter: 1 }
    }

    /// What a browser answers to a request for a new key.
    pub(super) fn create(&mut self, options: &Value) -> Value {
        let client = self.client("webauthn.create", &options["publicKey"]["challenge"]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let whole = point.as_bytes();
        // COSE: a key on the curve P-256 for ES256.
        let int = |number: i64| Cbor::Integer(number.into());
        let cose = Cbor::Map(vec![
            (int(1), int(2)),
            (int(3), int(-7)),
            (int(-1), int(1)),
            (int(-2), Cbor::Bytes(whole[1..33].to_vec())),
            (int(-3), Cbor::Bytes(whole[33..65].to_vec())),
        ]);
        // Present, verified, and with the key.
        let mut data = self.data(0x45);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(bytes(&cose));
        let text = |text: &str| Cbor::Text(text.into());
        let attestation = Cbor::Map(vec![
            (text("fmt"), text("none")),
            (text("attStmt"), Cbor::Map(Vec::new())),
            (text("authData"), Cbor::Bytes(data)),
        ]);
        self.answer(json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(bytes(&attestation)),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
        }))
    }

    /// What a browser answers to a challenge.
    pub(super) fn get(&mut self, options: &Value) -> Value {
        let client = self.client("webauthn.get", &options["publicKey"]["challenge"]);
        self.counter += 1;
        let data = self.data(0x05);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "signature": URL_SAFE_NO_PAD.encode(signature.to_der().as_bytes()),
            "userHandle": null,
        }))
    }

    fn client(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        client.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(&self.host).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn answer(&self, response: Value) -> Value {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} })
    }
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
