//! A program's connection as the driver sees it: handles, and each call in the form, narrow or wide, that the program uses.

use std::ffi::c_void;
use std::ptr::null_mut;

use okta_sim::{API_TOKEN, Sim};

use super::abi::*;
pub use super::statement::*;
pub use super::text::*;

/// One answer of SQLGetInfo or SQLGetConnectAttr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    pub code: i16,
    /// As many as the length said, no more than the buffer.
    pub bytes: Vec<u8>,
    pub length: i32,
}

impl Info {
    pub fn number(&self) -> u32 {
        let mut bytes = [0; 4];
        assert!([2, 4].contains(&self.length), "{self:?} is no number");
        bytes[..self.bytes.len()].copy_from_slice(&self.bytes);
        u32::from_le_bytes(bytes)
    }
}

pub struct Client {
    pub form: Form,
    pub env: Handle,
    pub dbc: Handle,
}

fn allocate(kind: i16, parent: Handle) -> Handle {
    let mut handle = null_mut();
    assert_eq!(unsafe { SQLAllocHandle(kind, parent, &mut handle) }, SUCCESS);
    handle
}

impl Client {
    /// SQL_ATTR_ODBC_VERSION is the first thing that every manager sets.
    pub fn new(form: Form, version: usize) -> Client {
        let env = allocate(ENV, null_mut());
        assert_eq!(unsafe { SQLSetEnvAttr(env, 200, version as Handle, 0) }, SUCCESS);
        let mut read = 0u32;
        assert_eq!(
            unsafe { SQLGetEnvAttr(env, 200, (&raw mut read).cast(), 0, null_mut()) },
            SUCCESS
        );
        assert_eq!(read as usize, version);
        Client {
            form,
            env,
            dbc: allocate(DBC, env),
        }
    }

    pub fn set_environment(&self, attribute: i32, value: usize) -> i16 {
        unsafe { SQLSetEnvAttr(self.env, attribute, value as Handle, 0) }
    }

    pub fn state(&self) -> Option<String> {
        state(self.form, DBC, self.dbc, 1)
    }

    pub fn set(&self, attribute: i32, value: usize) -> i16 {
        match self.form {
            Form::Narrow => unsafe { SQLSetConnectAttr(self.dbc, attribute, value as Handle, 0) },
            Form::Wide => unsafe { SQLSetConnectAttrW(self.dbc, attribute, value as Handle, 0) },
        }
    }

    /// SQLGetConnectAttr into `capacity` bytes; no buffer at all for 0.
    pub fn get(&self, attribute: i32, capacity: usize) -> Info {
        let (mut buffer, mut length) = (vec![0u8; capacity.max(1)], -1);
        let to: Handle = if capacity == 0 {
            null_mut()
        } else {
            buffer.as_mut_ptr().cast()
        };
        let code = match self.form {
            Form::Narrow => unsafe { SQLGetConnectAttr(self.dbc, attribute, to, capacity as i32, &mut length) },
            Form::Wide => unsafe { SQLGetConnectAttrW(self.dbc, attribute, to, capacity as i32, &mut length) },
        };
        buffer.truncate(usize::try_from(length).unwrap_or(0).min(capacity));
        Info {
            code,
            bytes: buffer,
            length,
        }
    }

    /// Code and out string of SQLDriverConnect.
    pub fn driver_connect(&self, window: usize, text: &str, capacity: i16, completion: u16) -> (i16, String) {
        let text = Text::new(Some(text));
        let (mut narrow, mut wide) = (vec![0u8; capacity as usize], vec![0u16; capacity as usize]);
        let mut length = 0;
        let window = window as Handle;
        let code = match self.form {
            Form::Narrow => unsafe {
                let to = narrow.as_mut_ptr();
                SQLDriverConnect(
                    self.dbc,
                    window,
                    text.narrow(),
                    NTS,
                    to,
                    capacity,
                    &mut length,
                    completion,
                )
            },
            Form::Wide => unsafe {
                let to = wide.as_mut_ptr();
                SQLDriverConnectW(
                    self.dbc,
                    window,
                    text.wide(),
                    NTS,
                    to,
                    capacity,
                    &mut length,
                    completion,
                )
            },
        };
        let length = usize::try_from(length).expect("a length");
        let out = match self.form {
            Form::Narrow => String::from_utf8_lossy(&narrow[..length.min(narrow.len())]).into_owned(),
            Form::Wide => String::from_utf16_lossy(&wide[..length.min(wide.len())]),
        };
        (code, out)
    }

    /// Connected without a dialog.
    #[track_caller]
    pub fn connect(self, text: &str) -> Client {
        let (code, _) = self.driver_connect(0, text, 1024, 0);
        assert_eq!(code, SUCCESS, "{:?}", self.state());
        self
    }

    /// SQLGetInfo in the program's form.
    pub fn info(&self, id: u16, capacity: usize) -> Info {
        self.info_as(self.form, id, capacity)
    }

    pub fn info_as(&self, form: Form, id: u16, capacity: usize) -> Info {
        let (mut buffer, mut length) = (vec![0xEEu8; capacity + 8], -1i16);
        let to = buffer.as_mut_ptr().cast::<c_void>();
        let code = match form {
            Form::Narrow => unsafe { SQLGetInfo(self.dbc, id, to, capacity as i16, &mut length) },
            Form::Wide => unsafe { SQLGetInfoW(self.dbc, id, to, capacity as i16, &mut length) },
        };
        assert_eq!(buffer[capacity..], [0xEE; 8], "{id} wrote past its buffer");
        buffer.truncate(usize::try_from(length).unwrap_or(0).min(capacity));
        Info {
            code,
            bytes: buffer,
            length: length.into(),
        }
    }

    #[track_caller]
    pub fn info_text(&self, id: u16) -> String {
        let info = self.info(id, 2000);
        assert_eq!(info.code, SUCCESS, "{id}");
        match self.form {
            Form::Narrow => String::from_utf8(info.bytes).expect("UTF-8"),
            Form::Wide => utf16(&info.bytes),
        }
    }

    #[track_caller]
    pub fn info_number(&self, id: u16) -> u32 {
        let info = self.info(id, 4);
        assert_eq!(info.code, SUCCESS, "{id}");
        info.number()
    }

    pub fn supports(&self, function: u16) -> bool {
        let mut supported = 0;
        assert_eq!(unsafe { SQLGetFunctions(self.dbc, function, &mut supported) }, SUCCESS);
        supported == 1
    }

    pub fn end_transaction(&self, completion: i16) -> i16 {
        unsafe { SQLEndTran(DBC, self.dbc, completion) }
    }

    pub fn statement(&self) -> Statement {
        Statement {
            form: self.form,
            handle: allocate(STMT, self.dbc),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        unsafe {
            SQLDisconnect(self.dbc);
            SQLFreeHandle(DBC, self.dbc);
            SQLFreeHandle(ENV, self.env);
        }
    }
}

/// What every program is given: the driver's name in braces, and where to log in.
pub fn connection_string(sim: &Sim) -> String {
    format!("Driver={{Okta ODBC Driver}};Domain={};APIToken={API_TOKEN}", sim.url())
}

/// An org of its own: its requests are counted.
pub fn org(users: u64) -> Sim {
    Sim::start(okta_sim::Options {
        users,
        groups: 4,
        apps: 3,
        ..Default::default()
    })
}

/// A field of each row of the truth, in its order.
pub fn truth(sim: &Sim, resource: &str, field: &str) -> Vec<String> {
    let rows = sim.truth(resource);
    rows.iter()
        .map(|row| {
            row.pointer(field)
                .and_then(|value| value.as_str())
                .unwrap_or("NULL")
                .to_owned()
        })
        .collect()
}

pub fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values
}
