//! Scripts: what a case writes on its connection, where it is cut, and how it ends.

use std::collections::BTreeSet;

use super::hostile::{ENDLESS, endless, far_too_long, filler, garbage};
use super::random::Random;
use super::{CaseId, Exchange, ExchangeError, Plan};
use crate::framing::{Codec, Framing};

/// What a case does on its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What is written; a token's placeholder stands in it.
    pub bytes: Vec<u8>,
    /// Where it is cut, in ascending order: what stands behind a cut is written once what stands before
    /// it was read. A cut at the end is followed by the finale alone.
    pub cuts: Vec<usize>,
    /// What comes behind the last byte.
    pub finale: Finale,
    /// Whether replies are read slowly, through a small receive window.
    pub slow: bool,
}

/// What comes behind the last byte of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finale {
    /// Nothing: the connection stays open.
    Nothing,
    /// The end of the stream (FIN).
    Finish,
    /// A reset (RST).
    Reset,
}

/// The cases of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cases {
    /// [`CaseId::at`] of each, ascending; `[0]` for a plan of one case.
    pub at: Vec<u64>,
    /// How many there would be if all offsets were taken, where only some are.
    pub of: Option<u64>,
}

/// The streams of an exchange: its messages in their framing.
#[derive(Debug, Clone)]
pub struct Streams {
    messages: Vec<Vec<u8>>,
    codec: Option<Codec>,
    limit: Option<usize>,
    pipelining: bool,
}

/// How long a request may be until some of its offsets are chosen, unless told otherwise: a case an
/// offset, this many take about a second.
pub const DEFAULT_OFFSETS: usize = 4096;

/// How often `half-close` is run: what fails 8 times in 100 is seen about every other time.
const HALF_CLOSES: u64 = 8;

/// The largest number of cuts that one case of `random` has.
const RANDOM_CUTS: usize = 8;

/// How many offsets around a seam are always cut in a request too long for all.
const AROUND_SEAM: usize = 16;

/// How much of a message over the limit is sent where its header announces more.
const OVERSIZE_SENT: usize = 64 * 1024;

/// The most messages that a slow reader asks for: shorter replies fill no buffer in reasonable time.
pub const MOST_REQUESTS: usize = 64 * 1024;

/// The most that a slow reader writes, unless its one request is longer: a check needs little memory
/// itself, also where large requests have small replies.
const MOST_WRITTEN: usize = 16 << 20;

impl Streams {
    /// The messages of `exchange` in its framing.
    ///
    /// # Errors
    /// An exchange that makes no sense.
    pub fn of(exchange: &Exchange) -> Result<Streams, ExchangeError> {
        exchange.verify()?;
        let codec = exchange.codec()?;
        let mut messages = Vec::new();
        for (message, payload) in exchange.messages.iter().enumerate() {
            let mut wire = Vec::new();
            match &codec {
                Some(codec) => codec.encode(payload, &mut wire).map_err(|source| {
                    let framing = codec.framing().clone();
                    ExchangeError::Unframed { message, framing, source }
                })?,
                None => wire.extend_from_slice(payload),
            }
            if wire.is_empty() {
                return Err(ExchangeError::Empty { message });
            }
            messages.push(wire);
        }
        let (limit, pipelining) = (exchange.max_message, exchange.pipelining);
        Ok(Streams { messages, codec, limit, pipelining })
    }

    /// The messages on the wire: one, or two where the exchange is a pair.
    pub fn messages(&self) -> &[Vec<u8>] {
        &self.messages
    }

    /// The first message.
    pub fn request(&self) -> &[u8] {
        &self.messages[0]
    }

    /// `count` messages in turn.
    pub fn sequence(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().map(Vec::as_slice).cycle().take(count)
    }

    /// How many messages are whole in the first `len` bytes of what a plan of joined messages writes.
    pub fn whole_within(&self, len: usize) -> usize {
        let mut rest = len;
        let whole = |message: &&Vec<u8>| match rest.checked_sub(message.len()) {
            Some(left) => {
                rest = left;
                true
            }
            None => false,
        };
        self.messages.iter().cycle().take_while(whole).count()
    }

    fn joined(&self, count: usize) -> Vec<u8> {
        self.sequence(count).collect::<Vec<_>>().concat()
    }

    /// Whether a slow reader may ask for so many messages.
    fn may_ask_for(&self, count: u64) -> bool {
        let longest = self.messages.iter().map(Vec::len).max().unwrap_or(0) as u64;
        let fits = || count.saturating_mul(longest) <= MOST_WRITTEN as u64;
        count == 1 || ((2..=MOST_REQUESTS as u64).contains(&count) && fits())
    }

    fn framing(&self) -> Option<&Framing> {
        self.codec.as_ref().map(Codec::framing)
    }

    fn empty_message(&self) -> Option<Vec<u8>> {
        let mut wire = Vec::new();
        self.codec.as_ref()?.encode(b"", &mut wire).ok()?;
        (!wire.is_empty()).then_some(wire)
    }

    /// Whether the target says that it does not take several messages at once.
    pub fn is_in_turns(&self) -> bool {
        !self.pipelining
    }

    /// Why a plan makes no sense here, whatever the target does.
    pub fn senseless(&self, plan: Plan) -> Option<&'static str> {
        let raw = self.framing() == Some(&Framing::Raw);
        let cuts = matches!(
            plan,
            Plan::Split | Plan::Drip | Plan::Chunks(_) | Plan::Random(_) | Plan::Truncate
        );
        let joins = matches!(plan, Plan::Coalesce(_) | Plan::Straddle(_));
        match plan {
            _ if raw && (cuts || joins) => Some("raw has no messages: each read is one"),
            Plan::Chunks(size) if size as usize >= self.request().len() => {
                Some("the request is no longer than a chunk")
            }
            _ if cuts && self.request().len() < 2 => Some("a request of one byte has no seam"),
            Plan::Empty | Plan::Oversize | Plan::Garbage if raw || self.codec.is_none() => {
                Some("without --frame nothing says what a message is")
            }
            Plan::Empty if self.empty_message().is_none() => {
                Some("the framing carries no empty message")
            }
            Plan::Oversize if self.oversizes().is_empty() => {
                Some("every length that the framing can say is within the limit")
            }
            _ => None,
        }
    }

    /// The cases of a plan. At most `offsets` of a plan that cuts at every offset; `many` requests fill
    /// the target's buffers.
    pub fn cases(&self, plan: Plan, offsets: usize, seed: u64, many: Option<u64>) -> Cases {
        let all = |at: Vec<u64>| Cases { at, of: None };
        let len = self.request().len();
        match plan {
            Plan::Split | Plan::Truncate => chosen(1..len, &[], offsets, seed),
            Plan::Straddle(count) => {
                let mut seams = Vec::new();
                for message in self.sequence(count as usize) {
                    seams.push(seams.last().unwrap_or(&0) + message.len());
                }
                let total = seams.pop().unwrap_or(0);
                chosen(1..total, &seams, offsets, seed)
            }
            Plan::Reset => {
                let mut cases = chosen(0..len + 1, &[], offsets, seed);
                // Two requests at once: the second reply meets a connection that is reset already.
                cases.at.extend(self.pipelining.then(|| self.joined(2).len() as u64));
                cases
            }
            Plan::Random(_) if len < 2 => all(vec![]),
            Plan::Random(count) => all((1..=u64::from(count)).collect()),
            Plan::HalfClose => all((1..=HALF_CLOSES).collect()),
            Plan::SlowReader => {
                let many = many.filter(|&many| many > 1 && self.may_ask_for(many));
                all([1].into_iter().chain(many).collect())
            }
            Plan::Empty if self.empty_message().is_none() => all(vec![]),
            Plan::Empty => all(vec![1, 2]),
            Plan::Oversize => all(self.oversizes()),
            Plan::Garbage => all((1..=super::hostile::KINDS).collect()),
            Plan::Drip | Plan::Chunks(_) | Plan::Coalesce(_) => all(vec![0]),
        }
    }

    /// The script of a case; `None` if the plan has no such case.
    pub fn script(&self, case: CaseId, seed: u64) -> Option<Script> {
        let request = self.request();
        let at = usize::try_from(case.at.unwrap_or(0)).ok()?;
        let whole = |cuts: Vec<usize>| Script {
            bytes: request.to_vec(),
            cuts,
            finale: Finale::Nothing,
            slow: false,
        };
        let within = |range: std::ops::Range<usize>| range.contains(&at).then_some(at);
        let without_number = || (at == 0).then_some(());
        Some(match case.plan {
            Plan::Split => whole(vec![within(1..request.len())?]),
            Plan::Drip => {
                without_number()?;
                whole((1..request.len()).collect())
            }
            Plan::Chunks(size) => {
                without_number()?;
                whole((0..request.len()).step_by(size.max(1) as usize).skip(1).collect())
            }
            Plan::Random(count) => {
                within(1..count as usize + 1).filter(|_| request.len() > 1)?;
                whole(random_cuts(request.len(), seed, at as u64))
            }
            Plan::Coalesce(count) => {
                without_number()?;
                Script { bytes: self.joined(count as usize), ..whole(vec![]) }
            }
            Plan::Straddle(count) => {
                let bytes = self.joined(count as usize);
                let cuts = vec![within(1..bytes.len())?];
                Script { bytes, ..whole(cuts) }
            }
            Plan::HalfClose => {
                // Its runs are alike, so that any of them may be meant.
                case.at.is_none_or(|at| (1..=HALF_CLOSES).contains(&at)).then_some(())?;
                Script { finale: Finale::Finish, ..whole(vec![]) }
            }
            Plan::Truncate => Script {
                bytes: request[..within(1..request.len())?].to_vec(),
                finale: Finale::Finish,
                ..whole(vec![])
            },
            Plan::Reset if at <= request.len() => Script {
                bytes: request[..at].to_vec(),
                finale: Finale::Reset,
                // Inside the request the target is to be waiting for more when the reset comes.
                ..whole(if (1..request.len()).contains(&at) { vec![at] } else { vec![] })
            },
            Plan::Reset => {
                let bytes = self.pipelining.then(|| self.joined(2))?;
                within(bytes.len()..bytes.len() + 1)?;
                Script { bytes, finale: Finale::Reset, ..whole(vec![]) }
            }
            Plan::SlowReader => {
                let count = case.at.unwrap_or(1);
                self.may_ask_for(count).then_some(())?;
                Script { bytes: self.joined(count as usize), slow: true, ..whole(vec![]) }
            }
            Plan::Empty => self.with_empty(at)?,
            Plan::Oversize => self.oversize(at)?,
            Plan::Garbage => {
                let bytes = garbage(self.framing(), at as u64, seed)?;
                Script { bytes, finale: Finale::Finish, ..whole(vec![]) }
            }
        })
    }

    fn with_empty(&self, at: usize) -> Option<Script> {
        let (empty, request) = (self.empty_message()?, self.request());
        let cuts = if at == 1 { vec![empty.len()] } else { vec![] };
        let bytes = match at {
            1 => [&empty[..], request].concat(),
            2 => [request, &empty, request].concat(),
            _ => return None,
        };
        Some(Script { bytes, cuts, finale: Finale::Nothing, slow: false })
    }

    /// The sizes of `oversize`: at the limit and one above where it was stated, and far above.
    fn oversizes(&self) -> Vec<u64> {
        let Some(codec) = &self.codec else { return Vec::new() };
        let stated = self.limit.iter().flat_map(|&limit| [limit, limit.saturating_add(1)]);
        let carried = |size: &usize| self.sized(*size).is_some();
        let mut sizes: Vec<u64> = stated.filter(carried).map(|size| size as u64).collect();
        let far = far_too_long(codec.framing()).map(|(size, _)| size);
        let far = far.or(codec.framing().is_terminated().then_some(ENDLESS as u64));
        let over = |far: &u64| self.limit.is_none_or(|limit| *far > limit.saturating_add(1) as u64);
        sizes.extend(far.filter(over));
        sizes
    }

    /// A message with so many bytes of payload.
    fn sized(&self, size: usize) -> Option<Vec<u8>> {
        let codec = self.codec.as_ref()?;
        // The limit is the target's; here it is to be broken.
        let codec = Codec::new(codec.framing().clone(), Codec::MAX_LIMIT).ok()?;
        let mut wire = Vec::new();
        // Sizes above this are announced, not sent: a check needs little memory itself.
        (size <= 64 << 20).then_some(())?;
        codec.encode(&vec![filler(codec.framing()); size], &mut wire).ok()?;
        Some(wire)
    }

    fn oversize(&self, at: usize) -> Option<Script> {
        if !self.oversizes().contains(&(at as u64)) {
            return None;
        }
        let open = |bytes, finale| Script { bytes, cuts: vec![], finale, slow: false };
        if self.limit.is_some_and(|limit| at <= limit.saturating_add(1)) {
            return Some(open(self.sized(at)?, Finale::Nothing));
        }
        let bytes = match far_too_long(self.framing()?) {
            Some((_, mut header)) => {
                header.resize(header.len() + OVERSIZE_SENT.min(at), b'A');
                header
            }
            None => endless(self.framing()?)?,
        };
        Some(open(bytes, Finale::Finish))
    }
}

fn random_cuts(len: usize, seed: u64, number: u64) -> Vec<usize> {
    let mut random = Random::new(seed, "random", number);
    let places = len - 1;
    let count = 1 + random.below(places.min(RANDOM_CUTS));
    let cuts: BTreeSet<usize> = (0..count).map(|_| 1 + random.below(places)).collect();
    cuts.into_iter().collect()
}

/// All of `range`, or `limit` of it: the ends, what is around the seams, and the rest drawn by chance.
fn chosen(range: std::ops::Range<usize>, seams: &[usize], limit: usize, seed: u64) -> Cases {
    let len = range.len();
    if len <= limit {
        return Cases { at: range.map(|at| at as u64).collect(), of: None };
    }
    let mut at = BTreeSet::new();
    // The nearest first, and the seams before the ends: where there is not room for all of them, those
    // are left out that tell least.
    let ends = (0..limit / 4 + 1).flat_map(|i| [range.start + i, range.end - 1 - i]);
    let around = (0..=AROUND_SEAM)
        .flat_map(|i| seams.iter().flat_map(move |&seam| [seam.saturating_sub(i), seam + i]));
    let (seam_itself, nearby) = (seams.iter().copied(), around);
    let outermost = [range.start, range.end - 1];
    let likely = seam_itself.chain(outermost).chain(nearby).chain(ends);
    for place in likely.filter(|place| range.contains(place)) {
        if at.len() < limit {
            at.insert(place);
        }
    }
    let mut random = Random::new(seed, "offsets", len as u64);
    while at.len() < limit {
        at.insert(range.start + random.below(len));
    }
    Cases { at: at.into_iter().map(|at| at as u64).collect(), of: Some(len as u64) }
}
