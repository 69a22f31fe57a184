//! The contract's bindings, generated from `wit/`. Everything else in this crate wraps them; a plugin never names them.

#![expect(missing_docs, reason = "generated from the contract")]

wit_bindgen::generate!({
    path: "../../wit/0.2.0",
    world: "department",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "anshu_sdk::bindings",
    generate_unused_types: true,
});
