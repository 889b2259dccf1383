//! The table of targets, the corpus folders and libFuzzer's programs name the same targets.

use medveil_fuzz::targets;
use std::collections::BTreeSet;
use std::path::Path;

fn names() -> BTreeSet<String> {
    targets().map(|target| target.name.to_owned()).collect()
}

#[test]
fn names_stand_once() {
    assert_eq!(names().len(), targets().count());
}

#[test]
fn every_target_has_a_program_for_libfuzzer() {
    let text = include_str!("../libfuzzer/Cargo.toml");
    let after = text.split("[[bin]]\nname = \"").skip(1);
    let programs: BTreeSet<String> = after
        .filter_map(|bin| Some(bin.split_once('"')?.0.to_owned()))
        .collect();
    assert_eq!(programs, names());
}

#[test]
fn every_folder_of_the_corpus_is_a_targets() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let folders = std::fs::read_dir(corpus).expect("a folder").flatten();
    let folders: BTreeSet<String> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, names());
}
