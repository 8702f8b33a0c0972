//! The exported functions as a C program declares them.
#![allow(non_snake_case)] // ODBC's names

use std::ffi::c_void;

pub type Handle = *mut c_void;
type Out<T> = *mut T;
type Narrow = *const u8;
type Wide = *const u16;

unsafe extern "system" {
    pub fn SQLAllocHandle(kind: i16, input: Handle, output: Out<Handle>) -> i16;
    pub fn SQLFreeHandle(kind: i16, handle: Handle) -> i16;
    pub fn SQLFreeStmt(stmt: Handle, option: u16) -> i16;
    pub fn SQLSetEnvAttr(env: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLGetEnvAttr(env: Handle, attribute: i32, value: Handle, capacity: i32, length: Out<i32>) -> i16;
    pub fn SQLSetConnectAttr(dbc: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLSetConnectAttrW(dbc: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLGetConnectAttr(dbc: Handle, attribute: i32, value: Handle, capacity: i32, length: Out<i32>) -> i16;
    pub fn SQLGetConnectAttrW(dbc: Handle, attribute: i32, value: Handle, capacity: i32, length: Out<i32>) -> i16;
    pub fn SQLSetStmtAttr(stmt: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLGetStmtAttr(stmt: Handle, attribute: i32, value: Handle, capacity: i32, length: Out<i32>) -> i16;
    pub fn SQLDriverConnect(
        dbc: Handle,
        window: Handle,
        input: Narrow,
        input_length: i16,
        output: Out<u8>,
        capacity: i16,
        length: Out<i16>,
        completion: u16,
    ) -> i16;
    pub fn SQLDriverConnectW(
        dbc: Handle,
        window: Handle,
        input: Wide,
        input_length: i16,
        output: Out<u16>,
        capacity: i16,
        length: Out<i16>,
        completion: u16,
    ) -> i16;
    pub fn SQLDisconnect(dbc: Handle) -> i16;
    pub fn SQLEndTran(kind: i16, handle: Handle, completion: i16) -> i16;
    pub fn SQLGetInfo(dbc: Handle, id: u16, value: Handle, capacity: i16, length: Out<i16>) -> i16;
    pub fn SQLGetInfoW(dbc: Handle, id: u16, value: Handle, capacity: i16, length: Out<i16>) -> i16;
    pub fn SQLGetFunctions(dbc: Handle, id: u16, supported: Out<u16>) -> i16;
    pub fn SQLGetTypeInfo(stmt: Handle, data_type: i16) -> i16;
    pub fn SQLGetTypeInfoW(stmt: Handle, data_type: i16) -> i16;
    pub fn SQLTables(
        stmt: Handle,
        c: Narrow,
        cl: i16,
        s: Narrow,
        sl: i16,
        t: Narrow,
        tl: i16,
        k: Narrow,
        kl: i16,
    ) -> i16;
    pub fn SQLTablesW(stmt: Handle, c: Wide, cl: i16, s: Wide, sl: i16, t: Wide, tl: i16, k: Wide, kl: i16) -> i16;
    pub fn SQLColumns(
        stmt: Handle,
        c: Narrow,
        cl: i16,
        s: Narrow,
        sl: i16,
        t: Narrow,
        tl: i16,
        n: Narrow,
        nl: i16,
    ) -> i16;
    pub fn SQLColumnsW(stmt: Handle, c: Wide, cl: i16, s: Wide, sl: i16, t: Wide, tl: i16, n: Wide, nl: i16) -> i16;
    pub fn SQLPrimaryKeys(stmt: Handle, c: Narrow, cl: i16, s: Narrow, sl: i16, t: Narrow, tl: i16) -> i16;
    pub fn SQLPrimaryKeysW(stmt: Handle, c: Wide, cl: i16, s: Wide, sl: i16, t: Wide, tl: i16) -> i16;
    pub fn SQLForeignKeys(
        stmt: Handle,
        pc: Narrow,
        pcl: i16,
        ps: Narrow,
        psl: i16,
        pt: Narrow,
        ptl: i16,
        fc: Narrow,
        fcl: i16,
        fs: Narrow,
        fsl: i16,
        ft: Narrow,
        ftl: i16,
    ) -> i16;
    pub fn SQLForeignKeysW(
        stmt: Handle,
        pc: Wide,
        pcl: i16,
        ps: Wide,
        psl: i16,
        pt: Wide,
        ptl: i16,
        fc: Wide,
        fcl: i16,
        fs: Wide,
        fsl: i16,
        ft: Wide,
        ftl: i16,
    ) -> i16;
    pub fn SQLStatistics(
        stmt: Handle,
        c: Narrow,
        cl: i16,
        s: Narrow,
        sl: i16,
        t: Narrow,
        tl: i16,
        unique: u16,
        accuracy: u16,
    ) -> i16;
    pub fn SQLStatisticsW(
        stmt: Handle,
        c: Wide,
        cl: i16,
        s: Wide,
        sl: i16,
        t: Wide,
        tl: i16,
        unique: u16,
        accuracy: u16,
    ) -> i16;
    pub fn SQLSpecialColumns(
        stmt: Handle,
        kind: u16,
        c: Narrow,
        cl: i16,
        s: Narrow,
        sl: i16,
        t: Narrow,
        tl: i16,
        scope: u16,
        nullable: u16,
    ) -> i16;
    pub fn SQLSpecialColumnsW(
        stmt: Handle,
        kind: u16,
        c: Wide,
        cl: i16,
        s: Wide,
        sl: i16,
        t: Wide,
        tl: i16,
        scope: u16,
        nullable: u16,
    ) -> i16;
    pub fn SQLExecDirect(stmt: Handle, text: Narrow, length: i32) -> i16;
    pub fn SQLExecDirectW(stmt: Handle, text: Wide, length: i32) -> i16;
    pub fn SQLPrepare(stmt: Handle, text: Narrow, length: i32) -> i16;
    pub fn SQLPrepareW(stmt: Handle, text: Wide, length: i32) -> i16;
    pub fn SQLExecute(stmt: Handle) -> i16;
    pub fn SQLNumParams(stmt: Handle, count: Out<i16>) -> i16;
    pub fn SQLDescribeParam(
        stmt: Handle,
        number: u16,
        kind: Out<i16>,
        size: Out<usize>,
        digits: Out<i16>,
        nullable: Out<i16>,
    ) -> i16;
    pub fn SQLBindParameter(
        stmt: Handle,
        number: u16,
        direction: i16,
        c_type: i16,
        sql_type: i16,
        size: usize,
        digits: i16,
        value: Handle,
        capacity: isize,
        length: Out<isize>,
    ) -> i16;
    pub fn SQLNumResultCols(stmt: Handle, count: Out<i16>) -> i16;
    pub fn SQLRowCount(stmt: Handle, count: Out<isize>) -> i16;
    pub fn SQLDescribeCol(
        stmt: Handle,
        number: u16,
        name: Out<u8>,
        capacity: i16,
        length: Out<i16>,
        kind: Out<i16>,
        size: Out<usize>,
        digits: Out<i16>,
        nullable: Out<i16>,
    ) -> i16;
    pub fn SQLDescribeColW(
        stmt: Handle,
        number: u16,
        name: Out<u16>,
        capacity: i16,
        length: Out<i16>,
        kind: Out<i16>,
        size: Out<usize>,
        digits: Out<i16>,
        nullable: Out<i16>,
    ) -> i16;
    pub fn SQLColAttribute(
        stmt: Handle,
        column: u16,
        id: u16,
        text: Handle,
        capacity: i16,
        length: Out<i16>,
        number: Out<isize>,
    ) -> i16;
    pub fn SQLColAttributeW(
        stmt: Handle,
        column: u16,
        id: u16,
        text: Handle,
        capacity: i16,
        length: Out<i16>,
        number: Out<isize>,
    ) -> i16;
    pub fn SQLBindCol(
        stmt: Handle,
        number: u16,
        c_type: i16,
        value: Handle,
        capacity: isize,
        length: Out<isize>,
    ) -> i16;
    pub fn SQLFetch(stmt: Handle) -> i16;
    pub fn SQLFetchScroll(stmt: Handle, orientation: i16, offset: isize) -> i16;
    pub fn SQLExtendedFetch(stmt: Handle, orientation: u16, offset: isize, rows: Out<usize>, status: Out<u16>) -> i16;
    pub fn SQLGetData(
        stmt: Handle,
        number: u16,
        c_type: i16,
        value: Handle,
        capacity: isize,
        length: Out<isize>,
    ) -> i16;
    pub fn SQLParamData(stmt: Handle, value: Out<Handle>) -> i16;
    pub fn SQLPutData(stmt: Handle, data: Handle, length: isize) -> i16;
    pub fn SQLMoreResults(stmt: Handle) -> i16;
    pub fn SQLCloseCursor(stmt: Handle) -> i16;
    pub fn SQLCancel(stmt: Handle) -> i16;
    pub fn SQLGetDiagRec(
        kind: i16,
        handle: Handle,
        number: i16,
        state: Out<u8>,
        native: Out<i32>,
        text: Out<u8>,
        capacity: i16,
        length: Out<i16>,
    ) -> i16;
    pub fn SQLGetDiagRecW(
        kind: i16,
        handle: Handle,
        number: i16,
        state: Out<u16>,
        native: Out<i32>,
        text: Out<u16>,
        capacity: i16,
        length: Out<i16>,
    ) -> i16;
}
