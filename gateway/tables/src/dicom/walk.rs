//! Goes through the elements of a file once, in their order, and keeps the values that are asked
//! for. Everything else is passed over unread.
//!
//! Source: DICOM PS3.5, sections 7 and A.4; PS3.10, section 7. No recursion: how deep sequences may
//! stand in each other is bounded by the stack kept here. Own code, and not `dicom-object`: that
//! one builds the whole data set in memory, recursively.

use super::charset::Charset;
use super::element::{self, Header, ITEM, ITEM_END, SEQUENCE_END, Syntax};
use super::frame::{self, DataSet, Frame, Inherited, Sequence, Target, Want};
use super::pixels::{self, Ask, Pixels};
use super::settings::DicomLimits;
use super::source::{Fault, Source};
use super::value::{Context, Index};
use crate::table::Scalar;
use dicom_core::dictionary::VirtualVr;
use dicom_core::{Tag, VR};
use std::rc::Rc;

const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);

struct Walk<'a> {
    source: &'a mut Source,
    targets: &'a [Target<'a>],
    limits: &'a DicomLimits,
    stack: Vec<Frame>,
    values: Vec<Scalar>,
    ask: Ask,
    pixels: Pixels,
    /// Ends before the first element of another group.
    is_meta: bool,
}

/// What is read of a data set: a value for each target, in their order.
pub(super) struct Found {
    pub values: Vec<Scalar>,
    pub pixels: Pixels,
}

/// Reads the elements of group 2, which stand before the data set.
pub(super) fn group_2(
    source: &mut Source,
    targets: &[Target<'_>],
    limits: &DicomLimits,
) -> Result<Vec<Scalar>, Fault> {
    let syntax = Syntax::ExplicitLittle;
    let mut walk = Walk::new(source, syntax, targets, Ask::Nothing, limits);
    walk.is_meta = true;
    walk.run()?;
    Ok(walk.values)
}

/// Reads a data set to the end of the file.
pub(super) fn data_set(
    source: &mut Source,
    syntax: Syntax,
    targets: &[Target<'_>],
    ask: Ask,
    limits: &DicomLimits,
) -> Result<Found, Fault> {
    let mut walk = Walk::new(source, syntax, targets, ask, limits);
    walk.run()?;
    Ok(Found {
        values: walk.values,
        pixels: walk.pixels,
    })
}

impl<'a> Walk<'a> {
    fn new(
        source: &'a mut Source,
        syntax: Syntax,
        targets: &'a [Target<'a>],
        ask: Ask,
        limits: &'a DicomLimits,
    ) -> Walk<'a> {
        let own = Inherited {
            syntax,
            charset: Rc::new(Ok(Charset::default())),
            signed: None,
            bound: None,
        };
        let wants = (0..targets.len())
            .map(|target| Want { target, step: 0 })
            .collect();
        Walk {
            source,
            targets,
            limits,
            stack: vec![Frame::DataSet(DataSet::new(own, None, wants))],
            values: targets.iter().map(|_| Scalar::Null).collect(),
            ask,
            pixels: Pixels::default(),
            is_meta: false,
        }
    }

    fn run(&mut self) -> Result<(), Fault> {
        while let Some(frame) = self.stack.last() {
            let is_top = self.stack.len() == 1;
            let (end, syntax) = match frame {
                Frame::DataSet(data) => (data.end, data.own.syntax),
                Frame::Sequence(sequence) => (sequence.end, sequence.own.syntax),
            };
            let pos = self.source.pos();
            let is_done = match end {
                Some(end) if pos > end => {
                    return Err(Fault::What(format!(
                        "byte {pos}: an element reaches past the end of what it is in"
                    )));
                }
                Some(end) => pos == end,
                None if is_top && self.is_meta => self.source.peek_group()? != Some(2),
                None => is_top && self.source.at_end()?,
            };
            if is_done {
                self.stack.pop();
                continue;
            }
            let head = element::header(self.source, syntax)?;
            match frame_of(&self.stack) {
                Some(Frame::Sequence(_)) => self.item(head)?,
                _ if head.tag == ITEM_END && end.is_none() && !is_top => {
                    self.stack.pop();
                }
                _ => self.element(head)?,
            }
        }
        Ok(())
    }

    /// The head of an item, or the end of a sequence.
    fn item(&mut self, head: Header) -> Result<(), Fault> {
        let bound = self.end_of(&head)?;
        let Some(Frame::Sequence(sequence)) = self.stack.last_mut() else {
            return Ok(());
        };
        if head.tag == SEQUENCE_END && sequence.end.is_none() {
            self.stack.pop();
            return Ok(());
        }
        if head.tag != ITEM {
            return Err(head.fault("expected an item of a sequence"));
        }
        let item = sequence.items;
        sequence.items = item.saturating_add(1);
        let mut wants = Vec::new();
        for want in &sequence.wants {
            let target = self.targets.get(want.target);
            let index = target
                .and_then(|t| t.path.steps.get(want.step))
                .map(|s| s.index);
            if index == Some(Index::Only) && item == 1 {
                let name = target.map_or("", |t| t.name);
                let what = format!("column {name}: expected one item: name one, as `[0]`");
                return Err(head.fault(&what));
            }
            if index == Some(Index::At(item)) || (index == Some(Index::Only) && item == 0) {
                let step = want.step + 1;
                wants.push(Want { step, ..*want });
            }
        }
        match bound {
            Some(_) if wants.is_empty() => self.source.skip(head.length.unwrap_or(0)),
            _ => {
                let mut own = sequence.own.clone();
                own.bound = bound.or(own.bound);
                self.push(&head, Frame::DataSet(DataSet::new(own, bound, wants)))
            }
        }
    }

    fn push(&mut self, head: &Header, frame: Frame) -> Result<(), Fault> {
        if self.stack.len() > self.limits.nesting {
            let most = self.limits.nesting;
            return Err(head.fault(&format!(
                "expected at most {most} sequences and items inside each other"
            )));
        }
        self.stack.push(frame);
        Ok(())
    }

    /// Where a value ends; none for an undefined length. **Errors**: past what it is in.
    fn end_of(&self, head: &Header) -> Result<Option<u64>, Fault> {
        let bound = match self.stack.last() {
            Some(Frame::DataSet(data)) => data.own.bound,
            Some(Frame::Sequence(sequence)) => sequence.own.bound,
            None => None,
        };
        let end = head
            .length
            .map(|length| self.source.pos() + u64::from(length));
        match (end, bound) {
            (Some(end), Some(bound)) if end > bound => {
                Err(head.fault("a length reaches past the end of what it is in"))
            }
            _ => Ok(end),
        }
    }

    fn element(&mut self, head: Header) -> Result<(), Fault> {
        let end = self.end_of(&head)?;
        let Some(Frame::DataSet(data)) = self.stack.last_mut() else {
            return Ok(());
        };
        if head.tag.group() == 0xfffe {
            return Err(head.fault("expected an element, got an item or a delimiter"));
        }
        // Two elements with one tag would leave open which one counts.
        if data.previous.is_some_and(|previous| previous >= head.tag) {
            return Err(head.fault("expected the elements in ascending order, each once"));
        }
        data.previous = Some(head.tag);
        let wants = data.matches(&head, self.targets)?;
        let is_sequence = head.is(VR::SQ) || (head.is(VR::UN) && end.is_none());
        match (end, head.length) {
            _ if is_sequence => self.sequence(&head, end, wants),
            (_, None) => self.fragments(&head, &wants),
            (_, Some(length)) => self.value(&head, length, &wants),
        }
    }

    fn sequence(&mut self, head: &Header, end: Option<u64>, wants: Vec<Want>) -> Result<(), Fault> {
        if let Some(name) = wants.iter().find_map(|want| self.leaf(want)) {
            let what = format!("column {name}: expected a value, got a sequence");
            return Err(head.fault(&what));
        }
        if let (Some(length), true) = (head.length, wants.is_empty()) {
            return self.source.skip(length);
        }
        let Some(Frame::DataSet(data)) = self.stack.last() else {
            return Ok(());
        };
        let mut own = data.own.clone();
        own.bound = end.or(own.bound);
        // PS3.5, section 6.2.2, note 2: a sequence of unknown type is written in implicit VR.
        if head.is(VR::UN) {
            own.syntax = Syntax::ImplicitLittle;
        }
        self.push(
            head,
            Frame::Sequence(Sequence {
                own,
                end,
                items: 0,
                wants,
            }),
        )
    }

    /// The target's name, if its path ends here.
    fn leaf(&self, want: &Want) -> Option<&'a str> {
        let target = self.targets.get(want.target)?;
        (want.step + 1 == target.path.steps.len()).then_some(target.name)
    }

    fn value(&mut self, head: &Header, length: u32, wants: &[Want]) -> Result<(), Fault> {
        let is_top = self.stack.len() == 1;
        if head.tag == PIXEL_DATA && is_top && wants.is_empty() {
            self.pixels = pixels::native(self.source, length, self.ask)?;
            return Ok(());
        }
        let Some(Frame::DataSet(data)) = self.stack.last_mut() else {
            return Ok(());
        };
        let is_own = data.is_own(head.tag, self.targets);
        if wants.is_empty() && !is_own {
            return self.source.skip(length);
        }
        if length > self.limits.value_bytes {
            return Err(self.too_long(head, length, wants));
        }
        let bytes = self.source.value(length)?;
        data.keep(head, &bytes);
        let context = Context {
            syntax: data.own.syntax,
            charset: &data.own.charset,
            signed: data.own.signed,
        };
        for want in wants {
            let Some(target) = self.targets.get(want.target) else {
                continue;
            };
            let value = frame::read(target, want.step, head, &bytes, &context)
                .map_err(|what| head.fault(&format!("column {}: {what}", target.name)))?;
            if let Some(place) = self.values.get_mut(want.target) {
                *place = value;
            }
        }
        Ok(())
    }

    fn too_long(&self, head: &Header, length: u32, wants: &[Want]) -> Fault {
        let names = wants
            .iter()
            .filter_map(|want| self.targets.get(want.target));
        let name = names.map(|t| format!("column {}: ", t.name)).next();
        let (name, most) = (name.unwrap_or_default(), self.limits.value_bytes);
        head.fault(&format!(
            "{name}expected at most {most} bytes, got {length}"
        ))
    }

    /// A value in pieces: encapsulated pixels.
    fn fragments(&mut self, head: &Header, wants: &[Want]) -> Result<(), Fault> {
        if let Some(name) = wants
            .iter()
            .filter_map(|w| self.targets.get(w.target))
            .map(|t| t.name)
            .next()
        {
            return Err(head.fault(&format!("column {name}: expected one value, got fragments")));
        }
        let may_have_pieces = head.is(VR::OB) || head.is(VR::OW) || head.vr == VirtualVr::Px;
        let Some(Frame::DataSet(data)) = self.stack.last().filter(|_| may_have_pieces) else {
            return Err(head.fault("expected a length, got an undefined one"));
        };
        let is_pixels = head.tag == PIXEL_DATA && self.stack.len() == 1;
        let ask = if is_pixels { self.ask } else { Ask::Nothing };
        let (syntax, bound) = (data.own.syntax, data.own.bound);
        let found = pixels::encapsulated(self.source, syntax, bound, ask)?;
        if is_pixels {
            self.pixels = found;
        }
        Ok(())
    }
}

/// Ends the borrow of the caller's frame.
fn frame_of(stack: &[Frame]) -> Option<&Frame> {
    stack.last()
}
