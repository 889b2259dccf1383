//! Rows of FHIR: of each resource by the views of its type, of consents by person.

use super::consents::Consents;
use super::{CONSENT, faults};
use crate::bind::{Bound, BoundTable};
use crate::error::SourceError;
use crate::pseudonym::Pseudonym;
use crate::rows::{Assembler, TableRow, Whose};
use crate::views::Views;
use medveil_fhir::{Place, Resolved};
use medveil_sql_on_fhir::{Cell, EvalError, RowError, RowProblem, ViewDefinition};
use medveil_tables::{CellError, Scalar};

/// What stands where a resource has two answers to one question.
const SEVERAL_FORMS: CellError = CellError {
    word: "",
    expected: "expected one form of an element such as `value[x]` or `effective[x]`, got several: correct the resource",
};

/// Of a person whose identity was refused, which was gathered: no pseudonym is 0.
pub(super) const NOBODY: Pseudonym = 0;

/// Makes rows of resources.
pub(super) struct Rows<'r, 'a> {
    pub views: &'r Views,
    pub bound: &'r Bound,
    pub people: &'r [Pseudonym],
    pub names: &'r [(String, &'static str)],
    pub assembler: &'r mut Assembler<'a>,
    pub consents: &'r mut Consents,
    pub gather: bool,
}

impl Rows<'_, '_> {
    fn person(&self, number: u32) -> Option<Pseudonym> {
        let found = self.people.get(number as usize).copied();
        found.filter(|pseudonym| *pseudonym != NOBODY)
    }

    /// Takes a resource.
    ///
    /// **Errors**: a view has no answer for it; what a column refuses.
    pub(super) fn take(&mut self, resolved: &Resolved<'_>) -> Result<(), SourceError> {
        let Some(person) = self.person(resolved.person) else {
            return Ok(());
        };
        let kind = resolved.node.text_at("resourceType").unwrap_or_default();
        let bound = self.bound;
        for (at, table) in &bound.tables {
            match self.views.view(*at) {
                Some(view) if view.resource() == kind => {
                    self.of_view(resolved, view, (table, person))?;
                }
                None if kind == CONSENT => self.consent(resolved),
                _ => {}
            }
        }
        Ok(())
    }

    fn consent(&mut self, resolved: &Resolved<'_>) {
        if let Some(reason) = self.consents.take(resolved.person, resolved.node) {
            let place = || Some(words(self.names, resolved.place));
            self.assembler.drops.add(None, reason, 1, place);
        }
    }

    fn of_view(
        &mut self,
        resolved: &Resolved<'_>,
        view: &ViewDefinition,
        (table, person): (&BoundTable, Pseudonym),
    ) -> Result<(), SourceError> {
        let place = || words(self.names, resolved.place);
        let rows = match view.rows(resolved.node) {
            Err(error) if has_several_forms(&error) => {
                let reason = SEVERAL_FORMS.expected;
                let drops = &mut self.assembler.drops;
                drops.add(None, reason, 1, || Some(place()));
                return self.assembler.leave_open(table, person);
            }
            Err(error) if self.gather => {
                let problems = &mut self.assembler.drops.problems;
                problems.add(|| faults::of_view(place(), &table.name, &error));
                return Ok(());
            }
            other => other.map_err(|source| SourceError::View {
                place: place(),
                view: table.name.clone(),
                source,
            })?,
        };
        if resolved.is_doubtful && rows.is_empty() {
            self.assembler.leave_open(table, person)?;
        }
        for cells in rows {
            let cells: Vec<Scalar> = cells.into_iter().map(scalar).collect();
            let row = TableRow {
                cells: &cells,
                whose: Whose::Person(person),
                is_doubtful: resolved.is_doubtful,
                place: &place,
            };
            self.assembler.take(table, &row)?;
        }
        Ok(())
    }

    /// The one decision of each person and scope.
    ///
    /// **Errors**: what a column refuses.
    pub(super) fn consents(&mut self) -> Result<(), SourceError> {
        let is_own = |(at, _): &&(usize, BoundTable)| self.views.view(*at).is_none();
        let Some((_, table)) = self.bound.tables.iter().find(is_own) else {
            return Ok(());
        };
        for (person, cells) in self.consents.rows() {
            let Some(person) = self.person(person) else {
                continue;
            };
            let row = TableRow {
                cells: &cells,
                whose: Whose::Person(person),
                is_doubtful: false,
                place: &|| "consents".to_owned(),
            };
            self.assembler.take(table, &row)?;
        }
        Ok(())
    }
}

/// Whether a criterion or an iteration of a view asks for an element that has several forms.
fn has_several_forms(error: &RowError) -> bool {
    matches!(
        error.problem,
        RowProblem::Eval(EvalError::SeveralForms { .. })
    )
}

/// Where a resource stands, for people.
fn words(names: &[(String, &str)], place: Place) -> String {
    let named = names.get(place.file);
    let (name, unit) = named.map_or(("", ""), |(name, unit)| (name.as_str(), *unit));
    let mut words = format!("{name}, {unit} {}", place.at);
    if place.inside > 0 {
        words += &format!(", entry {}", place.inside);
    }
    if place.contained > 0 {
        words += &format!(", contained {}", place.contained);
    }
    words
}

fn scalar(cell: Cell) -> Scalar {
    match cell {
        Cell::Null => Scalar::Null,
        Cell::Bool(value) => Scalar::Bool(value),
        Cell::Number(text) => Scalar::Number(text),
        Cell::Text(text) => Scalar::Text(text),
        Cell::Date(text) => Scalar::Date(text),
        Cell::DateTime(text) => Scalar::Time(text),
        Cell::SeveralForms => Scalar::Error(SEVERAL_FORMS),
        // A column that reads it says that it is of another type.
        Cell::List(_) | Cell::Miswritten(_) => Scalar::Text("\u{fffd}".to_owned()),
    }
}
