//! The shape of a statement without running it: result columns and parameters in the few types that ODBC shows (decision 26).

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::expr::{Cast, Placeholder, TryCast};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::resolve::Names;
use super::{Error, decode, lengths, text};
use crate::catalog::field;

/// Result columns under their labels, in the types shown.
pub fn result_schema(plan: &LogicalPlan, names: &Names, max_varchar_size: u32) -> SchemaRef {
    let bases = bases(plan);
    let padded = pads_with_nulls(plan);
    let fields = plan.schema().fields().iter().zip(bases).map(|(inner, base)| {
        let mut metadata = base.clone().unwrap_or_default();
        metadata.remove(text::FOLDS);
        lengths::keep_within(max_varchar_size, &mut metadata);
        if padded {
            metadata.remove(field::REQUIRED);
        }
        let label = names.label(
            inner.name(),
            base.as_ref()
                .and_then(|base| base.get(field::BASE_COLUMN))
                .map(String::as_str),
        );
        Field::new(label, shown(inner.data_type()), inner.is_nullable()).with_metadata(metadata)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// An outer join somewhere may leave any column NULL.
fn pads_with_nulls(plan: &LogicalPlan) -> bool {
    let mut padded = false;
    let _ = plan.apply(|node| {
        padded |= matches!(node, LogicalPlan::Join(join) if join.join_type.is_outer());
        Ok(TreeNodeRecursion::Continue)
    });
    padded
}

/// The type that a computed type is shown as.
pub fn shown(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::Int8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Float16 => DataType::Float32,
        DataType::Timestamp(..) | DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::Dictionary(_, value) => shown(value),
        DataType::Boolean
        | DataType::UInt8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Utf8
        | DataType::Date32
        | DataType::Decimal128(..) => data_type.clone(),
        // Intervals, lists, structures: their text.
        _ => DataType::Utf8,
    }
}

type Metadata = HashMap<String, String>;

/// For each output column the catalog column that it shows unchanged, or how long its text is declared to be.
fn bases(plan: &LogicalPlan) -> Vec<Option<Metadata>> {
    // Once for all columns: asked for each of them, a derived table in a derived table would multiply.
    let inputs: Vec<_> = plan
        .inputs()
        .into_iter()
        .map(|input| (input, self::bases(input)))
        .collect();
    let of = |expr: &Expr| base(expr, &inputs);
    let mut bases = match plan {
        LogicalPlan::Projection(projection) => projection.expr.iter().map(of).collect(),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.iter().map(of).collect(),
        LogicalPlan::Union(_) => lengths::of_union(inputs.into_iter().map(|(_, bases)| bases)),
        LogicalPlan::Join(_) => inputs.into_iter().flat_map(|(_, bases)| bases).collect(),
        LogicalPlan::TableScan(_) => {
            let metadata = plan.schema().fields().iter().map(|field| field.metadata().clone());
            metadata
                .map(|metadata| metadata.contains_key(field::BASE_COLUMN).then_some(metadata))
                .collect()
        }
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Distinct(_) => inputs.into_iter().next().map(|(_, bases)| bases).unwrap_or_default(),
        _ => Vec::new(),
    };
    bases.resize(plan.schema().fields().len(), None);
    bases
}

fn base(expr: &Expr, inputs: &[(&LogicalPlan, Vec<Option<Metadata>>)]) -> Option<Metadata> {
    match expr {
        Expr::Alias(alias) => base(&alias.expr, inputs),
        Expr::Column(column) => inputs.iter().find_map(|(input, bases)| {
            let index = index_of(input, column)?;
            bases.get(index)?.clone()
        }),
        computed => lengths::declared(computed),
    }
}

fn index_of(plan: &LogicalPlan, column: &Column) -> Option<usize> {
    plan.schema().maybe_index_of_column(column)
}

/// Field metadata of a parameter whose type nothing in the statement decides.
const OPEN: &str = "okta.open";

/// True for a parameter that is what is bound to it.
pub fn is_open(parameter: &Field) -> bool {
    parameter.metadata().contains_key(OPEN)
}

/// True for a number that the parameter's type, a whole number, cannot hold.
pub fn loses_fraction(value: &ArrayRef, parameter: &Field) -> bool {
    let (from, to) = (value.data_type(), parameter.data_type());
    if !to.is_integer() || !(from.is_floating() || from.is_decimal()) {
        return false;
    }
    let there_and_back = cast(value, to).and_then(|whole| cast(&whole, from));
    there_and_back.is_ok_and(|back| back.to_data() != value.to_data())
}

/// The parameter as one that is what is bound to it.
pub fn opened(parameter: &FieldRef) -> FieldRef {
    let mut metadata = parameter.metadata().clone();
    metadata.insert(OPEN.to_owned(), String::new());
    Arc::new(parameter.as_ref().clone().with_metadata(metadata))
}

/// `count` parameters that are whole numbers until something is bound.
pub fn numbers(count: usize) -> Vec<Option<FieldRef>> {
    (1..=count)
        .map(|number| Some(Arc::new(Field::new(format!("${number}"), DataType::Int64, true))))
        .collect()
}

/// One field per parameter: what its neighbours are, a whole number in LIMIT, text where nothing decides.
pub fn parameters(plan: &LogicalPlan, count: usize) -> Result<Vec<FieldRef>> {
    let mut types: HashMap<String, Option<DataType>> = HashMap::new();
    plan.apply_with_subqueries(|node| {
        let in_limit = matches!(node, LogicalPlan::Limit(_));
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                // Whatever is cast says by itself what it is to become.
                if let Expr::Cast(Cast { expr: inner, field }) | Expr::TryCast(TryCast { expr: inner, field }) = expr
                    && let Expr::Placeholder(Placeholder { id, field: None }) = inner.as_ref()
                {
                    types
                        .entry(id.clone())
                        .or_default()
                        .get_or_insert_with(|| field.data_type().clone());
                }
                if let Expr::Placeholder(Placeholder { id, field }) = expr {
                    let known = field.as_ref().map(|field| field.data_type().clone());
                    let known = if in_limit { Some(DataType::Int64) } else { known };
                    let slot = types.entry(id.clone()).or_default();
                    if slot.is_none() {
                        *slot = known;
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok((1..=count)
        .map(|number| {
            let name = format!("${number}");
            Arc::new(match types.remove(&name).flatten() {
                Some(data_type) => Field::new(name, shown(&data_type), true),
                None => return opened(&Arc::new(Field::new(name, DataType::Utf8, true))),
            })
        })
        .collect())
}

/// A bound value in the parameter's type.
pub fn bind(value: &ArrayRef, parameter: &Field) -> std::result::Result<ScalarValue, Error> {
    let target = parameter.data_type();
    let not_one = |_| Error::Invalid(format!("A value of type {} was bound", shown(value.data_type())));
    let given = ScalarValue::try_from_array(value, 0).map_err(not_one)?;
    if given.is_null() {
        return ScalarValue::try_new_null(target).map_err(not_one);
    }
    if let (DataType::Timestamp(..), Some(Some(text))) = (target, given.try_as_str()) {
        let instant = decode::timestamp(text).ok_or_else(|| Error::Cast(format!("'{text}' is no timestamp")))?;
        return Ok(ScalarValue::TimestampMillisecond(Some(instant), None));
    }
    let cast = cast_column(value, target)?;
    ScalarValue::try_from_array(&cast, 0).map_err(|error| Error::Internal(error.to_string()))
}

/// A column in the type shown.
pub fn cast_column(column: &ArrayRef, target: &DataType) -> std::result::Result<ArrayRef, Error> {
    if column.data_type() == target {
        return Ok(column.clone());
    }
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(column, target, &options).map_err(|error| match error {
        arrow::error::ArrowError::CastError(_) | arrow::error::ArrowError::ParseError(_) => {
            Error::Cast(format!("A value cannot be read as {}", described(target)))
        }
        other => Error::Internal(other.to_string()),
    })
}

/// A type in the words of SQL.
pub fn described(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::UInt8 => "a TINYINT",
        DataType::Int8 | DataType::Int16 | DataType::Int32 => "an INTEGER",
        DataType::Int64 | DataType::UInt64 => "a BIGINT",
        DataType::Float64 | DataType::Float32 => "a DOUBLE",
        DataType::Boolean => "a BIT",
        DataType::Timestamp(..) => "a TIMESTAMP",
        DataType::Date32 | DataType::Date64 => "a DATE",
        DataType::Time64(_) | DataType::Time32(_) => "a TIME",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "a DECIMAL",
        DataType::Binary => "binary data",
        _ => "text",
    }
}
