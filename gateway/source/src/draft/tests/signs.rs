//! Signs of numbers that stand beside other texts.

use super::column_of;

#[test]
fn b10_signs_that_are_open_stay_open_beside_other_texts() {
    let numbers: Vec<String> = (1..80).map(|n| format!("{n}.25{}", n % 10)).collect();
    let mut values: Vec<&str> = numbers.iter().map(String::as_str).collect();
    values.push("folgt");
    let (column, said) = column_of(&values);
    assert!(column.is_none(), "{column:?}");
    for part in ["are no numbers", "before three digits"] {
        assert!(said.contains(part), "{said}");
    }
}
