//! The driver's build script, for its sources where they lie outside this package.

#[path = "../../build.rs"]
mod driver;

fn main() -> std::io::Result<()> {
    // Cargo remembers sources outside a package by absolute paths: a target folder that served another checkout would be
    // taken as fresh.
    println!("cargo:rerun-if-changed=../../src");
    driver::main()
}
