//! Refusals with their places, ranks of operators, and bounds.

use super::*;

fn error(text: &str) -> PathError {
    parse(text, &|_| None).err().unwrap()
}

#[test]
fn refusals_say_where() {
    assert_eq!(error("a.b ; c"), PathError::Character { at: 4 });
    assert_eq!(error("a = 'x"), PathError::Open { at: 4 });
    assert_eq!(error("a /* b"), PathError::Open { at: 2 });
    assert_eq!(error("'\\q'"), PathError::Escape { at: 0 });
    assert_eq!(error("'\\u12'"), PathError::Escape { at: 0 });
    assert_eq!(error("@@"), PathError::Literal { at: 0 });
    assert_eq!(error("a > @2020-13-01"), PathError::Literal { at: 4 });
    assert_eq!(
        error("%x"),
        PathError::Constant {
            name: "x".to_owned()
        }
    );
    let expected = |expected, at| PathError::Expected { expected, at };
    assert_eq!(error("a."), expected("a name", 2));
    assert_eq!(error(""), expected("an expression", 0));
    assert_eq!(error("a b"), expected("the end of the expression", 2));
    assert_eq!(error("a.where(b"), expected(")", 9));
    assert_eq!(error("$that"), expected("$this or $index", 0));
}

#[test]
fn functions_are_known_refused_or_not_supported() {
    assert!(matches!(error("now()"), PathError::Refused { .. }));
    assert!(matches!(error("a > today()"), PathError::Refused { .. }));
    assert!(matches!(
        error("a.frobnicate()"),
        PathError::Function { .. }
    ));
    assert!(matches!(
        error("a.first(1)"),
        PathError::Arguments { got: 1, .. }
    ));
    assert!(matches!(
        error("a.ofType(quantity)"),
        PathError::Type { .. }
    ));
    assert!(matches!(error("a is Pateint"), PathError::Type { .. }));
    assert!(matches!(
        error("a as System.Patient"),
        PathError::Type { .. }
    ));
    assert!(matches!(error("a.matches('(')"), PathError::Pattern { .. }));
}

#[test]
fn what_would_grow_without_end_is_refused() {
    let nested = format!("{}a{}", "(".repeat(1000), ")".repeat(1000));
    assert_eq!(error(&nested), PathError::TooDeep { limit: MAX_DEPTH });
    let calls = format!("{}a{}", "where(".repeat(70), ")".repeat(70));
    assert_eq!(error(&calls), PathError::TooDeep { limit: MAX_DEPTH });
    assert_eq!(
        error(&"a".repeat(20_000)),
        PathError::TooLong { limit: MAX_LENGTH }
    );
    let bomb = "a.matches('(a{1000}){1000}{1000}')";
    assert!(matches!(error(bomb), PathError::Pattern { .. }));
    // Long, but not deep.
    let long = vec!["a.b.c = 'x'"; 500].join(" or ");
    assert!(parse(&long, &|_| None).is_ok());
    assert!(parse(&vec!["a"; 2000].join("."), &|_| None).is_ok());
}

#[test]
fn ranks_and_names() {
    for text in [
        "a.contains('b') and contains in is",
        "`div`.`a b` | a.where($this is FHIR.string)",
        "name . given [ 0 ] // the first\n",
        "1 + 2 * -3.abs() div 4 > 5 implies true xor false",
        "'\\'\\u00e9\\n' & `x`",
        "@2020-01-01T10:00:00.5+01:00.toString() = @T10:00.toString()",
        "{} | %ucum | %resource.id",
        "5 'mg' = 1 year",
    ] {
        assert!(parse(text, &|_| None).is_ok(), "{text}");
    }
}
