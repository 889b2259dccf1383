//! The front desk: journeys, sources, custody of keys, ledgers, command line.

pub mod custody;
pub mod sealing;
