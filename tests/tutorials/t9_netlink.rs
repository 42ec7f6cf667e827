//! T9: AF_NETLINK, the socket that asks the kernel. A peer that speaks it by hand finds our sockets
//! in the kernel's tables, as we say they are.

use std::fs;

use crate::support::{Framecat, Peer, Server, wait_kernel};

/// The kernel's row of a server's socket, cut into words. Others may have the same port: connections
/// of long ago that are in TIME_WAIT, and other addresses.
#[track_caller]
fn own_row(kind: &str, server: &Server) -> Vec<String> {
    let rows = rows(kind, server);
    let mut own = rows.iter().filter(|row| row[1] == server.bare());
    let row = own.next().unwrap_or_else(|| panic!("the server is not in {rows:?}"));
    assert_eq!(own.next(), None, "one socket has the address");
    row.clone()
}

/// The rows of the kernel's table that have the server's port.
fn rows(kind: &str, server: &Server) -> Vec<Vec<String>> {
    let output = Peer::client("t9_netlink.py", &[kind, server.port()]).finish().succeeded();
    let words = |row: &str| row.split(' ').map(str::to_owned).collect();
    output.stdout().lines().map(words).collect()
}

/// The longest accept queue that the kernel grants.
fn somaxconn() -> u32 {
    let text = fs::read_to_string("/proc/sys/net/core/somaxconn").expect("this is Linux");
    text.trim().parse().expect("it is a number")
}

#[test]
fn the_kernel_knows_our_listener_with_an_empty_queue_for_4096() {
    let server = Framecat::serve(&["127.0.0.1:0"]);
    let row = own_row("tcp4", &server);
    let backlog = somaxconn().min(4096).to_string();
    assert_eq!(row[..5], ["LISTEN", &server.bare(), "0.0.0.0:0", "0", &backlog]);
    assert_ne!(row[5], "0", "it has an inode");
}

#[test]
fn the_backlog_that_was_asked_for_is_the_kernels() {
    for backlog in [1, 5, 1024] {
        let server = Framecat::serve(&["127.0.0.1:0", "--backlog", &backlog.to_string()]);
        let row = own_row("tcp4", &server);
        assert_eq!(row[4], somaxconn().min(backlog).to_string());
    }
}

#[test]
fn listeners_of_ipv6_and_receivers_of_udp_are_found_too() {
    let server = Framecat::serve(&["[::1]:0", "--backlog", "5"]);
    let row = own_row("tcp6", &server);
    assert_eq!(row[..5], ["LISTEN", &server.bare(), "[::]:0", "0", "5"]);

    let server = Framecat::serve(&["udp://127.0.0.1:0"]);
    let row = own_row("udp4", &server);
    // The kernel has no better word for a datagram socket that is connected to nobody.
    assert_eq!(row[..5], ["CLOSE", &server.bare(), "0.0.0.0:0", "0", "0"]);
}

#[test]
fn both_ends_of_a_connection_are_in_the_table_and_gone_when_it_is_over() {
    let server = Framecat::serve(&["127.0.0.1:0", "--service", "upper"]);
    let mut client = Framecat::connect(&[&server.stream()]);
    client.stdin_bytes("hello").wait_stdout("HELLO");
    let line = server.wait_stderr(|line| line.starts_with("+ #1 "));
    let peer = line.split(' ').nth(2).expect("its third word is the address").to_owned();
    let ends = [[server.bare(), peer.clone()], [peer.clone(), server.bare()]];
    let rows = rows("tcp4", &server);
    for end in ends {
        let row = rows.iter().find(|row| row[1..3] == end).expect("it is connected");
        assert_eq!(row[0], "ESTABLISHED");
    }
    client.close_stdin().finish().succeeded();
    // The client closed first: its end is remembered for a while, ours is not.
    let remembered = ["TIME_WAIT", &peer, &server.bare()];
    wait_kernel("tcp4", server.port(), |row| row[..3] == remembered);
}
