//! The scalar functions that DataFusion lacks: T-SQL's, in tables, and those the text rule needs.

mod dates;
mod first_of;
mod format;
mod instant;
mod json;
mod like;
mod numbers;
mod rounding;
mod row;
mod texts;

pub mod server;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::cast::as_string_array;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::text::{EXACT, FOLD, PATTERN};

/// The function that a statement's text may name so, ahead of DataFusion's own.
pub fn named(name: &str) -> Option<Arc<ScalarUDF>> {
    static NAMED: LazyLock<HashMap<&str, Arc<ScalarUDF>>> = LazyLock::new(|| {
        let tables = [texts::ROWS, dates::ROWS, numbers::ROWS, json::ROWS, format::ROWS];
        let rows = tables.into_iter().flatten().map(|row| (row.name, row.function()));
        let first_of = ["coalesce", "ifnull", "nvl"].map(|name| (name, first_of::first_of()));
        rows.chain(rounding::functions())
            .chain([(EXACT, exact()), (SPLIT, split())])
            .chain(first_of)
            .collect()
    });
    NAMED.get(name).cloned()
}

/// Microseconds since 1970-01-01 of the instant that a text says.
pub fn read_instant(text: &str) -> Option<i64> {
    instant::read(text)
}

/// DATEADD, for days added with `+`.
pub fn date_add() -> Arc<ScalarUDF> {
    static ADDING: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| dates::DATEADD.function());
    ADDING.clone()
}

/// REPLACE that finds what it replaces without case.
pub fn replace_folded() -> Arc<ScalarUDF> {
    static REPLACING: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| texts::REPLACE_FOLDED.function());
    REPLACING.clone()
}

/// NULLIF that compares without case.
pub fn null_if_folded() -> Arc<ScalarUDF> {
    static COMPARING: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| texts::NULL_IF_FOLDED.function());
    COMPARING.clone()
}

/// `okta_split(text, separator)`: DataFusion's list of the parts, under a name of ours.
const SPLIT: &str = "okta_split";

fn split() -> Arc<ScalarUDF> {
    datafusion::functions_nested::string::string_to_array_udf()
}

/// `okta_fold(text)`: lower case, character by character, as Okta compares.
pub fn fold() -> Arc<ScalarUDF> {
    static FOLDING: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| text_function(FOLD, 1, |args| one(args, fold_case)));
    FOLDING.clone()
}

/// `okta_exact(text)`: the text itself; the text rule reads it.
pub fn exact() -> Arc<ScalarUDF> {
    static EXACTLY: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| text_function(EXACT, 1, |args| one(args, |text| Cow::Borrowed(text))));
    EXACTLY.clone()
}

/// `okta_pattern(pattern, escape)`: a LIKE pattern in which `\` alone escapes.
pub fn pattern() -> Arc<ScalarUDF> {
    static PATTERNS: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        text_function(PATTERN, 2, |args| {
            let escape = as_string_array(&args[1])?;
            let escape = escape.iter().flatten().find_map(|text| text.chars().next());
            one(args, |text| Cow::Owned(plain_pattern(text, escape)))
        })
    });
    PATTERNS.clone()
}

/// Lower case where it is one character for one: `LIKE 'İ_'` keeps its length.
pub fn fold_case(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let lower = |character: char| {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) => one,
            _ => character,
        }
    };
    Cow::Owned(text.chars().map(lower).collect())
}

/// The same pattern with `\` as its escape character; without `escape` nothing in it escapes.
pub fn plain_pattern(pattern: &str, escape: Option<char>) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            // At the very end it stands for itself.
            let escaped = characters.next().unwrap_or(character);
            if matches!(escaped, '%' | '_' | '\\') {
                plain.push('\\');
            }
            plain.push(escaped);
        } else {
            if character == '\\' {
                plain.push('\\');
            }
            plain.push(character);
        }
    }
    plain
}

fn one(args: &[ArrayRef], change: impl for<'a> Fn(&'a str) -> Cow<'a, str>) -> Result<StringArray> {
    let texts = as_string_array(&args[0])?;
    Ok(texts.iter().map(|text| text.map(&change)).collect())
}

type Body = fn(&[ArrayRef]) -> Result<StringArray>;

fn text_function(name: &'static str, arity: usize, body: Body) -> Arc<ScalarUDF> {
    let signature = Signature::exact(vec![DataType::Utf8; arity], Volatility::Immutable);
    Arc::new(ScalarUDF::from(TextFunction {
        name,
        signature,
        body: Called(body),
    }))
}

/// A function of texts that gives a text, NULL for NULL.
#[derive(Debug, PartialEq, Eq, Hash)]
struct TextFunction {
    name: &'static str,
    signature: Signature,
    body: Called,
}

/// A function's name identifies its body.
struct Called(Body);

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl PartialEq for Called {
    fn eq(&self, _: &Called) -> bool {
        true
    }
}

impl Eq for Called {}

impl std::hash::Hash for Called {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let arrays = args
            .args
            .iter()
            .map(|arg| arg.to_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let texts = (self.body.0)(&arrays)?;
        if scalar {
            let text = (!texts.is_null(0)).then(|| texts.value(0).to_owned());
            return Ok(ColumnarValue::Scalar(ScalarValue::Utf8(text)));
        }
        Ok(ColumnarValue::Array(Arc::new(texts)))
    }
}

/// True where every value is a text that folding leaves as it is.
#[cfg(test)]
pub fn is_folded(array: &ArrayRef) -> bool {
    use arrow::array::AsArray;
    array
        .as_string::<i32>()
        .iter()
        .flatten()
        .all(|text| fold_case(text) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_the_number_of_characters() {
        for (text, folded) in [
            ("", ""),
            ("abc", "abc"),
            ("ABC", "abc"),
            ("ÄÖÜ", "äöü"),
            ("İ", "İ"),
            ("ẞ", "ß"),
            ("ΣΑΣ", "σασ"),
        ] {
            assert_eq!(fold_case(text), folded, "{text}");
            assert_eq!(fold_case(text).chars().count(), text.chars().count());
        }
        let array: ArrayRef = Arc::new(StringArray::from(vec![Some("abc"), None]));
        assert!(is_folded(&array));
    }

    #[test]
    fn patterns_keep_their_meaning_with_backslash_as_escape() {
        for (pattern, escape, plain) in [
            ("a%b_", None, "a%b_"),
            (r"a\%", None, r"a\\%"),
            (r"a\%", Some('\\'), r"a\%"),
            ("a!%b!!", Some('!'), r"a\%b!"),
            ("a!", Some('!'), "a!"),
            (r"\", Some('!'), r"\\"),
            ("A_A%", Some('A'), r"\_\%"),
        ] {
            assert_eq!(plain_pattern(pattern, escape), plain, "{pattern} {escape:?}");
        }
    }
}
