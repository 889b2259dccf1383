//! Whom proofs are compared with, and how each is had.
//!
//! Peers that are not linked are brought by their ordinary clients into the cache, once, from the
//! exact versions of lock files that this crate carries.

mod client;

use self::client::build;
use crate::inputs::{Inputs, WTNS, ZKEY};
use crate::protocol::plain;
use crate::session::Program;
use crate::worker::Linked;
use medveil_prover::groth16::has_lanes;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Somebody who makes Groth16 proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// This project's engine, the fastest way that the processor has.
    Medveil,
    /// The way that every processor has.
    MedveilPortable,
    Ark,
    Gnark,
    Snarkjs,
    Snarkrs,
    /// A user's own build.
    Rapidsnark,
}

/// Where this project's engine leaves special instructions.
const PORTABLE: &str = "MEDVEIL_PORTABLE";

impl Peer {
    /// All of them.
    pub const ALL: [Peer; 7] = [
        Peer::Medveil,
        Peer::MedveilPortable,
        Peer::Ark,
        Peer::Gnark,
        Peer::Snarkjs,
        Peer::Snarkrs,
        Peer::Rapidsnark,
    ];

    /// As the command line and the report say it.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Medveil => "medveil",
            Peer::MedveilPortable => "medveil-portable",
            Peer::Ark => "ark-groth16",
            Peer::Gnark => "gnark",
            Peer::Snarkjs => "snarkjs",
            Peer::Snarkrs => "snarkrs",
            Peer::Rapidsnark => "rapidsnark",
        }
    }

    /// Version, and what is particular about it.
    pub fn about(self) -> &'static str {
        match self {
            Peer::Medveil if has_lanes() => "this build, by AVX-512 IFMA",
            Peer::Medveil => "this build; the processor has no AVX-512 IFMA",
            Peer::MedveilPortable => "this build, without special instructions",
            Peer::Ark => "0.6, linked, the same key",
            Peer::Gnark => {
                "0.15.0 with gnark-crypto 0.22.0; a key of its own, times without solving"
            }
            Peer::Snarkjs => "0.7.6, the same key",
            Peer::Snarkrs => "snarkrs-lib 0.1.0, by processor, the same key",
            Peer::Rapidsnark => "the user's own build, a process for each proof, load included",
        }
    }

    /// Whether a round of it takes so long that few are made.
    pub fn is_slow(self) -> bool {
        self == Peer::Snarkjs
    }

    /// Whether it verifies.
    pub fn verifies(self) -> bool {
        self != Peer::Rapidsnark
    }

    /// Whether it verifies many proofs together.
    pub fn verifies_batches(self) -> bool {
        matches!(self, Peer::Medveil | Peer::MedveilPortable)
    }

    /// Whether its key is the one that is given.
    pub fn has_the_key(self) -> bool {
        self != Peer::Gnark
    }

    /// Largest domain that it is asked for.
    ///
    /// **Units**: logarithm.
    pub fn largest(self) -> u32 {
        if self.is_slow() { 18 } else { u32::MAX }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is needed to have peers.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where what was brought is kept.
    pub cache: PathBuf,
    /// How a worker of a linked engine is started: the program and its first arguments.
    pub worker: Vec<OsString>,
    /// A user's own rapidsnark.
    pub rapidsnark: Option<PathBuf>,
}

/// A peer that can be started.
#[derive(Clone, Debug)]
pub struct Had {
    pub peer: Peer,
    /// How it is started, but for the circuit.
    pub program: Program,
}

impl Had {
    /// Brings a peer.
    ///
    /// **Errors**: why it cannot be had, in one line.
    pub fn get(peer: Peer, places: &Places) -> Result<Self, String> {
        let program = match peer {
            Peer::Medveil => linked(places, Linked::Medveil, None)?,
            Peer::MedveilPortable if !has_lanes() => {
                return Err("the processor has no other way than `medveil`'s".to_owned());
            }
            Peer::MedveilPortable => linked(places, Linked::Medveil, Some("1".to_owned()))?,
            Peer::Ark => linked(places, Linked::Ark, None)?,
            Peer::Gnark => own(build(&client::GNARK, &places.cache)?, Vec::new()),
            Peer::Snarkjs => {
                let script = build(&client::SNARKJS, &places.cache)?;
                own("node".into(), vec![script.into()])
            }
            Peer::Snarkrs => own(build(&client::SNARKRS, &places.cache)?, Vec::new()),
            Peer::Rapidsnark => {
                let path = places.rapidsnark.clone();
                let path = path.ok_or("it is compared where --rapidsnark names a build")?;
                Program {
                    is_once: true,
                    ..own(path, Vec::new())
                }
            }
        };
        Ok(Had { peer, program })
    }

    /// How it is started for a circuit.
    pub fn program_for(&self, inputs: &Inputs, cache: &Path) -> Program {
        let mut program = self.program.clone();
        if program.is_once {
            program.args.push(inputs.folder.join(ZKEY).into());
            program.args.push(inputs.folder.join(WTNS).into());
        } else {
            program.args.push(inputs.folder.clone().into());
        }
        if self.peer == Peer::Gnark {
            let keys = client::digest(&client::GNARK);
            let name = format!("gnark-{keys}-{}", inputs.digest);
            program.args.push(cache.join("keys").join(name).into());
        }
        program
    }
}

fn own(path: PathBuf, args: Vec<OsString>) -> Program {
    Program {
        path,
        args,
        env: Vec::new(),
        is_once: false,
    }
}

fn linked(places: &Places, engine: Linked, portable: Option<String>) -> Result<Program, String> {
    let (path, args) = places.worker.split_first().ok_or("no worker is named")?;
    let mut program = own(path.into(), args.to_vec());
    program.args.push(engine.name().into());
    program.env.push((PORTABLE, portable));
    Ok(program)
}

/// Somebody's words as one line.
fn line(words: impl fmt::Display) -> String {
    plain(&words.to_string())
}
