//! Selects of a view, compiled.

use super::cell::CellType;
use super::column::ViewColumn;
use super::constant::Constant;
use super::fields::{Place, Problems, is_name};
use super::problem::Problem;
use crate::path::ast::{Expr, Literal};
use crate::path::quantity::{Leads, leads};

/// Deepest select within selects.
const MAX_DEPTH: usize = 32;
const FIELDS: &[&str] = &[
    "id",
    "extension",
    "column",
    "select",
    "forEach",
    "forEachOrNull",
    "repeat",
    "unionAll",
];
const COLUMN_FIELDS: &[&str] = &[
    "id",
    "extension",
    "name",
    "path",
    "description",
    "collection",
    "type",
    "tag",
];
/// In front of a type's name where a view gives its address.
const ADDRESSES: &[&str] = &[
    "http://hl7.org/fhir/StructureDefinition/",
    "http://hl7.org/fhirpath/",
];

/// What a select goes through.
pub(super) enum Each {
    /// The focus of the select around it.
    Once,
    /// `forEach`.
    Element(Expr),
    /// `forEachOrNull`.
    ElementOrNull(Expr),
    Repeat(Vec<Expr>),
}

/// The expression of a cell.
pub(super) struct CellPath {
    pub(super) expr: Expr,
    pub(super) cell: CellType,
    pub(super) collection: bool,
    pub(super) place: String,
}

/// A select: its own cells, then those of the selects within, then those of the union.
pub(super) struct Select {
    pub(super) each: Each,
    pub(super) place: String,
    pub(super) cells: Vec<CellPath>,
    pub(super) selects: Vec<Select>,
    pub(super) union: Vec<Select>,
}

/// Compiles selects. Problems are collected; where there are some, what is returned is not used.
pub(super) struct Compiler<'c> {
    pub(super) constants: &'c [Constant],
    pub(super) problems: &'c mut Problems,
}

/// A select and the columns that it makes.
type Compiled = (Select, Vec<ViewColumn>);

impl Compiler<'_> {
    /// An expression, or a problem in its place.
    pub(super) fn path(&mut self, text: &str, place: &str) -> Expr {
        let find = |name: &str| -> Option<Literal> {
            let found = self.constants.iter().find(|c| c.name == name);
            found.map(|c| c.value.clone())
        };
        crate::path::parse(text, &find).unwrap_or_else(|problem| {
            self.problems.add(place, problem);
            Expr::Nothing
        })
    }

    /// A select at a depth, on a focus.
    fn select(&mut self, at: &Place<'_>, focus: Leads, depth: usize) -> Compiled {
        at.check(FIELDS, self.problems);
        let (each, focus) = self.each(at, focus);
        let mut columns = Vec::new();
        let mut cells = Vec::new();
        for place in at.list("column", self.problems) {
            if let Some((cell, column)) = self.column(&place, focus) {
                cells.push(cell);
                columns.push(column);
            }
        }
        let selects = self.selects(at, focus, depth, &mut columns);
        let union = self.union(at, focus, depth, &mut columns);
        let makes = |name: &str| at.node.get(name).is_some();
        if !["column", "select", "unionAll"].into_iter().any(makes) {
            self.problems.add(&at.place, Problem::NoColumns);
        }
        let place = at.place.clone();
        let select = Select {
            each,
            place,
            cells,
            selects,
            union,
        };
        (select, columns)
    }

    /// The selects below a view or a select.
    pub(super) fn selects(
        &mut self,
        at: &Place<'_>,
        focus: Leads,
        depth: usize,
        columns: &mut Vec<ViewColumn>,
    ) -> Vec<Select> {
        let mut selects = Vec::new();
        for place in at.list("select", self.problems) {
            if let Some((select, more)) = self.deeper(&place, focus, depth) {
                selects.push(select);
                columns.extend(more);
            }
        }
        selects
    }

    fn deeper(&mut self, at: &Place<'_>, focus: Leads, depth: usize) -> Option<Compiled> {
        if depth >= MAX_DEPTH {
            self.problems
                .add(&at.place, Problem::TooDeep { limit: MAX_DEPTH });
            return None;
        }
        Some(self.select(at, focus, depth + 1))
    }

    /// The branches of a union. The first says the columns; the others must agree.
    fn union(
        &mut self,
        at: &Place<'_>,
        focus: Leads,
        depth: usize,
        columns: &mut Vec<ViewColumn>,
    ) -> Vec<Select> {
        let mut first: Option<Vec<ViewColumn>> = None;
        let mut union = Vec::new();
        for place in at.list("unionAll", self.problems) {
            let Some((select, own)) = self.deeper(&place, focus, depth) else {
                continue;
            };
            union.push(select);
            let Some(first) = &mut first else {
                first = Some(own);
                continue;
            };
            if described(first) != described(&own) {
                let (expected, got) = (described(first), described(&own));
                self.problems
                    .add(&place.place, Problem::Union { expected, got });
            }
            for (column, other) in first.iter_mut().zip(own) {
                column.paths.extend(other.paths);
                column.quantity |= other.quantity;
            }
        }
        columns.extend(first.unwrap_or_default());
        union
    }

    /// What a select goes through, and where that leads.
    fn each(&mut self, at: &Place<'_>, focus: Leads) -> (Each, Leads) {
        let ways = ["forEach", "forEachOrNull", "repeat"];
        let given = ways.into_iter().filter(|name| at.node.get(name).is_some());
        if given.count() > 1 {
            self.problems.add(&at.place, Problem::Iterations);
        }
        if let Some(text) = at.text("forEach", self.problems) {
            let expr = self.path(text, &at.at("forEach"));
            let led = leads(&expr, focus);
            return (Each::Element(expr), led);
        }
        if let Some(text) = at.text("forEachOrNull", self.problems) {
            let expr = self.path(text, &at.at("forEachOrNull"));
            let led = leads(&expr, focus);
            return (Each::ElementOrNull(expr), led);
        }
        let mut paths = Vec::new();
        for place in at.list("repeat", self.problems) {
            match place.node.text() {
                Some(text) => paths.push(self.path(text, &place.place)),
                None => self.problems.add(&place.place, Problem::Expected("a text")),
            }
        }
        if paths.is_empty() {
            return (Each::Once, focus);
        }
        let quantity = paths.iter().any(|p| leads(p, focus) == Leads::Quantity);
        let led = if quantity {
            Leads::Quantity
        } else {
            Leads::Elsewhere
        };
        (Each::Repeat(paths), led)
    }

    fn column(&mut self, at: &Place<'_>, focus: Leads) -> Option<(CellPath, ViewColumn)> {
        at.check(COLUMN_FIELDS, self.problems);
        let name = at.need("name", self.problems);
        let path = at.need("path", self.problems);
        at.text("description", self.problems);
        at.list("tag", self.problems);
        if name.is_some_and(|name| !is_name(name)) {
            self.problems.add(&at.at("name"), Problem::Name);
        }
        let (declared, cell) = self.cell_type(at);
        let collection = at.truth("collection", self.problems);
        let place = at.at("path");
        let (name, path) = (name?, path?);
        let expr = self.path(path, &place);
        let column = ViewColumn {
            name: name.to_owned(),
            declared,
            collection,
            paths: vec![path.to_owned()],
            quantity: leads(&expr, focus) == Leads::Value,
            place: at.at("name"),
        };
        let cell = CellPath {
            expr,
            cell,
            collection,
            place,
        };
        Some((cell, column))
    }

    fn cell_type(&mut self, at: &Place<'_>) -> (Option<String>, CellType) {
        let Some(text) = at.text("type", self.problems) else {
            return (None, CellType::Any);
        };
        let name = ADDRESSES
            .iter()
            .find_map(|a| text.strip_prefix(a))
            .unwrap_or(text);
        let cell = CellType::of(name).unwrap_or_else(|| {
            self.problems
                .add(&at.at("type"), Problem::ColumnType(name.to_owned()));
            CellType::Any
        });
        (Some(name.to_owned()), cell)
    }
}

/// Names and types of columns, for comparing and for people.
fn described(columns: &[ViewColumn]) -> String {
    let one = |column: &ViewColumn| {
        let of = column.declared.as_deref().unwrap_or("any");
        let list = if column.collection { " list" } else { "" };
        format!("{} ({of}{list})", column.name)
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}
