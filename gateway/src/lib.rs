//! The front desk: journeys, sources, custody of keys, ledgers, command line.

pub mod audit;
pub mod backend;
pub mod bundle;
pub mod channel;
pub mod cli;
pub mod custody;
pub mod desk;
pub mod error;
pub mod home;
pub mod msp;
pub mod office;
pub mod output;
pub mod quickstart;
pub mod sealing;
pub mod service;
pub mod source;
pub mod startup;
