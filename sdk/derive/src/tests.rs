//! What an author gets wrong, and what they are told.

use syn::{DeriveInput, parse_quote};

use crate::{choice, record, row};

fn told(result: syn::Result<proc_macro2::TokenStream>) -> String {
    let error = result.expect_err("it must not be accepted");
    error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n")
}

fn facet(field: proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let input: DeriveInput = parse_quote! {
        #[anshu(name = "desk.item", on = "thing", title = "物品")]
        struct Item { #field }
    };
    record::facet(&input)
}

#[test]
fn personal_data_states_purpose_ground_and_retention() {
    let told_of = told(facet(parse_quote!(
        #[anshu(title = "电话", level = "L3", tags = "personal", purpose = "p")]
        phone: String
    )));
    assert!(told_of.contains("phone") && told_of.contains("ground、retention"), "{told_of}");
    assert!(!told_of.contains("缺少 purpose"), "what is stated is not asked again: {told_of}");
}

#[test]
fn a_tag_makes_data_personal_whatever_its_level() {
    let told_of = told(facet(parse_quote!(
        #[anshu(title = "年龄", level = "L1", tags = "minor")]
        age: u8
    )));
    assert!(told_of.contains("purpose、ground、retention"), "{told_of}");
}

#[test]
fn the_struct_states_them_for_all_its_fields() {
    let input: DeriveInput = parse_quote! {
        #[anshu(name = "desk.item", on = "thing", title = "物品")]
        #[anshu(purpose = "p", ground = "条例 第1条", retention = "P3Y")]
        struct Item {
            #[anshu(title = "电话", level = "L3", tags = "personal")]
            phone: String,
        }
    };
    record::facet(&input).expect("the defaults stand in");
}

#[test]
fn an_unknown_key_is_told_with_the_known_ones() {
    let told_of = told(facet(parse_quote!(
        #[anshu(title = "名称", levle = "L1")]
        name: String
    )));
    assert!(told_of.contains("levle") && told_of.contains("level"), "{told_of}");
}

#[test]
fn unknown_words_are_told_with_the_known_ones() {
    for (field, wrong, right) in [
        (parse_quote!(#[anshu(title = "甲", level = "L9")] a: u8), "L9", "L4"),
        (
            parse_quote!(#[anshu(title = "甲", level = "L1", tags = "privat")] a: u8),
            "privat",
            "personal",
        ),
        (parse_quote!(#[anshu(title = "甲", level = "L1", mask = "half")] a: u8), "half", "phone"),
        (
            parse_quote!(#[anshu(title = "甲", level = "L1", format = "regex")] a: String),
            "regex",
            "id-cn",
        ),
        (
            parse_quote!(#[anshu(title = "甲", level = "L1", retention = "3 years")] a: u8),
            "P3Y",
            "P90D",
        ),
    ] {
        let told_of = told(facet(field));
        assert!(told_of.contains(wrong) && told_of.contains(right), "{told_of}");
    }
}

#[test]
fn every_field_is_told_at_once() {
    let told_of = told(facet(parse_quote!(
        #[anshu(level = "L1")]
        first: u8,
        #[anshu(title = "二", level = "L3")]
        second: u8
    )));
    assert!(told_of.contains("first") && told_of.contains("second"), "{told_of}");
}

#[test]
fn names_have_their_form() {
    let named = |name: &str| -> DeriveInput {
        parse_quote!(
            #[anshu(name = #name, on = "thing", title = "物品")]
            struct Item {}
        )
    };
    for name in ["item", "Desk.item", "desk.item.more", "desk.", "1.item"] {
        assert!(told(record::facet(&named(name))).contains("homestay.room"), "{name}");
    }
    let topic: DeriveInput = parse_quote!(
        #[anshu(name = "found", title = "拾得")]
        struct Found {}
    );
    assert!(told(record::topic(&topic)).contains("@1"));
}

#[test]
fn sections_are_for_forms_and_columns_for_sections() {
    assert!(
        told(facet(parse_quote!(#[anshu(section = "甲", title = "乙", level = "L1")] a: u8)))
            .contains("section")
    );
    let form: DeriveInput = parse_quote! {
        #[anshu(name = "hand-in", title = "登记")]
        struct HandIn { #[anshu(cols = 2, title = "乙", level = "L1")] a: u8 }
    };
    assert!(told(record::form(&form)).contains("section"));
}

#[test]
fn choices_and_columns_have_titles() {
    let sort: DeriveInput = parse_quote!(
        enum Sort {
            Papers,
        }
    );
    assert!(told(choice::expand(&sort)).contains("Papers"));
    let sort: DeriveInput = parse_quote!(
        enum Sort {
            #[anshu(title = "证件")]
            Papers(u8),
        }
    );
    assert!(told(choice::expand(&sort)).contains("字段"));
    let empty: DeriveInput = parse_quote!(
        struct Kept {
            name: String,
        }
    );
    assert!(told(row::expand(&empty)).contains("title"));
}
