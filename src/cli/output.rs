//! Rows as an aligned table, as CSV (RFC 4180) or as JSON (an array with one object per line).

use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{Error, Format};
use crate::catalog::field;

/// Rows whose cells decide the widths of a table's columns; the rest is printed as it comes.
const MEASURED: usize = 1000;
/// No column of a table is made wider than this.
const WIDEST: usize = 60;

/// Prints one result; the header with the first batch.
pub struct Printer {
    format: Format,
    schema: SchemaRef,
    rows: usize,
    /// Rows of a table that wait for the widths.
    waiting: Vec<Vec<Option<String>>>,
    widths: Option<Vec<usize>>,
}

impl Printer {
    pub fn new(format: Format, schema: SchemaRef) -> Printer {
        Printer {
            format,
            schema,
            rows: 0,
            waiting: Vec::new(),
            widths: None,
        }
    }

    pub fn batch(&mut self, out: &mut impl Write, batch: &RecordBatch) -> Result<(), Error> {
        let options = FormatOptions::default()
            .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.3f"))
            .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.3f"));
        let formatters = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let formatters = formatters.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let mut cells = Vec::with_capacity(formatters.len());
            for (column, formatter) in batch.columns().iter().zip(&formatters) {
                cells.push(if column.is_null(row) {
                    None
                } else {
                    Some(formatter.value(row).try_to_string()?)
                });
            }
            self.row(out, cells)?;
        }
        // A reader that waits for rows sees each page as it comes.
        out.flush()?;
        Ok(())
    }

    pub fn finish(mut self, out: &mut impl Write) -> Result<(), Error> {
        match self.format {
            Format::Table => {
                self.release(out)?;
                let noun = if self.rows == 1 { "row" } else { "rows" };
                writeln!(out, "({} {noun})", self.rows)?;
            }
            Format::Csv if self.rows == 0 => self.csv_header(out)?,
            Format::Csv => {}
            Format::Json if self.rows == 0 => writeln!(out, "[]")?,
            Format::Json => writeln!(out, "\n]")?,
        }
        Ok(())
    }

    fn row(&mut self, out: &mut impl Write, cells: Vec<Option<String>>) -> Result<(), Error> {
        let first = self.rows == 0;
        self.rows += 1;
        match self.format {
            Format::Table => {
                if let Some(widths) = &self.widths {
                    return table_line(out, widths, &cells);
                }
                self.waiting.push(cells);
                if self.waiting.len() == MEASURED {
                    self.release(out)?;
                }
            }
            Format::Csv => {
                if first {
                    self.csv_header(out)?;
                }
                csv_line(out, cells.iter().map(Option::as_deref))?;
            }
            Format::Json => {
                out.write_all(if first { b"[\n" } else { b",\n" })?;
                json_object(out, self.schema.fields().iter().map(|field| field.as_ref()).zip(&cells))?;
            }
        }
        Ok(())
    }

    /// Prints a table's header and the rows that waited for it.
    fn release(&mut self, out: &mut impl Write) -> Result<(), Error> {
        if self.widths.is_some() {
            return Ok(());
        }
        let labels: Vec<Option<String>> = self
            .schema
            .fields()
            .iter()
            .map(|field| Some(field.name().clone()))
            .collect();
        let mut widths: Vec<usize> = labels.iter().map(width).collect();
        for cells in &self.waiting {
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = (*widest).max(width(cell)).min(WIDEST);
            }
        }
        table_line(out, &widths, &labels)?;
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(out, "{}", rules.join("  "))?;
        for cells in std::mem::take(&mut self.waiting) {
            table_line(out, &widths, &cells)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn csv_header(&self, out: &mut impl Write) -> Result<(), Error> {
        csv_line(
            out,
            self.schema.fields().iter().map(|field| Some(field.name().as_str())),
        )
    }
}

fn width(cell: &Option<String>) -> usize {
    cell.as_ref().map_or(0, |text| text.chars().count())
}

/// Control characters would break the alignment, or the terminal.
fn table_line(out: &mut impl Write, widths: &[usize], cells: &[Option<String>]) -> Result<(), Error> {
    let mut line = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        let shown = cell.as_deref().unwrap_or_default().replace(char::is_control, " ");
        line.push_str(&format!("{shown:width$}  "));
    }
    writeln!(out, "{}", line.trim_end())?;
    Ok(())
}

/// NULL is an empty field, the empty string a quoted one.
fn csv_line<'a>(out: &mut impl Write, cells: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        match cell {
            None => {}
            Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r']) => {
                write!(out, "\"{}\"", text.replace('"', "\"\""))?;
            }
            Some(text) => out.write_all(text.as_bytes())?,
        }
    }
    out.write_all(b"\r\n")?;
    Ok(())
}

fn json_object<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = (&'a Field, &'a Option<String>)>,
) -> Result<(), Error> {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    out.write_all(b"{")?;
    for (number, (field, cell)) in cells.enumerate() {
        let separator = if number > 0 { ", " } else { "" };
        let value = match cell {
            None => "null".to_owned(),
            Some(cell) if is_bare(field, cell) => cell.clone(),
            Some(cell) => text(cell),
        };
        write!(out, "{separator}{}: {value}", text(field.name()))?;
    }
    out.write_all(b"}")?;
    Ok(())
}

/// Numbers, truth values and JSON columns are written as they stand; what JSON cannot say (NaN) is text.
fn is_bare(field: &Field, cell: &str) -> bool {
    let json = field.metadata().get(field::KIND).is_some_and(|kind| kind == "json");
    let bare = json || field.data_type().is_numeric() || field.data_type() == &DataType::Boolean;
    bare && serde_json::from_str::<serde::de::IgnoredAny>(cell).is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int32Array, StringArray, TimestampMillisecondArray};
    use arrow::datatypes::Schema;

    use super::*;

    fn printed(format: Format, fields: Vec<Field>, columns: Vec<ArrayRef>) -> String {
        let schema = Arc::new(Schema::new(fields));
        let mut out = Vec::new();
        let mut printer = Printer::new(format, schema.clone());
        let batch = RecordBatch::try_new(schema, columns).expect("a batch");
        printer.batch(&mut out, &batch).expect("printed");
        printer.finish(&mut out).expect("finished");
        String::from_utf8(out).expect("UTF-8")
    }

    fn users(format: Format) -> String {
        let fields = vec![
            Field::new("Id", DataType::Utf8, false),
            Field::new("Logins", DataType::Int32, true),
            Field::new("Active", DataType::Boolean, true),
        ];
        let ids = StringArray::from(vec!["00u1", "Zoë, \"Z\""]);
        let logins = Int32Array::from(vec![Some(7), None]);
        let active = BooleanArray::from(vec![Some(true), Some(false)]);
        printed(format, fields, vec![Arc::new(ids), Arc::new(logins), Arc::new(active)])
    }

    #[test]
    fn tables_are_aligned() {
        let expected = "Id        Logins  Active\n--------  ------  ------\n00u1      7       true\nZoë, \"Z\"          false\n(2 rows)\n";
        assert_eq!(users(Format::Table), expected);
    }

    #[test]
    fn csv_quotes_what_needs_it_and_leaves_null_empty() {
        assert_eq!(
            users(Format::Csv),
            "Id,Logins,Active\r\n00u1,7,true\r\n\"Zoë, \"\"Z\"\"\",,false\r\n"
        );
        let text = Field::new("T", DataType::Utf8, true);
        let values = StringArray::from(vec![Some(""), None, Some("a\nb")]);
        assert_eq!(
            printed(Format::Csv, vec![text], vec![Arc::new(values)]),
            "T\r\n\"\"\r\n\r\n\"a\nb\"\r\n"
        );
    }

    #[test]
    fn json_is_json() {
        let expected = "[\n{\"Id\": \"00u1\", \"Logins\": 7, \"Active\": true},\n\
            {\"Id\": \"Zoë, \\\"Z\\\"\", \"Logins\": null, \"Active\": false}\n]\n";
        assert_eq!(users(Format::Json), expected);
        assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
    }

    #[test]
    fn json_columns_nest_and_nan_is_text() {
        let json = Field::new("J", DataType::Utf8, true)
            .with_metadata([(field::KIND.to_owned(), "json".to_owned())].into_iter().collect());
        let number = Field::new("N", DataType::Float64, true);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["[1,2]"])),
            Arc::new(Float64Array::from(vec![f64::NAN])),
        ];
        assert_eq!(
            printed(Format::Json, vec![json, number], columns),
            "[\n{\"J\": [1,2], \"N\": \"NaN\"}\n]\n"
        );
    }

    #[test]
    fn timestamps_are_written_as_odbc_does() {
        let field = Field::new(
            "T",
            DataType::Timestamp(arrow::datatypes::TimeUnit::Millisecond, None),
            true,
        );
        let column = TimestampMillisecondArray::from(vec![1_700_000_000_120]);
        assert_eq!(
            printed(Format::Csv, vec![field], vec![Arc::new(column)]),
            "T\r\n2023-11-14 22:13:20.120\r\n"
        );
    }

    #[test]
    fn nothing_still_has_a_shape() {
        let fields = || vec![Field::new("Id", DataType::Utf8, false)];
        let none = || vec![Arc::new(StringArray::from(Vec::<&str>::new())) as ArrayRef];
        assert_eq!(printed(Format::Table, fields(), none()), "Id\n--\n(0 rows)\n");
        assert_eq!(printed(Format::Csv, fields(), none()), "Id\r\n");
        assert_eq!(printed(Format::Json, fields(), none()), "[]\n");
    }
}
