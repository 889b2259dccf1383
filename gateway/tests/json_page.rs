//! The page that documents the JSON of the commands is the one that the types make.
#![allow(clippy::unwrap_used)]

use std::path::Path;

#[test]
fn the_json_page_is_made_from_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md");
    let page = medveil_gateway::cli::json_page::page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/json.md is not what the types say: UPDATE_DOCS=1 writes it"
    );
}
