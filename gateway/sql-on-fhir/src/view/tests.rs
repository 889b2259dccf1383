//! Views: all problems at once, rows, types of cells, and bounds.

use super::*;
use crate::error::{EvalError, Kind};
use crate::json;

/// A view of patients with these fields in its one select.
fn view(select: &str) -> ViewDefinition {
    let text = format!(r#"{{"resource": "Patient", "select": [{select}]}}"#);
    ViewDefinition::parse(&text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(text: &str) -> Vec<String> {
    let problems = ViewDefinition::parse(text).err().unwrap();
    problems
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The problems of a view with this select.
fn refused(select: &str) -> Vec<String> {
    problems(&format!(
        r#"{{"resource": "Patient", "select": [{select}]}}"#
    ))
}

fn rows(view: &ViewDefinition, resource: &str) -> Result<Vec<Vec<Cell>>, RowError> {
    view.rows(&json::parse(resource.as_bytes()).unwrap())
}

/// The one cell of a column, on a patient with a field `x`.
fn cell(column: &str, x: &str) -> Result<Cell, RowProblem> {
    let view = view(&format!(r#"{{"column": [{{"name": "c", {column}}}]}}"#));
    let resource = format!(r#"{{"resourceType": "Patient", "x": {x}, "birthDate": "1970-06"}}"#);
    let rows = rows(&view, &resource).map_err(|e| e.problem)?;
    Ok(rows.into_iter().flatten().next().unwrap())
}

#[test]
fn all_problems_are_reported_with_their_places() {
    let text = r#"{"resourceType": "View", "resource": "patient", "name": "1x", "colour": 1,
        "modifierExtension": [], "constant": [{"name": "a"}, {"name": "a", "valueString": "x"},
            {"name": "d", "valueDate": "2020-13"}],
        "where": [{"path": "a."}, {"pth": "x"}],
        "select": [{"column": [{"name": "id", "path": "id", "type": "Quantity"},
            {"name": "_b", "path": "now()", "collection": "yes"}, {"path": ""}],
            "forEach": "x", "repeat": ["y", 1]},
            {"forEach": "%zz"}, {"column": []},
            {"column": [{"name": "ID", "path": "id"}]}]}"#;
    let expected = [
        "colour: no such field in the specification",
        "modifierExtension: no such field in the specification",
        "resourceType: ViewDefinition expected",
        "resource: the name of a type of resource expected",
        "name: a name of letters, digits and underscores that starts with a letter expected",
        "constant[0]: exactly one value[x] of a primitive type expected",
        "constant[1].name: the name a stands twice",
        "constant[2].valueDate: the value is not of the type that its name says",
        "select[0]: only one of forEach, forEachOrNull and repeat may stand here",
        "select[0].column[0].type: Quantity is no primitive type of FHIR",
        "select[0].column[1].name: a name of letters, digits and underscores that starts with a \
            letter expected",
        "select[0].column[1].collection: true or false expected",
        "select[0].column[1].path: the function now() is refused: what is read must not depend on \
            the clock",
        "select[0].column[2]: name is missing",
        "select[0].column[2].path: a text that is not empty expected",
        "select[1].forEach: the constant %zz is not defined",
        "select[1]: column, select or unionAll expected",
        "select[2].column: a list that is not empty expected",
        "where[0].path: a name expected at 2",
        "where[1].pth: no such field in the specification",
        "where[1]: path is missing",
        "select[3].column[0].name: the name ID stands twice",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn texts_that_are_no_view_are_refused() {
    assert_eq!(problems("[]"), ["view: an object expected"]);
    assert_eq!(
        problems("{}"),
        ["view: resource is missing", "view: select is missing"]
    );
    assert_eq!(problems(r#"{"a": 1, "a": 2}"#).len(), 1);
    assert_eq!(problems("").len(), 1);
}

#[test]
fn what_the_specification_has_is_accepted() {
    let text = r#"{"resourceType": "ViewDefinition", "id": "v", "meta": {}, "text": {}, "url": "u",
        "extension": [], "name": "v", "title": "t", "status": "draft", "description": "d",
        "fhirVersion": ["4.0.1"], "resource": "Patient",
        "constant": [{"name": "c", "valueInteger64": "5"}],
        "select": [{"id": "s", "column": [{"name": "a", "path": "id", "description": "d",
            "tag": [{"name": "ansi/type", "value": "TEXT"}],
            "type": "http://hl7.org/fhir/StructureDefinition/id"}]}],
        "where": [{"path": "%c = 5", "description": "d"}]}"#;
    let view = ViewDefinition::parse(text).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!((view.resource(), view.name()), ("Patient", Some("v")));
    assert_eq!(view.fhir_versions(), ["4.0.1"]);
    let column = &view.columns()[0];
    assert_eq!((column.name(), column.path()), ("a", "id"));
    assert_eq!(
        (column.declared_type(), column.collection()),
        (Some("id"), false)
    );
}

#[test]
fn unions_must_agree_and_are_one_column() {
    let branch =
        |of: &str| format!(r#"{{"column": [{{"name": "a", "path": "id", "type": "{of}"}}]}}"#);
    let union = |l: &str, r: &str| format!(r#"{{"unionAll": [{}, {}]}}"#, branch(l), branch(r));
    assert_eq!(
        refused(&union("id", "code")),
        [
            "select[0].unionAll[1]: the columns a (id) expected, as in the first branch, got a \
                (code)"
        ]
    );
    let both = r#"{"unionAll": [{"column": [{"name": "a", "path": "id"}]},
        {"forEach": "x", "column": [{"name": "a", "path": "value.ofType(Quantity).value"}]}]}"#;
    let view = view(both);
    assert_eq!(view.columns().len(), 1);
    assert!(view.columns()[0].quantity_value());
    assert_eq!(
        view.columns()[0].paths(),
        ["id", "value.ofType(Quantity).value"]
    );
}

#[test]
fn a_quantity_is_seen_through_the_select_around() {
    let take = |each: &str| {
        let select =
            format!(r#"{{"forEach": "{each}", "column": [{{"name": "a", "path": "value"}}]}}"#);
        view(&select).columns()[0].quantity_value()
    };
    assert!(take("component.value.ofType(Quantity)") && !take("identifier"));
}

#[test]
fn cells_are_what_their_columns_declare() {
    let text = |t: &str| t.to_owned();
    let is = |column: &str, x: &str, expected: Cell| {
        assert!(cell(column, x) == Ok(expected), "{column} {x}")
    };
    is(r#""path": "x""#, "1.50", Cell::Number(text("1.50")));
    is(
        r#""path": "x", "type": "decimal""#,
        "1e2",
        Cell::Number(text("1e+2")),
    );
    is(
        r#""path": "x", "type": "integer64""#,
        "\"12\"",
        Cell::Number(text("12")),
    );
    is(
        r#""path": "x", "type": "date""#,
        "\"2020-02\"",
        Cell::Date(text("2020-02")),
    );
    is(
        r#""path": "x", "type": "dateTime""#,
        "\"2020-02\"",
        Cell::DateTime(text("2020-02")),
    );
}

#[test]
fn cells_without_a_declared_type_are_what_comes() {
    let is = |column: &str, x: &str, expected: Cell| assert!(cell(column, x) == Ok(expected));
    let text = |t: &str| t.to_owned();
    is(r#""path": "birthDate""#, "1", Cell::Date(text("1970-06")));
    is(
        r#""path": "birthDate", "type": "string""#,
        "1",
        Cell::Text(text("1970-06")),
    );
    is(
        r#""path": "x", "collection": true"#,
        "[]",
        Cell::List(Vec::new()),
    );
    is(r#""path": "x", "type": "integer""#, "null", Cell::Null);
    is(
        r#""path": "7 / 2 * 2", "type": "integer""#,
        "1",
        Cell::Number(text("7")),
    );
}

#[test]
fn cells_of_another_kind_are_refused() {
    let kind = |expected, got| Err(RowProblem::CellKind { expected, got });
    let written = |expected| Err(RowProblem::CellText { expected });
    assert!(cell(r#""path": "x", "type": "string""#, "1") == kind("a text", Kind::Number));
    assert!(cell(r#""path": "x", "type": "boolean""#, "\"true\"") == kind("a boolean", Kind::Text));
    assert!(cell(r#""path": "x", "type": "integer""#, "1.0") == written("a whole number"));
    assert!(cell(r#""path": "x""#, "{}") == kind("one value", Kind::Object));
    assert!(cell(r#""path": "x""#, "[1, 2]") == Err(RowProblem::ManyValues { got: 2 }));
}

#[test]
fn what_is_no_date_and_no_decimal_is_told_from_a_text() {
    for (of, text) in [
        ("date", "2020-02-30"),
        ("date", "2020-01-01T10:00:00Z"),
        ("dateTime", "01.02.2020"),
        ("instant", ""),
        ("time", "25:00"),
        ("decimal", "7.0"),
    ] {
        let column = format!(r#""path": "x", "type": "{of}""#);
        let got = cell(&column, &format!("\"{text}\""));
        assert!(got == Ok(Cell::Miswritten(text.to_owned())), "{of} {text}");
    }
}

#[test]
fn errors_say_where_and_never_what() {
    let view = view(r#"{"forEach": "x", "column": [{"name": "a", "path": "y + 1"}]}"#);
    let resource = r#"{"resourceType": "Patient", "x": [{"y": 1}, {"y": "CANARY"}]}"#;
    let error = rows(&view, resource).err().unwrap();
    assert_eq!(error.place, "select[0].column[0].path");
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    assert!(matches!(
        error.problem,
        RowProblem::Eval(EvalError::Mismatch { .. })
    ));
}

#[test]
fn rows_are_bounded() {
    let item = format!("[{}]", vec!["1"; 1001].join(","));
    let resource = format!(r#"{{"resourceType": "Patient", "x": {item}}}"#);
    let each = |name: &str| {
        format!(r#"{{"forEach": "x", "column": [{{"name": "{name}", "path": "$this"}}]}}"#)
    };
    let view_of = |n: usize| {
        view(
            &(0..n)
                .map(|i| each(&format!("c{i}")))
                .collect::<Vec<_>>()
                .join(","),
        )
    };
    let error = rows(&view_of(2), &resource).err().unwrap();
    assert_eq!(error.problem, RowProblem::TooManyRows { limit: 1_000_000 });
    assert_eq!(rows(&view_of(1), &resource).map(|r| r.len()), Ok(1001));
}

#[test]
fn a_repeat_within_itself_ends() {
    let repeat = |path: &str| {
        format!(r#"{{"repeat": ["{path}"], "column": [{{"name": "a", "path": "id"}}]}}"#)
    };
    let resource = r#"{"resourceType": "Patient", "id": "p"}"#;
    let error = rows(&view(&repeat("$this")), resource).err().unwrap();
    assert_eq!(error.problem, RowProblem::TooDeep { limit: 64 });
    let error = rows(&view(&repeat("$this.combine($this)")), resource)
        .err()
        .unwrap();
    assert_eq!(error.problem, RowProblem::TooDeep { limit: 64 });
}

#[test]
fn selects_too_deep_are_refused() {
    let deep = format!("{}{{}}{}", r#"{"select": ["#.repeat(40), "]}".repeat(40));
    let found = refused(&deep);
    assert!(
        found.len() == 1 && found[0].ends_with("nested more than 32 deep"),
        "{found:?}"
    );
}

#[test]
fn only_the_views_resources_have_rows() {
    let view = view(r#"{"column": [{"name": "a", "path": "id"}]}"#);
    assert!(rows(&view, r#"{"resourceType": "Group", "id": "g"}"#) == Ok(Vec::new()));
    assert!(rows(&view, r#"{"id": "g"}"#) == Ok(Vec::new()));
    assert!(rows(&view, "[]") == Ok(Vec::new()));
}

#[test]
fn copies_of_a_long_text_are_bounded() {
    let view = view(r#"{"forEach": "x", "column": [{"name": "a", "path": "%resource.id"}]}"#);
    let items = vec!["1"; 5000].join(",");
    let id = "i".repeat(1 << 17);
    let resource = format!(r#"{{"resourceType": "Patient", "id": "{id}", "x": [{items}]}}"#);
    let error = rows(&view, &resource).err().unwrap();
    assert!(matches!(
        error.problem,
        RowProblem::Eval(EvalError::TooMuch { .. })
    ));
}

#[test]
fn a_criterion_is_true_false_or_nothing() {
    let view = |path: &str| {
        let text = format!(
            r#"{{"resource": "Patient", "select": [{{"column": [{{"name": "a", "path": "id"}}]}}],
                "where": [{{"path": "{path}"}}]}}"#
        );
        ViewDefinition::parse(&text).unwrap_or_else(|p| panic!("{p}"))
    };
    let on = |path: &str| {
        let resource = r#"{"resourceType": "Patient", "id": "p", "active": false,
            "_gender": {"id": "g"}, "name": [{"family": "x"}]}"#;
        rows(&view(path), resource).map(|rows| rows.len())
    };
    assert_eq!(on("active.not()"), Ok(1));
    assert_eq!(on("active"), Ok(0));
    assert_eq!(on("gender"), Ok(0));
    assert_eq!(on("missing"), Ok(0));
    let error = on("name.family").err().unwrap();
    assert_eq!(error.place, "where[0].path");
    assert_eq!(error.problem, RowProblem::NotBoolean { got: Kind::Text });
}

#[test]
fn repeats_nested_in_selects_fit_a_small_stack() {
    let inner = r#"{"repeat": ["x"], "column": [{"name": "a", "path": "%rowIndex"}]}"#;
    let deep = format!("{}{inner}{}", r#"{"select": ["#.repeat(31), "]}".repeat(31));
    let resource = format!(
        r#"{{"resourceType": "Patient"{}{}}}"#,
        r#", "x": {"id": "i""#.repeat(60),
        "}".repeat(60)
    );
    assert_eq!(rows(&view(&deep), &resource).map(|r| r.len()), Ok(60));
}

#[test]
fn b7_a_cell_that_reads_an_element_of_several_forms_says_so() {
    let view = view(
        r#"{"column": [{"name": "a", "path": "status"}, {"name": "b", "path": "value.ofType(Quantity).value"},
            {"name": "c", "path": "value.ofType(string)", "collection": true}]}"#,
    );
    let resource = r#"{"resourceType": "Patient", "status": "x", "valueQuantity": {"value": 1}, "valueString": "y"}"#;
    let got = rows(&view, resource);
    let expected = [
        Cell::Text("x".to_owned()),
        Cell::SeveralForms,
        Cell::SeveralForms,
    ];
    assert!(got.is_ok_and(|got| got == [expected]));
}
