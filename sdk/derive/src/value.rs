//! Values after `key =`: texts, words and numbers.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, UnOp};

/// A text. `level = L3` is read like `level = "L3"`.
pub(crate) fn text(expression: &Expr) -> syn::Result<LitStr> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.clone()),
        Expr::Path(path) if path.path.get_ident().is_some() => {
            let word = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
            Ok(LitStr::new(&word, path.span()))
        }
        other => Err(syn::Error::new(other.span(), "这里应当是一段文字，例如 \"…\"")),
    }
}

/// A text that is not empty.
pub(crate) fn words(expression: &Expr) -> syn::Result<LitStr> {
    let text = text(expression)?;
    if text.value().trim().is_empty() {
        return Err(syn::Error::new(text.span(), "不能为空"));
    }
    Ok(text)
}

/// One of a list of words.
pub(crate) fn word(expression: &Expr, known: &[&str]) -> syn::Result<LitStr> {
    let text = text(expression)?;
    if known.contains(&text.value().as_str()) {
        return Ok(text);
    }
    let message = format!("不认识“{}”；可以是：{}", text.value(), known.join("、"));
    Err(syn::Error::new(text.span(), message))
}

/// A small whole number inside a range.
pub(crate) fn small(expression: &Expr, range: std::ops::RangeInclusive<u8>) -> syn::Result<u8> {
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = expression
        && let Ok(number) = number.base10_parse::<u8>()
        && range.contains(&number)
    {
        return Ok(number);
    }
    let message = format!("应当是 {} 至 {} 的整数", range.start(), range.end());
    Err(syn::Error::new(expression.span(), message))
}

/// A literal as `anshu_sdk::schema::Literal`.
pub(crate) fn literal(expression: &Expr) -> syn::Result<TokenStream> {
    let of = |lit: &Lit| match lit {
        Lit::Str(_) => Some(quote!(Text)),
        Lit::Int(_) => Some(quote!(Whole)),
        Lit::Float(_) => Some(quote!(Real)),
        Lit::Bool(_) => Some(quote!(Truth)),
        _ => None,
    };
    let kind = match expression {
        Expr::Lit(ExprLit { lit, .. }) => of(lit),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match expr.as_ref() {
            Expr::Lit(ExprLit { lit: lit @ (Lit::Int(_) | Lit::Float(_)), .. }) => of(lit),
            _ => None,
        },
        _ => None,
    };
    let kind =
        kind.ok_or_else(|| syn::Error::new(expression.span(), "应当是数字、文字、true 或 false"))?;
    Ok(quote!(::anshu_sdk::schema::Literal::#kind(#expression)))
}

/// A number as `anshu_sdk::schema::Literal`.
pub(crate) fn number(expression: &Expr) -> syn::Result<TokenStream> {
    let inner = match expression {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => expr.as_ref(),
        other => other,
    };
    match inner {
        Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => literal(expression),
        other => Err(syn::Error::new(other.span(), "应当是数字")),
    }
}

/// An optional text as tokens of `Option<&'static str>`.
pub(crate) fn optional(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

/// Calls back with each `key = value` or bare `key` inside the `#[anshu(…)]` attributes.
pub(crate) fn each(
    attributes: &[syn::Attribute],
    mut take: impl FnMut(&syn::meta::ParseNestedMeta<'_>, &str) -> syn::Result<()>,
) -> syn::Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("anshu")) {
        attribute.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            take(&meta, &key)
        })?;
    }
    Ok(())
}

/// The value of the key at hand.
pub(crate) fn of(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<Expr> {
    meta.value()?.parse()
}

/// Refuses a key.
pub(crate) fn unknown(
    meta: &syn::meta::ParseNestedMeta<'_>,
    key: &str,
    known: &[&str],
) -> syn::Error {
    meta.error(format!("不认识的标注“{key}”；这里可以写：{}", known.join("、")))
}

/// Reads serde's `rename`, `rename_all`, `flatten`, `default` and `skip`, so that the schema says what serde writes.
#[derive(Default)]
pub(crate) struct Serde {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) flatten: bool,
    pub(crate) skip: bool,
    pub(crate) default: bool,
}

impl Serde {
    pub(crate) fn read(attributes: &[syn::Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("flatten") {
                    found.flatten = true;
                } else if meta.path.is_ident("skip") {
                    found.skip = true;
                } else if meta.path.is_ident("default") {
                    found.default = true;
                    if meta.input.peek(syn::Token![=]) {
                        let _: Expr = meta.value()?.parse()?;
                    }
                } else if meta.path.is_ident("rename") {
                    found.rename = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("rename_all") {
                    found.rename_all = Some(meta.value()?.parse()?);
                } else if meta.input.peek(syn::Token![=]) {
                    let _: Expr = meta.value()?.parse()?;
                } else if meta.input.peek(syn::token::Paren) {
                    return Err(meta.error("请分别写明读和写用同一个名称"));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}
