//! What a holder keeps of a dataset is what was written, or nothing is sent.

use super::super::testing::changed;
use super::*;
use medveil_collections_config::error_chain;
use medveil_custody::write_secret_file;

#[tokio::test]
async fn f_a_changed_file_of_a_dataset_is_found_before_anything_is_sent() {
    let home = TestHome::new();
    let session = home.session();
    let lineage = keep(&session, "visits");
    keep(&session, "others");
    // So would whatever is sent be answered.
    home.ledger.answer("RegisterDataset", Err(Code::Conflict));
    let datasets = home.home().private(&Actor::organisation(hospital()));
    let datasets = datasets.join("datasets");
    for file in ["lineage", "registration", "pages"] {
        let path = datasets.join("visits").join(file);
        let kept = std::fs::read(&path).unwrap();
        let others = std::fs::read(datasets.join("others").join(file)).unwrap();
        for bytes in changed(&kept).iter().chain([&others]) {
            write_secret_file(&path, bytes).unwrap();
            let error = register(&session, &hospital(), "visits").await.unwrap_err();
            assert_eq!(error.kind(), Kind::Damaged, "{file}: {error}");
            let words = error_chain(&error);
            let says =
                words.contains(&path.display().to_string()) && words.contains("from a backup");
            assert!(says, "{file}: {words}");
        }
        write_secret_file(&path, &kept).unwrap();
    }
    let error = register(&session, &hospital(), "visits").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    // The registration has the lineage's name as well; another one of the same form is told.
    let path = datasets.join("visits/lineage");
    std::fs::remove_file(&path).unwrap();
    let local = LocalDataset::new(&session, &hospital(), "visits").unwrap();
    assert!(local.has_lineage());
    assert_eq!(local.lineage(&session).unwrap(), lineage);
    std::fs::remove_file(&path).unwrap();
    let (aside, registration) = (home.path("aside"), datasets.join("visits/registration"));
    std::fs::rename(&registration, &aside).unwrap();
    assert_ne!(local.lineage(&session).unwrap(), lineage);
    std::fs::rename(&aside, &registration).unwrap();
    let error = local.lineage(&session).unwrap_err();
    assert!(matches!(error, DatasetError::OtherLineage(_)), "{error}");
    assert_eq!(error.kind(), Kind::Damaged);
}
