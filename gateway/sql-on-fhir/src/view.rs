//! ViewDefinitions: reading one, its columns, and its rows.

mod cell;
mod column;
mod constant;
mod fields;
mod problem;
mod read;
mod rows;
mod select;

pub use cell::Cell;
pub use column::ViewColumn;
pub use problem::{Problem, RowError, RowProblem, ViewProblem, ViewProblems};

use crate::json::Node;
use crate::path::ast::Expr;
use select::Select;

/// A view, compiled: reading a resource parses nothing of the view again.
pub struct ViewDefinition {
    resource: String,
    name: Option<String>,
    fhir_versions: Vec<String>,
    columns: Vec<ViewColumn>,
    selects: Select,
    criteria: Vec<Expr>,
}

impl ViewDefinition {
    /// Reads a view from JSON.
    ///
    /// **Errors**: every problem of the text, each with its place; fields that the specification
    /// does not have are problems.
    pub fn parse(text: &str) -> Result<Self, ViewProblems> {
        read::view(text)
    }

    /// The type of the resources that the view reads.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The view's name, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The releases of FHIR that the view says it is for.
    pub fn fhir_versions(&self) -> &[String] {
        &self.fhir_versions
    }

    /// The columns, in the order of the cells of a row.
    pub fn columns(&self) -> &[ViewColumn] {
        &self.columns
    }

    /// The rows of one resource; none for a resource of another type, or one that `where` leaves
    /// out.
    ///
    /// **Shape**: as many cells a row as there are columns. **Order**: as the elements stand in
    /// the resource; of two selects side by side, the later one moves faster.
    ///
    /// **Errors**: an expression without an answer, a cell that is not what its column declares, or
    /// more rows than one resource may make. There are no rows then. **Cost**: bounded, see
    /// [`RowProblem`].
    pub fn rows(&self, resource: &Node) -> Result<Vec<Vec<Cell>>, RowError> {
        if resource.text_at("resourceType") != Some(&self.resource) {
            return Ok(Vec::new());
        }
        rows::rows(&self.selects, &self.criteria, resource)
    }
}

#[cfg(test)]
mod tests;
