use super::*;
use crate::classify::{Classify, Kind};
use crate::progress::Quiet;
use medveil_collections_config::error_chain;
use medveil_fabric_net::Layout;
use std::sync::Arc;

#[test]
fn a_folder_without_a_network_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(&folder.path().join("net"));
    let errors = [
        status(&layout).err().unwrap(),
        down(&layout).err().unwrap(),
        network_consortium(&layout).err().unwrap(),
    ];
    for error in errors {
        let said = error_chain(&error);
        assert!(said.contains("`medveil net up`"), "{said}");
        assert_eq!(error.kind(), Kind::NotFound, "{said}");
    }
}

#[test]
fn only_a_stage_that_goes_on_is_shown() {
    #[derive(Default)]
    struct Shown(Arc<std::sync::Mutex<Vec<String>>>);
    struct Stage(String, Arc<std::sync::Mutex<Vec<String>>>);
    impl Task for Stage {}
    impl Drop for Stage {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(format!("end of {}", self.0));
        }
    }
    impl Progress for Shown {
        fn begin(&self, what: &str, _: Option<u64>) -> Box<dyn Task> {
            self.0.lock().unwrap().push(what.to_owned());
            Box::new(Stage(what.to_owned(), self.0.clone()))
        }
        fn note(&self, text: &str) {
            Quiet.note(text);
        }
    }
    let shown = Shown::default();
    {
        let mut say = stages(&shown);
        say("one");
        say("two");
    }
    assert_eq!(
        *shown.0.lock().unwrap(),
        ["one", "end of one", "two", "end of two"]
    );
}

#[test]
fn a_network_that_another_command_works_on_is_locked() {
    let folder = "net".into();
    let error = NetworkError::from(NetError::Busy { folder });
    assert_eq!(error.kind(), Kind::Locked);
    let source = std::io::ErrorKind::PermissionDenied.into();
    let path = "net.json".into();
    let error = NetworkError::from(NetError::Io { path, source });
    assert_eq!(error.kind(), Kind::NoPermission);
}
