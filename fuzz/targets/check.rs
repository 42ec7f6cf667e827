//! Any exchange, any case of any name and any reply: a script within its bounds or none, a judgement,
//! and a mask that does what it says.
#![no_main]

use arbitrary::Arbitrary;
use framecat_core::check::{
    CaseId, End, Exchange, Expect, Oracle, Pattern, Plan, Seen, Streams, Token, differences,
    propose_mask, severity,
};
use framecat_fuzz::Setup;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    setup: Option<Setup>,
    reply_setup: Option<Setup>,
    messages: Vec<&'a [u8]>,
    expect: Option<Result<&'a [u8], &'a str>>,
    masks: Vec<&'a str>,
    token: bool,
    unordered: bool,
    replies: Vec<&'a [u8]>,
    cases: Vec<(u8, u32, Option<u64>)>,
    got: &'a [u8],
    more: u16,
    ends: [u8; 3],
    early: u16,
    due: u8,
    followed: bool,
    seed: u64,
}

/// The most that a script may have beside the messages that its plan joins.
const MOST: usize = (64 << 20) + 8192;

fn pattern(text: &str) -> Option<Pattern> {
    // Large counted repetitions are slow to compile, and what that costs is the target `cases`' matter.
    text.parse().ok().filter(|_| text.len() < 64 && !text.contains('{'))
}

fn end(byte: u8) -> End {
    [End::Open, End::Closed, End::Reset][usize::from(byte % 3)]
}

fn case((kind, number, at): (u8, u32, Option<u64>)) -> CaseId {
    let plan = Plan::ALL[usize::from(kind) % Plan::ALL.len()];
    // A few joined messages are as good as many, and quicker.
    let numbered = format!("{}:{}", plan.name(), number % 20).parse().unwrap_or(plan);
    CaseId { plan: numbered, at }
}

impl Input<'_> {
    fn exchange(&self) -> Exchange {
        let codec = self.setup.as_ref().and_then(Setup::codec);
        let messages: Vec<Vec<u8>> = self.messages.iter().map(|one| one.to_vec()).collect();
        let expect = self.expect.and_then(|expect| match expect {
            Ok(bytes) => Some(Expect::Bytes(bytes.to_vec())),
            Err(text) => pattern(text).map(Expect::Pattern),
        });
        let sent = messages.first().filter(|sent| self.token && sent.len() >= 4);
        Exchange {
            frame: codec.as_ref().map(|codec| codec.framing().clone()),
            reply_frame: self
                .reply_setup
                .as_ref()
                .and_then(Setup::codec)
                .map(|codec| codec.framing().clone()),
            max_message: codec.filter(|_| self.due % 2 == 0).map(|codec| codec.max_message()),
            token: sent.map(|sent| sent[..4].to_vec()),
            messages,
            expect,
            masks: self.masks.iter().take(3).filter_map(|text| pattern(text)).collect(),
            unordered: self.unordered,
            ..Exchange::default()
        }
    }

    fn judge(&self, exchange: &Exchange, case: CaseId) {
        let token = exchange.token.as_ref().map(|text| Token::new(text, self.seed, 3));
        let token = token.as_ref();
        let mut oracle = Oracle::new(exchange);
        let [first, turns, seen] = self.ends.map(end);
        if let Some(reply) = self.replies.first() {
            oracle.learn_reply(reply, first, token);
        }
        if self.replies.len() > 1 {
            let blanked = |reply: &&[u8]| oracle.blanked(reply, token).into_owned();
            let replies: Vec<Vec<u8>> = self.replies.iter().map(blanked).collect();
            oracle.learn_turns(&replies, turns);
        }
        let seen = Seen {
            got: self.got.to_vec(),
            got_len: self.got.len() as u64 + u64::from(self.more),
            end: seen,
            early: self.early.into(),
            due: self.due.into(),
            followed: self.followed,
            ..Seen::default()
        };
        let outcome = oracle.judge(case, &seen, token);
        assert!(severity(case.plan, outcome, false) <= severity(case.plan, outcome, true));
        assert!(oracle.expected(case).is_none_or(|expected| expected.len() <= MOST));
        let _ = oracle.is_complete(case, self.got, token) | oracle.is_in_step(self.got, token);
        let _ = (oracle.expected_end(case), oracle.follows(case), oracle.in_step());
        // What is said to be whole is nothing that could be only a part.
        if let Some(expected) = oracle.expected(case).filter(|_| !oracle.expects_pattern())
            && exchange.masks.is_empty()
            && token.is_none()
        {
            let whole = oracle.is_complete(case, self.got, token);
            assert!(!whole || self.got.len() == expected.len());
            assert!(oracle.is_complete(case, &expected, token));
        }
    }
}

libfuzzer_sys::fuzz_target!(|input: Input| {
    let exchange = input.exchange();
    for case in input.cases.iter().take(4).copied().map(case) {
        if let Ok(streams) = Streams::of(&exchange) {
            if let Some(script) = streams.script(case, input.seed) {
                assert!(script.bytes.len() <= MOST);
                assert!(script.cuts.is_sorted_by(|one, next| one < next));
                assert!(script.cuts.iter().all(|cut| (1..=script.bytes.len()).contains(cut)));
            }
            let offsets = usize::from(input.early % 64);
            let cases = streams.cases(case.plan, offsets, input.seed, case.at);
            for &at in cases.at.iter().take(8) {
                let listed = CaseId { plan: case.plan, at: Some(at) };
                // Messages of many MiB are made one after another, which takes long.
                let large = case.plan == Plan::Oversize && at > 1 << 20;
                assert!(large || streams.script(listed, input.seed).is_some(), "{listed}");
            }
        }
        input.judge(&exchange, case);
    }
    let runs: Vec<Vec<u8>> = input.replies.iter().take(3).map(|reply| reply.to_vec()).collect();
    if let Some(mask) = propose_mask(&runs) {
        mask.parse::<Pattern>().unwrap();
    }
    if let [first, other, ..] = &runs[..] {
        assert_eq!(differences(first, other).is_empty(), first == other);
    }
});
