//! Datasets: a holder's rows become encrypted pages and proofs, their roots go on the ledger, and a
//! recipient reads the pages and checks them.
//!
//! In the order of a holder: [`inspect`], [`commit`],
//! [`register_dataset`](super::claim::register_dataset), [`store`]; then, for whoever was
//! granted access, [`read`]. What a holder keeps on its own disk is [`LocalDataset`].

mod blocks;
mod commit;
mod error;
mod estimate;
mod grant;
mod inspect;
mod list;
mod local;
mod losses;
mod omop;
mod pages;
mod plan;
mod read;
mod reading;
mod register;
mod report;
mod schema;
pub(super) mod size;
mod source;
mod store;
mod table;
mod tier;

pub use commit::{CommitOptions, DatasetCommitted, commit};
pub use error::DatasetError;
pub use estimate::{CommitEstimate, RateSource};
pub use grant::recipient_secret_name;
pub use inspect::{ColumnSummary, DatasetInspected, inspect};
pub(in crate::journey) use list::lineages;
pub use list::{DatasetLine, DatasetList, list};
pub use local::LocalDataset;
pub use omop::{ColumnsLeftOut, OmopWritten, write_omop};
pub use pages::{PagesError, leaf_of};
pub use read::{DatasetRead, FirstRows, ReportRead, read};
pub use reading::{
    ColumnReading, FilesReading, OpenPart, OpenReport, Part, ReasonCount, ReportError, SourceFile,
    ViewRead, WholeReading,
};
pub use register::DatasetRegistered;
pub(crate) use register::{register, registered_before};
pub use report::{DatasetReported, ReportOf, check_report, report};
pub use schema::{ListedProblem, SchemaChecked, SchemaDrafted, check_schema, draft_schema};
pub use source::{DroppedValues, SkippedFile, SourceInput, SourceSummary};
pub use store::{DatasetStored, store};
pub use table::{PSEUDONYM, PSEUDONYM_SLOT};
pub use tier::Tier;

pub(super) use pages::{ChunkKeys, OpenedPages, all_slots, ciphertext_digest, open_chunk};

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
