//! Arrow IPC files (also called Feather, version 2) and streams, read batch by batch.
//!
//! Source: Arrow columnar format, "Serialization and interprocess communication". A file is a
//! stream between two marks with an index behind it; the stream is what is read, so both forms take
//! one path. Lengths are checked against the file before anything of that length is kept.

mod messages;

use crate::columnar::{self, Columns};
use crate::error::TableError;
use crate::guard::{damaged, guarded};
use crate::table::{Record, Table, TableColumn};
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamDecoder;
use arrow_schema::{ArrowError, SchemaRef};
use messages::Messages;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// An Arrow IPC file or stream. A record batch is in memory at a time, as large as its writer made
/// it: at most 2 GiB.
pub struct ArrowTable {
    path: PathBuf,
    name: String,
    columns: Columns,
}

impl ArrowTable {
    /// Reads the description of the columns; all of them are selected.
    ///
    /// **Errors**: the file cannot be read, is no Arrow file, or names two columns alike.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let mut batches = Batches::open(path)?;
        let schema = batches.schema()?;
        Ok(Self {
            path: path.to_owned(),
            name: super::stem(path),
            columns: Columns::new(&schema, path)?,
        })
    }

    /// Keeps these columns, in this order.
    ///
    /// **Errors**: every name that the file does not have, or that comes twice.
    pub fn select(mut self, names: &[&str]) -> Result<Self, TableError> {
        self.columns.select(names, &self.path)?;
        Ok(self)
    }

    /// Columns of types that cannot be read: name, and type with what to do. They must not be
    /// selected when rows are read.
    pub fn unsupported(&self) -> Vec<(&str, &str)> {
        self.columns.unsupported()
    }
}

/// The record batches of a file, one after the other.
struct Batches {
    place: String,
    messages: Messages,
    decoder: StreamDecoder,
    /// Decoded and not yet taken: one with rows at most.
    ready: VecDeque<RecordBatch>,
}

impl Batches {
    fn open(path: &Path) -> Result<Self, TableError> {
        Ok(Self {
            place: path.display().to_string(),
            messages: Messages::open(path)?,
            decoder: StreamDecoder::new(),
            ready: VecDeque::new(),
        })
    }

    /// Decodes the next message: whether there was one. The decoder sees that a message without a
    /// body is complete only when the next one begins, so a message may give several batches.
    fn decode(&mut self) -> Result<bool, Result<ArrowError, TableError>> {
        let Some(mut message) = self.messages.next(&self.place).map_err(Err)? else {
            return Ok(false);
        };
        while !message.is_empty() {
            let step = guarded(&self.place, || self.decoder.decode(&mut message)).map_err(Err)?;
            self.ready.extend(step.map_err(Ok)?);
        }
        Ok(true)
    }

    fn schema(&mut self) -> Result<SchemaRef, TableError> {
        loop {
            let more = self.decode();
            if let Some(schema) = self.decoder.schema() {
                return Ok(schema);
            }
            // No value was read yet, so the library's words name types only.
            match more {
                Ok(true) => {}
                Ok(false) => return Err(damaged(&self.place)),
                Err(Err(source)) => return Err(source),
                Err(Ok(source)) => {
                    return Err(TableError::Format {
                        place: self.place.clone(),
                        source: Box::new(source),
                    });
                }
            }
        }
    }

    fn next(&mut self, done: u64) -> Result<Option<RecordBatch>, TableError> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            match self.decode() {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(Ok(_)) => return Err(damaged(&format!("{}, after row {done}", self.place))),
                Err(Err(source)) => return Err(source),
            }
        }
    }
}

impl Table for ArrowTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn columns(&self) -> &[TableColumn] {
        self.columns.wanted()
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        self.columns.readable(&self.path)?;
        let mut batches = Batches::open(&self.path)?;
        let order: Vec<usize> = self.columns.places().collect();
        let mut done = 0u64;
        while let Some(batch) = batches.next(done)? {
            columnar::rows(&batch, &self.columns, &order, (&self.path, done), take)?;
            done += batch.num_rows() as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
