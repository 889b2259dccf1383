use super::*;

#[test]
fn descends_from_is_one_range() {
    let (first, last) = disease_range("E11").unwrap();
    assert_eq!(last - first, 10);
    let (chapter_first, chapter_last) = disease_range("IV").unwrap();
    assert!(chapter_first < first && last < chapter_last);
    assert_eq!(disease_range("E11.9"), Some((last, last)));
    assert_eq!(disease("A00"), Some(2));
    assert!(disease("I21").unwrap() > disease("IX").unwrap());
}

#[test]
fn every_number_has_one_code_and_back() {
    let last = disease_range("XXII").unwrap().1;
    for number in 1..=last {
        assert_eq!(disease(&disease_code(number).unwrap()), Some(number));
    }
    assert_eq!((disease_code(0), disease_code(last + 1)), (None, None));
}

#[test]
fn unknown_codes_are_refused() {
    for code in [
        "", "e11", "E1", "E111", "E11.", "E11.10", "E11.x", "E90", "XXIII", "É11",
    ] {
        assert_eq!(disease(code), None, "{code}");
    }
    assert_eq!(permission("GRU"), Some(1));
    assert_eq!(permission("DUO:0000042"), Some(1));
    assert_eq!(permission("general research use"), None);
    assert_eq!(permissions(["NRES", "HMB"]), Some(0b101));
}
