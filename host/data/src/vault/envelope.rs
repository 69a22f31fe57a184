//! How a sealed text stands in a column of text: `\u{1}1.<cipher>.<keys>.<base64>`. Pure.
//!
//! The first character is one that no person and no pack can write there: lines refuse control characters, and JSON
//! begins otherwise. The ciphertext is bound to table, row, column and version, to its keys and its cipher: moved
//! anywhere else it does not open (attack 52).

use anshu_model::Id;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::cipher::Cipher;

/// What a sealed text begins with.
pub(crate) const MARK: char = '\u{1}';
/// The version of this form.
const FORM: &str = "1";

/// A key by its subject and generation.
pub(crate) type KeyRef = (Id, u32);

/// Where a text belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table and the column.
    pub(crate) column: &'static str,
    /// The row.
    pub(crate) row: &'a str,
    /// The version, or what else tells rows of that key apart.
    pub(crate) version: u64,
}

impl<'a> Place<'a> {
    /// A version of a record.
    pub(crate) fn version(id: &'a str, version: u64) -> Self {
        Self { column: "record_version.record", row: id, version }
    }

    /// A decision.
    pub(crate) fn decision(id: &'a str) -> Self {
        Self { column: "decision.decision", row: id, version: 0 }
    }

    /// What a person asked for about their data, after so many steps.
    pub(crate) fn request(id: &'a str, step: u64) -> Self {
        Self { column: "person_request.body", row: id, version: step }
    }

    /// An event's payload.
    pub(crate) fn event(id: &'a str) -> Self {
        Self { column: "event.payload", row: id, version: 0 }
    }

    /// A line of a timeline, by its operation.
    pub(crate) fn line(operation: &'a str, ordinal: u64) -> Self {
        Self { column: "timeline.text", row: operation, version: ordinal }
    }

    /// A timer's payload; its row is `pack/key`.
    pub(crate) fn timer(row: &'a str, due: u64) -> Self {
        Self { column: "timer.payload", row, version: due }
    }

    /// What the ciphertext is bound to: every part with its length before it.
    pub(super) fn about(&self, cipher: Cipher, keys: &str) -> Vec<u8> {
        let mut about = Vec::with_capacity(96 + self.row.len() + keys.len());
        for part in [self.column, self.row, cipher.name(), keys] {
            about.extend_from_slice(&(part.len() as u64).to_be_bytes());
            about.extend_from_slice(part.as_bytes());
        }
        about.extend_from_slice(&self.version.to_be_bytes());
        about
    }
}

/// A sealed text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope<'t> {
    pub(super) cipher: Cipher,
    /// The keys as they stand in the text.
    pub(super) names: &'t str,
    pub(super) keys: Vec<KeyRef>,
    body: &'t str,
}

/// Whether a text is sealed.
pub(crate) fn is_sealed(text: &str) -> bool {
    text.starts_with(MARK)
}

/// A key as it stands in a sealed text.
pub(crate) fn named(subject: &Id, generation: u32) -> String {
    format!("{subject}#{generation}")
}

/// Puts a sealed text together.
pub(super) fn put(cipher: Cipher, names: &str, sealed: &[u8]) -> String {
    let cipher = cipher.name();
    let mut text = String::with_capacity(8 + cipher.len() + names.len() + sealed.len() * 4 / 3 + 4);
    text.push(MARK);
    for part in [FORM, ".", cipher, ".", names, "."] {
        text.push_str(part);
    }
    STANDARD_NO_PAD.encode_string(sealed, &mut text);
    text
}

impl<'t> Envelope<'t> {
    /// Takes a sealed text apart. None where it is none of this form.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix(MARK)?.strip_prefix(FORM)?.strip_prefix('.')?;
        let (cipher, rest) = rest.split_once('.')?;
        // Base64 has no point: the last one ends the keys.
        let (names, body) = rest.rsplit_once('.')?;
        let mut keys = Vec::new();
        for name in names.split('+') {
            let (subject, generation) = name.rsplit_once('#')?;
            keys.push((Id::from_text(subject), generation.parse().ok()?));
        }
        Some(Self { cipher: Cipher::from_name(cipher)?, names, keys, body })
    }

    /// Nonce, ciphertext and tag.
    pub(super) fn sealed(&self) -> Option<Vec<u8>> {
        STANDARD_NO_PAD.decode(self.body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_is_taken_apart() {
        let text = put(Cipher::Sm4Gcm, "01A.x#1+01B#12", &[1, 2, 3, 250]);
        assert!(is_sealed(&text));
        let envelope = Envelope::parse(&text).unwrap();
        assert_eq!(envelope.cipher, Cipher::Sm4Gcm);
        assert_eq!(envelope.keys, [(Id::from_text("01A.x"), 1), (Id::from_text("01B"), 12)]);
        assert_eq!(envelope.sealed().unwrap(), [1, 2, 3, 250]);
    }

    #[test]
    fn what_is_no_sealed_text_is_none() {
        for text in [
            "",
            "{}",
            "\u{1}",
            "\u{1}2.aes-256-gcm.a#1.AA",
            "\u{1}1.rot13.a#1.AA",
            "\u{1}1.sm4-gcm.a.AA",
        ] {
            assert!(Envelope::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn no_two_places_are_the_same() {
        let about = |place: Place<'_>| place.about(Cipher::Aes256Gcm, "a#1");
        assert_ne!(about(Place::version("a", 1)), about(Place::version("a", 2)));
        assert_ne!(about(Place::version("a", 1)), about(Place::version("b", 1)));
        assert_ne!(about(Place::decision("a")), about(Place::event("a")));
        assert_ne!(about(Place::decision("a")), Place::decision("a").about(Cipher::Sm4Gcm, "a#1"));
    }
}
