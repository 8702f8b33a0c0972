//! Reads a section of odbc.ini or odbcinst.ini through the driver manager's own installer library, opened at run time.
// The functions of a library that is not linked can only be called unsafely.
#![allow(unsafe_code)]

#[cfg(unix)]
pub use unix::section;
#[cfg(windows)]
pub use windows::section;

/// What one call may return: keys and values are far shorter.
const BUFFER: usize = 64 * 1024;

#[cfg(unix)]
mod unix {
    use std::ffi::{CStr, CString, c_char, c_int};
    use std::sync::OnceLock;

    use libloading::os::unix::Library;

    /// `int SQLGetPrivateProfileString(LPCSTR, LPCSTR, LPCSTR, LPSTR, int, LPCSTR)`.
    type GetPrivateProfileString =
        unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *mut c_char, c_int, *const c_char) -> c_int;

    /// Under iODBC its installer, else unixODBC's: libodbc.so.2 holds this code but does not export it.
    const IODBC: &[&str] = &["libiodbcinst.so.2", "libiodbcinst.2.dylib"];
    const UNIX_ODBC: &[&str] = &[
        "libodbcinst.so.2",
        "libodbcinst.so.1",
        "libodbcinst.so",
        "libodbcinst.2.dylib",
    ];
    const IODBC_MANAGER: &[&str] = &["libiodbc.so.2", "libiodbc.2.dylib"];

    /// The keys and values of `[section]` in `file` (`odbc.ini` or `odbcinst.ini`); None without an installer library, or
    /// without such a section.
    pub fn section(section: &str, file: &str) -> Option<Vec<(String, String)>> {
        let function = function()?;
        let section = CString::new(section).ok()?;
        let file = CString::new(file).ok()?;
        let keys = read(function, &section, None, &file);
        let keys = keys.split(|byte| *byte == 0).take_while(|key| !key.is_empty());
        let entries: Vec<_> = keys
            .filter_map(|key| CString::new(key).ok())
            .map(|key| {
                let value = read(function, &section, Some(&key), &file);
                let value = CStr::from_bytes_until_nul(&value).unwrap_or_default();
                (text(key.as_bytes()), text(value.to_bytes()))
            })
            .collect();
        (!entries.is_empty()).then_some(entries)
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// One value, or without `key` all keys, each ended by NUL and the last by two.
    fn read(function: GetPrivateProfileString, section: &CStr, key: Option<&CStr>, file: &CStr) -> Vec<u8> {
        let mut buffer = vec![0u8; super::BUFFER];
        let room = c_int::try_from(buffer.len() - 2).unwrap_or(c_int::MAX);
        let key = key.map_or(std::ptr::null(), CStr::as_ptr);
        // SAFETY: the strings end with NUL and outlive the call; the buffer is `room` and two bytes long.
        unsafe {
            function(
                section.as_ptr(),
                key,
                c"".as_ptr(),
                buffer.as_mut_ptr().cast(),
                room,
                file.as_ptr(),
            );
        }
        buffer
    }

    fn function() -> Option<GetPrivateProfileString> {
        static FUNCTION: OnceLock<Option<GetPrivateProfileString>> = OnceLock::new();
        *FUNCTION.get_or_init(|| {
            let names = if is_loaded(IODBC_MANAGER) { IODBC } else { UNIX_ODBC };
            let library = names.iter().find_map(|name| {
                // SAFETY: the installer libraries run nothing of consequence when opened.
                unsafe { Library::open(Some(*name), libc::RTLD_LAZY | libc::RTLD_LOCAL) }.ok()
            })?;
            // SAFETY: every installer library gives this name this type.
            let function = *unsafe { library.get::<GetPrivateProfileString>(b"SQLGetPrivateProfileString\0") }.ok()?;
            // The function pointer is kept for the life of the process, so the library stays too.
            std::mem::forget(library);
            Some(function)
        })
    }

    fn is_loaded(names: &[&str]) -> bool {
        // SAFETY: RTLD_NOLOAD only asks; nothing is loaded or run.
        names
            .iter()
            .any(|name| unsafe { Library::open(Some(*name), libc::RTLD_LAZY | libc::RTLD_NOLOAD) }.is_ok())
    }
}

#[cfg(windows)]
mod windows {
    use libloading::os::windows::Library;

    type GetPrivateProfileString =
        unsafe extern "system" fn(*const u16, *const u16, *const u16, *mut u16, i32, *const u16) -> i32;

    /// The keys and values of `[section]` in `file`, which on Windows are registry keys.
    pub fn section(section: &str, file: &str) -> Option<Vec<(String, String)>> {
        // SAFETY: the installer library runs nothing of consequence when opened.
        let library = unsafe { Library::new("odbccp32.dll") }.ok()?;
        // SAFETY: the installer's documented function of this name has this type.
        let function = unsafe { library.get::<GetPrivateProfileString>(b"SQLGetPrivateProfileStringW\0") }.ok()?;
        let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
        let read = |key: Option<&[u16]>| {
            let mut buffer = vec![0u16; super::BUFFER];
            let room = i32::try_from(buffer.len() - 2).unwrap_or(i32::MAX);
            let key = key.map_or(std::ptr::null(), <[u16]>::as_ptr);
            // SAFETY: the strings end with NUL and outlive the call; the buffer is `room` and two units long.
            unsafe {
                function(
                    wide(section).as_ptr(),
                    key,
                    [0].as_ptr(),
                    buffer.as_mut_ptr(),
                    room,
                    wide(file).as_ptr(),
                );
            }
            buffer
        };
        let text = |units: &[u16]| String::from_utf16_lossy(units.split(|unit| *unit == 0).next().unwrap_or_default());
        let keys = read(None);
        let keys = keys.split(|unit| *unit == 0).take_while(|key| !key.is_empty());
        let entries: Vec<_> = keys
            .map(|key| {
                let key = text(key);
                let value = text(&read(Some(&wide(&key))));
                (key, value)
            })
            .collect();
        (!entries.is_empty()).then_some(entries)
    }
}
