//! Names that a hurried reader takes for another: one letter more, less, changed or swapped, or letters that look alike.

use std::collections::BTreeSet;

use anshu_model::provenance::KeyId;

/// A pack that is installed, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// The keys whose signatures count, over all its versions.
    pub keys: BTreeSet<KeyId>,
}

/// The installed packs that a new pack's name imitates: its name is nearly theirs, and nobody who signed it signed them.
/// Where there is one, a person must confirm the name before the pack is installed.
#[must_use]
pub fn imitated<'a>(name: &str, keys: &BTreeSet<KeyId>, installed: &'a [Known]) -> Vec<&'a str> {
    if installed.iter().any(|known| known.name == name) {
        // Another version of what is there: who may sign it is the policy's matter.
        return Vec::new();
    }
    let strange = installed.iter().filter(|known| known.keys.is_disjoint(keys));
    strange.filter(|known| near(name, &known.name)).map(|known| known.name.as_str()).collect()
}

fn near(a: &str, b: &str) -> bool {
    strsim::osa_distance(a, b) <= 1 || seen(a) == seen(b)
}

/// A name as an eye takes it in. Names are lower-case Latin letters, digits and hyphens.
fn seen(name: &str) -> String {
    let letters: String = name
        .chars()
        .filter(|letter| *letter != '-')
        .map(|letter| match letter {
            '0' => 'o',
            '1' | 'i' | 'j' => 'l',
            '2' => 'z',
            '5' => 's',
            '8' => 'b',
            '9' => 'g',
            other => other,
        })
        .collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

#[cfg(test)]
mod tests {
    use anshu_model::provenance::Algorithm;

    use super::*;

    fn keys(names: &[&str]) -> BTreeSet<KeyId> {
        names.iter().map(|name| KeyId::of(Algorithm::Ed25519, name.as_bytes())).collect()
    }

    #[test]
    fn a_name_that_is_nearly_anothers_is_noticed_unless_the_same_key_signed() {
        let installed = [
            Known { name: "lodgings".into(), keys: keys(&["police"]) },
            Known { name: "marina".into(), keys: keys(&["civil"]) },
        ];
        let imitates = |name: &str, signed: &[&str]| imitated(name, &keys(signed), &installed);
        for name in ["lodginqs", "lodgnigs", "lodgingss", "ldgings", "lod-gings", "l0dgings"] {
            assert_eq!(imitates(name, &["other"]), ["lodgings"], "{name}");
            assert!(imitates(name, &["police", "other"]).is_empty(), "{name}");
        }
        assert_eq!(imitates("rnarina", &[]), ["marina"]);
        assert!(imitates("lodgings", &["other"]).is_empty(), "the same name is another version");
        assert!(imitates("fire-safety", &["other"]).is_empty());
    }
}
