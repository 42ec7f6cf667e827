//! `framecat check` against real programs: those that hold pass, those whose bugs are on public record
//! fail where they do, and framecat passes its own check. `./test.sh` installs the programs.
//!
//! - `programs/list.rs`: the programs, how each is started, and what is known of it
//! - `programs/program.rs`: starts one under `framecat check`
//! - `programs/found.rs`: reads what `check --json` says of an exchange
//! - `programs/table.rs`: the table in docs/check.md
//! - `programs/own.rs`: framecat's own services and framings
//!
//! Each program is started for the test, at a free port of this machine, and what it stores goes to a
//! folder that is removed. `FRAMECAT_WRITE_DOCS=1 cargo test --test programs` writes the table anew.

mod programs {
    pub(crate) mod found;
    pub(crate) mod list;
    mod own;
    pub(crate) mod program;
    mod table;
}
mod support;

use programs::list::checked;
use programs::program::Checked;

/// Checks a program that passes all plans.
#[track_caller]
fn passes(name: &str) {
    let checked = checked(name);
    checked.ended_with(0);
    for exchange in &checked.exchanges {
        assert_eq!(exchange.verdict(), "pass", "{checked}");
        assert!(exchange.cases() > 0, "{checked}");
        let (confirmed, _) = exchange.cuts();
        assert!(confirmed > 20, "the kernel sees the cuts: {checked}");
    }
}

/// Checks a program that fails.
#[track_caller]
fn fails(name: &str) -> &'static Checked {
    let checked = checked(name);
    checked.ended_with(3);
    for exchange in &checked.exchanges {
        assert_eq!(exchange.verdict(), "fail", "{checked}");
    }
    checked
}

#[test]
fn redis_passes() {
    passes("redis");
}

#[test]
fn memcached_passes() {
    passes("memcached");
}

#[test]
fn nginx_passes() {
    passes("nginx");
}

#[test]
fn dnsmasq_passes() {
    passes("dnsmasq");
}

#[test]
fn mosquitto_passes() {
    passes("mosquitto");
}

#[test]
fn dovecot_passes() {
    passes("dovecot");
}

#[test]
fn microsocks_takes_every_read_for_a_message() {
    let checked = fails("microsocks");
    assert_eq!(checked.exchange("socks5: method selection").failing("split"), (1..=3).collect());
    assert_eq!(checked.exchange("socks5: CONNECT by name").failing("split"), (1..=15).collect());
}

#[test]
fn lcdproc_takes_every_read_for_a_message() {
    let checked = fails("LCDd");
    assert_eq!(checked.exchange("lcdproc: hello").failing("split"), (1..=5).collect());
}

#[test]
fn statsd_takes_every_read_for_a_message() {
    let checked = fails("statsd");
    assert_eq!(checked.exchange("statsd: health").failing("split"), (1..=6).collect());
}

#[test]
fn the_tutorial_server_fails_at_every_offset_within_its_headers_and_bodies() {
    let checked = fails("tutorial T1");
    let seams = [64, 76, 140];
    let within = (1..151).filter(|offset| !seams.contains(offset)).collect();
    assert_eq!(checked.exchange("T1: a message and the end").failing("split"), within);
}

#[test]
fn framecat_in_the_place_of_the_tutorial_server_passes() {
    passes("framecat as T1");
}

#[test]
fn an_answer_that_asyncio_loses_at_the_end_of_the_stream_is_a_property() {
    passes("asyncio");
    let exchange = &checked("asyncio").exchanges[0];
    assert_eq!(exchange.severity("half-close"), "property");
}
