"""Every operator and function that is generated, with its spelling for the driver and for DuckDB.

A spelling that differs is a difference of dialect, not of answers; the comment beside it says which.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    driver: str
    duck: str
    # Arguments bind tighter than this; 0 for calls, whose arguments stand alone.
    binds: int = 0
    # What the whole is among its neighbours.
    strength: int = 10
    # Text arguments are compared: they fold case by the catalog's rule.
    compares: bool = False


def same(text, binds=0, strength=10, compares=False):
    return Operator(text, text, binds, strength, compares)


def call(driver, duck=None, compares=False):
    return Operator(driver, duck or driver, compares=compares)


OPERATORS = {
    # Logic
    "not": same("NOT {0}", 3, 3),
    "is null": same("{0} IS NULL", 9, 4),
    "is not null": same("{0} IS NOT NULL", 9, 4),
    "is true": same("{0} IS TRUE", 9, 4),
    "is not true": same("{0} IS NOT TRUE", 9, 4),
    "is false": same("{0} IS FALSE", 9, 4),
    "is not false": same("{0} IS NOT FALSE", 9, 4),
    # T-SQL's way to ask for a BIT; DuckDB has BOOLEAN only.
    "is one": Operator("{0} = 1", "{0} = TRUE", 5, 4),
    "is zero": Operator("{0} = 0", "{0} = FALSE", 5, 4),
    # Comparisons
    "=": same("{0} = {1}", 5, 4, True),
    "<>": same("{0} <> {1}", 5, 4, True),
    "!=": same("{0} != {1}", 5, 4, True),
    "<": same("{0} < {1}", 5, 4, True),
    "<=": same("{0} <= {1}", 5, 4, True),
    ">": same("{0} > {1}", 5, 4, True),
    ">=": same("{0} >= {1}", 5, 4, True),
    "is distinct from": same("{0} IS DISTINCT FROM {1}", 5, 4, True),
    "is not distinct from": same("{0} IS NOT DISTINCT FROM {1}", 5, 4, True),
    "between": same("{0} BETWEEN {1} AND {2}", 5, 4, True),
    "not between": same("{0} NOT BETWEEN {1} AND {2}", 5, 4, True),
    "like": same("{0} LIKE {1}", 5, 4, True),
    "not like": same("{0} NOT LIKE {1}", 5, 4, True),
    "like escape": same("{0} LIKE {1} ESCAPE {2}", 5, 4, True),
    "not like escape": same("{0} NOT LIKE {1} ESCAPE {2}", 5, 4, True),
    "like odbc": Operator("{0} LIKE {1} {{escape {2}}}", "{0} LIKE {1} ESCAPE {2}", 5, 4, True),
    # Comparisons with all rows of a sub-query, or one of them; render.py folds both sides
    "= any": same("{0} = ANY ({1})", 5, 4),
    "< all": same("{0} < ALL ({1})", 5, 4),
    ">= all": same("{0} >= ALL ({1})", 5, 4),
    "<> all": same("{0} <> ALL ({1})", 5, 4),
    # Whole numbers
    "+": same("{0} + {1}", 6, 6),
    "-": same("{0} - {1}", 7, 6),
    "*": same("{0} * {1}", 7, 7),
    # Whole numbers divide to whole numbers (T-SQL); DuckDB's / does not, and // by zero is NULL instead of an error.
    "/": Operator("{0} / {1}", "(CASE WHEN {1} = 0 THEN error('division by zero') ELSE {0} // {1} END)", 8, 7),
    "%": Operator("{0} % {1}", "(CASE WHEN {1} = 0 THEN error('division by zero') ELSE {0} % {1} END)", 8, 7),
    # DuckDB gives a constant's negative a wider type.
    "negative": Operator("(- {0})", "(0 - {0})", 9),
    "/ double": same("{0} / {1}", 8, 7),
    "abs": call("ABS({0})"),
    "fn abs": call("{{fn ABS({0})}}", "abs({0})"),
    "fn mod": call("{{fn MOD({0}, {1})}}", "({0}) % ({1})"),
    "fn sign": call("{{fn SIGN({0})}}", "CAST(sign({0}) AS DOUBLE)"),
    "greatest": call("GREATEST({0}, {1})"),
    "least": call("LEAST({0}, {1})"),
    # Numbers
    "round": call("ROUND({0}, {1})"),
    "floor": call("FLOOR({0})"),
    "ceil": call("{{fn CEILING({0})}}", "ceil({0})"),
    "sqrt of abs": call("SQRT(ABS({0}))"),
    "power": call("{{fn POWER({0}, 2)}}", "power({0}, 2)"),
    # Text
    "||": same("{0} || {1}", 8, 5),
    "upper": Operator("UPPER({0})", "upper(replace({0}, 'ß', 'ss'))"),  # Unicode's full mapping: ß is SS
    "fn ucase": Operator("{{fn UCASE({0})}}", "upper(replace({0}, 'ß', 'ss'))"),
    "lower": call("LOWER({0})"),
    "fn lcase": call("{{fn LCASE({0})}}", "lower({0})"),
    "trim": call("TRIM({0})"),
    "ltrim": call("LTRIM({0})"),
    "fn rtrim": call("{{fn RTRIM({0})}}", "rtrim({0})"),
    "substring": call("SUBSTRING({0}, {1}, {2})"),
    "substring from": call("SUBSTRING({0} FROM {1} FOR {2})"),
    "fn substring": call("{{fn SUBSTRING({0}, {1}, {2})}}", "substring({0}, {1}, {2})"),
    "left": call("LEFT({0}, {1})"),
    "right": call("RIGHT({0}, {1})"),
    "fn left": call("{{fn LEFT({0}, {1})}}", "left({0}, {1})"),
    "replace": call("REPLACE({0}, {1}, {2})"),
    "fn concat": call("{{fn CONCAT({0}, {1})}}", "({0}) || ({1})"),
    "fn repeat": call("{{fn REPEAT({0}, {1})}}", "repeat({0}, {1})"),
    "reverse": call("REVERSE({0})"),
    "fn insert": call(
        "{{fn INSERT({0}, {1}, {2}, {3})}}",
        "(substring({0}, 1, {1} - 1) || {3} || substring({0}, {1} + {2}))",
    ),
    "cast text": call("CAST({0} AS VARCHAR)"),
    "cast nvarchar": call("CAST({0} AS NVARCHAR(40))", "left(CAST({0} AS VARCHAR), 40)"),
    "fn convert text": call("{{fn CONVERT({0}, SQL_WVARCHAR)}}", "CAST({0} AS VARCHAR)"),
    "exact": call("({0} COLLATE Latin1_General_CS_AS)", "{0}"),
    "length": call("CHARACTER_LENGTH({0})"),
    "fn length": call("{{fn LENGTH({0})}}", "length(rtrim({0}))"),
    "octets": call("OCTET_LENGTH({0})", "strlen({0})"),
    "position": call("POSITION({0} IN {1})", compares=True),
    "fn locate": call("{{fn LOCATE({0}, {1})}}", "strpos({1}, {0})", True),
    "cast int": call("CAST({0} AS INTEGER)"),
    "cast bigint": call("CAST({0} AS BIGINT)"),
    # Cut, as T-SQL does; DuckDB rounds.
    "cut": call("CAST({0} AS BIGINT)", "CAST(trunc({0}) AS BIGINT)"),
    "cast double": call("CAST({0} AS DOUBLE)"),
    # Time
    "cast date": call("CAST({0} AS DATE)"),
    "cast timestamp": call("CAST({0} AS TIMESTAMP)"),
    "extract year": call("EXTRACT(YEAR FROM {0})"),
    "extract month": call("EXTRACT(MONTH FROM {0})"),
    "extract day": call("EXTRACT(DAY FROM {0})"),
    "fn year": call("{{fn YEAR({0})}}", "year({0})"),
    "fn quarter": call("{{fn QUARTER({0})}}", "quarter({0})"),
    "fn month": call("{{fn MONTH({0})}}", "month({0})"),
    "fn week": call("{{fn WEEK({0})}}", "week({0})"),
    "fn dayofmonth": call("{{fn DAYOFMONTH({0})}}", "day({0})"),
    "fn dayofyear": call("{{fn DAYOFYEAR({0})}}", "dayofyear({0})"),
    "fn dayofweek": call("{{fn DAYOFWEEK({0})}}", "(dayofweek({0}) + 1)"),  # ODBC: 1 is Sunday
    "fn hour": call("{{fn HOUR({0})}}", "hour({0})"),
    "fn minute": call("{{fn MINUTE({0})}}", "minute({0})"),
    "fn second": call("{{fn SECOND({0})}}", "second({0})"),
    "fn dayname": call("{{fn DAYNAME({0})}}", "dayname({0})"),
    "fn monthname": call("{{fn MONTHNAME({0})}}", "monthname({0})"),
    "add hours": call("{{fn TIMESTAMPADD(SQL_TSI_HOUR, {1}, {0})}}", "({0} + to_hours({1}))"),
    "add days": call("{{fn TIMESTAMPADD(SQL_TSI_DAY, {1}, {0})}}", "({0} + to_days(CAST({1} AS INTEGER)))"),
    "add months": call("{{fn TIMESTAMPADD(SQL_TSI_MONTH, {1}, {0})}}", "({0} + to_months(CAST({1} AS INTEGER)))"),
    "diff hours": call("{{fn TIMESTAMPDIFF(SQL_TSI_HOUR, {0}, {1})}}", "date_diff('hour', {0}, {1})"),
    "diff days": call("{{fn TIMESTAMPDIFF(SQL_TSI_DAY, {0}, {1})}}", "date_diff('day', {0}, {1})"),
    # T-SQL counts Sundays whatever DATEFIRST is; DuckDB counts spans of seven days.
    "diff weeks": call(
        "{{fn TIMESTAMPDIFF(SQL_TSI_WEEK, {0}, {1})}}",
        "(date_diff('day', date_trunc('week', {0} + INTERVAL 1 DAY), date_trunc('week', {1} + INTERVAL 1 DAY)) // 7)",
    ),
    "diff months": call("{{fn TIMESTAMPDIFF(SQL_TSI_MONTH, {0}, {1})}}", "date_diff('month', {0}, {1})"),
    "diff years": call("{{fn TIMESTAMPDIFF(SQL_TSI_YEAR, {0}, {1})}}", "date_diff('year', {0}, {1})"),
    # T-SQL's own names
    "isnull": call("ISNULL({0}, {1})", "coalesce({0}, {1})"),
    "iif": call("IIF({0}, {1}, {2})", "CASE WHEN {0} THEN {1} ELSE {2} END"),
    "len": call("LEN({0})", "length(rtrim({0}, ' '))"),  # T-SQL does not count spaces at the end
    "charindex": call("CHARINDEX({0}, {1})", "strpos({1}, {0})", True),
    # NULL where it starts behind the end
    "stuff": call(
        "STUFF({0}, {1}, {2}, {3})",
        "CASE WHEN {1} <= length({0}) THEN substring({0}, 1, {1} - 1) || {3} || substring({0}, {1} + {2}) END",
    ),
    "+ text": Operator("{0} + {1}", "{0} || {1}", 8, 5),
    "convert text": call("CONVERT(NVARCHAR(40), {0})", "left(CAST({0} AS VARCHAR), 40)"),
    "convert bigint": call("CONVERT(BIGINT, {0})", "CAST({0} AS BIGINT)"),
    "convert date": call("CONVERT(DATE, {0})", "CAST({0} AS DATE)"),
    "datepart year": call("DATEPART(year, {0})", "year({0})"),
    "datepart quarter": call("DATEPART(qq, {0})", "quarter({0})"),
    "datepart hour": call("DATEPART(hh, {0})", "hour({0})"),
    "datepart minute": call("DATEPART(mi, {0})", "minute({0})"),
    "datepart dayofyear": call("DATEPART(dy, {0})", "dayofyear({0})"),
    "datepart weekday": call("DATEPART(dw, {0})", "(dayofweek({0}) + 1)"),  # DATEFIRST is 7: 1 is Sunday
    "datepart isoweek": call("DATEPART(ISO_WEEK, {0})", "week({0})"),
    "dateadd hour": call("DATEADD(hour, {1}, {0})", "({0} + to_hours({1}))"),
    "dateadd day": call("DATEADD(day, {1}, {0})", "({0} + to_days(CAST({1} AS INTEGER)))"),
    "dateadd month": call("DATEADD(mm, {1}, {0})", "({0} + to_months(CAST({1} AS INTEGER)))"),
    "datediff hour": call("DATEDIFF(hour, {0}, {1})", "date_diff('hour', {0}, {1})"),
    "datediff day": call("DATEDIFF(day, {0}, {1})", "date_diff('day', {0}, {1})"),
    "datediff month": call("DATEDIFF(month, {0}, {1})", "date_diff('month', {0}, {1})"),
    "datediff year": call("DATEDIFF(yyyy, {0}, {1})", "date_diff('year', {0}, {1})"),
    # Choice
    "fn ifnull": call("{{fn IFNULL({0}, {1})}}", "coalesce({0}, {1})"),
    # Aggregates. Sums of whole numbers are BIGINT and must fit (T-SQL); DuckDB's are HUGEINT.
    "count all": call("COUNT(*)"),
    "count": call("COUNT({0})"),
    "count distinct": call("COUNT(DISTINCT {0})"),
    "sum": call("SUM({0})", "CAST(SUM({0}) AS BIGINT)"),
    "sum distinct": call("SUM(DISTINCT {0})", "CAST(SUM(DISTINCT {0}) AS BIGINT)"),
    "sum double": call("SUM({0})"),
    "avg": call("AVG({0})", "AVG({0})"),
    "min": call("MIN({0})"),
    "max": call("MAX({0})"),
    "join texts": call("STRING_AGG({0}, ',' ORDER BY {0})", "STRING_AGG({0}, ',' ORDER BY {0} NULLS FIRST)"),
    "filtered count": call("COUNT({0}) FILTER (WHERE {1})"),
    "filtered max": call("MAX({0}) FILTER (WHERE {1})"),
    # Functions of windows
    "row number": call("ROW_NUMBER()"),
    "rank": call("RANK()"),
    "dense rank": call("DENSE_RANK()"),
    "percent rank": call("PERCENT_RANK()"),
    "cume dist": call("CUME_DIST()"),
    "ntile": call("NTILE({0})"),
    "lag": call("LAG({0}, {1})"),
    "lag or": call("LAG({0}, {1}, {2})"),
    "lead": call("LEAD({0}, {1})"),
    "first value": call("FIRST_VALUE({0})"),
    "last value": call("LAST_VALUE({0})"),
    "nth value": call("NTH_VALUE({0}, {1})"),
}
