//! Keeps libodbc out: odbc-sys asks the linker for `-lodbc`, of which only types are used (decision 6).

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Cargo watches the script itself; a path would be that of whichever package it builds (tests/scratch too).
    println!("cargo:rerun-if-env-changed=CARGO_CFG_TARGET_OS");
    if env::var("CARGO_PKG_NAME").is_ok_and(|package| package == "okta-odbc-scratch") {
        // Its sources lie outside its folder, and cargo remembers such by absolute paths: a target folder that served
        // another checkout would be taken as fresh.
        println!("cargo:rerun-if-changed=../../src");
    }
    if env::var("CARGO_CFG_UNIX").is_err() {
        return Ok(());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("libodbc.a"), "!<arch>\n")?;
    // Zig looks for no archive where a shared library was asked for; a linker script may stand for one.
    fs::write(out.join("libodbc.so"), "INPUT(libodbc.a)\n")?;
    println!("cargo:rustc-link-search=native={}", out.display());
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // Runtime threads may outlive dlclose (decision 3).
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    Ok(())
}
