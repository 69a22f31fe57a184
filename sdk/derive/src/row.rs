//! Rows of views: one column for each field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, LitStr};

use crate::record::named_fields;
use crate::value::{self, Serde};

/// Columns that a view may have.
const MOST: usize = 16;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut names = Vec::new();
    let mut titles = Vec::new();
    for field in named_fields(input)? {
        let Some(ident) = &field.ident else { continue };
        let serde = Serde::read(&field.attrs)?;
        let mut title: Option<LitStr> = None;
        value::each(&field.attrs, |meta, key| match key {
            "title" => {
                title = Some(value::words(&value::of(meta)?)?);
                Ok(())
            }
            _ => Err(value::unknown(meta, key, &["title"])),
        })?;
        // A field without a title is given to the console but not shown, such as the id that a row leads to.
        if let Some(title) = title {
            names.push(
                serde
                    .rename
                    .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned()),
            );
            titles.push(title);
        }
    }
    if names.is_empty() || names.len() > MOST {
        let message =
            format!("一个视图需要 1 至 {MOST} 列（带 title 的字段），这里有 {}", names.len());
        return Err(syn::Error::new(input.ident.span(), message));
    }
    let own = &input.ident;
    Ok(quote! {
        impl ::anshu_sdk::Row for #own {
            const COLUMNS: &'static [(&'static str, &'static str)] = &[#((#names, #titles)),*];
        }
    })
}
