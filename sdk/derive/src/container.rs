//! What stands on the struct itself.

use syn::{DeriveInput, LitStr};

use crate::classification::{Classification, KEYS};
use crate::value::{self, Serde};

/// The struct's `#[anshu(…)]`.
pub(crate) struct Container {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) on: Option<LitStr>,
    /// Stands in where a field states none.
    pub(crate) classification: Classification,
    pub(crate) serde: Serde,
}

impl Container {
    /// Reads it; `own` are the keys that this derive knows beside the classification.
    pub(crate) fn read(input: &DeriveInput, own: &[&str]) -> syn::Result<Self> {
        let mut found = Self {
            name: None,
            title: None,
            on: None,
            classification: Classification::default(),
            serde: Serde::read(&input.attrs)?,
        };
        let known: Vec<_> = own.iter().chain(&KEYS).copied().collect();
        value::each(&input.attrs, |meta, key| {
            if !known.contains(&key) {
                return Err(value::unknown(meta, key, &known));
            }
            match key {
                "name" => found.name = Some(value::words(&value::of(meta)?)?),
                "title" => found.title = Some(value::words(&value::of(meta)?)?),
                "on" => {
                    let kinds = ["person", "organisation", "place", "thing"];
                    found.on = Some(value::word(&value::of(meta)?, &kinds)?);
                }
                _ => {
                    found.classification.take(meta, key)?;
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The value of a key that must be there.
    pub(crate) fn required<'a>(
        input: &DeriveInput,
        found: Option<&'a LitStr>,
        example: &str,
    ) -> syn::Result<&'a LitStr> {
        found.ok_or_else(|| {
            syn::Error::new(
                input.ident.span(),
                format!("`{}` 缺少 #[anshu({example})]", input.ident),
            )
        })
    }
}

/// Whether a name is lower-case letters, digits and the given marks, beginning with a letter.
pub(crate) fn is_name(text: &str, marks: &[char]) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.chars().all(|letter| {
            letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || letter == '-'
                || marks.contains(&letter)
        })
}
