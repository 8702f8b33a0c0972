"""The exported functions as ctypes calls them, without a driver manager: their arguments, and memory that ends at a wall."""

import contextlib
import ctypes
import mmap
import os
import re

import okta_org
import secrets_kept

ENV, DBC, STMT, DESC = 1, 2, 3, 4
SUCCESS, WITH_INFO, NO_DATA, NEED_DATA, ERROR, INVALID_HANDLE = 0, 1, 100, 99, -1, -2
STILL_EXECUTING = 2
NTS = -3

# Arguments, one word each: H1 to H4 a handle by kind; T2 T4 T8 a text or data and its length; A4 the same, always in
# bytes; B2b B4b B8b a buffer and its capacity in bytes, B2c B4c in characters; P a pointer that is written through;
# i2=5 u2=5 an integer and the value given; V=5 an integer as wide as a pointer.
SIGNATURES = {
    "SQLAllocHandle": "i2=3 H2 P",
    "SQLBindCol": "H3 u2=1 i2=1 B8b P",
    "SQLBindParameter": "H3 u2=1 i2=1 i2=1 i2=12 V=10 i2=0 B8b P",
    "SQLBrowseConnect": "H2 T2 B2c P",
    "SQLBulkOperations": "H3 i2=4",
    "SQLCancel": "H3",
    "SQLCancelHandle": "i2=3 H3",
    "SQLCloseCursor": "H3",
    "SQLColAttribute": "H3 u2=1 u2=1011 B2b P P",
    "SQLColumnPrivileges": "H3 T2 T2 T2 T2",
    "SQLColumns": "H3 T2 T2 T2 T2",
    "SQLConnect": "H2 T2 T2 T2",
    "SQLCopyDesc": "H4 H4",
    "SQLDescribeCol": "H3 u2=1 B2c P P P P P",
    "SQLDescribeParam": "H3 u2=1 P P P P",
    "SQLDisconnect": "H2",
    "SQLDriverConnect": "H2 V=0 T2 B2c P u2=0",
    "SQLEndTran": "i2=2 H2 i2=0",
    "SQLExecDirect": "H3 T4",
    "SQLExecute": "H3",
    "SQLExtendedFetch": "H3 u2=1 V=0 P P",
    "SQLFetch": "H3",
    "SQLFetchScroll": "H3 i2=1 V=0",
    "SQLForeignKeys": "H3 T2 T2 T2 T2 T2 T2",
    "SQLFreeHandle": "i2=3 H3",
    "SQLFreeStmt": "H3 u2=0",
    "SQLGetConnectAttr": "H2 i4=109 B4b P",
    "SQLGetCursorName": "H3 B2c P",
    "SQLGetData": "H3 u2=1 i2=1 B8b P",
    "SQLGetDescField": "H4 i2=1 i2=1011 B4b P",
    "SQLGetDescRec": "H4 i2=1 B2c P P P P P P P",
    "SQLGetDiagField": "i2=3 H3 i2=1 i2=6 B2b P",
    "SQLGetDiagRec": "i2=3 H3 i2=1 P P B2c P",
    "SQLGetEnvAttr": "H1 i4=200 P i4=0 P",
    "SQLGetFunctions": "H2 u2=11 P",
    "SQLGetInfo": "H2 u2=17 B2b P",
    "SQLGetStmtAttr": "H3 i4=0 P i4=0 P",
    "SQLGetTypeInfo": "H3 i2=0",
    "SQLMoreResults": "H3",
    "SQLNativeSql": "H2 T4 B4c P",
    "SQLNumParams": "H3 P",
    "SQLNumResultCols": "H3 P",
    "SQLParamData": "H3 P",
    "SQLPrepare": "H3 T4",
    "SQLPrimaryKeys": "H3 T2 T2 T2",
    "SQLProcedureColumns": "H3 T2 T2 T2 T2",
    "SQLProcedures": "H3 T2 T2 T2",
    "SQLPutData": "H3 T8",
    "SQLRowCount": "H3 P",
    "SQLSetConnectAttr": "H2 i4=109 A4",
    "SQLSetCursorName": "H3 T2",
    "SQLSetDescField": "H4 i2=1 i2=1002 V=4 i4=0",
    "SQLSetDescRec": "H4 i2=1 i2=4 i2=0 V=4 i2=0 i2=0 P P P",
    "SQLSetEnvAttr": "H1 i4=201 V=0 i4=0",
    "SQLSetPos": "H3 V=1 u2=0 u2=0",
    "SQLSetStmtAttr": "H3 i4=0 V=5 i4=0",
    "SQLSpecialColumns": "H3 u2=1 T2 T2 T2 u2=0 u2=1",
    "SQLStatistics": "H3 T2 T2 T2 u2=1 u2=0",
    "SQLTablePrivileges": "H3 T2 T2 T2",
    "SQLTables": "H3 T2 T2 T2 T2",
}

INTEGERS = {
    "i2": ctypes.c_short,
    "u2": ctypes.c_ushort,
    "i4": ctypes.c_int,
    "V": ctypes.c_void_p,
    "2": ctypes.c_short,
    "4": ctypes.c_int,
    "8": ctypes.c_ssize_t,
}


def manifest():
    """(symbol, its narrow twin) of everything exported, out of EXPORTS."""
    source = (okta_org.CHECKOUT / "src/ffi/mod.rs").read_text()
    found = [(name, name) for name in re.findall(r'\bone\("(SQL\w+)"', source)]
    for narrow, wide in re.findall(r'\btwo\("(SQL\w+)", "(SQL\w+)"', source):
        found += [(narrow, narrow), (wide, narrow)]
    return sorted(found)


class Walled:
    """Memory of which the byte after the last faults when touched."""

    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

    def __init__(self, content):
        """content: bytes, or how many."""
        size = content if isinstance(content, int) else len(content)
        page = mmap.PAGESIZE
        self.room = (size + page - 1) // page * page or page
        self.base = self.libc.mmap(None, self.room + page, 3, 0x22, -1, 0)
        assert self.base not in (None, ctypes.c_void_p(-1).value)
        assert self.libc.mprotect(self.base + self.room, page, 0) == 0
        self.size, self.address = size, self.base + self.room - size
        if not isinstance(content, int):
            ctypes.memmove(self.address, content, size)

    def bytes(self):
        return ctypes.string_at(self.address, self.size)

    def __del__(self):
        self.libc.munmap(self.base, self.room + mmap.PAGESIZE)


class Argument:
    """One word of a signature, as the arguments it stands for."""

    def __init__(self, word):
        word, _, value = word.partition("=")
        self.kind, self.given = word[0], value
        if value:
            self.kind = "V" if word == "V" else "I"
        self.word = word
        self.value = int(value) if value else 0
        self.handle = int(word[1]) if self.kind == "H" else 0
        self.length = INTEGERS[word[1]] if self.kind in "TAB" else None
        self.in_bytes = word.endswith("b")

    def types(self):
        if self.kind in "TAB":
            return [ctypes.c_void_p, self.length]
        if self.kind == "I":
            return [INTEGERS[self.word]]
        return [ctypes.c_void_p]


class Function:
    def __init__(self, library, symbol, narrow):
        self.symbol, self.narrow = symbol, narrow
        self.unit = 2 if symbol != narrow else 1
        self.arguments = [Argument(word) for word in SIGNATURES[narrow].split()]
        self.call = library[symbol]
        self.call.restype = ctypes.c_short
        self.call.argtypes = [kind for argument in self.arguments for kind in argument.types()]

    def encoded(self, text):
        return text.encode("utf-16-le" if self.unit == 2 else "utf-8")

    def __call__(self, handles, texts, changes=None):
        """Calls with good arguments but for changes, {position: value or (pointer, length)}; a position is a word's."""
        changes, values, kept = changes or {}, [], []
        texts = iter(texts)
        for position, argument in enumerate(self.arguments):
            text = next(texts, "") if argument.kind in "TA" else ""
            if position in changes:
                change = changes[position]
                values += change if isinstance(change, tuple) else (change,)
            elif argument.kind == "H":
                values.append(handles[argument.handle])
            elif argument.kind in "TA":
                memory = Walled(self.encoded(text))
                kept.append(memory)
                length = len(self.encoded(text)) // (1 if argument.kind == "A" else self.unit)
                values += (memory.address, length)
            elif argument.kind == "B":
                memory = ctypes.create_string_buffer(4096)
                kept.append(memory)
                values += (ctypes.addressof(memory), 1000)
            elif argument.kind == "P":
                memory = ctypes.create_string_buffer(4096)
                kept.append(memory)
                values.append(ctypes.addressof(memory))
            else:
                values.append(argument.value)
        self.kept = kept
        return self.call(*values)


class Driver:
    def __init__(self, library=None):
        """library: a driver manager's, to call the same functions through it."""
        self.library = ctypes.CDLL(library or os.environ["OKTA_ODBC_DRIVER"])
        exported = [(symbol, narrow) for symbol, narrow in manifest() if not library or hasattr(self.library, symbol)]
        self.functions = {symbol: Function(self.library, symbol, narrow) for symbol, narrow in exported}

    def allocate(self, kind, parent):
        handle = ctypes.c_void_p()
        code = self.functions["SQLAllocHandle"].call(kind, parent, ctypes.addressof(handle))
        assert code == SUCCESS and handle.value, (kind, code)
        return handle.value

    def free(self, kind, handle):
        assert self.functions["SQLFreeHandle"].call(kind, handle) == SUCCESS

    def state(self, kind, handle, number=1):
        """SQLSTATE of a record; None without one."""
        state, text = ctypes.create_string_buffer(6), ctypes.create_string_buffer(1000)
        code = self.functions["SQLGetDiagRec"].call(
            kind, handle, number, ctypes.addressof(state), None, ctypes.addressof(text), 1000, None
        )
        if code not in (SUCCESS, WITH_INFO):
            return None
        assert text.value.startswith(b"[okta-odbc] "), text.value
        secrets_kept.note(text.value)
        return state.value.decode()


class Application:
    """An environment, a connection, a statement and its IRD."""

    def __init__(self, driver, string, version=None):
        """version: of ODBC, which driver managers want to know first."""
        self.driver, self.string = driver, string
        self.env = driver.allocate(ENV, None)
        if version:
            assert driver.functions["SQLSetEnvAttr"].call(self.env, 200, version, 0) == SUCCESS
        self.dbc = driver.allocate(DBC, self.env)
        self.stmt = self.desc = None

    def do(self, symbol, *values, allowed=(SUCCESS, WITH_INFO)):
        code = self.driver.functions[symbol].call(*values)
        assert code in allowed, (symbol, code, [self.driver.state(k, h) for k, h in self.handles().items() if h])
        return code

    def connect(self):
        text = self.string.encode()
        self.do("SQLDriverConnect", self.dbc, None, text, len(text), None, 0, None, 0)
        return self

    def allocate_statement(self):
        self.stmt = self.driver.allocate(STMT, self.dbc)
        self.desc = self.attribute(10012)
        return self

    def attribute(self, attribute):
        value = ctypes.c_size_t()
        self.do("SQLGetStmtAttr", self.stmt, attribute, ctypes.addressof(value), 0, None)
        return value.value

    def execute(self, sql, allowed=(SUCCESS, WITH_INFO)):
        return self.do("SQLExecDirect", self.stmt, sql.encode(), len(sql.encode()), allowed=allowed)

    def handles(self):
        return {ENV: self.env, DBC: self.dbc, STMT: self.stmt, DESC: self.desc}

    def close(self):
        call = self.driver.functions
        call["SQLDisconnect"].call(self.dbc)
        call["SQLFreeHandle"].call(DBC, self.dbc)
        call["SQLFreeHandle"].call(ENV, self.env)


@contextlib.contextmanager
def connected(users, driver=None, keywords=""):
    """A program of ODBC 3, connected to an okta-sim of its own."""
    org = okta_org.Sim("--users", users)
    application = Application(driver or Driver(), org.connection_string() + keywords, 3).connect()
    try:
        yield application
    finally:
        application.close()
        org.close()
