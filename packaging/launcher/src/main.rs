//! The command `okta-odbc`: opens the driver library beside it and runs its `okta_odbc_main`.

use std::ffi::{CString, c_char, c_int};
use std::path::PathBuf;
use std::process::ExitCode;

/// The library's name on this platform.
const LIBRARY: &str = if cfg!(windows) {
    "okta_odbc.dll"
} else if cfg!(target_os = "macos") {
    "libokta_odbc.dylib"
} else {
    "libokta_odbc.so"
};

type Main = unsafe extern "C" fn(c_int, *const *const c_char) -> c_int;

fn main() -> ExitCode {
    let places = places();
    let Some(library) = places.iter().find(|file| file.is_file()) else {
        let tried: Vec<String> = places.iter().map(|file| file.display().to_string()).collect();
        eprintln!(
            "okta-odbc: the driver library is not at {}; name it by OKTA_ODBC_LIBRARY",
            tried.join(" or ")
        );
        return ExitCode::FAILURE;
    };
    match run(library) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("okta-odbc: {}: {error}", library.display());
            ExitCode::FAILURE
        }
    }
}

/// Where the library may be: named by the environment, else beside the command, else in `../lib`.
fn places() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("OKTA_ODBC_LIBRARY").filter(|name| !name.is_empty()) {
        return vec![named.into()];
    }
    let command = std::env::current_exe()
        .and_then(std::fs::canonicalize)
        .unwrap_or_default();
    let folder = command.parent().map(PathBuf::from).unwrap_or_default();
    vec![folder.join(LIBRARY), folder.join("../lib").join(LIBRARY)]
}

fn run(library: &std::path::Path) -> Result<c_int, libloading::Error> {
    let arguments: Vec<CString> = std::env::args_os()
        .filter_map(|argument| CString::new(argument.into_encoded_bytes()).ok())
        .collect();
    let argv: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    // SAFETY: the driver's library has no initialisers of its own, `okta_odbc_main` has this signature, and `argv` holds
    // as many texts as are counted.
    unsafe {
        let library = libloading::Library::new(library)?;
        let main = library.get::<Main>(b"okta_odbc_main\0")?;
        Ok(main(c_int::try_from(argv.len()).unwrap_or(0), argv.as_ptr()))
    }
}
