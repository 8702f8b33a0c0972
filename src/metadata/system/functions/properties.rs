//! What SERVERPROPERTY, OBJECTPROPERTY and their like answer, one row per property.

use super::super::objects::{Kind, Object, Source};
use super::super::relation::Value;
use super::super::{COLLATION, PRODUCT_VERSION, System};
use super::{is_database, number, text};
use crate::catalog::Table;

/// A property of the server, by its name.
type OfServer = fn(&System) -> Value;

const SERVER: &[(&str, OfServer)] = &[
    ("BuildClrVersion", |_| Value::Null),
    ("Collation", |_| COLLATION.into()),
    ("ComputerNamePhysicalNetBIOS", |_| Value::Null),
    // Without a licence, and with all features.
    ("Edition", |_| "Developer Edition (64-bit)".into()),
    ("EditionID", |_| (-2_117_995_310).into()),
    ("EngineEdition", |_| 3.into()),
    ("InstanceName", |_| Value::Null),
    ("IsAdvancedAnalyticsInstalled", |_| 0.into()),
    ("IsClustered", |_| 0.into()),
    ("IsFullTextInstalled", |_| 0.into()),
    ("IsHadrEnabled", |_| 0.into()),
    ("IsIntegratedSecurityOnly", |_| 0.into()),
    ("IsLocalDB", |_| 0.into()),
    ("IsPolyBaseInstalled", |_| 0.into()),
    ("IsSingleUser", |_| 0.into()),
    ("IsXTPSupported", |_| 0.into()),
    ("LCID", |_| 1033.into()),
    ("LicenseType", |_| "DISABLED".into()),
    ("MachineName", |system| (&system.server).into()),
    ("ProductBuild", |_| "1000".into()),
    ("ProductLevel", |_| "RTM".into()),
    ("ProductMajorVersion", |_| "16".into()),
    ("ProductMinorVersion", |_| "0".into()),
    ("ProductUpdateLevel", |_| Value::Null),
    ("ProductVersion", |_| PRODUCT_VERSION.into()),
    ("ServerName", |system| (&system.server).into()),
    ("SqlCharSetName", |_| "iso_1".into()),
    ("SqlSortOrderName", |_| "nocase_iso".into()),
];

/// A property of the database, by its name.
type OfDatabase = fn() -> Value;

const DATABASE: &[(&str, OfDatabase)] = &[
    ("Collation", || COLLATION.into()),
    ("ComparisonStyle", || 196_609.into()),
    ("IsAutoClose", || 0.into()),
    ("IsAutoShrink", || 0.into()),
    ("IsFulltextEnabled", || 0.into()),
    ("IsInStandBy", || 0.into()),
    ("IsQuotedIdentifiersEnabled", || 1.into()),
    ("LCID", || 1033.into()),
    ("Recovery", || "SIMPLE".into()),
    ("Status", || "ONLINE".into()),
    ("Updateability", || "READ_ONLY".into()),
    ("UserAccess", || "MULTI_USER".into()),
    // SQL Server 2022's number of its files.
    ("Version", || 957.into()),
];

/// A property of an object: 1 for true, 0 for false, None where it does not apply.
type OfObject = fn(&System, &Object) -> Option<i32>;

const OBJECT: &[(&str, OfObject)] = &[
    ("CnstIsClustKey", |_, object| of_key(object, false)),
    ("CnstIsDeleteCascade", |_, object| of_constraint(object, false)),
    ("CnstIsDisabled", |_, object| of_constraint(object, false)),
    ("CnstIsNonclustKey", |_, object| of_key(object, true)),
    ("CnstIsNotTrusted", |_, object| of_constraint(object, false)),
    ("CnstIsUpdateCascade", |_, object| of_constraint(object, false)),
    ("IsCheckCnst", |_, _| truth(false)),
    ("IsConstraint", |_, object| truth(is_constraint(object))),
    ("IsDefaultCnst", |_, _| truth(false)),
    ("IsForeignKey", |_, object| {
        truth(matches!(object.kind, Kind::ForeignKey(_)))
    }),
    ("IsInlineFunction", |_, _| truth(false)),
    ("IsMSShipped", |_, object| truth(object.kind == Kind::SystemView)),
    ("IsPrimaryKey", |_, object| truth(object.kind == Kind::PrimaryKey)),
    ("IsProcedure", |_, _| truth(false)),
    ("IsScalarFunction", |_, _| truth(false)),
    ("IsSystemTable", |_, _| truth(false)),
    ("IsTable", |_, object| truth(object.kind == Kind::Table)),
    ("IsTableFunction", |_, _| truth(false)),
    ("IsTrigger", |_, _| truth(false)),
    ("IsUniqueCnst", |_, _| truth(false)),
    ("IsUserTable", |_, object| truth(object.kind == Kind::Table)),
    ("IsView", |_, object| truth(object.kind == Kind::SystemView)),
    ("OwnerId", |_, _| Some(1)),
    ("SchemaId", |_, object| Some(object.schema_id())),
    ("TableHasCheckCnst", |_, object| of_table(object, |_| false)),
    ("TableHasClustIndex", |_, object| of_table(object, |_| false)),
    ("TableHasDefaultCnst", |_, object| of_table(object, |_| false)),
    ("TableHasForeignKey", |_, object| {
        of_table(object, |table| !table.foreign_keys.is_empty())
    }),
    ("TableHasForeignRef", |system, object| {
        let refers = |other: &Table, name: &str| {
            let mut keys = other.foreign_keys.iter();
            keys.any(|key| key.table.eq_ignore_ascii_case(name))
        };
        let tables = system.catalog.tables();
        of_table(object, |table| tables.iter().any(|other| refers(other, &table.name)))
    }),
    ("TableHasIdentity", |_, object| of_table(object, |_| false)),
    ("TableHasIndex", |_, object| of_table(object, has_key)),
    ("TableHasNonclustIndex", |_, object| of_table(object, has_key)),
    ("TableHasPrimaryKey", |_, object| of_table(object, has_key)),
    ("TableHasTimestamp", |_, object| of_table(object, |_| false)),
    ("TableHasUniqueCnst", |_, object| of_table(object, |_| false)),
    ("TableIsMemoryOptimized", |_, object| of_table(object, |_| false)),
    ("TableTemporalType", |_, object| of_table(object, |_| false)),
];

fn truth(value: bool) -> Option<i32> {
    Some(value.into())
}

fn is_constraint(object: &Object) -> bool {
    matches!(object.kind, Kind::PrimaryKey | Kind::ForeignKey(_))
}

fn of_constraint(object: &Object, value: bool) -> Option<i32> {
    is_constraint(object).then_some(value.into())
}

fn of_key(object: &Object, value: bool) -> Option<i32> {
    (object.kind == Kind::PrimaryKey).then_some(value.into())
}

fn of_table(object: &Object, value: impl Fn(&Table) -> bool) -> Option<i32> {
    let table = object.table().filter(|_| object.kind == Kind::Table)?;
    Some(value(table).into())
}

fn has_key(table: &Table) -> bool {
    !table.primary_key.is_empty()
}

fn row<'a, T>(rows: &'a [(&str, T)], property: Option<&str>) -> Option<&'a T> {
    let property = property?.trim_end();
    rows.iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(property))
        .map(|(_, row)| row)
}

pub(super) fn of_server(system: &System, args: &[Value]) -> Value {
    row(SERVER, text(args, 0)).map_or(Value::Null, |answer| answer(system))
}

pub(super) fn of_database(_: &System, args: &[Value]) -> Value {
    let known = text(args, 0).filter(|name| is_database(name));
    known
        .and_then(|_| row(DATABASE, text(args, 1)))
        .map_or(Value::Null, |answer| answer())
}

pub(super) fn of_object(system: &System, args: &[Value]) -> Value {
    let object = number(args, 0).and_then(|id| system.objects().by_id(id));
    let property = row(OBJECT, text(args, 1));
    object
        .zip(property)
        .and_then(|(object, answer)| answer(system, object))
        .into()
}

/// The one property of objects that is a text.
pub const BASE_TYPE: &str = "BaseType";

/// OBJECTPROPERTY's, and the one that is a text.
pub(super) fn of_object_extended(system: &System, args: &[Value]) -> Value {
    match text(args, 1) {
        Some(property) if property.eq_ignore_ascii_case(BASE_TYPE) => {
            let object = number(args, 0).and_then(|id| system.objects().by_id(id));
            object.map(|object| object.kind.codes().0).into()
        }
        _ => of_object(system, args),
    }
}

pub(super) fn of_column(system: &System, args: &[Value]) -> Value {
    let (Some(object), Some(name), Some(property)) = (
        number(args, 0).and_then(|id| system.objects().by_id(id)),
        text(args, 1),
        text(args, 2),
    ) else {
        return Value::Null;
    };
    let position = object
        .columns()
        .iter()
        .position(|column| column.eq_ignore_ascii_case(name));
    let (Some(position), Source::Table(table)) = (position, &object.source) else {
        return Value::Null;
    };
    let column = &table.columns[position];
    let of = system.described(column);
    let in_key = || {
        table
            .primary_key
            .iter()
            .any(|key| key.eq_ignore_ascii_case(&column.name))
    };
    match property.to_ascii_lowercase().as_str() {
        "allowsnull" => i32::from(column.nullable).into(),
        "charmaxlen" => of.characters().into(),
        "columnid" | "ordinal" => i32::try_from(position + 1).ok().into(),
        "iscolumnset" | "iscomputed" | "ishidden" | "isidentity" | "isrowguidcol" | "issparse" => 0.into(),
        "isindexable" => i32::from(in_key()).into(),
        "precision" => of.characters().unwrap_or(of.precision).into(),
        "scale" => (!of.of.is_text && of.of.name != "float").then_some(of.scale).into(),
        "usesansitrim" => of.of.is_text.then_some(1).into(),
        _ => Value::Null,
    }
}
