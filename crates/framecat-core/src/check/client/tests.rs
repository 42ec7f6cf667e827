//! What runs of a client mean.

use super::*;

fn exchange(frame: Option<&str>, messages: &[&str]) -> Exchange {
    let messages = messages.iter().map(|message| message.as_bytes().to_vec()).collect();
    let frame = frame.map(|frame| frame.parse().unwrap());
    Exchange { frame, messages, ..Exchange::default() }
}

fn oracle(frame: Option<&str>, message: &str) -> ClientOracle {
    let exchange = exchange(frame, &[message]);
    let mut oracle = ClientOracle::new(&exchange, &Streams::of(&exchange).unwrap());
    oracle.learn(1, &did("hello\n", 0), None);
    oracle
}

fn did(output: &str, status: i32) -> Conduct {
    let leaving = Leaving::Exited(Some(status));
    Conduct { output: output.into(), lost: 0, leaving }
}

#[track_caller]
fn judged(oracle: &ClientOracle, case: &str, conduct: &Conduct) -> Outcome {
    oracle.judge(case.parse().unwrap(), conduct, None)
}

#[test]
fn a_cut_must_change_neither_output_nor_status() {
    let oracle = oracle(Some("u32be"), "hello");
    for case in ["split@3", "drip", "chunks:7", "random:20@4", "half-close@1"] {
        for (conduct, outcome) in [
            (did("hello\n", 0), Outcome::Same),
            (did("hello\n", 1), Outcome::OtherStatus),
            (did("hel", 0), Outcome::Partial),
            (did("hello\nhello\n", 0), Outcome::Surplus),
            (did("help\n", 0), Outcome::Wrong),
            (did("", 0), Outcome::NoReply),
            (Conduct { lost: 1, ..did("hello\n", 0) }, Outcome::Partial),
            (Conduct { leaving: Leaving::Killed(11), ..did("", 0) }, Outcome::Crashed),
            (Conduct { leaving: Leaving::Hung, ..did("hello\n", 0) }, Outcome::Hung),
        ] {
            assert_eq!(judged(&oracle, case, &conduct), outcome, "{case}: {conduct:?}");
        }
    }
}

#[test]
fn half_a_message_must_not_be_a_success() {
    let framed = oracle(Some("u32be"), "hello\n");
    let lines = oracle(Some("line"), "hello");
    let plain = oracle(None, "hello\r\n");
    let mut stream = oracle(None, "hello");
    stream.learn_end();
    let (half, mark) = (Outcome::HalfAnswered, Outcome::EndIsMark);
    for (oracle, case, output, outcome) in [
        (&framed, "truncate@9", "hello\n", half),
        (&framed, "truncate@3", "", half),
        (&lines, "truncate@3", "hel\n", mark),
        (&lines, "truncate@3", "", half),
        (&lines, "truncate@5", "", mark),
        (&plain, "truncate@5", "hello\n", mark),
        (&plain, "truncate@4", "hell\n", half),
        (&stream, "truncate@1", "h", mark),
        (&plain, "reset@6", "hello\n", half),
        (&plain, "reset@7", "hello\n", Outcome::Same),
        (&plain, "reset@14", "hello\n", Outcome::Same),
        (&plain, "reset@3", "hel", Outcome::Same),
    ] {
        assert_eq!(judged(oracle, case, &did(output, 0)), outcome, "{case} {output:?}");
        assert_eq!(judged(oracle, case, &did(output, 1)), Outcome::Same, "it says so");
    }
}

#[test]
fn whatever_a_client_makes_of_nonsense_it_must_end() {
    let oracle = oracle(Some("u32be"), "hello");
    for case in ["garbage@1", "empty@2", "oversize@1048576"] {
        assert_eq!(judged(&oracle, case, &did("!", 1)), Outcome::Same);
        let hung = Conduct { leaving: Leaving::Hung, ..did("", 0) };
        assert_eq!(judged(&oracle, case, &hung), Outcome::Hung);
    }
}

#[test]
fn the_second_message_of_a_pair_waits_until_the_first_was_read() {
    let streams = Streams::of(&exchange(None, &["ab", "cd"])).unwrap();
    let script = |case: &str| streams.script_for_client(case.parse().unwrap(), 1);
    let cuts = |case: &str| script(case).map(|script| (script.bytes, script.cuts));
    assert_eq!(cuts("split@1"), Some((b"abcd".to_vec(), vec![1, 2])));
    assert_eq!(cuts("half-close@1"), Some((b"abcd".to_vec(), vec![2])));
    assert_eq!(cuts("coalesce:2"), Some((b"abcd".to_vec(), vec![])));
    assert_eq!(cuts("straddle:2@3"), Some((b"abcd".to_vec(), vec![3])));
    assert_eq!(cuts("truncate@1"), Some((b"a".to_vec(), vec![])));
    assert_eq!(cuts("slow-reader@1"), None);
    assert_eq!(streams.in_turn(3).cuts, [2, 4]);
    assert_eq!(streams.in_turn(1).cuts, [0; 0]);
}

#[test]
fn each_number_of_messages_has_an_output_of_its_own() {
    let mut oracle = oracle(None, "hello");
    assert_eq!(judged(&oracle, "coalesce:2", &did("?", 0)), Outcome::Same, "not learned");
    oracle.learn(2, &did("hello\nhello\n", 0), None);
    assert_eq!(judged(&oracle, "coalesce:2", &did("hello\n", 0)), Outcome::Partial);
    assert_eq!(judged(&oracle, "straddle:2@1", &did("hello\nhello\n", 0)), Outcome::Same);
}
