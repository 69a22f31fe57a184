//! Enums without fields: choices with their titles.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::value;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "Choice 需要枚举"));
    };
    let own = &input.ident;
    let mut variants = Vec::new();
    let mut titles = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new(variant.ident.span(), "可选项不能带字段"));
        }
        let mut title: Option<LitStr> = None;
        value::each(&variant.attrs, |meta, key| match key {
            "title" => {
                title = Some(value::words(&value::of(meta)?)?);
                Ok(())
            }
            _ => Err(value::unknown(meta, key, &["title"])),
        })?;
        let Some(title) = title else {
            return Err(syn::Error::new(
                variant.ident.span(),
                format!("可选项 `{}` 缺少 title", variant.ident),
            ));
        };
        variants.push(&variant.ident);
        titles.push(title);
    }
    if variants.is_empty() {
        return Err(syn::Error::new(own.span(), "至少需要一个可选项"));
    }
    Ok(quote! {
        impl ::anshu_sdk::schema::Choice for #own {
            const ALL: &'static [Self] = &[#(Self::#variants),*];
            fn title(&self) -> &'static str {
                match self { #(Self::#variants => #titles),* }
            }
        }
        impl ::anshu_sdk::schema::Shape for #own {
            fn shape() -> ::anshu_sdk::schema::Map {
                ::anshu_sdk::schema::choices::<Self>()
            }
        }
    })
}
