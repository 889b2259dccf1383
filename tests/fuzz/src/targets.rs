//! The table of targets, by area.
//!
//! `decoders.txt` says which decoder is read by which target, and which by none.

pub(crate) mod application;
mod bundle;
mod circuits;
mod consortium;
mod contract;
mod custody;
pub(crate) mod embedded;
mod fabric;
mod formats;
mod language;
mod msp;
mod reply;
pub(crate) mod source;
mod tables;

use crate::Target;

pub(crate) const ALL: &[&[Target]] = &[
    contract::TARGETS,
    reply::TARGETS,
    circuits::TARGETS,
    formats::TARGETS,
    language::TARGETS,
    bundle::TARGETS,
    custody::TARGETS,
    embedded::TARGETS,
    fabric::TARGETS,
    msp::TARGETS,
    consortium::TARGETS,
    source::TARGETS,
    tables::TARGETS,
    application::TARGETS,
];
