//! Expressions on small resources: emptiness, three truths, exact numbers, choices, and bounds.

use super::*;
use crate::error::{EvalError, Kind};
use crate::json::Node;

fn resource() -> Node {
    let text = r#"{"resourceType": "Observation", "id": "CANARY-id",
        "status": "final", "issued": "2021-03-04T06:06:07+01:00", "date": "2020-05",
        "unknown": "2020-05-06", "big": 123456789012345678901234567890123456789012345678901,
        "valueQuantity": {"value": 0.10, "unit": "mg", "code": "mg"},
        "amountQuantity": {"value": 5, "comparator": "<", "unit": "mg"},
        "effectiveDateTime": "2021-03-04", "_effectiveDateTime": {"id": "e"},
        "_status": {"extension": [{"url": "u", "valueCode": "c"}]},
        "list": [1, null, 2], "_list": [null, {"extension": [{"url": "x", "valueString": "y"}]}],
        "subject": {"reference": "https://a.b/fhir/Patient/p1/_history/3"},
        "focus": [{"reference": "urn:uuid:1"}, {"reference": "x#1"}, {"reference": "Group/g"}],
        "left": {"a": 1, "b": {"c": [1.0]}}, "right": {"b": {"c": [1]}, "a": 1.00},
        "flags": [true, false], "empty": {}, "nothing": null}"#;
    crate::json::parse(text.as_bytes()).unwrap()
}

fn eval(text: &str) -> Result<Vec<String>, EvalError> {
    eval_on(text, &resource())
}

/// The answer as texts.
fn eval_on(text: &str, node: &Node) -> Result<Vec<String>, EvalError> {
    let expr = crate::path::parse(text, &|_| None).unwrap();
    let fuel = Fuel::new(1_000_000);
    let scope = Scope {
        resource: node,
        row: 3,
        fuel: &fuel,
    };
    let root = Item::resource(node);
    let found = evaluate(&expr, Some(&root), scope)?;
    let text = |item: &Item<'_>| Ok(convert::to_text(item)?.unwrap_or_default());
    found.iter().map(text).collect()
}

fn is(text: &str, expected: &[&str]) {
    assert_eq!(
        eval(text).as_deref(),
        Ok(&expected.iter().map(|t| t.to_string()).collect::<Vec<_>>()[..]),
        "{text}"
    );
}

#[test]
fn emptiness_goes_through() {
    for text in [
        "missing",
        "missing = 1",
        "missing > 1",
        "missing + 1",
        "-missing",
        "{} | {}",
        "missing.not()",
        "missing and true",
        "missing or false",
        "false or missing",
        "missing xor true",
        "true implies missing",
        "missing.lower()",
        "missing.toInteger()",
        "missing[0]",
        "flags[missing]",
        "flags[-1]",
        "flags[9]",
        "flags.skip({})",
        "'a'.startsWith({})",
        "missing is Quantity",
        "nothing",
        "missing.single()",
        "1 / 0",
        "5 mod 0.0",
        "missing.lowBoundary()",
    ] {
        is(text, &[]);
    }
    is("missing and false", &["false"]);
    is("missing or true", &["true"]);
    is("false implies missing", &["true"]);
    is("missing implies true", &["true"]);
    is("missing ~ {}", &["true"]);
    is("missing.exists() | missing.empty()", &["false", "true"]);
}

#[test]
fn numbers_are_exact() {
    is("0.1 + 0.2 = 0.3", &["true"]);
    is("valueQuantity.value + 0.20", &["0.30"]);
    is("valueQuantity.value", &["0.10"]);
    is("1.0 = 1", &["true"]);
    is(
        "1.0 & ''.toString()"
            .replace("1.0", "1.0.toString()")
            .as_str(),
        &["1.0"],
    );
    is("1 / 3", &["0.3333333333333333"]);
    let range = |what| Err(EvalError::OutOfRange { what });
    assert_eq!(eval("big + 1"), range("a number"));
    is(
        "big",
        &["123456789012345678901234567890123456789012345678901"],
    );
    assert_eq!(
        eval("99999999999999999999 * 99999999999999999999"),
        range("*")
    );
}

#[test]
fn choices_and_types() {
    is("value.ofType(Quantity).value", &["0.10"]);
    is("value.value", &["0.10"]);
    is("value.ofType(string)", &[]);
    is("(value as Quantity).unit", &["mg"]);
    is("effective is dateTime", &["true"]);
    is("effective.id", &["e"]);
    is("Observation.status", &["final"]);
    is("Patient.status", &[]);
    is("$this is Observation", &["true"]);
    is("%resource is DomainResource", &["true"]);
    is("flags.ofType(boolean)", &["true", "false"]);
    is("issued is date", &["false"]);
    let unknown = |what| Err(EvalError::TypeUnknown { what });
    assert_eq!(eval("status is code"), unknown("is"));
    assert_eq!(eval("status.ofType(string)"), unknown("ofType()"));
    assert_eq!(eval("issued is instant"), unknown("is"));
    assert_eq!(eval("date.lowBoundary()"), unknown("lowBoundary()"));
}

#[test]
fn b7_an_element_of_several_forms_has_no_value() {
    let eval = |text: &str, fields: &str| {
        let node = format!(r#"{{"resourceType": "Observation", {fields}}}"#);
        eval_on(text, &crate::json::parse(node.as_bytes()).unwrap())
    };
    for (path, fields) in [
        (
            "value",
            r#""valueQuantity": {"value": 1}, "valueString": "x""#,
        ),
        (
            "value.ofType(string)",
            r#""valueString": "x", "valueInteger": 1"#,
        ),
        (
            "valueQuantity.value",
            r#""valueQuantity": {"value": 1}, "valueString": "x""#,
        ),
        (
            "value.exists()",
            r#""valueString": "x", "_valueInteger": {"extension": []}"#,
        ),
        (
            "effective",
            r#""effectivePeriod": {}, "effectiveInstant": "x""#,
        ),
        (
            "component.value",
            r#""component": [{"valueRange": {}, "valueTime": "10:00"}]"#,
        ),
        (
            "multipleBirth",
            r#""multipleBirthBoolean": true, "multipleBirthInteger": 2"#,
        ),
    ] {
        let element = path.split('.').next().unwrap_or_default();
        let element = ["value", "effective", "multipleBirth"]
            .into_iter()
            .find(|own| element.starts_with(own))
            .unwrap_or("value");
        assert_eq!(
            eval(path, fields),
            Err(EvalError::SeveralForms { element }),
            "{path}"
        );
    }
    for (path, fields, expected) in [
        (
            "value",
            r#""valueString": "x", "_valueString": {"id": "1"}, "valueInteger": null"#,
            "x",
        ),
        (
            "effective",
            r#""effectiveDateTime": "2025", "valueString": "x", "valueTime": "1""#,
            "2025",
        ),
        (
            "status",
            r#""status": "final", "valueString": "x", "valueTime": "1""#,
            "final",
        ),
        (
            "instantiatesUri",
            r#""instantiatesUri": "a", "instantiatesCanonical": "b""#,
            "a",
        ),
    ] {
        assert_eq!(eval(path, fields), Ok(vec![expected.to_owned()]), "{path}");
    }
}

#[test]
fn primitives_have_siblings() {
    is("status.extension('u').value", &["c"]);
    is("list", &["1", "", "2"]);
    is("list.hasValue()", &["false"]);
    is("list.count()", &["3"]);
    is("list[1].extension('x').value", &["y"]);
    is(
        "list[1].hasValue() | list[0].hasValue()",
        &["false", "true"],
    );
    is("list[1] = 1", &[]);
}

#[test]
fn dates_are_three_valued() {
    is("unknown > @2020", &[]);
    is("unknown > @2019", &["true"]);
    is("date < @2020-06", &["true"]);
    is("date = '2020-05'", &["false"]);
    is("unknown = '2020-05-06'", &["true"]);
    is("effective = @2021-03-04", &["true"]);
    is("issued = @2021-03-04T05:06:07.000Z", &["true"]);
    is("issued > @2021-03-04T00:00:00", &[]);
    is("issued > @2021-03-02T00:00:00", &["true"]);
    is("@2020-02-29 + 1 year", &["2021-02-28"]);
    let mismatch = EvalError::Mismatch {
        what: "a comparison",
        left: Kind::Date,
        right: Kind::Text,
    };
    assert_eq!(eval("date > '2019'"), Err(mismatch));
}

#[test]
fn quantities_compare_only_in_one_unit() {
    is("value > 0.05 'mg'", &["true"]);
    is("value = 0.1 'mg'", &["true"]);
    is("value > 0.05 'g'", &[]);
    is("1 year = 1 years", &["true"]);
    // A comparator makes it no number: it is not compared as one.
    is("amount = 5 'mg'", &[]);
    assert!(eval("amount > 1 'mg'").is_err());
}

#[test]
fn objects_are_equal_whatever_the_order_of_their_names() {
    is("left = right", &["true"]);
    is("left = left.b", &["false"]);
    is("(left | right).count()", &["1"]);
    is("left ~ right", &["true"]);
}

#[test]
fn keys() {
    is("getResourceKey()", &["CANARY-id"]);
    is("subject.getReferenceKey()", &["p1"]);
    is("subject.getReferenceKey(Patient)", &["p1"]);
    is("subject.getReferenceKey(Group)", &[]);
    is("focus.getReferenceKey()", &["g"]);
    is("%rowIndex + 1", &["4"]);
}

#[test]
fn refusals_name_kinds_and_never_values() {
    for text in [
        "id > 1",
        "id + 1",
        "id.abs()",
        "-id",
        "flags.not()",
        "(id | status).lower()",
        "id & 1",
        "'x'.matches(id & '(')",
        "flags.single()",
        "valueQuantity.lower()",
        "flags[id]",
        "id div 2",
    ] {
        let error = eval(text).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{text}");
    }
}

#[test]
fn work_and_texts_are_bounded() {
    let grow = "'aaaaaaaaaa'.replace('a', 'aaaaaaaaaa')".to_owned()
        + &".replace('a', 'aaaaaaaaaa')".repeat(9);
    assert!(matches!(eval(&grow), Err(EvalError::TooMuch { .. })));
    let pairs = ".select($this | 'x').combine($this)".repeat(20);
    assert!(eval(&format!("flags{pairs}")).is_ok());
    let many = "flags".to_owned() + &".combine(%resource.flags | 1 | 2)".repeat(3);
    let nested = format!(
        "{many}.all({many}.all({many}.all({many}.all({many}.all({many}.all({many}.exists()))))))"
    );
    assert!(matches!(eval(&nested), Err(EvalError::TooMuch { .. })));
    let doubled = format!("flags{}", ".select(%resource.flags)".repeat(25));
    assert!(matches!(eval(&doubled), Err(EvalError::TooMuch { .. })));
    // Patterns of the resource are compiled within bounds.
    assert!(matches!(
        eval("'a'.matches(status.replace('final', '(a{1000}){1000}'))"),
        Err(EvalError::Pattern { .. })
    ));
    // A pattern that takes others exponential time takes linear time.
    is(
        &format!("'{}!'.matches('^(a+)+$')", "a".repeat(5000)),
        &["false"],
    );
}

#[test]
fn the_deepest_expression_fits_a_small_stack() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{}flags{}", open.repeat(n), close.repeat(n));
    // Deeper trees are refused by the parser.
    assert!(eval(&deep("%resource.where(", ".exists())", 62)).is_ok());
    assert!(eval(&deep("iif(true, ", ")", 62)).is_ok());
    assert!(eval(&deep("(true and (1 + (2 * (", ".count()) ) > 0))", 8)).is_ok());
}
