use super::*;

#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Stage {
    text: &'static str,
    source: Option<Box<Stage>>,
}

fn chain(texts: &[&'static str]) -> String {
    let stages = texts
        .iter()
        .rev()
        .fold(None, |source, text| Some(Box::new(Stage { text, source })));
    error_chain(&*stages.expect("a stage"))
}

#[test]
fn a_stage_that_an_error_and_its_cause_name_is_said_once() {
    for (texts, said) in [
        (&["visa", "visa: damaged"][..], "visa: damaged"),
        (&["store", "store", "full"], "store: full"),
        (&["open: store", "store: full"], "open: store: full"),
        (&["store", "storeroom"], "store: storeroom"),
        (&["a", "b: a", "a: c"], "a: b: a: c"),
    ] {
        assert_eq!(chain(texts), said);
    }
}
