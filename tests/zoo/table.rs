//! The animals, how each is checked, and what must be found of it: reasoned from the protocol and the
//! program, not taken from a run.
//!
//! A case passes when the whole reply comes in the end. In `straddle` a reply to the first message,
//! once that is whole, is due and not early.

use super::animal::Animal;
use super::animal::Language::{C, Python, Rust};
use super::findings::Trait::{KeepsSockets, Spins};
use super::visit::see;

/// A test an animal, and the table of them all.
macro_rules! animals {
    ($($name:ident: $animal:expr;)*) => {
        pub(super) const ANIMALS: &[Animal] = &[$({
            let animal: Animal = $animal;
            Animal { name: stringify!($name), ..animal }
        }),*];
        $(#[test]
        fn $name() {
            see(stringify!($name));
        })*
    };
}

animals! {
    header_in_one_recv: Animal {
        bug: "reads the header with one recv",
        args: &["--frame", "u32be", "--send", "hello"],
        fails: &["split: closed @1-3", "drip: closed", "straddle: closed @1-3; partial @10-12"],
        perhaps: &["random: closed", "slow-reader: any"],
        ..Animal::server(Python)
    };
    body_in_one_recv: Animal {
        bug: "reads the body with one recv",
        args: &["--frame", "u32be", "--send", "hello"],
        fails: &["split: early @5-8", "drip: early", "chunks: early", "straddle: early @5-8,14-17"],
        perhaps: &["random: early", "slow-reader: any"],
        ..Animal::server(Python)
    };
    body_with_the_header: Animal {
        bug: "takes what came with the header for the body",
        args: &["--send", r"Content-Length: 5\r\n\r\nhello"],
        fails: &[
            "split: early @21-25",
            "drip: early",
            "chunks: early",
            "straddle: early @21-25,47-51",
        ],
        perhaps: &["random: early", "slow-reader: any"],
        ..Animal::server(Rust)
    };
    every_read_is_a_message: Animal {
        bug: "takes each read for a message",
        args: &["--send", r"hello\n"],
        fails: &[
            "split: early @1-5",
            "drip: early",
            "coalesce: wrong",
            "straddle: early @1-5,7-11",
        ],
        properties: &["truncate: end-is-mark @5"],
        perhaps: &["random: early", "slow-reader: any"],
        ..Animal::server(Rust)
    };
    short_read_is_the_end: Animal {
        bug: "takes a short read for the end of the message",
        args: &["--send", r"SET a=123\n"],
        fails: &[
            "split: early @1-7,9",
            "drip: early",
            "chunks: early",
            "coalesce: wrong",
            "straddle: early @1-7,9,11-15,17-19; wrong @8,16",
        ],
        properties: &["truncate: end-is-mark @9"],
        perhaps: &["random: early|wrong", "slow-reader: any"],
        ..Animal::server(C)
    };
    loses_the_second: Animal {
        bug: "throws away what came behind the first message of a read",
        args: &["--send", r"hello\n"],
        fails: &["coalesce: partial", "straddle: partial @1-5; wrong @7-11"],
        perhaps: &["slow-reader: any"],
        ..Animal::server(Python)
    };
    answers_on_next_read: Animal {
        bug: "answers one message a read; the second waits for more data",
        args: &["--send", r"hello\n"],
        fails: &["coalesce: partial", "straddle: partial @1-5", "slow-reader: partial"],
        ..Animal::server(C)
    };
    cr_or_lf: Animal {
        bug: "takes an LF for a line of its own if the cut is between CR and LF",
        args: &["--send", r"PING\r\n"],
        fails: &["split: early @5", "drip: early", "straddle: early @5,11"],
        properties: &["truncate: end-is-mark @5"],
        perhaps: &["random: early", "slow-reader: any"],
        twin: &["truncate: end-is-mark @5"],
        ..Animal::server(Rust)
    };
    end_in_one_read: Animal {
        bug: "looks for the end of the message in each read by itself",
        args: &["--send", r"hi\r\n.\r\n"],
        fails: &["split: no-reply @3-6", "drip: no-reply", "straddle: partial @10-13"],
        perhaps: &["random: no-reply", "slow-reader: any"],
        ..Animal::server(Python)
    };
    searches_from_the_last_read: Animal {
        bug: "looks for the end of the message from where the last read ended",
        args: &["--send", r"GET /\r\n\r\n"],
        fails: &[
            "split: no-reply @6-8",
            "drip: no-reply",
            "chunks: no-reply",
            "straddle: wrong @6-8; partial @15-17",
        ],
        perhaps: &["random: no-reply", "slow-reader: any"],
        ..Animal::server(Rust)
    };
    heartbeat: Animal {
        bug: "takes the first half of a length for a heartbeat",
        args: &["--frame", "u32be", "--send", "hello"],
        fails: &["split: early @2", "drip: early", "straddle: early @2"],
        perhaps: &["random: early", "slow-reader: any"],
        ..Animal::server(Rust)
    };
    utf8_per_read: Animal {
        bug: "decodes UTF-8 read by read",
        args: &["--send", r"grüße\n"],
        fails: &["split: closed @3,5", "drip: closed", "straddle: closed @3,5,11,13"],
        perhaps: &["random: closed", "slow-reader: any"],
        ..Animal::server(Python)
    };
    forgets_on_eagain: Animal {
        bug: "forgets what it had read when there is no more for now",
        args: &["--send", r"\0\x05hello"],
        fails: &[
            "split: no-reply @1-6",
            "drip: no-reply",
            "straddle: no-reply @1-6; partial @8-13",
        ],
        perhaps: &["random: no-reply", "slow-reader: any"],
        ..Animal::server(C)
    };
    moves_the_missing: Animal {
        bug: "moves the beginning of the next message by a wrong count",
        args: &["--send", r"\0\x05hello"],
        fails: &["straddle: crashed @9-10"],
        perhaps: &["slow-reader: any"],
        ..Animal::server(C)
    };
    peeks_and_spins: Animal {
        bug: "peeks at the header, again and again, until it is whole",
        args: &["--frame", "u32be", "--send", "hello", "--plan", "split,drip,straddle,truncate"],
        traits: &[Spins, KeepsSockets],
        leaves_unread: true,
        ..Animal::server(C)
    };
    half_is_success: Animal {
        bug: "executes half a command at the end of the stream",
        args: &["--send", r"SET a 123\n"],
        fails: &["truncate: half-answered @7-8"],
        properties: &["truncate: end-is-mark @9"],
        ..Animal::server(Python)
    };
    forgets_after_fin: Animal {
        bug: "drops the reply when the client half-closes",
        args: &["--send", r"hello\n"],
        properties: &["half-close: closed"],
        ..Animal::server(Python)
    };
    endless_after_eof: Animal {
        bug: "repeats its complaint for ever after the end of the stream",
        args: &["--send", r"hello\n"],
        fails: &["truncate: endless @1-5"],
        ..Animal::server(Rust)
    };
    spins_after_fin: Animal {
        bug: "polls a socket that has ended inside a message",
        args: &["--send", r"hello\n"],
        traits: &[Spins, KeepsSockets],
        ..Animal::server(Python)
    };
    close_wait: Animal {
        bug: "never closes what the client has closed",
        args: &["--send", r"hello\n"],
        traits: &[KeepsSockets],
        ..Animal::server(Python)
    };
    dies_of_reset: Animal {
        bug: "writes to a reset connection and dies of SIGPIPE",
        args: &["--send", r"hello\n"],
        fails: &["reset: crashed @0-12"],
        ..Animal::server(C)
    };
    reset_ends_all: Animal {
        bug: "does not catch ConnectionResetError",
        args: &["--send", r"hello\n"],
        fails: &["reset: crashed @0-12"],
        ..Animal::server(Python)
    };
    mixes_clients: Animal {
        bug: "has one buffer for all connections",
        args: &["--send", r"hello\n", "--jobs", "1"],
        fails: &["truncate: dead @1-5", "reset: dead @1-5"],
        ..Animal::server(Python)
    };
    ignores_short_writes: Animal {
        bug: "does not look at what write returns",
        args: &["--send", r"GET\n"],
        fails: &["slow-reader: partial|wrong"],
        ..Animal::server(C)
    };
    swallows_empty: Animal {
        bug: "does not answer an empty message",
        args: &["--frame", "u16be", "--send", "hello"],
        properties: &["empty: unanswered @1-2"],
        ..Animal::server(Python)
    };
    empty_is_the_end: Animal {
        bug: "takes an empty message for the end of the stream",
        args: &["--frame", "u16be", "--send", "hello"],
        properties: &["empty: closed @1-2"],
        ..Animal::server(Python)
    };
    limit_off_by_one: Animal {
        bug: "refuses a message of exactly the maximum",
        args: &["--frame", "u16be", "--max-message", "16", "--send", "hello"],
        fails: &["oversize: closed @16"],
        ..Animal::server(Rust)
    };
    limit_without_nul: Animal {
        bug: "has no room for the NUL behind a message of exactly the maximum",
        args: &["--frame", "u16be", "--max-message", "16", "--send", "hello"],
        fails: &["oversize: crashed @16"],
        ..Animal::server(C)
    };
    length_is_signed: Animal {
        bug: "allocates what the length says, in a signed int",
        args: &["--frame", "u32be", "--send", "hello"],
        fails: &["oversize: crashed"],
        perhaps: &["garbage: crashed"],
        ..Animal::server(C)
    };

    client_one_recv: Animal {
        bug: "reads the reply with one recv",
        args: &["--plan", "split,drip,truncate", "--send", r"\0\x05hello"],
        fails: &[
            "split: early|partial|wrong @1-6",
            "drip: early|partial|wrong",
            "truncate: half-answered @1-6",
        ],
        ..Animal::client(Python)
    };
    client_sleeps_then_reads: Animal {
        bug: "sleeps until everything has come, then reads once",
        args: &["--plan", "split,drip", "--send", r"\0\x05hello"],
        fails: &["split: early|partial|wrong @1-6", "drip: early|partial|wrong"],
        ..Animal::client(Python)
    };
    client_compares_a_chunk: Animal {
        bug: "compares one read with the whole reply",
        args: &["--plan", "split,drip", "--send", r"PONG\n"],
        fails: &["split: early|other-status @1-4", "drip: early|other-status"],
        ..Animal::client(Rust)
    };
    client_eof_is_success: Animal {
        bug: "takes the end of the stream for the end of the reply",
        args: &["--plan", "split,drip,truncate", "--send", r"\0\x05hello"],
        fails: &["truncate: half-answered @1-6"],
        ..Animal::client(C)
    };
    client_hangs_on_reset: Animal {
        bug: "reads again after the end of the stream and after a reset",
        args: &["--plan", "split,drip,truncate,reset", "--send", r"\0\x05hello"],
        fails: &["truncate: hung @1-6", "reset: hung @0-6"],
        ..Animal::client(C)
    };
    client_loses_the_second: Animal {
        bug: "throws away what came behind the first reply of a read",
        args: &["--plan", "coalesce,straddle", "--send", r"ONE\n", "--send", r"TWO\n"],
        fails: &[
            "coalesce: hung|other-status|partial",
            "straddle: hung|other-status|partial @1-3; early|wrong @5-7",
        ],
        ..Animal::client(Python)
    };
}
