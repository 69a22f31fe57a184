//! The contract's bindings, generated from `wit/`. Everything else in this crate wraps them; a plugin never names them.

#![expect(
    unsafe_code,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated from the contract: values cross the component boundary by raw pointers"
)]

wit_bindgen::generate!({
    path: "../../wit/0.1.0",
    world: "department",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "anshu_sdk::bindings",
    generate_unused_types: true,
});
