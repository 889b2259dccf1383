//! From a document to the program that the circuit opens (SPEC section 6). Deterministic; the
//! contract and every client run the same.

use ark_ff::AdditiveGroup;
use std::collections::BTreeSet;

use super::code::{AlternativeCode, BlockCode, ClauseCode, Header, Op, Req};
use super::document::{
    AlternativeDocument, ClauseDocument, Operand, PolicyDocument, Verb, VisaDocument, Word,
};
use super::{Alternative, CLAUSES, OPERANDS, PolicyError, PolicyProblem, Program, set_root};
use crate::field::{Felt, Fr};
use crate::visa::{self, By, DAY_BITS, Slot, SlotType, codes, day};

/// Compiles canonical JSON.
///
/// **Errors**: everything that is wrong with the document, each with its path; a text that is not
/// canonical.
pub fn compile(canonical_json: &str) -> Result<Program, PolicyError> {
    compile_document(PolicyDocument::from_canonical(canonical_json)?)
}

/// Compiles a document.
///
/// **Errors**: everything that does not compile, each with its path.
pub fn compile_document(document: PolicyDocument) -> Result<Program, PolicyError> {
    let most = document
        .alternatives
        .iter()
        .map(|a| a.visas.len())
        .max()
        .unwrap_or(0);
    let mut compiler = Compiler {
        tier: if most <= 1 { 1 } else { 4 },
        problems: Vec::new(),
    };
    let alternatives: Vec<_> = document
        .alternatives
        .iter()
        .enumerate()
        .map(|(i, a)| compiler.alternative(i, a))
        .collect();
    if compiler.problems.is_empty() {
        Ok(Program {
            document,
            tier: compiler.tier,
            alternatives,
        })
    } else {
        Err(PolicyError(compiler.problems))
    }
}

/// The list of the one path clause of an alternative.
struct Long {
    visa: u8,
    slot: Slot,
    set: Vec<Felt>,
}

struct Compiler {
    tier: u8,
    problems: Vec<PolicyProblem>,
}

impl Compiler {
    fn problem(&mut self, at: &str, what: impl Into<String>) {
        self.problems.push(PolicyProblem {
            at: at.to_owned(),
            what: what.into(),
        });
    }

    fn alternative(&mut self, i: usize, document: &AlternativeDocument) -> Alternative {
        let at = format!("alternatives[{i}]");
        if !document
            .visas
            .first()
            .is_some_and(|visa| visa.schema.is_anchor())
        {
            self.problem(
                &format!("{at}.visas[0].schema"),
                "expected affiliation: the first visa is the anchor",
            );
        }
        let mut long = None;
        let mut blocks: Vec<BlockCode> = (0u8..)
            .zip(&document.visas)
            .map(|(v, visa)| self.block(&format!("{at}.visas[{v}]"), v, visa, &mut long))
            .collect();
        let visas = blocks.len() as u8;
        blocks.resize(usize::from(self.tier), BlockCode::default());
        let header = Header {
            tier: self.tier,
            visas,
            require_study: document.require_study,
            require_institution: document.require_institution,
            distinct_issuers: document.distinct_issuers,
            path: long.as_ref().map(|long: &Long| (long.visa, long.slot)),
        };
        let set = long.map_or_else(Vec::new, |long| long.set);
        let path_root = if set.is_empty() {
            Fr::ZERO
        } else {
            set_root(&set)
        };
        Alternative {
            code: AlternativeCode {
                header: header.encode(),
                path_root,
                blocks,
            },
            set,
        }
    }

    fn block(
        &mut self,
        at: &str,
        visa: u8,
        document: &VisaDocument,
        long: &mut Option<Long>,
    ) -> BlockCode {
        let mut codes = Vec::new();
        for clause in &document.clauses {
            let at = format!("{at}.{}.{}", clause.word.text(), clause.verb.text());
            match compile_clause(clause) {
                Err(what) => self.problem(&at, what),
                Ok(Compiled::Code(code)) => codes.push(code),
                Ok(Compiled::Long(set)) if long.is_none() => {
                    *long = Some(Long {
                        visa,
                        slot: clause.word.slot(),
                        set,
                    })
                }
                Ok(Compiled::Long(_)) => {
                    self.problem(
                        &at,
                        format!("expected at most {OPERANDS} values: another list of this alternative is already the long one"),
                    );
                }
            }
        }
        if codes.len() > CLAUSES {
            self.problem(
                at,
                format!(
                    "expected at most {CLAUSES} clauses beside one long list, got {}",
                    codes.len()
                ),
            );
        }
        let clauses = std::array::from_fn(|i| codes.get(i).copied().unwrap_or_default());
        BlockCode {
            schema: document.schema.id().felt().0,
            group: visa::group_hash(&document.group).0,
            clauses,
        }
    }
}

/// One clause: its code, or the list of the path clause.
pub(crate) enum Compiled {
    Code(ClauseCode),
    Long(Vec<Felt>),
}

/// Compiles one clause; otherwise what was expected.
pub(crate) fn compile_clause(clause: &ClauseDocument) -> Result<Compiled, String> {
    let slot = clause.word.slot();
    let code = |op, operands| {
        Ok(Compiled::Code(ClauseCode::new(
            slot,
            op,
            Req::None,
            operands,
        )))
    };
    let pair = |low: Fr, high: Fr| [low, high, Fr::ZERO, Fr::ZERO];
    check_verb(clause)?;
    match clause.verb {
        Verb::Exists => code(Op::Exists, [Fr::ZERO; OPERANDS]),
        Verb::Eq | Verb::In | Verb::NotIn => compile_list(clause),
        Verb::DescendsFrom => {
            let (low, high) =
                codes::disease_range(clause.operands[0].text()).ok_or(UNKNOWN_DISEASE)?;
            code(Op::Range, pair(Fr::from(low), Fr::from(high)))
        }
        Verb::Range | Verb::AtLeast | Verb::AtMost => {
            let values = clause
                .operands
                .iter()
                .map(|o| text_value(clause.word, o.text()))
                .collect::<Result<Vec<_>, _>>()?;
            let greatest = Fr::from((1u64 << slot.kind().bits().unwrap_or(DAY_BITS)) - 1);
            let (low, high) = match (clause.verb, &values[..]) {
                (Verb::Range, [low, high]) => (*low, end_of(clause, *high)),
                (Verb::AtLeast, [low]) => (*low, greatest),
                (Verb::AtMost, [high]) => (Fr::from(1u64), *high),
                _ => return Err("expected two values: from and to".to_owned()),
            };
            if low > high {
                return Err("expected from before to".to_owned());
            }
            code(Op::Range, pair(low, high))
        }
        Verb::Subset | Verb::Superset => {
            let mut bits = clause.operands.iter().map(|o| permission(o.text()));
            let bitmap =
                bits.try_fold(0u32, |bitmap, bit| Ok::<_, String>(bitmap | 1u32 << bit?))?;
            let op = if clause.verb == Verb::Subset {
                Op::Subset
            } else {
                Op::Superset
            };
            code(op, pair(Fr::from(bitmap), Fr::ZERO))
        }
    }
}

/// The last value that a range's end covers: a disease covers what is below it.
fn end_of(clause: &ClauseDocument, high: Fr) -> Fr {
    let below = clause
        .operands
        .last()
        .and_then(|o| codes::disease_range(o.text()))
        .filter(|_| clause.word == Word::Disease);
    below.map_or(high, |(_, last)| Fr::from(last))
}

const UNKNOWN_DISEASE: &str = "expected a disease code, such as IV, E11 or E11.9";

/// Bit of a data-use permission.
fn permission(code: &str) -> Result<u32, String> {
    codes::permission(code).ok_or_else(|| {
        let known = codes::known_permissions().join(", ");
        format!("expected data-use permission codes of {known}, got \"{code}\"")
    })
}

/// Whether the operator fits the slot, and request values stand only where they may.
fn check_verb(clause: &ClauseDocument) -> Result<(), String> {
    let kind = clause.word.slot().kind();
    let fits: &[Verb] = match (clause.word, kind) {
        (Word::Disease, _) => &[
            Verb::Eq,
            Verb::In,
            Verb::NotIn,
            Verb::DescendsFrom,
            Verb::Range,
            Verb::Exists,
        ],
        (_, SlotType::Day) => &[Verb::Range, Verb::AtLeast, Verb::AtMost, Verb::Eq],
        (_, SlotType::Bitmap) => &[Verb::Subset, Verb::Superset],
        _ => &[Verb::Eq, Verb::In, Verb::NotIn, Verb::Exists],
    };
    if !fits.contains(&clause.verb) {
        let known: Vec<_> = fits.iter().map(|verb| verb.text()).collect();
        return Err(format!(
            "does not fit {}; expected one of {}",
            clause.word.text(),
            known.join(", ")
        ));
    }
    let lists = matches!(clause.verb, Verb::Eq | Verb::In | Verb::NotIn);
    for (i, operand) in clause.operands.iter().enumerate() {
        let Operand::Request(req) = operand else {
            continue;
        };
        if !lists || i > 0 {
            return Err(
                "a value of the request may only be the first operand of eq, in or not_in"
                    .to_owned(),
            );
        }
        let word = match req {
            Req::Study | Req::None => Word::Study,
            Req::Purpose => Word::Value,
            Req::Disease => Word::Disease,
            Req::Region => Word::Region,
            Req::Submitter => Word::Institution,
        };
        if clause.word != word {
            return Err(format!(
                "{} compares with {}, not with {}",
                operand.text(),
                word.text(),
                clause.word.text()
            ));
        }
    }
    Ok(())
}

/// `eq`, `in` and `not_in`; a longer `in` is the path clause's list.
fn compile_list(clause: &ClauseDocument) -> Result<Compiled, String> {
    let mut req = Req::None;
    let mut values = Vec::new();
    for operand in &clause.operands {
        match operand {
            Operand::Request(value) => req = *value,
            Operand::Text(text) => values.push(text_value(clause.word, text)?),
        }
    }
    if values
        .iter()
        .map(|v| Felt(*v))
        .collect::<BTreeSet<_>>()
        .len()
        < values.len()
    {
        return Err("expected different values".to_owned());
    }
    let room = if req == Req::None {
        OPERANDS
    } else {
        OPERANDS - 1
    };
    if values.len() > room {
        let long = clause.verb == Verb::In && req == Req::None && clause.word != Word::Conditions;
        return if long {
            Ok(Compiled::Long(values.into_iter().map(Felt).collect()))
        } else {
            Err(format!("expected at most {room} values here"))
        };
    }
    let op = match clause.verb {
        Verb::NotIn => Op::NotIn,
        Verb::In if clause.operands.len() > 1 => Op::In,
        _ => Op::Eq,
    };
    // Fewer operands repeat the first written one; `eq` leaves the others 0.
    let filler = if op == Op::Eq {
        Fr::ZERO
    } else {
        values.first().copied().unwrap_or(Fr::ZERO)
    };
    let mut operands = [filler; OPERANDS];
    let start = usize::from(req != Req::None);
    if start == 1 {
        operands[0] = Fr::ZERO;
    }
    operands[start..]
        .iter_mut()
        .zip(values)
        .for_each(|(slot, value)| *slot = value);
    Ok(Compiled::Code(ClauseCode::new(
        clause.word.slot(),
        op,
        req,
        operands,
    )))
}

/// The element of a text, by what it speaks of.
fn text_value(word: Word, text: &str) -> Result<Fr, String> {
    let code =
        |code: Option<u32>, expected: &str| code.map(Fr::from).ok_or_else(|| expected.to_owned());
    match word {
        Word::Asserted | Word::Expiry => code(
            day::parse(text).map(|day| day.0),
            "expected a date, such as 2026-01-31",
        ),
        Word::By => code(
            By::parse(text).map(By::code),
            "expected self, peer, system, so or dac",
        ),
        Word::Disease => code(codes::disease(text), UNKNOWN_DISEASE),
        Word::Permissions => permission(text).map(Fr::from),
        Word::Conditions => Ok(visa::conditions_hash(text).0),
        Word::Institution => Ok(visa::msp_hash(text).0),
        Word::Region => Ok(visa::region_hash(text).0),
        Word::Role => Ok(visa::role_hash(text).0),
        Word::Source => Ok(visa::source_hash(text).0),
        Word::Study => Ok(visa::study_hash(text).0),
        Word::Value => Ok(visa::value_hash(text).0),
    }
}
