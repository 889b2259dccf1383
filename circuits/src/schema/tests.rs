//! Schemas: one canonical form, all problems at once, values through limbs and back.

use super::*;
use proptest::prelude::*;

const GOOD: &str = r#"{"format":"medveil-schema-1","columns":[
 {"name":"age","type":"int","min":0,"max":127,"quasi_identifier":true},
 {"name":"sex","type":"code","codes":["female","male"],"source":{"path":"gender"}},
 {"name":"hba1c","type":"decimal","scale":1,"min":3.0,"max":"20","group":"labs"},
 {"name":"seen","type":"day","min":"1950-01-01","max":"2049-12-31","rule":"first","group":"labs"},
 {"name":"t2dm","type":"flag","inclusion_criterion":true},
 {"name":"wide","type":"int","min":"-9223372036854775808","max":9223372036854775807}]}"#;

fn good() -> Schema {
    Schema::from_json(GOOD).unwrap()
}

#[test]
fn reads_bounds_defaults_and_slots() {
    let s = good();
    let shape: Vec<(i64, i64, u32, u32)> = s
        .columns()
        .iter()
        .map(|c| (c.bounds().0, c.bounds().1, c.bits(), c.limbs()))
        .collect();
    assert_eq!(
        shape[..5],
        [
            (0, 127, 7, 1),
            (0, 1, 1, 1),
            (30, 200, 8, 1),
            (-7305, 29_219, 16, 1),
            (0, 1, 1, 1)
        ]
    );
    assert_eq!((s.columns()[5].bits(), s.columns()[5].limbs()), (64, 3));
    assert_eq!(s.slots(), ["age", "sex", "labs", "t2dm", "wide"]);
    assert_eq!(
        (s.rows(), s.columns()[4].rule, s.columns()[0].rule),
        (Rows::PerSubject, RowRule::Any, RowRule::Last)
    );
    assert!(s.column("hba1c").is_some_and(|(i, _)| i == 2) && s.column("HBA1C").is_none());
}

#[test]
fn canonical_bytes_are_the_only_bytes() {
    let bytes = good().to_canonical();
    assert_eq!(Schema::from_canonical(&bytes).unwrap(), good());
    assert!(Schema::from_canonical(GOOD.as_bytes()).is_err());
    assert!(Schema::from_canonical(&[bytes.as_slice(), b"\n"].concat()).is_err());
    assert_ne!(
        good().hash(),
        Schema::from_json(&GOOD.replace("127", "126"))
            .unwrap()
            .hash()
    );
}

#[test]
fn values_round_trip_through_limbs() {
    let s = good();
    let cases = [
        (0, Value::Int(0)),
        (0, Value::Int(127)),
        (1, Value::Code(1)),
        (2, Value::Decimal(200)),
        (3, Value::Day(-7305)),
        (4, Value::Flag(true)),
        (5, Value::Int(i64::MIN)),
        (5, Value::Int(i64::MAX)),
        (5, Value::Int(-1)),
    ];
    for (i, value) in cases {
        let column = &s.columns()[i];
        let limbs = column.encode(value).unwrap();
        assert!(
            column.decode(&limbs).is_ok_and(|v| v == value)
                && limbs.len() == column.limbs() as usize
        );
    }
    assert_eq!(s.columns()[2].encode(Value::Decimal(30)), Ok(vec![0]));
    assert!(matches!(
        s.columns()[0].encode(Value::Int(128)),
        Err(ValueError::Range(_))
    ));
    assert!(matches!(
        s.columns()[0].encode(Value::Flag(true)),
        Err(ValueError::Type { .. })
    ));
    for bad in [vec![], vec![1, 0], vec![128], vec![1 << 24]] {
        assert!(s.columns()[0].decode(&bad).is_err());
    }
    assert!(
        s.columns()[5]
            .decode(&[0xff_ffff, 0xff_ffff, 0x1_0000])
            .is_err()
    );
}

#[test]
fn b13_all_problems_at_once() {
    let bad = GOOD
        .replace("schema-1", "schema-9")
        .replace("\"max\":127", "\"max\":0,\"codes\":[]")
        .replace("[\"female\",\"male\"]", "[\"a\",\"a\",\" b\"]")
        .replace("3.0", "3.05")
        .replace("1950-01-01", "1950-02-30")
        .replace("\"t2dm\"", "\"AGE\"")
        .replace(
            "\"wide\",\"type\":\"int\"",
            "\"x y\",\"type\":\"text\",\"rule\":\"best\"",
        );
    let found = Schema::from_json(&bad).unwrap_err().to_string();
    for expected in [
        "format: ",
        "columns[0].codes",
        "columns[0].max",
        "columns[1].codes: a code",
        "columns[2].min",
        "columns[3].min",
        "columns[4].name: stands twice",
        "columns[5].name",
        "columns[5].type",
        "columns[5].rule",
    ] {
        assert!(found.contains(expected), "{expected} in\n{found}");
    }
}

#[test]
fn b13_refusals() {
    let many: Vec<String> = (0..14)
        .map(|i| format!(r#"{{"name":"c{i}","type":"flag"}}"#))
        .collect();
    let wide = format!(
        r#"{{"format":"medveil-schema-1","columns":[{}]}}"#,
        many.join(",")
    );
    // 54 columns of three limbs each are 162 cells.
    let column = |i: usize| {
        format!(r#"{{"name":"c{i}","type":"int","min":0,"max":"9223372036854775807","group":"g"}}"#)
    };
    let wide_cells = (0..54).map(column).collect::<Vec<_>>().join(",");
    let wide_cells = format!(r#"{{"format":"medveil-schema-1","columns":[{wide_cells}]}}"#);
    let cases = [
        (wide_cells.as_str(), "at most 160 cells"),
        ("", "not a schema"),
        ("[]", "not a schema"),
        (
            &GOOD.replace("\"path\":\"gender\"", "\"a\":\"b\",\"a\":\"c\""),
            "stands twice",
        ),
        (
            &GOOD.replace("\"type\":\"flag\"", "\"type\":\"flag\",\"type\":\"flag\""),
            "duplicate",
        ),
        (
            &GOOD.replace("\"inclusion_criterion\"", "\"inclusion\""),
            "unknown field",
        ),
        (
            &GOOD.replace("\"group\":\"labs\"", "\"group\":\"age\""),
            "name of a column",
        ),
        (
            &GOOD.replace("\"scale\":1", "\"scale\":10"),
            "expected 1 to 9",
        ),
        (
            &GOOD.replace("\"max\":127,", "\"max\":127,\"inclusion_criterion\":true,"),
            "only a flag can be one",
        ),
        (
            &GOOD.replace("\"columns\"", "\"outsiders\":\"keep\",\"columns\""),
            "expected refuse or leave_out",
        ),
        (
            &GOOD.replace("\"male\"", "\"ma\\u202ele\""),
            "codes of 1 to 256",
        ),
        (&wide, "at most 13"),
        (
            r#"{"format":"medveil-schema-1","columns":[]}"#,
            "expected 1 to 160",
        ),
    ];
    for (text, expected) in cases {
        let found = Schema::from_json(text).unwrap_err().to_string();
        assert!(found.contains(expected), "{expected} in\n{found}");
    }
}

proptest! {
    #[test]
    fn b13_changed_files_never_panic(at in 0usize..700, with in any::<u8>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        if let Ok(schema) = Schema::from_json(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(Schema::from_canonical(&schema.to_canonical()), Ok(schema));
        }
    }
}
