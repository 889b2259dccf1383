//! Words to a tree, by the ranks of the operators.

use super::PathError;
use super::ast::{Call, Expr, Literal, Member, Operator, Space, Step, TypeName};
use super::function::{self, Function, Takes};
use super::lexer::{self, Token};
use super::pattern::pattern;
use super::rank::operator;
use super::{forms, resources, types};
use crate::temporal::Unit;

/// Longest expression in bytes.
const MAX_LENGTH: usize = 16 * 1024;
/// Deepest tree.
const MAX_DEPTH: usize = 64;

/// Finds the value of a constant.
pub(crate) type Constants<'c> = dyn Fn(&str) -> Option<Literal> + 'c;

/// Reads an expression. Constants become literals, and one that is not defined is refused.
pub(crate) fn parse(text: &str, constants: &Constants<'_>) -> Result<Expr, PathError> {
    if text.len() > MAX_LENGTH {
        return Err(PathError::TooLong { limit: MAX_LENGTH });
    }
    let mut parser = Parser {
        words: lexer::words(text)?,
        next: 0,
        end: text.len(),
        depth: 0,
        constants,
    };
    let expr = parser.expression(0)?;
    if parser.peek().is_some() {
        return Err(parser.expected("the end of the expression"));
    }
    if expr.height() > MAX_DEPTH {
        return Err(PathError::TooDeep { limit: MAX_DEPTH });
    }
    Ok(expr)
}

/// Adds an operator behind what was read; one more of the same rank joins the list.
fn joined(left: Expr, rank: u8, last: &mut u8, operator: Operator, right: Expr) -> Expr {
    match left {
        Expr::Binary(first, mut rest) if *last == rank => {
            rest.push((operator, right));
            Expr::Binary(first, rest)
        }
        left => {
            *last = rank;
            Expr::Binary(Box::new(left), vec![(operator, right)])
        }
    }
}

/// Adds a step behind an expression.
fn stepped(expr: Expr, step: Step) -> Expr {
    match expr {
        Expr::Chain(head, mut steps) => {
            steps.push(step);
            Expr::Chain(head, steps)
        }
        head => Expr::Chain(Box::new(head), vec![step]),
    }
}

fn member(name: String, may_be_type: bool) -> Step {
    Step::Member(Member {
        choice: types::is_choice(&name),
        one_of: forms::one_of(&name),
        of: types::element_type(&name),
        may_be_type: may_be_type && name.starts_with(|c: char| c.is_ascii_uppercase()),
        name,
    })
}

struct Parser<'c> {
    words: Vec<(Token, usize)>,
    next: usize,
    end: usize,
    depth: usize,
    constants: &'c Constants<'c>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.words.get(self.next).map(|(token, _)| token)
    }

    fn expected(&self, expected: &'static str) -> PathError {
        let at = self.words.get(self.next).map_or(self.end, |(_, at)| *at);
        PathError::Expected { expected, at }
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.next += usize::from(found);
        found
    }

    fn need(&mut self, symbol: &'static str) -> Result<(), PathError> {
        if self.eat(symbol) {
            return Ok(());
        }
        Err(self.expected(symbol))
    }

    fn name(&mut self) -> Result<String, PathError> {
        let Some(Token::Name(name) | Token::Quoted(name)) = self.peek() else {
            return Err(self.expected("a name"));
        };
        let name = name.clone();
        self.next += 1;
        Ok(name)
    }

    /// Operators of at least this rank.
    fn expression(&mut self, least: u8) -> Result<Expr, PathError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(PathError::TooDeep { limit: MAX_DEPTH });
        }
        let mut left = self.signed()?;
        let mut last = 0;
        while let Some((operator, rank)) = self.peek().and_then(operator) {
            if rank < least {
                break;
            }
            let Some(operator) = operator else {
                left = self.typed(left)?;
                last = 0;
                continue;
            };
            self.next += 1;
            let right = self.expression(rank + 1)?;
            left = joined(left, rank, &mut last, operator, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    /// `is` or `as` and the type behind it.
    fn typed(&mut self, left: Expr) -> Result<Expr, PathError> {
        let function = match self.name()?.as_str() {
            "is" => Function::Is,
            _ => Function::As,
        };
        let of = Some(self.type_name()?);
        let call = Call {
            function,
            arguments: Vec::new(),
            of,
            pattern: None,
        };
        Ok(stepped(left, Step::Call(call)))
    }

    /// Signs bind less than a dot: `-7.abs()` is minus seven.
    fn signed(&mut self) -> Result<Expr, PathError> {
        let mut negative = false;
        loop {
            if self.eat("-") {
                negative = !negative;
            } else if !self.eat("+") {
                break;
            }
        }
        let inner = self.chain()?;
        Ok(match inner {
            inner if !negative => inner,
            Expr::Literal(Literal::Number(n)) => Expr::Literal(Literal::Number(n.negated())),
            inner => Expr::Negated(Box::new(inner)),
        })
    }

    fn chain(&mut self) -> Result<Expr, PathError> {
        let mut expr = self.head()?;
        loop {
            if self.eat(".") {
                let step = self.step(false)?;
                expr = stepped(expr, step);
            } else if self.eat("[") {
                let index = self.expression(0)?;
                self.need("]")?;
                expr = stepped(expr, Step::Index(index));
            } else {
                return Ok(expr);
            }
        }
    }

    fn head(&mut self) -> Result<Expr, PathError> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.expected("an expression"));
        };
        let literal = match token {
            Token::Text(text) => Literal::Text(text),
            Token::Temporal(temporal) => Literal::Temporal(temporal),
            Token::Number(number) => {
                self.next += 1;
                return Ok(Expr::Literal(self.quantity(number)));
            }
            Token::Name(name) if name == "true" || name == "false" => Literal::Bool(name == "true"),
            Token::Name(_) | Token::Quoted(_) => {
                let step = self.step(true)?;
                return Ok(stepped(Expr::This, step));
            }
            Token::Dollar(name) => return self.dollar(&name),
            Token::Constant(name) => return self.constant(name),
            Token::Symbol(_) => return self.bracket(),
        };
        self.next += 1;
        Ok(Expr::Literal(literal))
    }

    fn bracket(&mut self) -> Result<Expr, PathError> {
        if self.eat("{") {
            self.need("}")?;
            return Ok(Expr::Nothing);
        }
        if !self.eat("(") {
            return Err(self.expected("an expression"));
        }
        let inner = self.expression(0)?;
        self.need(")")?;
        Ok(inner)
    }

    fn dollar(&mut self, name: &str) -> Result<Expr, PathError> {
        let expr = match name {
            "this" => Expr::This,
            "index" => Expr::Index,
            _ => return Err(self.expected("$this or $index")),
        };
        self.next += 1;
        Ok(expr)
    }

    fn constant(&mut self, name: String) -> Result<Expr, PathError> {
        self.next += 1;
        if let Some(literal) = (self.constants)(&name) {
            return Ok(Expr::Literal(literal));
        }
        let url = match name.as_str() {
            "rowIndex" => return Ok(Expr::RowIndex),
            "resource" | "rootResource" | "context" => return Ok(Expr::Resource),
            "ucum" => "http://unitsofmeasure.org",
            "sct" => "http://snomed.info/sct",
            "loinc" => "http://loinc.org",
            _ => return Err(PathError::Constant { name }),
        };
        Ok(Expr::Literal(Literal::Text(url.to_owned())))
    }

    /// A unit behind a number makes a quantity of it.
    fn quantity(&mut self, number: crate::decimal::Decimal) -> Literal {
        let unit = match self.peek() {
            Some(Token::Text(unit)) => Some(unit.clone()),
            Some(Token::Name(word)) if Unit::of(word).is_some() => Some(word.clone()),
            _ => None,
        };
        self.next += usize::from(unit.is_some());
        match unit {
            Some(unit) => Literal::Quantity(number, unit),
            None => Literal::Number(number),
        }
    }

    /// A name or a call. `head` says that no dot stands in front.
    fn step(&mut self, head: bool) -> Result<Step, PathError> {
        let name = self.name()?;
        if !self.eat("(") {
            return Ok(member(name, head));
        }
        let Some((function, takes)) = function::lookup(&name) else {
            return Err(match function::refused(&name) {
                Some(reason) => PathError::Refused { name, reason },
                None => PathError::Function { name },
            });
        };
        let mut call = Call {
            function,
            arguments: Vec::new(),
            of: None,
            pattern: None,
        };
        match takes {
            Takes::Type => call.of = Some(self.type_name()?),
            Takes::TypeOrNothing => {
                let closed = matches!(self.peek(), Some(Token::Symbol(")")));
                call.of = if closed {
                    None
                } else {
                    Some(self.type_name()?)
                };
            }
            Takes::Values(least, most) => self.arguments(&mut call, name, least, most)?,
        }
        self.need(")")?;
        Ok(Step::Call(call))
    }

    fn arguments(
        &mut self,
        call: &mut Call,
        name: String,
        least: usize,
        most: usize,
    ) -> Result<(), PathError> {
        if !matches!(self.peek(), Some(Token::Symbol(")"))) {
            call.arguments.push(self.expression(0)?);
            while self.eat(",") {
                call.arguments.push(self.expression(0)?);
            }
        }
        let got = call.arguments.len();
        if !(least..=most).contains(&got) {
            return Err(PathError::Arguments {
                name,
                least,
                most,
                got,
            });
        }
        let matching = matches!(call.function, Function::Matches | Function::ReplaceMatches);
        if let (true, Some(Expr::Literal(Literal::Text(text)))) = (matching, call.arguments.first())
        {
            let compiled = pattern(text).ok_or(PathError::Pattern { name })?;
            call.pattern = Some(compiled);
        }
        Ok(())
    }

    /// `Quantity`, `FHIR.Quantity` or `System.Quantity`.
    fn type_name(&mut self) -> Result<TypeName, PathError> {
        let mut name = self.name()?;
        let mut space = Space::Either;
        if self.eat(".") {
            space = match name.as_str() {
                "FHIR" => Space::Fhir,
                "System" => Space::System,
                _ => return Err(PathError::Type { name }),
            };
            name = self.name()?;
        }
        let fhir = types::data_type(&name).is_some() || resources::is_resource(&name);
        let known = match space {
            Space::Fhir => fhir,
            Space::System => types::is_system(&name),
            Space::Either => fhir || types::is_system(&name),
        };
        if known {
            return Ok(TypeName { space, name });
        }
        Err(PathError::Type { name })
    }
}

#[cfg(test)]
mod tests;
