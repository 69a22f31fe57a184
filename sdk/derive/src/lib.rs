//! The derives of `anshu-sdk`: schema, classification, manifest entry and console form from one Rust type.
//!
//! What the host would refuse when a pack is installed, and what can be seen in the type alone, is a compile error here:
//! an unknown key, an attribute without a level, personal data without its purpose, legal ground and retention. This
//! crate knows the words of the manifest; it must not know the host. Use it through `anshu_sdk`, which the generated code
//! refers to.

mod choice;
mod classification;
mod container;
mod field;
mod record;
mod row;
#[cfg(test)]
mod tests;
mod value;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A facet: attributes that the pack adds to a person, an organisation, a place or a thing.
///
/// `#[anshu(name = "pack.name", on = "person|organisation|place|thing", title = "…")]`, and on every field at least a
/// `title` and a `level`. The struct's own `level`, `purpose`, `ground` and `retention` stand in where a field states none.
#[proc_macro_derive(Facet, attributes(anshu))]
pub fn facet(input: TokenStream) -> TokenStream {
    finish(record::facet(&parse_macro_input!(input as DeriveInput)))
}

/// A form that the console draws: `#[anshu(name = "…", title = "…")]`. A field with `section = "…"` (and `cols = 1..=4`)
/// begins a part of the form.
#[proc_macro_derive(Form, attributes(anshu))]
pub fn form(input: TokenStream) -> TokenStream {
    finish(record::form(&parse_macro_input!(input as DeriveInput)))
}

/// What an event tells: `#[anshu(name = "topic@1", title = "…")]`.
#[proc_macro_derive(Topic, attributes(anshu))]
pub fn topic(input: TokenStream) -> TokenStream {
    finish(record::topic(&parse_macro_input!(input as DeriveInput)))
}

/// An object inside a facet, form or topic, alone or in a `Vec`. Its fields carry their own classification.
#[proc_macro_derive(Part, attributes(anshu))]
pub fn part(input: TokenStream) -> TokenStream {
    finish(record::part(&parse_macro_input!(input as DeriveInput)))
}

/// An enum without fields, as a list of choices: `#[anshu(title = "…")]` on each variant.
#[proc_macro_derive(Choice, attributes(anshu))]
pub fn choice(input: TokenStream) -> TokenStream {
    finish(choice::expand(&parse_macro_input!(input as DeriveInput)))
}

/// A row of a view: `#[anshu(title = "…")]` on each field gives its column.
#[proc_macro_derive(Row, attributes(anshu))]
pub fn row(input: TokenStream) -> TokenStream {
    finish(row::expand(&parse_macro_input!(input as DeriveInput)))
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(|error| error.into_compile_error()).into()
}
