# The tour of R's RODBC, and what R programs do with it besides.
library(RODBC)

lines <- strsplit(readLines(Sys.getenv("TOUR_STATEMENTS"), encoding = "UTF-8"), "\t", fixed = TRUE)
statements <- setNames(lapply(lines, `[`, 2), vapply(lines, `[`, "", 1))
answers <- file(Sys.getenv("TOUR_ANSWERS"), open = "wb")

# JSON strings of a vector, missing values as null. Whole columns at a time: R is slow by the row.
quoted <- function(values) {
  text <- gsub('"', '\\"', gsub("\\", "\\\\", values, fixed = TRUE), fixed = TRUE)
  for (code in unique(unlist(regmatches(text, gregexpr("[\001-\037]", text))))) {
    text <- gsub(code, sprintf("\\u%04x", utf8ToInt(code)), text, fixed = TRUE)
  }
  ifelse(is.na(values), "null", paste0('"', text, '"'))
}

answer <- function(part, ...) {
  more <- list(...)
  fields <- if (length(more)) paste0(',"', names(more), '":', vapply(more, quoted, "")) else ""
  writeLines(paste0('{"part":"', part, '"', paste(fields, collapse = ""), "}"), answers, useBytes = TRUE)
}

# A column as text: numbers with all their digits, raw vectors as hex.
text_of <- function(column) {
  if (is.list(column)) vapply(column, function(raw) if (is.null(raw)) NA_character_ else paste(raw, collapse = ""), "")
  else if (is.double(column)) ifelse(is.na(column), NA, sprintf("%.17g", column))
  else enc2utf8(as.character(column))
}

rows <- function(part, frame) {
  if (!nrow(frame)) return(invisible())
  columns <- lapply(frame, function(column) quoted(text_of(column)))
  writeLines(paste0('{"part":"', part, '","row":[', do.call(paste, c(columns, sep = ",")), "]}"), answers, useBytes = TRUE)
}

more <- function(name, ...) rows("more", data.frame(name, paste(c(...), collapse = "|")))

open_channel <- function(connection) {
  channel <- odbcDriverConnect(connection, DBMSencoding = "UTF-8", believeNRows = FALSE)
  if (!inherits(channel, "RODBC")) stop("no connection")
  channel
}

# Values as they come: no factors, no guessed types, and the text NA is a text.
read_all <- function(channel, sql) {
  found <- sqlQuery(channel, sql, errors = TRUE, as.is = TRUE, na.strings = character(0))
  if (!is.data.frame(found)) stop(paste(found, collapse = " "))
  found
}

channel <- open_channel(Sys.getenv("TOUR_CONNECTION"))
answer("version",
  client = paste0("RODBC ", packageVersion("RODBC"), " (R ", getRversion(), ")"),
  manager = system2("odbcinst", "--version", stdout = TRUE))
answer("connect")
rows("tables", sqlTables(channel)[c("TABLE_NAME", "TABLE_TYPE")])
rows("columns", sqlColumns(channel, "Users")[c("COLUMN_NAME", "TYPE_NAME")])
rows("types", read_all(channel, statements$types))
rows("okta", read_all(channel, statements$okta))

# RODBC binds buffers of the declared size, 65,535 bytes at most. It means to warn of a value that the driver cut, but looks for
# the state `O1004`, with a letter, so that it never does.
rows("long", read_all(channel, statements$long.bound))
warned <- NA
cut <- withCallingHandlers(read_all(channel, statements$long.cut), warning = function(told) {
  warned <<- conditionMessage(told)
  invokeRestart("muffleWarning")
})
answer("long-cut", message = substr(warned, 1, 200), length = as.character(nchar(cut[[ncol(cut)]])))

large <- open_channel(Sys.getenv("TOUR_LARGE"))
rows("many", read_all(large, statements$many))
odbcClose(large)

sqlQuery(channel, statements$error, errors = FALSE)
told <- odbcGetErrMsg(channel)[1]
answer("error", sqlstate = substr(told, 1, 5), message = told)
rows("after-error", read_all(channel, statements[["after-error"]]))

# RODBC has no cancel: the channel is closed after the first rows.
slow <- open_channel(Sys.getenv("TOUR_SLOW"))
invisible(odbcQuery(slow, statements$cancel))
first <- sqlGetResults(slow, max = 300)
odbcClose(slow)
answer("cancel", rows = as.character(nrow(first)), sqlstate = NA)

odbcClose(channel)
answer("disconnect")

# What follows is what R programs do with RODBC besides; what is wanted stands in rodbc.more.tsv.
channel <- open_channel(Sys.getenv("TOUR_CONNECTION"))
value <- function(sql, ...) sqlQuery(channel, sql, ...)[[1]]

info <- odbcGetInfo(channel)
more("info", info[["DBMS_Name"]], grepl("^[0-9]{2}\\.[0-9]{2}\\.[0-9]{4}", info[["DBMS_Ver"]]), info[["Driver_ODBC_Ver"]])
some <- sqlTables(channel, tableName = "Group%", tableType = "TABLE")
more("tables by pattern", paste(some$TABLE_CAT, some$TABLE_SCHEM, some$TABLE_NAME, sep = "."))
columns <- sqlColumns(channel, "Users")
more("a column", unlist(columns[columns$COLUMN_NAME == "Created", c("DATA_TYPE", "COLUMN_SIZE", "NULLABLE", "ORDINAL_POSITION")]))
more("columns by catalog and schema", nrow(sqlColumns(channel, "Groups", catalog = "Okta", schema = "dbo")) == nrow(sqlColumns(channel, "Groups")))
more("primary key", sqlPrimaryKeys(channel, "GroupMembers")$COLUMN_NAME)
more("columns of the row's key", sqlColumns(channel, "GroupMembers", special = TRUE)$COLUMN_NAME)
more("types", length(unique(sqlTypeInfo(channel)$DATA_TYPE)) > 15, sqlTypeInfo(channel, "timestamp")$TYPE_NAME)
more("data sources", Sys.getenv("TOUR_DSN") %in% names(odbcDataSources()))

# A table read whole, in parts, and by its full name.
more("a table", dim(sqlFetch(channel, "GroupMembers"))[1], dim(sqlFetch(channel, "dbo.Groups"))[1])
parts <- nrow(sqlFetch(channel, "Users", max = 60))
while (is.data.frame(next_part <- sqlFetchMore(channel, max = 60))) parts <- c(parts, nrow(next_part))
more("a table in parts", parts)
more("sorted by a column", head(sqlFetch(channel, "Users", sqtable = "Users", colnames = FALSE)$Id, 1))
more("row at a time", nrow(sqlQuery(channel, "SELECT Id FROM Users", rows_at_time = 1)))
more("1,000 rows at a time", nrow(sqlQuery(channel, "SELECT Id FROM Users", rows_at_time = 1000, buffsize = 7)))
more("believing the number of rows", nrow(sqlQuery(channel, "SELECT Id FROM Users", believeNRows = TRUE)))
more("no rows", nrow(sqlQuery(channel, "SELECT Id FROM Users WHERE 1 = 0")))

# What a column becomes if R chooses.
typed <- sqlQuery(channel, "SELECT Created, CAST(Created AS DATE) AS Day, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive, Status FROM Users ORDER BY Id", stringsAsFactors = TRUE)
more("classes", vapply(typed, function(column) class(column)[1], ""))
more("a time and a day", format(typed$Created[4], "%Y-%m-%d %H:%M:%S"), format(typed$Day[4]))
more("missing", sum(is.na(typed$ProfileSeatNumber)), sum(is.na(typed$ProfileContractHours)))
more("mean", sprintf("%.6f", mean(typed$ProfileContractHours, na.rm = TRUE)))
more("table of statuses", { counts <- table(typed$Status); paste(names(counts), counts, sep = ":") })
more("aggregated by the driver", { by <- sqlQuery(channel, "SELECT Status, COUNT(*) AS n FROM Users GROUP BY Status ORDER BY Status"); paste(by$Status, by$n, sep = ":") })
more("quotes and letters", value("SELECT COUNT(*) FROM Users WHERE ProfileLastName = 'O''Brien'"), value("SELECT COUNT(*) FROM Users WHERE ProfileFirstName = N'Łukasz'"))
more("names kept", names(sqlQuery(channel, "SELECT TOP 1 Id AS \"First Name\", 1 AS a, 2 AS a FROM Users")))

# Transactions, errors, ways to connect.
more("commit off and on", odbcSetAutoCommit(channel, FALSE), odbcEndTran(channel, commit = FALSE), odbcSetAutoCommit(channel, TRUE))
state_of <- function(sql) { if (identical(sqlQuery(channel, sql, errors = FALSE), -1L)) substr(odbcGetErrMsg(channel)[1], 1, 5) else "00000" }
more("syntax error", state_of("SELEKT 1"))
more("no such table", state_of("SELECT * FROM Nowhere"))
more("read only", state_of("DELETE FROM Users WHERE Id = 'x'"))
more("fetch of a missing table", tryCatch(sqlFetch(channel, "Nowhere"), error = function(told) grepl("table not found", conditionMessage(told))))
more("save is refused", tryCatch({ sqlSave(channel, data.frame(a = 1), "New"); FALSE }, error = function(told) TRUE))
failed <- function(connection) {
  said <- NULL
  found <- withCallingHandlers(odbcDriverConnect(connection), warning = function(told) { said <<- c(said, conditionMessage(told)); invokeRestart("muffleWarning") })
  if (identical(found, -1L)) sub(".*state ([A-Z0-9]{5}).*", "\\1", said[1]) else "00000"
}
more("wrong token", failed(sub("sim-token", "nonsense", Sys.getenv("TOUR_CONNECTION"))))
more("nobody there", failed("Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x"))
named <- odbcConnect(Sys.getenv("TOUR_DSN"))
more("by name of the data source", sqlQuery(named, "SELECT COUNT(*) FROM Users")[[1]])
odbcClose(named)
again <- odbcReConnect(named)
more("connected again", sqlQuery(again, "SELECT COUNT(*) FROM Users")[[1]])
odbcClose(again)
user <- odbcDriverConnect(paste0(sub(";APIToken=.*", "", Sys.getenv("TOUR_CONNECTION")), ";UID=someone;PWD=sim-token"))
more("the token as a password", sqlQuery(user, "SELECT COUNT(*) FROM Groups")[[1]])
odbcClose(user)

# Children by fork, which have connections of their own or go on with their parent's.
counted <- function(channel) sqlQuery(channel, "SELECT COUNT(*) FROM Users")[[1]]
own <- function(child) { mine <- open_channel(Sys.getenv("TOUR_CONNECTION")); on.exit(odbcClose(mine)); counted(mine) }
more("children with connections of their own", unlist(parallel::mclapply(1:3, own, mc.cores = 3)))
more("children with their parent's connection", unlist(parallel::mclapply(1:3, function(child) counted(channel), mc.cores = 3)), counted(channel))

odbcClose(channel)
close(answers)
