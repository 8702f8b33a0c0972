//! The text rule over tables in memory.

use std::collections::HashMap;

use arrow::array::{Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::util::pretty::pretty_format_batches;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::*;

/// `t(id exact, name text, n)` and `g(id exact, name text)`.
fn context() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1);
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    let context = SessionContext::new_with_config(config);
    context.register_udf(functions::exact().as_ref().clone());
    let text = |name: &str| {
        Field::new(name, DataType::Utf8, true).with_metadata(HashMap::from([(FOLDS.to_owned(), String::new())]))
    };
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Utf8, true),
        text("name"),
        Field::new("n", DataType::Int64, true),
    ]));
    for (table, ids, names) in [
        (
            "t",
            ["a", "B", "c", "d"],
            [Some("Anna"), Some("ANNA"), Some("bob"), None],
        ),
        (
            "g",
            ["A", "B", "x", "y"],
            [Some("anna"), Some("Bob"), Some("Zed"), None],
        ),
    ] {
        let columns: Vec<arrow::array::ArrayRef> = vec![
            Arc::new(StringArray::from(ids.to_vec())),
            Arc::new(StringArray::from(names.to_vec())),
            Arc::new(Int64Array::from(vec![1, 2, 3, 4])),
        ];
        let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
        let table_of = MemTable::try_new(schema.clone(), vec![vec![batch]]).unwrap();
        context.register_table(table, Arc::new(table_of)).unwrap();
    }
    context
}

/// The first column of the answer, joined by blanks.
async fn ask(sql: &str, case_sensitive: bool) -> String {
    let context = context();
    let plan = context
        .state()
        .create_logical_plan(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let plan = apply(plan, case_sensitive).unwrap();
    let batches = context
        .execute_logical_plan(plan)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    let mut values = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            values.push(arrow::util::display::array_value_to_string(batch.column(0), row).unwrap());
        }
    }
    assert!(pretty_format_batches(&batches).is_ok());
    values.join(" ")
}

#[tokio::test]
async fn comparisons_with_a_text_column_fold_case() {
    for (sql, expected) in [
        ("SELECT n FROM t WHERE name = 'aNNa' ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE 'aNNa' = name ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE name <> 'ANNA'", "3"),
        ("SELECT n FROM t WHERE name < 'B' ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE name >= 'B'", "3"),
        ("SELECT n FROM t WHERE name BETWEEN 'AA' AND 'AZ' ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE name IN ('ANNA', 'BOB') ORDER BY n", "1 2 3"),
        ("SELECT n FROM t WHERE name NOT IN ('Anna')", "3"),
        ("SELECT n FROM t WHERE name LIKE 'AN%' ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE name LIKE '_NN_' ORDER BY n", "1 2"),
        ("SELECT n FROM t WHERE name NOT LIKE 'AN%'", "3"),
        (
            "SELECT n FROM t WHERE name IS NOT DISTINCT FROM 'ANNA' ORDER BY n",
            "1 2",
        ),
        (
            "SELECT CASE name WHEN 'ANNA' THEN 1 ELSE 0 END FROM t ORDER BY n",
            "1 1 0 0",
        ),
        (
            "SELECT coalesce(NULLIF(name, 'ANNA'), '-') FROM t ORDER BY n",
            "- - bob -",
        ),
    ] {
        assert_eq!(ask(sql, false).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn ids_and_lone_literals_compare_exactly() {
    for (sql, expected) in [
        ("SELECT n FROM t WHERE id = 'A'", ""),
        ("SELECT n FROM t WHERE id = 'a'", "1"),
        ("SELECT n FROM t WHERE id IN ('A', 'B')", "2"),
        ("SELECT n FROM t WHERE id LIKE 'A%'", ""),
        ("SELECT t.n FROM t JOIN g ON t.id = g.id", "2"),
        ("SELECT n FROM t WHERE id IN (SELECT id FROM g)", "2"),
        ("SELECT 1 WHERE 'a' = 'A'", ""),
        ("SELECT n FROM t WHERE n = 1 AND CAST(n AS VARCHAR) = '1'", "1"),
    ] {
        assert_eq!(ask(sql, false).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn the_rule_travels_with_the_expression() {
    for (sql, expected) in [
        ("SELECT n FROM t WHERE COALESCE(name, 'x') = 'X'", "4"),
        ("SELECT n FROM t WHERE TRIM(name) = 'BOB'", "3"),
        ("SELECT n FROM t WHERE CAST(name AS VARCHAR) = 'BOB'", "3"),
        (
            "SELECT n FROM t WHERE CASE WHEN n > 0 THEN name ELSE 'q' END = 'BOB'",
            "3",
        ),
        ("SELECT n FROM t WHERE name || '!' = 'BOB!'", "3"),
        (
            "SELECT n FROM (SELECT name AS other, n FROM t) AS s WHERE other = 'BOB'",
            "3",
        ),
        (
            "WITH c AS (SELECT upper(name) AS u, n FROM t) SELECT n FROM c WHERE u = 'bob'",
            "3",
        ),
        (
            "SELECT k FROM (SELECT id AS k FROM t UNION ALL SELECT name FROM t) AS u WHERE k = 'BOB'",
            "bob",
        ),
        ("SELECT t.n FROM t JOIN g ON t.name = g.name ORDER BY t.n", "1 2 3"),
        (
            "SELECT t.n FROM t LEFT JOIN g ON t.name = g.name WHERE g.n IS NULL",
            "4",
        ),
        ("SELECT t.n FROM t JOIN g USING (name) ORDER BY 1", "1 2 3"),
        ("SELECT t.n FROM t JOIN g ON t.id = g.name ORDER BY 1", ""),
        ("SELECT n FROM t WHERE name IN (SELECT name FROM g) ORDER BY n", "1 2 3"),
        (
            "SELECT n FROM t WHERE name NOT IN (SELECT name FROM g WHERE name IS NOT NULL)",
            "",
        ),
        (
            "SELECT n FROM t WHERE EXISTS (SELECT 1 FROM g WHERE g.name = t.name) ORDER BY n",
            "1 2 3",
        ),
        (
            "SELECT n FROM t WHERE name = (SELECT max(name) FROM g WHERE n = 2)",
            "3",
        ),
        ("SELECT max(name) FROM t GROUP BY id HAVING max(name) = 'BOB'", "bob"),
    ] {
        assert_eq!(ask(sql, false).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn grouping_sorting_and_sets_see_the_stored_value() {
    for (sql, expected) in [
        ("SELECT count(*) FROM (SELECT DISTINCT name FROM t) AS d", "4"),
        (
            "SELECT name FROM t WHERE name IS NOT NULL GROUP BY name ORDER BY name",
            "ANNA Anna bob",
        ),
        (
            "SELECT name FROM t WHERE name = 'anna' INTERSECT SELECT name FROM g",
            "",
        ),
        ("SELECT min(name) FROM t", "ANNA"),
        (
            "SELECT count(*) FROM (SELECT name FROM t UNION SELECT name FROM g) AS u",
            "7",
        ),
    ] {
        assert_eq!(ask(sql, false).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn exactly_when_collate_or_the_keyword_asks() {
    assert_eq!(ask("SELECT n FROM t WHERE okta_exact(name) = 'ANNA'", false).await, "2");
    assert_eq!(ask("SELECT n FROM t WHERE name = okta_exact('ANNA')", false).await, "2");
    assert_eq!(ask("SELECT n FROM t WHERE name = 'ANNA'", true).await, "2");
    assert_eq!(ask("SELECT n FROM t WHERE name LIKE 'AN%'", true).await, "2");
}

#[tokio::test]
async fn only_the_character_that_escape_names_escapes() {
    let like = |pattern: &str| {
        format!("SELECT count(*) FROM (VALUES ('a%b'), ('a\\b'), ('axb')) AS v(x) WHERE x LIKE {pattern}")
    };
    for (pattern, expected) in [
        (r"'a\b'", "1"),
        (r"'a_b'", "3"),
        (r"'a!%b' ESCAPE '!'", "1"),
        (r"'a\%b' ESCAPE '\'", "1"),
        (r"concat('a', '\b')", "1"),
    ] {
        assert_eq!(ask(&like(pattern), false).await, expected, "{pattern}");
    }
}

#[tokio::test]
async fn numbers_are_not_folded() {
    let plan = context()
        .state()
        .create_logical_plan("SELECT n FROM t WHERE name = 5")
        .await
        .unwrap();
    let plan = apply(plan, false).unwrap();
    let mut folded = false;
    plan.apply(|node| {
        folded |= node.expressions().iter().any(|expr| expr.to_string().contains(FOLD));
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    assert!(!folded);
}
