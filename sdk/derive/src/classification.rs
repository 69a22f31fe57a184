//! Classification (分类分级) of one attribute: what regulation art. 44 wants stated, as far as a type can state it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::LitStr;
use syn::meta::ParseNestedMeta;

use crate::value;

/// Levels, lowest first, as the manifest writes them.
const LEVELS: [&str; 5] = ["L1", "L2", "L3", "L4", "Important"];
/// Tags as the manifest writes them, with the variant of `anshu_sdk::label::Tag`.
const TAGS: [(&str, &str); 9] = [
    ("personal", "Personal"),
    ("sensitive", "Sensitive"),
    ("under14", "Under14"),
    ("minor", "Minor"),
    ("health", "Health"),
    ("location", "Location"),
    ("finance", "Finance"),
    ("sealed", "Sealed"),
    ("informant", "Informant"),
];
/// Masks as the manifest writes them, with the variant of `anshu_sdk::label::Mask`.
const MASKS: [(&str, &str); 6] = [
    ("omit", "Omit"),
    ("name", "Name"),
    ("resident_id", "ResidentId"),
    ("phone", "Phone"),
    ("address", "Address"),
    ("year", "Year"),
];

/// What may be written of it.
pub(crate) const KEYS: [&str; 9] =
    ["level", "tags", "mask", "purpose", "ground", "retention", "floor", "item", "again"];

/// What is written of it.
#[derive(Default, Clone)]
pub(crate) struct Classification {
    pub(crate) level: Option<LitStr>,
    tags: Vec<LitStr>,
    mask: Option<LitStr>,
    purpose: Option<LitStr>,
    ground: Option<LitStr>,
    retention: Option<LitStr>,
    floor: Option<LitStr>,
    item: Option<LitStr>,
    again: Option<LitStr>,
}

impl Classification {
    /// Takes a key that belongs here. False where it does not.
    pub(crate) fn take(&mut self, meta: &ParseNestedMeta<'_>, key: &str) -> syn::Result<bool> {
        match key {
            "level" => self.level = Some(value::word(&value::of(meta)?, &LEVELS)?),
            "tags" => self.tags = tags(&value::text(&value::of(meta)?)?)?,
            "mask" => {
                self.mask = Some(value::word(&value::of(meta)?, &MASKS.map(|(name, _)| name))?);
            }
            "purpose" => self.purpose = Some(value::words(&value::of(meta)?)?),
            "ground" => self.ground = Some(value::words(&value::of(meta)?)?),
            "retention" => self.retention = Some(duration(&value::of(meta)?)?),
            "floor" => self.floor = Some(value::word(&value::of(meta)?, &LEVELS)?),
            "item" => self.item = Some(value::words(&value::of(meta)?)?),
            "again" => self.again = Some(value::words(&value::of(meta)?)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Fills in what the struct says for all its fields.
    pub(crate) fn or(&self, container: &Self) -> Self {
        let mut whole = self.clone();
        whole.level = whole.level.or_else(|| container.level.clone());
        if whole.tags.is_empty() {
            whole.tags.clone_from(&container.tags);
        }
        if whole.personal() {
            whole.purpose = whole.purpose.or_else(|| container.purpose.clone());
            whole.ground = whole.ground.or_else(|| container.ground.clone());
            whole.retention = whole.retention.or_else(|| container.retention.clone());
        }
        whole
    }

    /// Whether anything is written.
    pub(crate) fn is_stated(&self) -> bool {
        self.level.is_some()
            || self.mask.is_some()
            || !self.tags.is_empty()
            || self.purpose.is_some()
    }

    /// Level 3 and above, and everything that is tagged as being about a person.
    fn personal(&self) -> bool {
        let about_a_person = ["personal", "sensitive", "under14", "minor"];
        self.level.as_ref().is_some_and(|level| !["L1", "L2"].contains(&level.value().as_str()))
            || self.tags.iter().any(|tag| about_a_person.contains(&tag.value().as_str()))
    }

    /// Refuses personal data whose purpose, ground or retention is not stated.
    pub(crate) fn check(&self, field: &str, span: Span) -> syn::Result<()> {
        if !self.personal() {
            return Ok(());
        }
        let stated =
            [("purpose", &self.purpose), ("ground", &self.ground), ("retention", &self.retention)];
        let missing: Vec<_> =
            stated.iter().filter(|(_, text)| text.is_none()).map(|(key, _)| *key).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(syn::Error::new(
            span,
            format!(
                "`{field}` 是个人信息或 L3 以上的数据，缺少 {}：须写明处理目的（purpose）、法定依据（ground）和保存期限\
                 （retention，例如 \"P3Y\"），可以写在字段上，也可以写在结构体上作为各字段的默认值",
                missing.join("、")
            ),
        ))
    }

    /// The struct fields of `anshu_sdk::schema::Field` that it fills.
    pub(crate) fn tokens(&self) -> TokenStream {
        let level = match &self.level {
            Some(level) => {
                let level = format_ident!("{}", level.value());
                quote!(::core::option::Option::Some(::anshu_sdk::label::Level::#level))
            }
            None => quote!(::core::option::Option::None),
        };
        let tags = self.tags.iter().filter_map(|tag| variant(&TAGS, tag));
        let mask = self
            .mask
            .as_ref()
            .and_then(|mask| variant(&MASKS, mask))
            .unwrap_or(format_ident!("Omit"));
        let purpose = value::optional(self.purpose.as_ref());
        let ground = value::optional(self.ground.as_ref());
        let retention = value::optional(self.retention.as_ref());
        let floor = match &self.floor {
            Some(floor) => {
                let floor = format_ident!("{}", floor.value());
                quote!(::core::option::Option::Some(::anshu_sdk::label::Level::#floor))
            }
            None => quote!(::core::option::Option::None),
        };
        let item = value::optional(self.item.as_ref());
        let again = value::optional(self.again.as_ref());
        quote! {
            level: #level,
            tags: &[#(::anshu_sdk::label::Tag::#tags),*],
            mask: ::anshu_sdk::label::Mask::#mask,
            purpose: #purpose,
            ground: #ground,
            retention: #retention,
            floor: #floor,
            item: #item,
            again: #again,
        }
    }
}

fn variant(of: &[(&str, &str)], written: &LitStr) -> Option<syn::Ident> {
    let written_name = written.value();
    let found = of.iter().find(|(name, _)| *name == written_name)?;
    Some(syn::Ident::new(found.1, written.span()))
}

/// Tags, separated by spaces or commas.
fn tags(written: &LitStr) -> syn::Result<Vec<LitStr>> {
    let text = written.value();
    let mut found = Vec::new();
    for tag in text.split([' ', ',', '、']).filter(|tag| !tag.is_empty()) {
        if !TAGS.iter().any(|(name, _)| *name == tag) {
            let known = TAGS.map(|(name, _)| name).join("、");
            return Err(syn::Error::new(
                written.span(),
                format!("不认识标签“{tag}”；可以是：{known}"),
            ));
        }
        found.push(LitStr::new(tag, written.span()));
    }
    Ok(found)
}

/// A date-only ISO 8601 duration, such as P3Y or P90D.
fn duration(expression: &syn::Expr) -> syn::Result<LitStr> {
    let written = value::words(expression)?;
    let text = written.value();
    let parts = text
        .strip_prefix('P')
        .map(|rest| rest.split_inclusive(['Y', 'M', 'W', 'D']).collect::<Vec<_>>());
    let good = parts.is_some_and(|parts| {
        !parts.is_empty()
            && parts.iter().all(|part| {
                let digits = part.strip_suffix(['Y', 'M', 'W', 'D']).unwrap_or_default();
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
    });
    if good {
        return Ok(written);
    }
    Err(syn::Error::new(
        written.span(),
        "保存期限应当形如 P3Y（三年）、P6M（六个月）、P90D（九十天）",
    ))
}
