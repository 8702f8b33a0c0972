//! Builds: the profile that everything is tested with, the release, the documentation.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Failure, Invocation, child};

/// What a build leaves behind.
pub struct Built {
    pub driver: PathBuf,
    pub sim: PathBuf,
    pub launcher: PathBuf,
    /// The driver with tables in memory, where tests are built.
    pub scratch_driver: PathBuf,
}

/// It is for tests only, and never released.
const WITHOUT_SCRATCH: [&str; 2] = ["--exclude", "okta-odbc-scratch"];

impl Built {
    fn of(invocation: &Invocation, profile: &str) -> Built {
        Built::within(&invocation.target.join(profile))
    }

    pub fn within(folder: &Path) -> Built {
        Built {
            driver: folder.join("libokta_odbc.so"),
            sim: folder.join("okta-sim"),
            launcher: folder.join("okta-odbc"),
            scratch_driver: folder.join("libokta_odbc_scratch.so"),
        }
    }
}

/// The whole workspace with all targets, for `demo` as for `test`: the features of tests' dependencies count only where
/// tests are built, and with another selection cargo compiles DataFusion again.
pub fn tested(invocation: &Invocation) -> Result<Built, String> {
    child::quiet("cargo build", &mut child::cargo(invocation, &ALL))?;
    Ok(Built::of(invocation, "debug"))
}

/// The same without the driver of tests, which a demonstration has no use for.
pub fn shown(invocation: &Invocation) -> Result<Built, String> {
    child::quiet("cargo build", child::cargo(invocation, &ALL).args(WITHOUT_SCRATCH))?;
    Ok(Built::of(invocation, "debug"))
}

const ALL: [&str; 3] = ["build", "--workspace", "--all-targets"];

/// The driver as a cdylib alone: cargo leaves link-time optimisation out where one of a package's crate types, here the rlib that
/// tests link, can have none.
pub const DRIVER_ALONE: [&str; 6] = ["--release", "--package", "okta-odbc", "--lib", "--crate-type", "cdylib"];

/// Release with fat LTO, copied into the checkout's `target/release`. Only the driver needs DataFusion: what is selected besides
/// would have it compiled again.
pub fn release(invocation: &Invocation) -> Result<Built, String> {
    let mut driver = child::cargo(invocation, &["rustc"]);
    child::quiet("cargo rustc --release", driver.args(DRIVER_ALONE))?;
    let mut others = child::cargo(invocation, &["build", "--release"]);
    let packages = ["okta-sim", "okta-odbc-launcher", "floor"];
    others.args(packages.iter().flat_map(|package| ["--package", package]));
    child::quiet("cargo build --release", &mut others)?;
    let built = Built::of(invocation, "release");
    let folder = invocation.root.join("target/release");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let copy = |file: PathBuf| -> Result<PathBuf, String> {
        let to = folder.join(file.file_name().unwrap_or_default());
        if file != to {
            fs::copy(&file, &to).map_err(|error| format!("{} to {}: {error}", file.display(), to.display()))?;
        }
        Ok(to)
    };
    Ok(Built {
        driver: copy(built.driver)?,
        sim: copy(built.sim)?,
        launcher: copy(built.launcher)?,
        scratch_driver: built.scratch_driver,
    })
}

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let built = release(invocation)?;
    for file in [built.driver, built.launcher, built.sim] {
        println!("{} ({:.1} MB)", file.display(), fs::metadata(&file)?.len() as f64 / 1e6);
    }
    Ok(())
}

pub fn docs(invocation: &Invocation) -> Result<(), Failure> {
    child::quiet(
        "cargo doc",
        &mut child::cargo(invocation, &["doc", "--workspace", "--no-deps"]),
    )?;
    println!("{}", invocation.target.join("doc/okta_odbc/index.html").display());
    Ok(())
}
