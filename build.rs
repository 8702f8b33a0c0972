//! Keeps libodbc out: odbc-sys asks the linker for `-lodbc`, of which only types are used (decision 6).

use std::path::PathBuf;
use std::{env, fs, io};

/// Of tests/scratch too, whose script calls it.
pub fn main() -> io::Result<()> {
    // Cargo watches the script itself; a path would be that of whichever package it builds.
    println!("cargo:rerun-if-env-changed=CARGO_CFG_TARGET_OS");
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
