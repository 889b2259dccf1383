//! The rows of one resource: selects side by side multiply, branches of a union follow each other.

use super::cell::Cell;
use super::problem::{RowError, RowProblem};
use super::select::{CellPath, Each, Select};
use crate::error::EvalError;
use crate::eval::{Fuel, Item, MAX_WORK, Scope, Value, evaluate};
use crate::json::Node;
use crate::path::ast::Expr;

/// Most rows of one resource.
const MAX_ROWS: usize = 1_000_000;
/// Deepest `repeat`.
const MAX_DEPTH: usize = 64;

type Answer<T> = Result<T, RowError>;

fn failed(place: &str, problem: impl Into<RowProblem>) -> RowError {
    RowError {
        place: place.to_owned(),
        problem: problem.into(),
    }
}

/// Rows in one list of cells.
struct Table {
    cells: Vec<Cell>,
    rows: usize,
}

impl Table {
    fn one() -> Self {
        Table {
            cells: Vec::new(),
            rows: 1,
        }
    }

    fn none() -> Self {
        Table {
            cells: Vec::new(),
            rows: 0,
        }
    }

    /// More rows of the same width behind these.
    fn append(&mut self, more: Table, place: &str) -> Answer<()> {
        self.rows = bounded(self.rows.saturating_add(more.rows), place)?;
        if self.cells.is_empty() {
            self.cells = more.cells;
        } else {
            self.cells.extend(more.cells);
        }
        Ok(())
    }

    /// Each of these rows with each of those.
    fn times(mut self, other: Table, fuel: &Fuel, place: &str) -> Answer<Table> {
        if self.rows == 1 && other.rows == 1 {
            self.cells.extend(other.cells);
            return Ok(self);
        }
        let rows = bounded(self.rows.saturating_mul(other.rows), place)?;
        if rows == 0 {
            return Ok(Table::none());
        }
        let mut cells = Vec::new();
        let (left, right) = (self.cells.len() / self.rows, other.cells.len() / other.rows);
        for at in 0..self.rows {
            let own = self.cells.get(at * left..(at + 1) * left).unwrap_or(&[]);
            for other_at in 0..other.rows {
                let theirs = other.cells.get(other_at * right..(other_at + 1) * right);
                let row = own.iter().chain(theirs.unwrap_or(&[]));
                for cell in row {
                    fuel.burn(cell.weight()).map_err(|e| failed(place, e))?;
                    cells.push(cell.clone());
                }
            }
        }
        Ok(Table { cells, rows })
    }

    fn into_rows(self) -> Vec<Vec<Cell>> {
        let width = self.cells.len() / self.rows.max(1);
        let mut cells = self.cells.into_iter();
        (0..self.rows)
            .map(|_| cells.by_ref().take(width).collect())
            .collect()
    }
}

fn bounded(rows: usize, place: &str) -> Answer<usize> {
    if rows > MAX_ROWS {
        return Err(failed(place, RowProblem::TooManyRows { limit: MAX_ROWS }));
    }
    Ok(rows)
}

/// The rows of a resource.
pub(super) fn rows<'a>(
    select: &'a Select,
    criteria: &'a [Expr],
    resource: &'a Node,
) -> Answer<Vec<Vec<Cell>>> {
    let fuel = Fuel::new(MAX_WORK);
    let scope = Scope {
        resource,
        row: 0,
        fuel: &fuel,
    };
    let root = Item::resource(resource);
    for (at, criterion) in criteria.iter().enumerate() {
        let met = is_met(criterion, &root, scope);
        if !met.map_err(|problem| failed(&format!("where[{at}].path"), problem))? {
            return Ok(Vec::new());
        }
    }
    Ok(table(select, Some(&root), scope)?.into_rows())
}

/// Stricter than a criterion within an expression: only true, false and nothing are answers.
fn is_met<'a>(
    criterion: &'a Expr,
    root: &Item<'a>,
    scope: Scope<'a, '_>,
) -> Result<bool, RowProblem> {
    let items = evaluate(criterion, Some(root), scope)?;
    match items.as_slice() {
        [] => Ok(false),
        [item] => match item.value()? {
            Value::Bool(value) => Ok(value),
            Value::Nothing => Ok(false),
            value => Err(RowProblem::NotBoolean { got: value.kind() }),
        },
        more => Err(RowProblem::Eval(EvalError::NotSingle {
            what: "where",
            got: more.len(),
        })),
    }
}

/// The rows of a select.
fn table<'a>(select: &'a Select, focus: Option<&Item<'a>>, scope: Scope<'a, '_>) -> Answer<Table> {
    let place = &select.place;
    let items = match &select.each {
        Each::Once => return one(select, focus, scope),
        Each::Element(path) => {
            let found = evaluate(path, focus, scope);
            found.map_err(|e| failed(&format!("{place}.forEach"), e))?
        }
        Each::ElementOrNull(path) => {
            let found = evaluate(path, focus, scope);
            found.map_err(|e| failed(&format!("{place}.forEachOrNull"), e))?
        }
        Each::Repeat(paths) => {
            let mut found = Vec::new();
            let done = repeat(paths, focus, scope, 0, &mut found);
            done.map_err(|p| failed(&format!("{place}.repeat"), p))?;
            found
        }
    };
    if items.is_empty() && matches!(select.each, Each::ElementOrNull(_)) {
        return one(select, None, Scope { row: 0, ..scope });
    }
    let mut table = Table::none();
    for (row, item) in items.iter().enumerate() {
        let rows = one(select, Some(item), Scope { row, ..scope })?;
        table.append(rows, place)?;
    }
    Ok(table)
}

/// The rows of a select on one focus.
fn one<'a>(select: &'a Select, focus: Option<&Item<'a>>, scope: Scope<'a, '_>) -> Answer<Table> {
    let mut rows = Table::one();
    for path in &select.cells {
        let cell = cell(path, focus, scope).map_err(|p| failed(&path.place, p))?;
        let burnt = scope.fuel.burn(cell.weight());
        burnt.map_err(|e| failed(&path.place, e))?;
        rows.cells.push(cell);
    }
    for inner in &select.selects {
        let other = table(inner, focus, scope)?;
        rows = rows.times(other, scope.fuel, &inner.place)?;
        if rows.rows == 0 {
            return Ok(rows);
        }
    }
    if !select.union.is_empty() {
        let mut all = Table::none();
        for branch in &select.union {
            all.append(table(branch, focus, scope)?, &branch.place)?;
        }
        rows = rows.times(all, scope.fuel, &select.place)?;
    }
    Ok(rows)
}

fn cell<'a>(
    path: &'a CellPath,
    focus: Option<&Item<'a>>,
    scope: Scope<'a, '_>,
) -> Result<Cell, RowProblem> {
    let items = match evaluate(&path.expr, focus, scope) {
        Err(EvalError::SeveralForms { .. }) => return Ok(Cell::SeveralForms),
        other => other?,
    };
    if path.collection {
        let valued = items.iter().filter(|item| !item.is_hollow());
        let cells = valued.map(|item| path.cell.cell(item));
        return cells.collect::<Result<_, _>>().map(Cell::List);
    }
    match items.as_slice() {
        [] => Ok(Cell::Null),
        [item] => path.cell.cell(item),
        more => Err(RowProblem::ManyValues { got: more.len() }),
    }
}

/// Every element that the paths reach, again and again, each before what is below it.
fn repeat<'a>(
    paths: &'a [Expr],
    focus: Option<&Item<'a>>,
    scope: Scope<'a, '_>,
    depth: usize,
    out: &mut Vec<Item<'a>>,
) -> Result<(), RowProblem> {
    if depth > MAX_DEPTH {
        return Err(RowProblem::TooDeep { limit: MAX_DEPTH });
    }
    for path in paths {
        for item in evaluate(path, focus, scope)? {
            if out.len() >= MAX_ROWS {
                return Err(RowProblem::TooManyRows { limit: MAX_ROWS });
            }
            out.push(item.clone());
            repeat(paths, Some(&item), scope, depth + 1, out)?;
        }
    }
    Ok(())
}
