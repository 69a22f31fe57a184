//! One field: a property of the schema, its classification, its place in the form.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Expr, LitStr};

use crate::classification::{Classification, KEYS};
use crate::container::Container;
use crate::value::{self, Serde};

/// What may be written on a field beside its classification.
const OWN: [&str; 12] = [
    "title", "help", "index", "bound", "role", "format", "min", "max", "default", "required",
    "section", "cols",
];
/// What the host itself reads from a field.
const ROLES: [&str; 1] = ["birth-date"];
/// Formats that the host checks (`anchors/console.md`, section 3). A free pattern is none: it could run away.
const FORMATS: [&str; 18] = [
    "date",
    "date-time",
    "phone-cn",
    "id-cn",
    "uscc",
    "plate-cn",
    "geo-point",
    "geo-polygon",
    "money",
    "person-ref",
    "place-ref",
    "ent-ref",
    "case-ref",
    "clock-ref",
    "division",
    "file",
    "image",
    "sign",
];

/// The field's `#[anshu(…)]`.
struct Written {
    title: Option<LitStr>,
    help: Option<LitStr>,
    index: bool,
    bound: bool,
    role: Option<LitStr>,
    format: Option<LitStr>,
    min: Option<Expr>,
    max: Option<Expr>,
    default: Option<Expr>,
    required: bool,
    section: Option<LitStr>,
    cols: Option<u8>,
    classification: Classification,
}

impl Written {
    fn read(field: &syn::Field) -> syn::Result<Self> {
        let mut found = Self {
            title: None,
            help: None,
            index: false,
            bound: false,
            role: None,
            format: None,
            min: None,
            max: None,
            default: None,
            required: false,
            section: None,
            cols: None,
            classification: Classification::default(),
        };
        value::each(&field.attrs, |meta, key| {
            match key {
                "title" => found.title = Some(value::words(&value::of(meta)?)?),
                "help" => found.help = Some(value::words(&value::of(meta)?)?),
                "index" => found.index = true,
                "bound" => found.bound = true,
                "role" => found.role = Some(value::word(&value::of(meta)?, &ROLES)?),
                "format" => found.format = Some(value::word(&value::of(meta)?, &FORMATS)?),
                "min" => found.min = Some(value::of(meta)?),
                "max" => found.max = Some(value::of(meta)?),
                "default" => found.default = Some(value::of(meta)?),
                "required" => found.required = true,
                "section" => found.section = Some(value::words(&value::of(meta)?)?),
                "cols" => found.cols = Some(value::small(&value::of(meta)?, 1..=4)?),
                _ => {
                    if !found.classification.take(meta, key)? {
                        let known: Vec<_> = OWN.iter().chain(&KEYS).copied().collect();
                        return Err(value::unknown(meta, key, &known));
                    }
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// The statements that add a field to `into`, and the checks that need its type.
pub(crate) fn expand(
    field: &syn::Field,
    container: &Container,
    sections: bool,
) -> syn::Result<(TokenStream, TokenStream)> {
    let Some(ident) = &field.ident else {
        return Err(syn::Error::new(field.span(), "字段需要名称"));
    };
    let serde = Serde::read(&field.attrs)?;
    if serde.skip {
        return Ok((TokenStream::new(), TokenStream::new()));
    }
    let written = Written::read(field)?;
    let ty = &field.ty;
    let section = section(&written, sections, ident.span())?;
    if serde.flatten {
        return Ok((
            quote!(#section <#ty as ::anshu_sdk::schema::Fields>::fields(into);),
            TokenStream::new(),
        ));
    }

    let rust_name = ident.to_string();
    let rust_name = rust_name.trim_start_matches("r#");
    let name =
        serde.rename.unwrap_or_else(|| renamed(rust_name, container.serde.rename_all.as_ref()));
    let Some(title) = &written.title else {
        return Err(syn::Error::new(
            ident.span(),
            format!("`{rust_name}` 缺少 title：表单和清单上显示的名称"),
        ));
    };
    let classification = written.classification.or(&container.classification);
    classification.check(rust_name, ident.span())?;

    let stated = written.classification.is_stated();
    let effective = classification.level.is_some();
    let unclassified = format!(
        "`{rust_name}` 缺少 level：每个属性都要分级，例如 #[anshu(level = \"L1\")]（条例第四十四条）"
    );
    let nested = format!("`{rust_name}` 是一组属性：分级写在它内部的各个字段上，不写在这里");
    let checks = quote! {
        ::core::assert!(#effective || <#ty as ::anshu_sdk::schema::Shape>::NESTED, #unclassified);
        ::core::assert!(!#stated || !<#ty as ::anshu_sdk::schema::Shape>::NESTED, #nested);
    };

    let help = value::optional(written.help.as_ref());
    let format = value::optional(written.format.as_ref());
    let literal =
        |expression: Option<&Expr>, read: fn(&Expr) -> syn::Result<TokenStream>| match expression {
            Some(expression) => {
                read(expression).map(|tokens| quote!(::core::option::Option::Some(#tokens)))
            }
            None => Ok(quote!(::core::option::Option::None)),
        };
    let min = literal(written.min.as_ref(), value::number)?;
    let max = literal(written.max.as_ref(), value::number)?;
    let default = literal(written.default.as_ref(), value::literal)?;
    let (index, required, optional) = (written.index, written.required, serde.default);
    let (bound, role) = (written.bound, value::optional(written.role.as_ref()));
    let classified = classification.tokens();
    Ok((
        quote! {
            #section
            into.field::<#ty>(#name, &::anshu_sdk::schema::Field {
                title: #title,
                help: #help,
                format: #format,
                min: #min,
                max: #max,
                default: #default,
                required: #required,
                optional: #optional,
                index: #index,
                bound: #bound,
                role: #role,
                #classified
            });
        },
        checks,
    ))
}

fn section(written: &Written, allowed: bool, span: Span) -> syn::Result<TokenStream> {
    let cols = written.cols;
    match &written.section {
        Some(heading) if allowed => {
            let cols = cols.unwrap_or(1);
            Ok(quote!(into.section(#heading, #cols);))
        }
        Some(heading) => Err(syn::Error::new(heading.span(), "只有 Form 可以分栏（section）")),
        None if cols.is_some() => {
            Err(syn::Error::new(span, "cols 要与 section 写在一起：它是这一部分的列数"))
        }
        None => Ok(TokenStream::new()),
    }
}

/// The field's name as serde writes it.
fn renamed(name: &str, rule: Option<&LitStr>) -> String {
    let pascal = || {
        name.split('_')
            .map(|part| {
                let mut letters = part.chars();
                letters
                    .next()
                    .map(|first| first.to_ascii_uppercase())
                    .into_iter()
                    .chain(letters)
                    .collect::<String>()
            })
            .collect::<String>()
    };
    match rule.map(LitStr::value).as_deref() {
        Some("camelCase") => {
            let pascal = pascal();
            let mut letters = pascal.chars();
            letters
                .next()
                .map(|first| first.to_ascii_lowercase())
                .into_iter()
                .chain(letters)
                .collect()
        }
        Some("PascalCase") => pascal(),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING_SNAKE_CASE" | "UPPERCASE") => name.to_ascii_uppercase(),
        Some("SCREAMING-KEBAB-CASE") => name.replace('_', "-").to_ascii_uppercase(),
        _ => name.to_owned(),
    }
}
