//! What stands around an element: the data set or sequence that it is in, and what of it is asked
//! for.

use super::charset::Charset;
use super::element::{Header, Syntax};
use super::path::{Name, Path};
use super::source::Fault;
use super::value::{self, Context, Index};
use crate::table::{Kind, Scalar};
use dicom_core::dictionary::VirtualVr;
use dicom_core::{Tag, VR};
use std::rc::Rc;

const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);

/// A value that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// What an error calls the value.
    pub name: &'a str,
    pub path: &'a Path,
}

/// A target that a data set or the items of a sequence may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    pub target: usize,
    pub step: usize,
}

/// What items take over from the data set around them.
#[derive(Clone)]
pub(super) struct Inherited {
    pub syntax: Syntax,
    pub charset: Rc<Result<Charset, String>>,
    pub signed: Option<bool>,
    /// Where the innermost known end is.
    pub bound: Option<u64>,
}

pub(super) struct DataSet {
    pub own: Inherited,
    /// None: a delimiter ends it; at the top, the file does.
    pub end: Option<u64>,
    pub previous: Option<Tag>,
    /// Blocks of private elements that are asked for: group, block, creator.
    blocks: Vec<(u16, u8, String)>,
    pub wants: Vec<Want>,
    /// Wants of private elements that were found.
    taken: Vec<Want>,
}

pub(super) struct Sequence {
    pub own: Inherited,
    pub end: Option<u64>,
    pub items: u32,
    /// At the step that names this sequence.
    pub wants: Vec<Want>,
}

pub(super) enum Frame {
    DataSet(DataSet),
    Sequence(Sequence),
}

/// The value of a target in an element that its path names at `step`.
pub(super) fn read(
    target: &Target<'_>,
    step: usize,
    head: &Header,
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<Scalar, String> {
    let path = target.path;
    if bytes.is_empty() {
        return Ok(Scalar::Null);
    }
    let index = path.steps.get(step).map_or(Index::Only, |step| step.index);
    if step + 1 != path.steps.len() {
        return Err(format!("expected a sequence, got {}", vr_name(head.vr)));
    }
    let kind = value::kind(head.vr);
    if path.kind != Kind::Mixed && kind.is_some_and(|kind| kind != path.kind) {
        return Err(format!(
            "expected a {}, as the standard says, got {}",
            path.kind,
            vr_name(head.vr)
        ));
    }
    value::scalar(head.vr, bytes, index, context)
}

fn vr_name(vr: VirtualVr) -> &'static str {
    vr.relaxed().to_string()
}

impl DataSet {
    pub(super) fn new(own: Inherited, end: Option<u64>, wants: Vec<Want>) -> DataSet {
        DataSet {
            own,
            end,
            previous: None,
            blocks: Vec::new(),
            wants,
            taken: Vec::new(),
        }
    }

    /// The wants whose step names this element.
    pub(super) fn matches(
        &mut self,
        head: &Header,
        targets: &[Target<'_>],
    ) -> Result<Vec<Want>, Fault> {
        let (group, element) = (head.tag.group(), head.tag.element());
        let [block, low] = element.to_be_bytes();
        let mut found = Vec::new();
        for &want in &self.wants {
            let target = targets.get(want.target);
            let Some(step) = target.and_then(|t| t.path.steps.get(want.step)) else {
                continue;
            };
            match &step.name {
                Name::Standard(tag) if *tag == head.tag => found.push(want),
                Name::Private(g, creator, e) if (*g, *e) == (group, low) => {
                    let is_block =
                        |b: &(u16, u8, String)| (b.0, b.1) == (group, block) && b.2 == *creator;
                    if !self.blocks.iter().any(is_block) {
                        continue;
                    }
                    // A creator may reserve two blocks: then its name does not tell them apart.
                    if self.taken.contains(&want) {
                        let name = target.map_or("", |t| t.name);
                        let what = format!("column {name}: expected one block of this creator");
                        return Err(head.fault(&what));
                    }
                    self.taken.push(want);
                    found.push(want);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Whether an element says how others are to be read.
    pub(super) fn is_own(&self, tag: Tag, targets: &[Target<'_>]) -> bool {
        let is_creator = tag.group() % 2 == 1 && (0x10..=0xff).contains(&tag.element());
        let is_wanted = |want: &Want| {
            let path = targets.get(want.target).map(|target| target.path);
            let step = path.and_then(|path| path.steps.get(want.step));
            let name = step.map(|step| &step.name);
            matches!(name, Some(Name::Private(group, ..)) if *group == tag.group())
        };
        matches!(tag, CHARACTER_SET | PIXEL_REPRESENTATION)
            || (is_creator && self.wants.iter().any(is_wanted))
    }

    /// Takes note of such an element.
    pub(super) fn keep(&mut self, head: &Header, bytes: &[u8]) {
        match head.tag {
            CHARACTER_SET => {
                let terms = value::plain_values(VR::CS, bytes);
                let charset = terms.and_then(|terms| {
                    Charset::of(&terms.iter().map(String::as_str).collect::<Vec<_>>())
                });
                self.own.charset = Rc::new(charset);
            }
            PIXEL_REPRESENTATION => {
                let number = bytes.try_into().map(|b| self.own.syntax.u16(b));
                self.own.signed = match number {
                    Ok(0) => Some(false),
                    Ok(1) => Some(true),
                    _ => None,
                };
            }
            Tag(group, element @ 0x10..=0xff) if group % 2 == 1 => {
                let values = value::plain_values(VR::LO, bytes).unwrap_or_default();
                if let ([creator], [_, block]) = (values.as_slice(), element.to_be_bytes()) {
                    self.blocks.push((group, block, creator.clone()));
                }
            }
            _ => {}
        }
    }
}
