//! Words that say how texts are written, where the source gives types.

use super::*;
use crate::kind::Kind as SourceKind;
use medveil_circuits::schema::Schema;

/// What is wrong with these words for a column `v`, its date `d` and a condition `w` of these kinds.
fn problems(kinds: [Kind; 3], all: &str, own: &str) -> Vec<String> {
    let text = format!(
        r#"{{"format":"medveil-schema-1","subject":{{"header":"id"}},"source":{{{all}}},"columns":[
        {{"name":"v","type":"int","min":0,"max":9,"source":{{"date_header":"d"{own}}}}}]}}"#
    );
    let plan = Plan::new(&Schema::from_json(&text).unwrap(), SourceKind::Typed).unwrap();
    let [value, date, condition] = kinds;
    let table = Named {
        name: "t".to_owned(),
        headers: ["id", "v", "d", "w"].map(str::to_owned).to_vec(),
        kinds: vec![Kind::Number, value, date, condition],
        quantities: BTreeSet::new(),
        has_subjects: false,
    };
    Bound::new(&plan, &[table]).err().unwrap_or_default()
}

#[test]
fn b14_how_texts_are_written_is_said_of_texts_only() {
    use Kind::{Date, Mixed, Number, Text, Time};
    let numbers = [
        r#","decimal":"comma""#,
        r#","thousands":"space""#,
        r#","numbers":"plus""#,
    ];
    for own in numbers {
        for (value, is_refused) in [(Text, false), (Mixed, false), (Number, true), (Time, true)] {
            let found = problems([value, Text, Text], "", own);
            assert_eq!(
                found.len(),
                usize::from(is_refused),
                "{own} {value}: {found:?}"
            );
        }
    }
    let dates = r#","dates":"dmy""#;
    assert!(problems([Number, Text, Number], "", dates).is_empty());
    assert_eq!(problems([Number, Date, Number], "", dates).len(), 1);
    let blanks = r#","blanks":"trim""#;
    assert_eq!(problems([Number, Time, Number], "", blanks).len(), 1);
    let of_condition = r#","blanks":"trim","where":"w=x""#;
    assert!(problems([Number, Time, Text], "", of_condition).is_empty());
}

#[test]
fn b14_words_for_all_columns_need_one_with_texts() {
    use Kind::{Bool, Date, Number, Text};
    let all = [
        r#""decimal":"comma""#,
        r#""dates":"mdy""#,
        r#""blanks":"trim""#,
        r#""true":"ja","false":"nein""#,
    ];
    for words in all {
        let n = words.matches("\":").count();
        assert_eq!(
            problems([Number, Date, Bool], words, "").len(),
            n,
            "{words}"
        );
        assert!(
            problems([Number, Text, Bool], words, "").is_empty(),
            "{words}"
        );
        assert!(
            problems([Text, Date, Bool], words, "").is_empty(),
            "{words}"
        );
        let own = r#","where":"w=x""#;
        assert!(
            problems([Number, Date, Text], words, own).is_empty(),
            "{words}"
        );
    }
    // What a type says nothing of.
    let others = r#""null":"9","on_bad":"drop","partial":"first","round":"true""#;
    assert!(problems([Number, Date, Bool], others, "").is_empty());
}
