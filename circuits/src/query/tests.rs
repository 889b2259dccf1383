//! The language: what compiles to what, what is refused, hostile texts.

use super::*;
use crate::testing::claim_schema;

mod text;

fn compiled(text: &str) -> Query {
    compile(text, &claim_schema(), CountUnit::Subjects).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refused(text: &str) -> QueryError {
    compile(text, &claim_schema(), CountUnit::Subjects).expect_err(text)
}

fn first_atom(text: &str) -> (Op, u32) {
    let atom = compiled(text).program().atoms[0];
    (atom.op, atom.constant)
}

#[test]
fn operators_stand_at_their_codes() {
    assert!(
        Op::ALL
            .iter()
            .enumerate()
            .all(|(i, op)| *op as usize == i && op.negate().negate() == *op)
    );
    for op in Op::ALL {
        for cell in [
            Cell::ABSENT,
            Cell::present(4).unwrap(),
            Cell::present(5).unwrap(),
            Cell::present(6).unwrap(),
        ] {
            let value = |op| {
                Atom {
                    column: 0,
                    op,
                    constant: 5,
                }
                .evaluate(cell)
            };
            assert_eq!(value(op), -value(op.negate()), "{op:?}");
        }
    }
}

#[test]
fn constants_become_offsets_from_the_minimum() {
    for (text, op, constant) in [
        ("age = 40", Op::Eq, 40),
        ("40 <= age", Op::Ge, 40),
        ("delta < -3", Op::Lt, 17),
        ("-3 > delta", Op::Lt, 17),
        ("hba1c >= 6.5", Op::Ge, 35),
        ("hba1c >= 6.50", Op::Ge, 35),
        ("hba1c <> 7", Op::Ne, 40),
        ("sex = 'other'", Op::Eq, 2),
        ("taken >= '2000-02-01'", Op::Ge, 31),
        ("taken >= DATE '2000-02-01'", Op::Ge, 31),
        ("late <= 8", Op::Le, 7),
        ("smoker = FALSE", Op::Eq, 0),
        ("smoker", Op::Eq, 1),
        ("NOT smoker", Op::Ne, 1),
        ("NOT age < 40", Op::Ge, 40),
        ("age IS NULL", Op::IsNull, 0),
        ("NOT age IS NULL", Op::IsNotNull, 0),
        ("AGE = 40", Op::Eq, 40),
        ("\"age\" = 40", Op::Eq, 40),
        ("wide = 16777215", Op::Eq, 16_777_215),
    ] {
        assert_eq!(first_atom(text), (op, constant), "{text}");
    }
}

#[test]
fn constants_outside_the_proven_span_fold_and_keep_null_unknown() {
    for (text, op) in [
        ("age < 0", Op::Lt),
        ("age < -1", Op::Never),
        ("age >= -1", Op::Always),
        ("age = -1", Op::Never),
        ("age <> -1", Op::Always),
        // Seven bits prove 0 .. 127, whatever the maximum says: only beyond them nothing can be.
        ("age = 127", Op::Eq),
        ("age = 128", Op::Never),
        ("age > 127", Op::Gt),
        ("age > 128", Op::Never),
        ("age <= 200", Op::Always),
        ("NOT age <= 200", Op::Never),
        ("age = 999999999999999999999999", Op::Never),
        ("hba1c = 6.55", Op::Never),
        ("hba1c <> 6.55", Op::Always),
    ] {
        assert_eq!(first_atom(text).0, op, "{text}");
    }
    // Between two values, the comparison is that with the lower one.
    assert_eq!(first_atom("hba1c >= 6.55"), (Op::Gt, 35));
    assert_eq!(first_atom("hba1c < 6.55"), (Op::Le, 35));
    assert_eq!(first_atom("delta > -3.5"), (Op::Gt, 16));
    assert_eq!(first_atom("delta <= -3.5"), (Op::Le, 16));
    for text in ["age <= 200", "age = 128"] {
        assert_eq!(compiled(text).evaluate(&[]), None, "{text}");
    }
}

#[test]
fn programs_share_and_fill_up() {
    let query = compiled("age BETWEEN 40 AND 65 AND smoker");
    assert_eq!((query.cost(), query.columns()), ((3, 2), [0, 9].as_slice()));
    assert_eq!(query.program().positions, [2, 12, 2]);
    assert_eq!(query.program().places(), [(0, 2), (1, 2), (0, 2)]);
    let gates = query.program().gates;
    assert_eq!(
        (gates[0], gates[1].a, gates[1].b, gates[2].a, gates[2].b),
        (Gate::UNUSED, 0, 1, 5, 2)
    );
    // Equal parts cost once, what is constant costs nothing.
    assert_eq!(
        compiled("(age < 3 OR smoker) AND (age < 3 OR smoker)").cost(),
        (2, 1)
    );
    assert_eq!(compiled("age < 3 AND TRUE OR FALSE").cost(), (1, 0));
    assert_eq!(compiled("age < 3 OR TRUE").program().atoms[0].op, Op::True);
    assert_eq!(
        compiled("age < 3 AND FALSE").program().atoms[0].op,
        Op::False
    );
    assert_eq!(
        compiled("sex IN ('female', 'male', 'other', 'male')").cost(),
        (3, 2)
    );
    assert_eq!(
        compiled("age NOT BETWEEN 40 AND 65").program().gates[2].op,
        GateOp::Or
    );
}

#[test]
fn c12_the_hash_covers_everything() {
    let base = compiled("age >= 40 AND smoker");
    let others = [
        "age >= 41 AND smoker",
        "age > 40 AND smoker",
        "age >= 40 OR smoker",
        "late >= 40 AND smoker",
        "smoker AND age >= 40",
    ];
    assert!(
        others
            .iter()
            .all(|text| compiled(text).hash() != base.hash())
    );
    assert_eq!(
        compiled("  AGE>=40 and(smoker = TRUE)\n").hash(),
        base.hash()
    );
    assert_ne!(
        compile("age >= 40 AND smoker", &claim_schema(), CountUnit::Rows)
            .unwrap()
            .hash(),
        base.hash()
    );
    let changed = String::from_utf8(claim_schema().to_canonical())
        .unwrap()
        .replace("\"max\":\"100\"", "\"max\":\"101\"");
    let changed = Schema::from_json(&changed).unwrap();
    assert_ne!(
        compile("age >= 40 AND smoker", &changed, CountUnit::Subjects)
            .unwrap()
            .hash(),
        base.hash()
    );
}

#[test]
fn errors_say_what_is_expected() {
    let too_large = refused("age = 1 AND sex = 'male' AND late = 2 AND smoker AND delta = 0");
    assert_eq!(
        too_large,
        QueryError::TooLarge {
            columns: 5,
            atoms: 5,
            gates: 4
        }
    );
    assert!(matches!(
        refused("age IN (1, 2, 3, 4, 5)"),
        QueryError::TooLarge {
            columns: 1,
            atoms: 5,
            gates: 4
        }
    ));
    assert!(matches!(refused("weight = 3"), QueryError::Column(c) if c == "weight"));
    assert!(matches!(refused("long = 3"), QueryError::Wide(c) if c == "long"));
    for text in [
        "sex = 'unknown'",
        "sex = 3",
        "sex < 'male'",
        "sex BETWEEN 'female' AND 'male'",
        "smoker > FALSE",
        "smoker = 1",
        "age = 'x'",
    ] {
        assert!(
            matches!(refused(text), QueryError::Constant { .. }),
            "{text}"
        );
    }
    for text in [
        "age = 1e3",
        "age = 1234567890123456789012345",
        "taken = '2026-02-30'",
        "taken = '26-1-1'",
        "taken = 20260101",
        "age = TRUE",
    ] {
        assert!(
            matches!(
                refused(text),
                QueryError::Constant { .. } | QueryError::Unsupported { .. }
            ),
            "{text}"
        );
    }
    assert!(refused("age = NULL").to_string().contains("IS NULL"));
}

#[test]
fn what_is_not_in_the_language_is_refused() {
    for text in [
        "",
        "  ",
        "age",
        "age =",
        "age = age",
        "3 = 4",
        "age + 1 = 2",
        "age = 1; DROP TABLE x",
        "age = 1 -- all of them",
        "age = 1 /* all */",
        "(age = 1",
        "age = 1)",
        "age = 1 2",
        "age IN ()",
        "age IN (SELECT 1)",
        "age IN age",
        "EXISTS (SELECT 1)",
        "age(3) = 3",
        "\"age\"(3) = 3",
        "x.age = 3",
        "age::int = 3",
        "age LIKE 'x'",
        "sex = \"male\"",
        "CASE WHEN age = 1 THEN TRUE END",
        "age = $1",
        "age = ?",
        "age IS TRUE",
        "age IS NOT DISTINCT FROM 3",
        "age = 0x10",
        "age = - - 3",
        "sex = N'male'",
        "age BETWEEN 1",
        "NOT",
        "age = 1 AND",
        "age = 1 XOR smoker",
        "älter = 3",
        "age = 1\u{0}",
        "(age, sex) = (1, 'male')",
        "age = ANY (1)",
        "TRUE = TRUE",
        "smoker = smoker",
    ] {
        refused(text);
    }
}

#[test]
fn hostile_texts_are_bounded() {
    let long = |what: &str| {
        let error = refused(what);
        assert!(
            matches!(
                error,
                QueryError::TooLong { .. } | QueryError::TooDeep | QueryError::Syntax(_)
            ),
            "{error}"
        );
    };
    long(&"x".repeat(1 << 22));
    long(&format!("age = 1{}", " OR age = 1".repeat(100)));
    long(&"(".repeat(MAX_BYTES));
    long(&"(".repeat(200));
    refused(&format!("{}smoker", "NOT ".repeat(250)));
    long(&format!("{}smoker{}", "NOT (".repeat(60), ")".repeat(60)));
    // As deep as the language goes, and one deeper.
    let nested = |n: usize| format!("{}smoker{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(
        compiled(&nested(MAX_DEPTH)).hash(),
        compiled("smoker").hash()
    );
    assert_eq!(refused(&nested(MAX_DEPTH + 1)), QueryError::TooDeep);
    let alternating = format!(
        "{}smoker{}",
        "NOT (".repeat(MAX_DEPTH),
        ")".repeat(MAX_DEPTH)
    );
    assert_eq!(compiled(&alternating).hash(), compiled("smoker").hash());
    // Many words of one kind: no case is slow.
    let start = std::time::Instant::now();
    for word in [
        "age ",
        "NOT ",
        "( ",
        "age ( ",
        "IN ( ",
        "- ",
        "BETWEEN ",
        "DATE ",
        "DATE '",
        "'' ",
        "smoker AND ",
        "IS NOT ",
        "age IN ((",
        ", ",
    ] {
        let _ = compile(
            &word.repeat(MAX_TOKENS / 2),
            &claim_schema(),
            CountUnit::Rows,
        );
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn spans_say_what_is_proven() {
    let query = compiled("age < 3 AND sex = 'male' AND hba1c > 4");
    let lines: Vec<String> = query
        .spans(&claim_schema())
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "age: 0 .. 127 proven (7 bits, wider than the schema says)",
            "sex: 'female' .. code 3 proven (2 bits, wider than the schema says)",
            "hba1c: 3.0 .. 28.5 proven (8 bits, wider than the schema says)",
        ]
    );
    assert_eq!(
        compiled("delta = 0").spans(&claim_schema())[0].to_string(),
        "delta: -20 .. 11 proven (5 bits)"
    );
}
