//! `cargo xtask package`: what is given to users. So far the Python wheel, with a driver for old versions of glibc.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Invocation, build, child, setup, wheel};

/// The oldest glibc that Rust's own standard library runs on, hence that of RHEL 7 and everything after it.
const GLIBC: (u32, u32) = (2, 17);

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    setup::packages()?;
    let arguments: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    let made = match arguments[..] {
        [] => the_wheel(invocation)?,
        ["--check", file] => std::path::absolute(file)?,
        _ => return Err("usage: cargo xtask package [--check FILE]".to_owned().into()),
    };
    println!("checking {}", made.display());
    wheel::check(invocation, &made, GLIBC)?.close()
}

fn the_wheel(invocation: &Invocation) -> Result<PathBuf, String> {
    let requirements = invocation.root.join("packaging/python/requirements-build.txt");
    let python = setup::environment("package", &requirements)?;
    let library = driver_for_old_glibc(invocation, &python)?;
    let folder = invocation.root.join("target/package");
    let mut command = Command::new(&python);
    command
        .arg(invocation.root.join("packaging/python/build_wheel.py"))
        .arg(&library)
        .arg(&folder);
    let output = child::quiet("build_wheel.py", &mut command)?;
    println!(".deb and .rpm are not there yet");
    Ok(PathBuf::from(output.lines().last().unwrap_or_default()))
}

/// The release, linked by zig's compiler against the symbols that glibc had long ago.
fn driver_for_old_glibc(invocation: &Invocation, python: &Path) -> Result<PathBuf, String> {
    let (major, minor) = GLIBC;
    println!("building the driver for glibc {major}.{minor} (fat LTO: minutes)");
    let triple = format!("{ARCH}-unknown-linux-gnu");
    let target = format!("{triple}.{major}.{minor}");
    let programs = python.parent().map(PathBuf::from).unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(programs.clone()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).map_err(|error| error.to_string())?;
    let mut command = child::builder(programs.join("cargo-zigbuild").as_os_str(), invocation, &["rustc"]);
    command
        .env("PATH", path)
        .args(build::DRIVER_ALONE)
        .args(["--target", &target]);
    child::quiet("cargo zigbuild", &mut command)?;
    Ok(invocation.target.join(triple).join("release/libokta_odbc.so"))
}
