//! The walk along the tree: the one place where expressions are evaluated within expressions.

use super::collection as many;
use super::element::{self, Items};
use super::item::{Item, single, truth, whole};
use super::scope::{Focus, Scope, few};
use super::{function, operator};
use crate::error::EvalError;
use crate::path::ast::{Call, Expr, Step};
use crate::path::function::Function as F;

type Answer<'a> = Result<Items<'a>, EvalError>;

/// Evaluates an expression on a focus of one item, or of none.
///
/// **Errors**: see [`EvalError`]. **Cost**: bounded by the scope's fuel; recursion by the height of
/// the tree, which its parser bounds.
pub(crate) fn evaluate<'a>(
    expr: &'a Expr,
    focus: Option<&Item<'a>>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    let this = focus.map_or(&[][..], std::slice::from_ref);
    run(expr, Focus { this, index: 0 }, scope)
}

fn run<'a>(expr: &'a Expr, focus: Focus<'a, '_>, scope: Scope<'a, '_>) -> Answer<'a> {
    scope.fuel.burn(1)?;
    match expr {
        Expr::Nothing => Ok(Vec::new()),
        Expr::Literal(literal) => Ok(vec![Item::literal(literal)]),
        Expr::This => Ok(focus.this.to_vec()),
        Expr::Index => Ok(vec![Item::count(focus.index)]),
        Expr::RowIndex => Ok(vec![Item::count(scope.row)]),
        Expr::Resource => Ok(vec![Item::resource(scope.resource)]),
        Expr::Chain(head, steps) => chain(head, steps, focus, scope),
        Expr::Negated(inner) => operator::negated(&run(inner, focus, scope)?),
        Expr::Binary(first, rest) => {
            let mut left = run(first, focus, scope)?;
            for (operator, right) in rest {
                if let Some(answer) = operator::decided(*operator, &left)? {
                    left = vec![Item::Bool(answer)];
                    continue;
                }
                let right = run(right, focus, scope)?;
                left = charged(operator::apply(*operator, left, right, scope.fuel)?, scope)?;
            }
            Ok(left)
        }
    }
}

fn chain<'a>(
    head: &'a Expr,
    steps: &'a [Step],
    focus: Focus<'a, '_>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    let (mut items, steps) = match (head, steps) {
        // The focus in front of a chain is not copied.
        (Expr::This, [first, rest @ ..]) => (step(first, Input::Focus, focus, scope)?, rest),
        _ => (run(head, focus, scope)?, steps),
    };
    for next in steps {
        items = step(next, Input::Items(items), focus, scope)?;
    }
    Ok(items)
}

/// Computed texts cost as much as they are long.
fn charged<'a>(items: Items<'a>, scope: Scope<'a, '_>) -> Answer<'a> {
    few(items.len())?;
    for item in &items {
        scope.fuel.burn(item.weight())?;
    }
    Ok(items)
}

/// What a step works on.
enum Input<'a> {
    Focus,
    Items(Items<'a>),
}

impl<'a> Input<'a> {
    fn items(self, focus: Focus<'a, '_>) -> Items<'a> {
        match self {
            Input::Focus => focus.this.to_vec(),
            Input::Items(items) => items,
        }
    }
}

fn step<'a>(
    step: &'a Step,
    input: Input<'a>,
    focus: Focus<'a, '_>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    match step {
        Step::Member(member) => {
            let mut found = Vec::new();
            let items = match &input {
                Input::Focus => focus.this,
                Input::Items(items) => items,
            };
            let mut work = items.len();
            for item in items {
                // Looking at a name costs less than a step.
                work += element::member(item, member, &mut found)? / 16;
                few(found.len())?;
            }
            scope.fuel.burn(work.saturating_add(found.len()))?;
            Ok(found)
        }
        Step::Index(index) => {
            let index = whole(&run(index, focus, scope)?, "an index")?;
            Ok(index.map_or_else(Vec::new, |index| many::at(input.items(focus), index)))
        }
        Step::Call(call) => {
            let found = called(call, input.items(focus), focus, scope)?;
            charged(found, scope)
        }
    }
}

fn called<'a>(
    call: &'a Call,
    items: Items<'a>,
    focus: Focus<'a, '_>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    scope.fuel.burn(items.len().saturating_add(1))?;
    match (call.function, call.arguments.as_slice()) {
        (F::Exists, []) => Ok(vec![Item::Bool(!items.is_empty())]),
        (F::Exists, [criterion]) => {
            let mut found = false;
            filter(&items, criterion, scope, |_| {
                found = true;
                false
            })?;
            Ok(vec![Item::Bool(found)])
        }
        (F::Where, [criterion]) => {
            let mut kept = Vec::new();
            filter(&items, criterion, scope, |item| {
                kept.push(item.clone());
                true
            })?;
            Ok(kept)
        }
        (F::All, [criterion]) => all(&items, criterion, scope),
        (F::Select, [projection]) => select(&items, projection, scope),
        (F::Repeat, [projection]) => repeat(&items, projection, scope),
        (F::Iif, [condition, yes, no @ ..]) => iif(&items, condition, yes, no.first(), scope),
        _ => plain(call, items, focus, scope),
    }
}

/// Hands on each item that meets the criterion, while `on` asks for more.
fn filter<'a>(
    items: &[Item<'a>],
    criterion: &'a Expr,
    scope: Scope<'a, '_>,
    mut on: impl FnMut(&Item<'a>) -> bool,
) -> Result<(), EvalError> {
    for (index, item) in items.iter().enumerate() {
        let this = std::slice::from_ref(item);
        let met = run(criterion, Focus { this, index }, scope)?;
        if truth(&met, "a criterion")? == Some(true) && !on(item) {
            break;
        }
    }
    Ok(())
}

fn all<'a>(items: &[Item<'a>], criterion: &'a Expr, scope: Scope<'a, '_>) -> Answer<'a> {
    for (index, item) in items.iter().enumerate() {
        let this = std::slice::from_ref(item);
        let met = run(criterion, Focus { this, index }, scope)?;
        if truth(&met, "all()")? != Some(true) {
            return Ok(vec![Item::Bool(false)]);
        }
    }
    Ok(vec![Item::Bool(true)])
}

fn select<'a>(items: &[Item<'a>], projection: &'a Expr, scope: Scope<'a, '_>) -> Answer<'a> {
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let this = std::slice::from_ref(item);
        let found = run(projection, Focus { this, index }, scope)?;
        scope.fuel.burn(found.len())?;
        few(out.len().saturating_add(found.len()))?;
        out.extend(found);
    }
    Ok(out)
}

/// `repeat`: level by level, until nothing new is found.
fn repeat<'a>(items: &[Item<'a>], projection: &'a Expr, scope: Scope<'a, '_>) -> Answer<'a> {
    let mut out: Items<'a> = Vec::new();
    let mut level = select(items, projection, scope)?;
    while !level.is_empty() {
        let mut fresh = Vec::new();
        for item in level {
            if many::is_new(&item, &out, scope.fuel)? {
                out.push(item.clone());
                fresh.push(item);
            }
        }
        level = select(&fresh, projection, scope)?;
    }
    Ok(out)
}

/// `iif`: only the branch that is taken is evaluated.
fn iif<'a>(
    items: &[Item<'a>],
    condition: &'a Expr,
    yes: &'a Expr,
    no: Option<&'a Expr>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    single(items, "iif()")?;
    let focus = Focus {
        this: items,
        index: 0,
    };
    let met = truth(&run(condition, focus, scope)?, "iif()")?;
    match (met, no) {
        (Some(true), _) => run(yes, focus, scope),
        (_, Some(no)) => run(no, focus, scope),
        (_, None) => Ok(Vec::new()),
    }
}

/// Functions whose arguments are values.
fn plain<'a>(
    call: &'a Call,
    items: Items<'a>,
    focus: Focus<'a, '_>,
    scope: Scope<'a, '_>,
) -> Answer<'a> {
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(run(argument, focus, scope)?);
    }
    function::call(call, items, &arguments, scope.fuel)
}
