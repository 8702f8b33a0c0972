//! A program's statement: the catalog functions, execution, description and fetching, narrow or wide as its connection is.

use super::abi::*;
use super::text::*;

/// A value by SQLGetData, in the bytes that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub code: i16,
    pub bytes: Vec<u8>,
    pub indicator: isize,
}

/// What SQLDescribeCol tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    pub kind: i16,
    pub size: usize,
    pub digits: i16,
    pub nullable: i16,
}

pub struct Statement {
    pub form: Form,
    pub handle: Handle,
}

impl Drop for Statement {
    fn drop(&mut self) {
        unsafe { SQLFreeHandle(STMT, self.handle) };
    }
}

/// Three names of a catalog function: catalog, schema, table.
pub type Names<'a> = [Option<&'a str>; 3];

impl Statement {
    pub fn state(&self) -> Option<String> {
        state(self.form, STMT, self.handle, 1)
    }

    /// Asserts plain success.
    #[track_caller]
    pub fn fine(&self, code: i16) {
        assert_eq!(code, SUCCESS, "{:?}", self.state());
    }

    pub fn set(&self, attribute: i32, value: usize) -> i16 {
        unsafe { SQLSetStmtAttr(self.handle, attribute, value as Handle, 0) }
    }

    pub fn get(&self, attribute: i32) -> usize {
        let (mut value, mut length) = (0usize, 0);
        let at = (&raw mut value).cast();
        self.fine(unsafe { SQLGetStmtAttr(self.handle, attribute, at, 0, &mut length) });
        assert!(length > 0);
        value
    }

    #[track_caller]
    pub fn tables(&self, names: Names, types: Option<&str>) {
        let [c, s, t] = names.map(Text::new);
        let k = Text::new(types);
        let (cl, sl, tl, kl) = (c.length(), s.length(), t.length(), k.length());
        self.fine(match self.form {
            Form::Narrow => unsafe {
                SQLTables(
                    self.handle,
                    c.narrow(),
                    cl,
                    s.narrow(),
                    sl,
                    t.narrow(),
                    tl,
                    k.narrow(),
                    kl,
                )
            },
            Form::Wide => unsafe { SQLTablesW(self.handle, c.wide(), cl, s.wide(), sl, t.wide(), tl, k.wide(), kl) },
        });
    }

    #[track_caller]
    pub fn columns(&self, names: Names, column: Option<&str>) {
        let [c, s, t] = names.map(Text::new);
        let n = Text::new(column);
        let (cl, sl, tl, nl) = (c.length(), s.length(), t.length(), n.length());
        self.fine(match self.form {
            Form::Narrow => unsafe {
                SQLColumns(
                    self.handle,
                    c.narrow(),
                    cl,
                    s.narrow(),
                    sl,
                    t.narrow(),
                    tl,
                    n.narrow(),
                    nl,
                )
            },
            Form::Wide => unsafe { SQLColumnsW(self.handle, c.wide(), cl, s.wide(), sl, t.wide(), tl, n.wide(), nl) },
        });
    }

    #[track_caller]
    pub fn primary_keys(&self, names: Names) {
        let [c, s, t] = names.map(Text::new);
        let (cl, sl, tl) = (c.length(), s.length(), t.length());
        self.fine(match self.form {
            Form::Narrow => unsafe { SQLPrimaryKeys(self.handle, c.narrow(), cl, s.narrow(), sl, t.narrow(), tl) },
            Form::Wide => unsafe { SQLPrimaryKeysW(self.handle, c.wide(), cl, s.wide(), sl, t.wide(), tl) },
        });
    }

    #[track_caller]
    pub fn foreign_keys(&self, referenced: Names, referencing: Names) {
        let [pc, ps, pt] = referenced.map(Text::new);
        let [fc, fs, ft] = referencing.map(Text::new);
        let [pcl, psl, ptl] = [&pc, &ps, &pt].map(Text::length);
        let [fcl, fsl, ftl] = [&fc, &fs, &ft].map(Text::length);
        self.fine(match self.form {
            Form::Narrow => unsafe {
                let (pc, ps, pt) = (pc.narrow(), ps.narrow(), pt.narrow());
                let (fc, fs, ft) = (fc.narrow(), fs.narrow(), ft.narrow());
                SQLForeignKeys(self.handle, pc, pcl, ps, psl, pt, ptl, fc, fcl, fs, fsl, ft, ftl)
            },
            Form::Wide => unsafe {
                let (pc, ps, pt) = (pc.wide(), ps.wide(), pt.wide());
                let (fc, fs, ft) = (fc.wide(), fs.wide(), ft.wide());
                SQLForeignKeysW(self.handle, pc, pcl, ps, psl, pt, ptl, fc, fcl, fs, fsl, ft, ftl)
            },
        });
    }

    #[track_caller]
    pub fn statistics(&self, names: Names, unique: u16, accuracy: u16) {
        let [c, s, t] = names.map(Text::new);
        let (cl, sl, tl) = (c.length(), s.length(), t.length());
        self.fine(match self.form {
            Form::Narrow => unsafe {
                let (c, s, t) = (c.narrow(), s.narrow(), t.narrow());
                SQLStatistics(self.handle, c, cl, s, sl, t, tl, unique, accuracy)
            },
            Form::Wide => unsafe {
                let (c, s, t) = (c.wide(), s.wide(), t.wide());
                SQLStatisticsW(self.handle, c, cl, s, sl, t, tl, unique, accuracy)
            },
        });
    }

    #[track_caller]
    pub fn special_columns(&self, kind: u16, names: Names, scope: u16, nullable: u16) {
        let [c, s, t] = names.map(Text::new);
        let (cl, sl, tl) = (c.length(), s.length(), t.length());
        self.fine(match self.form {
            Form::Narrow => unsafe {
                let (c, s, t) = (c.narrow(), s.narrow(), t.narrow());
                SQLSpecialColumns(self.handle, kind, c, cl, s, sl, t, tl, scope, nullable)
            },
            Form::Wide => unsafe {
                let (c, s, t) = (c.wide(), s.wide(), t.wide());
                SQLSpecialColumnsW(self.handle, kind, c, cl, s, sl, t, tl, scope, nullable)
            },
        });
    }

    #[track_caller]
    pub fn type_info(&self, kind: i16) {
        self.fine(match self.form {
            Form::Narrow => unsafe { SQLGetTypeInfo(self.handle, kind) },
            Form::Wide => unsafe { SQLGetTypeInfoW(self.handle, kind) },
        });
    }

    pub fn exec_direct(&self, sql: &str) -> i16 {
        let text = Text::new(Some(sql));
        match self.form {
            Form::Narrow => unsafe { SQLExecDirect(self.handle, text.narrow(), NTS.into()) },
            Form::Wide => unsafe { SQLExecDirectW(self.handle, text.wide(), NTS.into()) },
        }
    }

    pub fn prepare(&self, sql: &str) -> i16 {
        let text = Text::new(Some(sql));
        match self.form {
            Form::Narrow => unsafe { SQLPrepare(self.handle, text.narrow(), NTS.into()) },
            Form::Wide => unsafe { SQLPrepareW(self.handle, text.wide(), NTS.into()) },
        }
    }

    pub fn execute(&self) -> i16 {
        unsafe { SQLExecute(self.handle) }
    }

    pub fn num_params(&self) -> i16 {
        let mut count = -1;
        self.fine(unsafe { SQLNumParams(self.handle, &mut count) });
        count
    }

    /// Type, size, digits and nullability of a parameter.
    pub fn describe_param(&self, number: u16) -> (i16, usize, i16, i16) {
        let (mut kind, mut size, mut digits, mut nullable) = (0, 0, 0, 0);
        self.fine(unsafe { SQLDescribeParam(self.handle, number, &mut kind, &mut size, &mut digits, &mut nullable) });
        (kind, size, digits, nullable)
    }

    /// Binds memory that outlives the execution.
    pub fn bind_parameter<T>(
        &self,
        number: u16,
        types: (i16, i16),
        size: usize,
        digits: i16,
        value: &[T],
        length: &isize,
    ) {
        let at = value.as_ptr().cast_mut().cast();
        let length = std::ptr::from_ref(length).cast_mut();
        let capacity = size_of_val(value) as isize;
        let (c_type, sql_type) = types;
        self.fine(unsafe {
            SQLBindParameter(
                self.handle,
                number,
                1,
                c_type,
                sql_type,
                size,
                digits,
                at,
                capacity,
                length,
            )
        });
    }

    pub fn count(&self) -> u16 {
        let mut count = -1;
        self.fine(unsafe { SQLNumResultCols(self.handle, &mut count) });
        u16::try_from(count).expect("a count")
    }

    pub fn row_count(&self) -> isize {
        let mut count = -2;
        self.fine(unsafe { SQLRowCount(self.handle, &mut count) });
        count
    }

    pub fn describe(&self, number: u16) -> Described {
        let (mut length, mut kind, mut size, mut digits, mut nullable) = (0, 0, 0, 0, 0);
        let (mut narrow, mut wide) = ([0u8; 200], [0u16; 200]);
        self.fine(match self.form {
            Form::Narrow => unsafe {
                let name = narrow.as_mut_ptr();
                SQLDescribeCol(
                    self.handle,
                    number,
                    name,
                    200,
                    &mut length,
                    &mut kind,
                    &mut size,
                    &mut digits,
                    &mut nullable,
                )
            },
            Form::Wide => unsafe {
                let name = wide.as_mut_ptr();
                SQLDescribeColW(
                    self.handle,
                    number,
                    name,
                    200,
                    &mut length,
                    &mut kind,
                    &mut size,
                    &mut digits,
                    &mut nullable,
                )
            },
        });
        let length = length as usize;
        let name = match self.form {
            Form::Narrow => String::from_utf8_lossy(&narrow[..length]).into_owned(),
            Form::Wide => String::from_utf16_lossy(&wide[..length]),
        };
        Described {
            name,
            kind,
            size,
            digits,
            nullable,
        }
    }

    /// Code, text and number of SQLColAttribute.
    pub fn attribute(&self, column: u16, id: u16) -> (i16, String, isize) {
        let (mut text, mut length, mut number) = ([0u8; 512], 0i16, -99isize);
        let at = text.as_mut_ptr().cast();
        let code = match self.form {
            Form::Narrow => unsafe { SQLColAttribute(self.handle, column, id, at, 512, &mut length, &mut number) },
            Form::Wide => unsafe { SQLColAttributeW(self.handle, column, id, at, 512, &mut length, &mut number) },
        };
        let bytes = &text[..length as usize];
        let text = match self.form {
            Form::Narrow => String::from_utf8_lossy(bytes).into_owned(),
            Form::Wide => utf16(bytes),
        };
        (code, text, number)
    }

    #[track_caller]
    pub fn attribute_text(&self, column: u16, id: u16) -> String {
        let (code, text, _) = self.attribute(column, id);
        assert_eq!(code, SUCCESS, "{id}: {:?}", self.state());
        text
    }

    #[track_caller]
    pub fn attribute_number(&self, column: u16, id: u16) -> isize {
        let (code, _, number) = self.attribute(column, id);
        assert_eq!(code, SUCCESS, "{id}: {:?}", self.state());
        number
    }

    pub fn fetch(&self) -> i16 {
        unsafe { SQLFetch(self.handle) }
    }

    pub fn data(&self, column: u16, c_type: i16, capacity: usize) -> Cell {
        let (mut buffer, mut indicator) = (vec![0xEEu8; capacity + 8], -99);
        let at = buffer.as_mut_ptr().cast();
        let code = unsafe { SQLGetData(self.handle, column, c_type, at, capacity as isize, &mut indicator) };
        assert_eq!(buffer[capacity..], [0xEE; 8], "column {column} wrote past its buffer");
        buffer.truncate(usize::try_from(indicator).unwrap_or(0).min(capacity));
        Cell {
            code,
            bytes: buffer,
            indicator,
        }
    }

    /// A whole value as text, by SQLGetData of the program's form; None for NULL.
    pub fn text(&self, column: u16) -> Option<String> {
        let c_type = match self.form {
            Form::Narrow => C_CHAR,
            Form::Wide => C_WCHAR,
        };
        let cell = self.data(column, c_type, 40_000);
        self.fine(cell.code);
        (cell.indicator != NULL_DATA).then(|| match self.form {
            Form::Narrow => String::from_utf8(cell.bytes).expect("UTF-8"),
            Form::Wide => utf16(&cell.bytes),
        })
    }

    /// All rows that are left, a column at a time.
    pub fn rows(&self) -> Vec<Vec<Option<String>>> {
        let columns = self.count();
        let mut rows = Vec::new();
        loop {
            match self.fetch() {
                SUCCESS => rows.push((1..=columns).map(|column| self.text(column)).collect()),
                NO_DATA => return rows,
                code => panic!("SQLFetch: {code}, {:?}", self.state()),
            }
        }
    }

    /// The values of one column in all rows that are left; NULL is "NULL".
    pub fn values(&self, column: usize) -> Vec<String> {
        let rows = self.rows().into_iter();
        rows.map(|mut row| row.swap_remove(column - 1).unwrap_or_else(|| "NULL".into()))
            .collect()
    }

    /// SQLFreeStmt(SQL_CLOSE)
    #[track_caller]
    pub fn close(&self) {
        self.fine(unsafe { SQLFreeStmt(self.handle, 0) });
    }

    #[track_caller]
    pub fn close_cursor(&self) {
        self.fine(unsafe { SQLCloseCursor(self.handle) });
    }

    /// SQLFreeStmt(SQL_UNBIND)
    pub fn unbind(&self) {
        self.fine(unsafe { SQLFreeStmt(self.handle, 2) });
    }

    pub fn more_results(&self) -> i16 {
        unsafe { SQLMoreResults(self.handle) }
    }

    pub fn cancel(&self) -> i16 {
        unsafe { SQLCancel(self.handle) }
    }
}
