//! A consortium in a folder of its own, with every circuit that a test names active.

use collections_config::MspId;
use gateway::backend::SystemClock;
use gateway::custody::{PassphraseSource, write_secret_file};
use gateway::desk::Desk;
use gateway::home::Home;
use gateway::office::Offices;
use gateway::output::Output;
use gateway::service::{circuit, consortium};
use gateway::startup::{self, Opened};
use std::path::PathBuf;
use tempfile::TempDir;

/// A home and the folder that it lies in.
pub struct World {
    folder: TempDir,
}

impl World {
    /// Founds the template consortium.
    pub fn new() -> Self {
        let world = World { folder: tempfile::tempdir().unwrap() };
        write_secret_file(&world.path("passphrase"), b"correct horse battery").unwrap();
        let mut rng = startup::rng().unwrap();
        let files = consortium::files(None, None, &mut rng).unwrap();
        consortium::found(&world.home(), &world.offices(), &files, &SystemClock, &mut rng).unwrap();
        consortium::bootstrap(&world.desk()).unwrap();
        world
    }

    /// A path beside the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The home.
    pub fn home(&self) -> Home {
        Home::new(self.path("home"))
    }

    fn offices(&self) -> Offices {
        Offices::new(self.home(), Some(PassphraseSource::File(self.path("passphrase"))))
    }

    /// Opens the home anew, as a process does.
    pub fn opened(&self) -> Opened {
        startup::open(self.home(), Output::new(true), Some(self.path("passphrase"))).unwrap()
    }

    /// Opens the home for the services alone.
    pub fn desk(&self) -> Desk {
        self.opened().desk
    }

    /// Proposes, approves and activates a circuit.
    pub fn activate(&self, desk: &Desk, name: &str) {
        circuit::propose(desk, &org("HospitalA"), name).unwrap();
        for approver in ["HospitalB", "University"] {
            circuit::approve(desk, &org(approver), name).unwrap();
        }
        circuit::activate(desk, &org("HospitalA"), name).unwrap();
    }
}

/// An organisation.
pub fn org(name: &str) -> MspId {
    MspId::new(name).unwrap()
}
