"""The SQL types that a result of the driver can have, as casts of literals, each with values whose text is fixed here by hand."""

# Rows of the statement `types`, in this order. What each row is for:
#   1 a value, 2 the largest, 3 the smallest, 4 NULL, 5 the empty or zero value, and text of every kind of character.
# The ranges are those of the ODBC reference, appendix D "SQL Data Types" (precision and range of each type), and of IEEE 754 for
# REAL and DOUBLE. DECIMAL stays within 28 digits, the most that System.Decimal of .NET holds. TINYINT is unsigned, as T-SQL has it.
# TIME has whole seconds, as SQL_TIME_STRUCT has no others; TIMESTAMP milliseconds.
UNICODE = "ä 漢 🎉 e\u0301 Ωμέγα 'q' \"d\" \\ % _ {}"

# Name of the column, type as CAST writes it, kind of value (how texts of it compare), and its five values.
TYPES = [
    ("CBit", "BIT", "boolean", ["1", "1", "0", None, "0"]),
    ("CTinyint", "TINYINT", "integer", ["42", "255", "0", None, "1"]),
    ("CSmallint", "SMALLINT", "integer", ["-1234", "32767", "-32768", None, "0"]),
    ("CInteger", "INTEGER", "integer", ["123456789", "2147483647", "-2147483648", None, "0"]),
    ("CBigint", "BIGINT", "integer", ["-9007199254740993", "9223372036854775807", "-9223372036854775808", None, "0"]),
    ("CReal", "REAL", "real", ["0.1", "3.4028235e38", "-3.4028235e38", None, "0"]),
    ("CDouble", "DOUBLE PRECISION", "double", ["0.1", "1.7976931348623157e308", "2.2250738585072014e-308", None, "0"]),
    (
        "CDecimal",
        "DECIMAL(28, 10)",
        "decimal",
        ["-1234.0000000001", "999999999999999999.9999999999", "-999999999999999999.9999999999", None, "0.0000000000"],
    ),
    ("CMoney", "NUMERIC(9, 2)", "decimal", ["1234.50", "9999999.99", "-9999999.99", None, "-0.05"]),
    ("CVarchar", "NVARCHAR(100)", "text", ["It's text", "z" * 100, " ", None, UNICODE]),
    ("CDate", "DATE", "date", ["2024-02-29", "9999-12-31", "0001-01-01", None, "1970-01-01"]),
    ("CTime", "TIME", "time", ["12:34:56", "23:59:59", "00:00:00", None, "00:00:00"]),
    (
        "CTimestamp",
        "DATETIME2",
        "timestamp",
        [
            "2024-02-29 12:34:56.789",
            "9999-12-31 23:59:59.999",
            "0001-01-01 00:00:00.000",
            None,
            "1970-01-01 00:00:00.000",
        ],
    ),
    ("CVarbinary", "VARBINARY(100)", "binary", ["DEADBEEF", "00FF" * 50, "00", None, ""]),
]


def literal(kind, value):
    """The value in SQL, before it is cast."""
    if value is None:
        return "NULL"
    if kind == "binary":
        return "0x" + value
    if kind in ("boolean", "integer"):
        return value
    # Numbers as text: a literal of 28 digits would be a DOUBLE.
    return "'" + value.replace("'", "''") + "'"


def select():
    """One SELECT for each row, in their order by the first column, which numbers them."""
    rows = []
    for number in range(len(TYPES[0][3])):
        casts = [f"CAST({literal(kind, values[number])} AS {sql}) AS {name}" for name, sql, kind, values in TYPES]
        rows.append(f"SELECT {number + 1} AS N, " + ", ".join(casts))
    return " UNION ALL ".join(rows) + " ORDER BY 1"


def columns():
    """Name and kind of each column of the statement."""
    return [("N", "integer")] + [(name, kind) for name, _, kind, _ in TYPES]


def rows():
    """The rows that the statement must give."""
    return [[str(number + 1)] + [values[number] for _, _, _, values in TYPES] for number in range(len(TYPES[0][3]))]
