//! framecat passes its own check: every service that answers by itself, in every framing.

use super::found::Found;
use super::program::Checked;

const LIMIT: &str = "64";

/// What `check` says of a server of ours, in a framing, to which `send` is sent.
#[track_caller]
fn check(framing: &str, service: &str, send: &[&str], more: &[&str], code: i32) -> Found {
    let start = format!(
        "'{}' serve 127.0.0.1:{{port}} --frame '{framing}' --service '{service}' \
         --max-message {LIMIT}",
        env!("CARGO_BIN_EXE_framecat")
    );
    let mut args = vec!["check", "--json", "--seed", "1", "--frame", framing, "--start", &start];
    if framing != "raw" {
        args.extend(["--max-message", LIMIT]);
    }
    args.extend(send.iter().flat_map(|text| ["--send", text]));
    args.extend(more);
    let mut checked = Checked::run(&args);
    checked.ended_with(code);
    assert_eq!(checked.exchanges.len(), 1, "{checked}");
    checked.exchanges.remove(0)
}

#[track_caller]
fn passes(framing: &str, service: &str, send: &[&str], more: &[&str]) {
    let found = check(framing, service, send, more, 0);
    assert_eq!(found.verdict(), "pass", "{framing}, {service}: {found}");
    assert!(found.cuts().0 > 0, "{framing}, {service}: no cut was confirmed: {found}");
}

/// A test a framing, so that they run side by side and each failure has its name.
macro_rules! passes_in {
    ($($name:ident: $framing:literal),* $(,)?) => {$(
        #[test]
        fn $name() {
            passes($framing, "echo", &["hello", "world"], &[]);
        }
    )*};
}

passes_in! {
    an_echo_of_raw_bytes_passes: "raw",
    an_echo_of_lines_passes: "line",
    an_echo_of_crlf_lines_passes: "crlf",
    an_echo_of_messages_that_end_in_nul_passes: "delim:\\0",
    an_echo_of_messages_that_end_in_a_dot_passes: "delim:\\r\\n.\\r\\n",
    an_echo_of_messages_of_one_size_passes: "fixed:5",
    an_echo_with_a_length_of_one_byte_passes: "u8",
    an_echo_with_a_length_of_two_bytes_passes: "u16be",
    an_echo_with_a_length_of_four_bytes_passes: "u32le",
    an_echo_with_a_length_of_eight_bytes_passes: "u64be",
    an_echo_with_a_length_behind_other_bytes_passes: "length:size=3,offset=2,adjust=-5",
    an_echo_with_a_padded_header_passes: "header:64",
    an_echo_with_a_varint_passes: "varint",
    an_echo_of_netstrings_passes: "netstring",
    an_echo_of_messages_with_a_content_length_passes: "content-length",
}

#[test]
fn upper_passes() {
    passes("line", "upper", &["hello", "world"], &["--expect", "HELLO\\n"]);
}

#[test]
fn a_fixed_reply_passes() {
    passes("u16be", "reply:Msg received", &["hello"], &["--expect", "\\0\\x0cMsg received"]);
}

#[test]
fn the_time_passes_where_it_is_masked() {
    passes("line", "time", &["%H:%M:%S"], &["--mask", "[0-9]{2}:[0-9]{2}:[0-9]{2}"]);
}

#[test]
fn a_server_that_answers_nothing_is_not_said_to_pass() {
    let found = check("line", "discard", &["hello"], &[], 3);
    assert_eq!(found.verdict(), "no-reply", "{found}");
}
