//! The console's files are embedded: another build of them is another build of this crate.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../console/dist");
}
