//! The proof that the floor plan can fail: small sources that must be refused, beside those that must
//! not be.

use std::path::Path;

use super::plan::{Row, Rule, refused};
use super::source::{How, Source};

const ROWS: &[Row] = &[
    Row { module: "error", may_know: &[] },
    Row { module: "endpoint", may_know: &["error"] },
    Row { module: "server", may_know: &["endpoint", "error"] },
    Row { module: "client", may_know: &["endpoint", "error"] },
];

/// A root that lends names to what is in its modules.
const ROOT: &str = "mod error; mod endpoint; mod server; mod client;
    pub use error::Error; pub use client::Client as Caller; pub use framecat_core as core;";

fn source(within: &str, text: &str) -> Source {
    Source::read(Path::new(within), Path::new(within), text)
}

/// What is refused in a file of a crate with [`ROOT`].
fn refused_in(within: &str, text: &str, rule: Rule) -> Vec<String> {
    refused(&[source("lib.rs", ROOT), source(within, text)], &[rule])
}

#[track_caller]
fn must_refuse(within: &str, rule: Rule, texts: &[&str]) {
    for text in texts {
        assert!(!refused_in(within, text, rule).is_empty(), "not refused: {text}");
    }
}

#[track_caller]
fn must_allow(within: &str, rule: Rule, texts: &[&str]) {
    for text in texts {
        assert_eq!(refused_in(within, text, rule), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_module_that_names_one_above_or_beside_it_is_refused() {
    let rule = Rule::Knows(ROWS);
    must_refuse(
        "server/session.rs",
        rule,
        &[
            "use crate::client;",
            "use crate::client::Client;",
            "use crate::{endpoint::Stream, client::{self, Messages}};",
            "use crate::{endpoint, client as c};",
            "pub(crate) use crate::client::*;",
            "use super::super::client::Client;",
            "use self::super::super::client::Client;",
            "fn f() { let c = crate::client::Client::connect(); }",
            "fn f() { use crate::client::Client; }",
            "fn f() -> Vec<crate::client::Client> { Vec::new() }",
            "fn f() { select! { it = crate::client::connect() => {} } }",
            "#[derive(Debug)] struct S { c: Option<crate::client::Client> }",
            "mod deep { use super::super::super::client::Client; }",
            "macro_rules! m { () => { $crate::client::Client } }",
            "impl From<super::super::client::Client> for S {}",
            "use crate::r#client::Client;",
        ],
    );
    must_refuse("endpoint/mod.rs", rule, &["use super::server::Server;", "use crate::server;"]);
    must_refuse("error.rs", rule, &["use super::endpoint::Stream;"]);
}

#[test]
fn a_name_that_the_root_lends_is_what_it_stands_for() {
    let rule = Rule::Knows(ROWS);
    must_refuse("server/mod.rs", rule, &["use crate::Caller;", "fn f(c: super::Caller) {}"]);
    must_allow("server/mod.rs", rule, &["use crate::Error;", "fn f() { crate::core::decide() }"]);
}

#[test]
fn the_whole_crate_is_refused_because_any_module_can_hide_behind_it() {
    let rule = Rule::Knows(ROWS);
    let texts =
        ["use crate::*;", "use super::*;", "use crate as here;", "use super::{self as up};"];
    must_refuse("server.rs", rule, &texts);
    // And in the root, where all that a module offers would get a second name.
    let texts = ["pub use server::*;", "use crate::client::*;", "pub(crate) use self::client::*;"];
    must_refuse("lib.rs", rule, &texts);
}

#[test]
fn a_module_without_a_row_and_a_file_out_of_place_are_refused() {
    must_refuse("relay/mod.rs", Rule::Knows(ROWS), &["use std::io::Read;"]);
    must_refuse(
        "server/mod.rs",
        Rule::Knows(ROWS),
        &["#[path = \"../client/mod.rs\"] mod other;", "include!(\"../client/mod.rs\");"],
    );
}

#[test]
fn what_a_module_may_know_is_allowed_and_words_are_not_paths() {
    must_allow(
        "server/session.rs",
        Rule::Knows(ROWS),
        &[
            "use crate::endpoint::{Listener, Stream};",
            "use super::mailbox::Mailbox; use super::super::endpoint::Stream;",
            "mod tests { use super::*; use crate::server::Server; }",
            "/// See crate::client::Client.\nfn f() { let text = \"crate::client\"; /* crate::client */ }",
            "use other::client::Client; fn f(client: other::client::Client) { client::other(); }",
            "pub(super) fn f(a: impl Sized + use<'_>) { self.client.client(); }",
            "fn f() { let path = \"client\"; include_str!(\"help.txt\"); }",
        ],
    );
    must_allow("lib.rs", Rule::Knows(ROWS), &["use crate::client::Client; use server::session;"]);
}

#[test]
fn a_decision_that_acts_is_refused() {
    must_refuse(
        "framing/mod.rs",
        Rule::DecidesOnly,
        &[
            "use std::net::TcpStream;",
            "use std::net::{IpAddr, UdpSocket};",
            "use std::net;",
            "use std::net::{self, IpAddr};",
            "use std::net::*;",
            "use std::net as numbers;",
            "fn f() { std::net::TcpListener::bind(\"\"); }",
            "fn f() { \"host:1\".to_socket_addrs() } use std::net::ToSocketAddrs;",
            "use std::os::unix::net::UnixStream;",
            "use std::os::unix;",
            "use std::*;",
            "use std as s;",
            "use std::fs::File;",
            "use std::{collections::BTreeMap, thread};",
            "fn f() { std::thread::sleep(PAUSE); }",
            "fn f() { std::env::var(\"HOME\"); }",
            "fn f() { tokio::spawn(async {}); }",
            "fn f() { tokio::select! {} }",
            "use rustix::io::Errno;",
            "fn f() -> u8 { rand::random() }",
            "use ::rand::Rng;",
            "fn f() { ::tokio::spawn(async {}); }",
            "fn f() { for _ in 0..tokio::count() {} }",
            "fn f() { ::tokio::spawn(async {}); }",
            "fn f() { for _ in 0..tokio::count() {} }",
            "extern crate tokio;",
            "extern crate tokio as t;",
            "use framecat::server::Server;",
        ],
    );
    must_refuse(
        "framing/mod.rs",
        Rule::DecidesOnly,
        &[
            "fn f() { std::time::Instant::now(); }",
            "use std::time::Instant; fn f() { Instant::now(); }",
            "use std::time::SystemTime as S; fn f() { S::now(); }",
            "fn f() { <std::time::Instant>::now(); }",
            "fn f(answer: A) { answer.or_else(jiff::Zoned::now) }",
            "fn f(since: Instant) { since.elapsed(); }",
            "fn f() { jiff::tz::TimeZone::system(); }",
            "fn f() { format!(\"{:?}\", Instant::now()); }",
            "use std::hash::RandomState;",
        ],
    );
}

#[test]
fn what_only_computes_is_allowed_to_decide() {
    must_allow(
        "framing/mod.rs",
        Rule::DecidesOnly,
        &[
            "use std::net::{IpAddr, Ipv4Addr, SocketAddr}; fn f() { std::net::Ipv6Addr::LOCALHOST; }",
            "use std::time::{Duration, Instant}; fn f(now: Instant) { let due = now + WAIT; }",
            "fn f(now: impl FnOnce() -> Zoned) { now(); }",
            "use std::io::{self, Write}; use std::os::unix::ffi::OsStrExt; use std::fmt;",
            "/// tokio::spawn\nfn f(tokio: u8, thread: u8) { Random::new(seed); }",
        ],
    );
}

#[test]
fn a_library_that_speaks_is_refused() {
    must_refuse(
        "server/mod.rs",
        Rule::Silent,
        &[
            "fn f() { println!(\"hello\"); }",
            "fn f() { if a != b { eprintln!(); } }",
            "fn f() { print!(\"\"); }",
            "fn f() { std::eprint!(\"\"); }",
            "fn f() { dbg!(1); }",
            "fn f() { join!(async { println!(\"in a macro\") }); }",
            "use std::io::stdout;",
            "use std::io; fn f() { io::stderr().lock(); }",
        ],
    );
    must_allow(
        "server/mod.rs",
        Rule::Silent,
        &[
            "/// println!(\"an example\")\nfn f() { write!(out, \"println!()\"); let print = 1; !print; }",
            "fn println() { println(); self.stdout.write(); }",
        ],
    );
}

#[test]
fn a_refusal_names_the_file_the_line_and_the_reason() {
    let lines = refused_in("server/mod.rs", "\n\nuse crate::client::Client;\n", Rule::Knows(ROWS));
    assert_eq!(
        lines,
        ["server/mod.rs:3: `crate::client::Client`: `server` must not know `client`"]
    );
}

#[test]
fn a_source_that_is_no_rust_is_not_passed_over() {
    let read = || source("server/mod.rs", "fn f( {");
    assert!(std::panic::catch_unwind(read).is_err());
}

#[test]
fn the_module_of_a_file_follows_from_where_it_lies() {
    for (within, top) in [
        ("lib.rs", None),
        ("main.rs", None),
        ("server/mod.rs", Some("server")),
        ("server/session.rs", Some("server")),
        ("observe.rs", Some("observe")),
    ] {
        assert_eq!(source(within, "").top(), top, "{within}");
    }
    let found = source("server/session.rs", "use super::x as y;").found;
    assert_eq!(found[0].path, ["crate", "server", "x"]);
    assert_eq!(found[0].how, How::Import("y".into()));
}
