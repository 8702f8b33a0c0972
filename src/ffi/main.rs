//! `okta_odbc_main`: the entry point that the command's launcher calls.
#![allow(unsafe_code)]

use std::ffi::{CStr, OsString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the command `okta-odbc` and returns its exit code.
///
/// # Safety
/// `argv` is null, or holds `argc` pointers, each null or to text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn okta_odbc_main(argc: c_int, argv: *const *const c_char) -> c_int {
    let run = || {
        let count = if argv.is_null() {
            0
        } else {
            usize::try_from(argc).unwrap_or(0)
        };
        let arguments = (0..count).filter_map(|index| {
            // SAFETY: the caller vouches for `argc` pointers.
            let text = unsafe { *argv.add(index) };
            // SAFETY: the caller vouches for the text behind each that is not null.
            (!text.is_null()).then(|| argument(unsafe { CStr::from_ptr(text) }))
        });
        crate::cli::main(arguments.collect())
    };
    // No panic crosses the edge; the runtime has printed it already.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(1)
}

#[cfg(unix)]
fn argument(text: &CStr) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(text.to_bytes()).to_owned()
}

/// The launcher passes UTF-8.
#[cfg(not(unix))]
fn argument(text: &CStr) -> OsString {
    text.to_string_lossy().into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_arguments_are_no_arguments() {
        // SAFETY: null is allowed.
        assert_eq!(unsafe { okta_odbc_main(3, std::ptr::null()) }, 2);
    }

    #[test]
    fn arguments_arrive() {
        let argv = [c"okta-odbc".as_ptr(), std::ptr::null(), c"--version".as_ptr()];
        // SAFETY: two texts and a null.
        assert_eq!(unsafe { okta_odbc_main(3, argv.as_ptr()) }, 0);
    }
}
