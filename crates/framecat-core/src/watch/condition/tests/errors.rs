//! What is said to a text that is no condition.

use super::super::super::Trigger;
use super::*;

#[track_caller]
fn refused(text: &str, error: &str) {
    match text.parse::<Condition>() {
        Ok(condition) => panic!("{text} parses as {condition}"),
        Err(found) => assert_eq!(found.to_string(), error, "{text}"),
    }
}

#[track_caller]
fn no_trigger(text: &str, error: &str) {
    match text.parse::<Trigger>() {
        Ok(trigger) => panic!("{text} parses as {trigger}"),
        Err(found) => assert_eq!(found.to_string(), error, "{text}"),
    }
}

#[test]
fn a_field_that_nobody_knows() {
    refused("revcq>0", "at character 1: there is no field `revcq`; did you mean recvq?");
    refused("recvq>0 and sendqueue>1", &unknown(13, "sendqueue"));
    refused(
        "recvq>0 and stat=LISTEN",
        "at character 13: there is no field `stat`; did you mean state?",
    );
    refused("ag>0", "at character 1: there is no field `ag`; did you mean age?");
    refused(
        "zerowindow>0",
        "at character 1: there is no field `zerowindow`; did you mean zero_window?",
    );
    refused("unreda>0", "at character 1: there is no field `unreda`; did you mean unread?");
    refused("x>0", &unknown(1, "x"));
    refused("über>0", &unknown(1, "über"));
}

fn unknown(at: usize, name: &str) -> String {
    format!(
        "at character {at}: there is no field `{name}`; there are state, kind, process, pid, uid, inode, \
         local, peer, port, lport, pport, recvq, sendq, unsent, unacked, peer_unread, acceptq, backlog, \
         halfopen, unread, peer_unread_for, unaccepted, unacked_for, full, zero_window, state_for, age, rtt, cwnd, rwnd, \
         peerwnd, retrans, retries, drops, in, out, retrans_rate, drop_rate, severity, count, overflows, \
         listen_drops, ns_retrans, udp_drops, udp_noports"
    )
}

#[test]
fn a_comparison_that_is_not_whole() {
    refused("", "at character 1: nothing; write a comparison such as recvq>0");
    refused("recvq", "at character 6: found the end behind recvq, expected > >= < <= = or !=");
    refused("state LISTEN", "at character 7: found `LISTEN` behind state, expected = != or ~");
    refused(
        "recvq>",
        "at character 7: found the end, where recvq is compared with a number of bytes such as 512, 5k, \
         64KiB or 1.5M",
    );
    refused(
        "recvq> and age>5",
        "at character 8: found `and`, where recvq is compared with a number of bytes such as 512, 5k, \
         64KiB or 1.5M",
    );
    refused("  >5", "at character 3: found `>`, expected a comparison such as recvq>0");
    refused("recvq>0 and", "at character 12: found the end, expected a comparison such as recvq>0");
    refused("'recvq'>0", "at character 1: found `recvq`, expected a comparison such as recvq>0");
}

#[test]
fn a_comparison_that_makes_no_sense() {
    refused("state>LISTEN", "at character 6: `>` has no meaning for state: write = != or ~");
    refused("recvq~5", "at character 6: `~` has no meaning for recvq: write > >= < <= = or !=");
    refused(
        "recvq=>5",
        "at character 7: found `>`, where recvq is compared with a number of bytes such as 512, 5k, 64KiB or 1.5M",
    );
}

#[test]
fn a_value_of_another_kind() {
    refused(
        "recvq>5s",
        "at character 7: `5s` does not fit recvq: expected a number of bytes such as 512, 5k, 64KiB or 1.5M",
    );
    refused(
        "unread>5k",
        "at character 8: `5k` does not fit unread: expected a time such as 5s, 200ms or 2m",
    );
    refused("pid=5k", "at character 5: `5k` does not fit pid: expected a number");
    refused(
        "in>-1",
        "at character 4: `-1` does not fit in: expected a number of bytes a second such as 512, 5k or 1.5M",
    );
    refused(
        "drop_rate>x",
        "at character 11: `x` does not fit drop_rate: expected a number a second such as 12 or 0.5",
    );
    refused(
        "state=ESTABLISH",
        "at character 7: `ESTABLISH` does not fit state: expected one of ESTABLISHED, SYN_SENT, SYN_RECV, \
         FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING",
    );
    refused(
        "kind=tpc",
        "at character 6: `tpc` does not fit kind: expected one of tcp, udp, unix, unix-dgram, unix-seqpacket",
    );
    refused(
        "severity>=bad",
        "at character 11: `bad` does not fit severity: expected one of none, note, warning, error",
    );
    for number in ["1e3", "inf", "nan", "0x10", "1.", ".5", "1.2.3", "", "9007199254740993"] {
        assert!(format!("recvq>'{number}'").parse::<Condition>().is_err(), "{number}");
    }
    for time in ["1e3", "-5s", "5d", "366h366h", "8761h", "99999999999999999999"] {
        assert!(format!("age>'{time}'").parse::<Condition>().is_err(), "{time}");
    }
}

#[test]
fn parentheses_and_quotes_that_do_not_match() {
    refused("(recvq>0", "at character 1: this `(` is not closed");
    refused("recvq>0)", "at character 8: this `)` closes nothing");
    refused("(recvq>0 age>5)", "at character 10: found `age`, expected `and`, `or` or `)`");
    refused("process='a b", "at character 9: the quote ' is not closed");
    refused("()", "at character 2: found `)`, expected a comparison such as recvq>0");
}

#[test]
fn what_stands_between_comparisons() {
    refused("recvq>0 age>5", "at character 9: found `age`, expected `and` or `or`");
    refused("recvq>0 & age>5", "at character 9: a single `&`: write `and` or `&&`");
    refused("recvq>0 | age>5", "at character 9: a single `|`: write `or` or `||`");
    refused("recvq>5 KiB", "at character 9: found `KiB`, expected `and` or `or`");
}

#[test]
fn a_time_stands_at_the_end_of_a_trigger() {
    refused("recvq>0 for 5s", "at character 9: found `for`: how long has no meaning here");
    let examples = "expected a time such as 5s, 200ms or 2m";
    no_trigger("recvq>0 for", &format!("at character 12: found the end behind `for`, {examples}"));
    no_trigger("recvq>0 for x", &format!("at character 13: found `x` behind `for`, {examples}"));
    no_trigger(
        "recvq>0 for 5s and age>5",
        "at character 16: found `and`: `for` and its time stand at the end",
    );
    no_trigger(
        "(recvq>0 for 5s) or age>5",
        "at character 10: found `for`, which stands at the end, behind all parentheses",
    );
    no_trigger("for 5s", "at character 1: found `for`, expected a comparison such as recvq>0");
}

#[test]
fn what_could_do_something_to_a_terminal() {
    refused(
        "process=a\x1b[2J",
        r"at character 10: the character \x1b is not shown as it is: write it as it is shown, \x1b",
    );
    let error = "\u{202e}>0".parse::<Condition>().unwrap_err();
    assert_eq!(error.at, 1);
    assert!(!error.to_string().contains('\u{202e}'));
}

#[test]
fn what_nobody_writes_by_hand() {
    let deep = |depth: usize| format!("{}recvq>0{}", "(".repeat(depth), ")".repeat(depth));
    assert!(deep(32).parse::<Condition>().is_ok());
    refused(&deep(33), "at character 33: more than 32 `(` or `not` within each other");
    refused(&deep(200_000), "at character 33: more than 32 `(` or `not` within each other");
    refused(
        &"not ".repeat(200_000),
        "at character 129: more than 32 `(` or `not` within each other",
    );
    let long = "x".repeat(200_000);
    let error = format!("{long}>0").parse::<Condition>().unwrap_err().to_string();
    assert!(error.starts_with(&format!("at character 1: there is no field `{}…`; ", &long[..40])));
    let error = format!("recvq>{long}").parse::<Condition>().unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
    // Many comparisons are no depth.
    let many = vec!["recvq>0"; 20_000].join(" or ");
    assert_eq!(many.parse::<Condition>().unwrap().to_string(), many);
}
