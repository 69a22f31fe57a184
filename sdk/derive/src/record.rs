//! Structs: facets, forms, topics and the objects inside them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, LitStr};

use crate::container::{Container, is_name};
use crate::field;

pub(crate) fn facet(input: &DeriveInput) -> syn::Result<TokenStream> {
    let container = Container::read(input, &["name", "title", "on"])?;
    let name = Container::required(input, container.name.as_ref(), "name = \"插件名.名称\"")?;
    let title = Container::required(input, container.title.as_ref(), "title = \"显示名称\"")?;
    let on = Container::required(input, container.on.as_ref(), "on = \"place\"")?;
    checked(
        name,
        name.value()
            .split_once('.')
            .is_some_and(|(pack, own)| is_name(pack, &[]) && is_name(own, &[])),
        "插件名.名称，例如 homestay.room",
    )?;
    let kind = match on.value().as_str() {
        "person" => format_ident!("Person"),
        "organisation" => format_ident!("Organisation"),
        "place" => format_ident!("Place"),
        _ => format_ident!("Thing"),
    };
    let object = object(input, &container, false)?;
    let (own, generics, bounds) = target(input);
    Ok(quote! {
        #object
        impl #generics ::anshu_sdk::Facet for #own #bounds {
            const NAME: &'static str = #name;
            const TITLE: &'static str = #title;
            const KIND: ::anshu_sdk::EntityKind = ::anshu_sdk::EntityKind::#kind;
        }
    })
}

pub(crate) fn form(input: &DeriveInput) -> syn::Result<TokenStream> {
    let container = Container::read(input, &["name", "title"])?;
    let name = Container::required(input, container.name.as_ref(), "name = \"名称\"")?;
    let title = Container::required(input, container.title.as_ref(), "title = \"显示名称\"")?;
    checked(name, is_name(&name.value(), &[]), "小写字母、数字和连字符，例如 file-room")?;
    let object = object(input, &container, true)?;
    let (own, generics, bounds) = target(input);
    Ok(quote! {
        #object
        impl #generics ::anshu_sdk::Form for #own #bounds {
            const NAME: &'static str = #name;
            const TITLE: &'static str = #title;
        }
    })
}

pub(crate) fn topic(input: &DeriveInput) -> syn::Result<TokenStream> {
    let container = Container::read(input, &["name", "title"])?;
    let name = Container::required(input, container.name.as_ref(), "name = \"主题@1\"")?;
    let title = Container::required(input, container.title.as_ref(), "title = \"显示名称\"")?;
    let text = name.value();
    let good = text.split_once('@').is_some_and(|(topic, version)| {
        is_name(topic, &['.'])
            && !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_digit())
    });
    checked(name, good, "主题@版本，例如 minor-unaccompanied@1")?;
    let object = object(input, &container, false)?;
    let (own, generics, bounds) = target(input);
    Ok(quote! {
        #object
        impl #generics ::anshu_sdk::Topic for #own #bounds {
            const NAME: &'static str = #name;
            const TITLE: &'static str = #title;
        }
    })
}

pub(crate) fn part(input: &DeriveInput) -> syn::Result<TokenStream> {
    let container = Container::read(input, &[])?;
    object(input, &container, true)
}

/// What all of them share: the properties, and being usable as the type of a field.
fn object(input: &DeriveInput, container: &Container, sections: bool) -> syn::Result<TokenStream> {
    let mut statements = TokenStream::new();
    let mut checks = TokenStream::new();
    let mut problems: Option<syn::Error> = None;
    for field in named_fields(input)? {
        // Every field's problem at once.
        match field::expand(field, container, sections) {
            Ok((statement, check)) => {
                statements.extend(statement);
                checks.extend(check);
            }
            Err(error) => match &mut problems {
                Some(problems) => problems.combine(error),
                None => problems = Some(error),
            },
        }
    }
    if let Some(problems) = problems {
        return Err(problems);
    }
    let (own, generics, bounds) = target(input);
    Ok(quote! {
        const _: () = { #checks };
        impl #generics ::anshu_sdk::schema::Fields for #own #bounds {
            fn fields(into: &mut ::anshu_sdk::schema::Object) {
                #statements
            }
        }
        impl #generics ::anshu_sdk::schema::Shape for #own #bounds {
            const NESTED: bool = true;
            fn shape() -> ::anshu_sdk::schema::Map {
                ::anshu_sdk::schema::Object::of::<Self>().into_schema()
            }
        }
    })
}

pub(crate) fn named_fields(
    input: &DeriveInput,
) -> syn::Result<&syn::punctuated::Punctuated<syn::Field, syn::Token![,]>> {
    if let Some(parameter) = input.generics.params.first() {
        return Err(syn::Error::new_spanned(
            parameter,
            "不支持泛型：模式要写进清单，必须是确定的类型",
        ));
    }
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            Fields::Unnamed(_) | Fields::Unit => {
                Err(syn::Error::new(input.ident.span(), "需要带名称字段的结构体"))
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            Err(syn::Error::new(input.ident.span(), "需要结构体；枚举请用 #[derive(Choice)]"))
        }
    }
}

fn target(input: &DeriveInput) -> (&syn::Ident, syn::ImplGenerics<'_>, Option<&syn::WhereClause>) {
    let (generics, _, bounds) = input.generics.split_for_impl();
    (&input.ident, generics, bounds)
}

fn checked(written: &LitStr, good: bool, expected: &str) -> syn::Result<()> {
    if good {
        return Ok(());
    }
    Err(syn::Error::new(written.span(), format!("名称“{}”不合规；应为{expected}", written.value())))
}
