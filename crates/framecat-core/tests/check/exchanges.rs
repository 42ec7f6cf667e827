//! Exchanges to try, and short names for what the tests say often.

use framecat_core::check::{CaseId, Exchange, Plan, Script, Streams};
use framecat_core::framing::{Codec, Framing};

/// A payload that every framing below can carry: no byte of it stands in a mark.
pub(crate) fn payload(len: usize) -> Vec<u8> {
    b"0123456789bcdef".iter().copied().cycle().take(len).collect()
}

/// An exchange without a framing.
pub(crate) fn plain(messages: &[&[u8]]) -> Exchange {
    let messages = messages.iter().map(|message| message.to_vec()).collect();
    Exchange { messages, ..Exchange::default() }
}

/// An exchange in a framing.
pub(crate) fn framed(framing: &str, messages: &[&[u8]]) -> Exchange {
    Exchange { frame: Some(self::framing(framing)), ..plain(messages) }
}

pub(crate) fn framing(text: &str) -> Framing {
    text.parse().unwrap()
}

/// Framings of every kind, with odd corners.
pub(crate) const FRAMINGS: [&str; 22] = [
    "line",
    "crlf",
    "delim:\\0",
    "delim:A",
    "delim:ABC",
    "fixed:7",
    "u8",
    "u16be",
    "u16le",
    "u32be",
    "u32le",
    "u64be",
    "u64le",
    "length:size=3,endian=little,offset=2",
    "length:size=4,endian=big,adjust=-4",
    "length:size=5,endian=big,offset=4,adjust=6",
    "header:1",
    "header:4",
    "header:64",
    "varint",
    "netstring",
    "content-length",
];

/// Exchanges of every kind: plain, in each framing, single and in pairs, of many lengths.
pub(crate) fn all() -> Vec<Exchange> {
    const LENGTHS: [usize; 12] = [1, 2, 3, 6, 7, 8, 9, 40, 127, 128, 299, 300];
    let mut all = Vec::new();
    for len in LENGTHS {
        let (one, other) = (payload(len), payload(len / 2 + 1));
        all.push(plain(&[&one]));
        all.push(plain(&[&one, &other]));
        all.push(Exchange { pipelining: false, ..plain(&[&one]) });
        for framing in FRAMINGS {
            all.push(framed(framing, &[&one]));
            all.push(framed(framing, &[&one, &other]));
            all.push(Exchange { max_message: Some(300), ..framed(framing, &[&one]) });
        }
    }
    all.push(framed("u32be", &[b""]));
    // A framing cannot carry everything: those are refused before anything is made of them.
    all.retain(|exchange| exchange.verify().is_ok());
    all
}

/// The streams of an exchange.
pub(crate) fn streams(exchange: &Exchange) -> Streams {
    Streams::of(exchange).unwrap_or_else(|error| panic!("{error}: {exchange:?}"))
}

/// The messages on the wire, told a second time.
pub(crate) fn wires(exchange: &Exchange) -> Vec<Vec<u8>> {
    let wire = |message: &Vec<u8>| match &exchange.frame {
        None => message.clone(),
        Some(framing) => {
            let mut wire = Vec::new();
            let codec = Codec::new(framing.clone(), 1 << 20).unwrap();
            codec.encode(message, &mut wire).unwrap();
            wire
        }
    };
    exchange.messages.iter().map(wire).collect()
}

/// The case that a text names.
pub(crate) fn case(text: &str) -> CaseId {
    text.parse().unwrap()
}

/// Case `at` of a plan.
pub(crate) fn at(plan: Plan, at: u64) -> CaseId {
    CaseId { plan, at: Some(at) }
}

/// The script of a case that there must be.
pub(crate) fn script(streams: &Streams, case: CaseId, seed: u64) -> Script {
    streams.script(case, seed).unwrap_or_else(|| panic!("there is no {case}"))
}

/// The plans that are run by default, and others with other numbers.
pub(crate) fn plans() -> impl Iterator<Item = Plan> {
    let others = [
        Plan::Chunks(1),
        Plan::Chunks(3),
        Plan::Chunks(1000),
        Plan::Random(1),
        Plan::Coalesce(3),
        Plan::Coalesce(7),
        Plan::Straddle(3),
        Plan::Straddle(5),
    ];
    Plan::ALL.into_iter().chain(others)
}
