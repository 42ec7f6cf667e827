//! The order of rows by each field.

use std::time::Duration;

use super::*;

/// The cookies of these sockets in the order of a field.
fn sorted(field: &str, sockets: Vec<Socket>) -> Vec<u64> {
    let mut rows: Vec<Row> = sockets.into_iter().map(row).collect();
    let field = Field::by_name(field).expect("there is such a field");
    rows.sort_by(|a, b| field.compare(a, b));
    rows.iter().map(|row| row.socket.cookie).collect()
}

#[test]
fn what_is_measured_stands_largest_first_and_what_is_not_known_last() {
    let sockets = || vec![listener(1, 0, 5), reader(2, 5, 5), reader(3, 9, 9), udp(4, 0, 0)];
    assert_eq!(sorted("recvq", sockets()), [3, 2, 4, 1]);
    let times = || {
        let rtt = |cookie, time| tcp_with(cookie, |_, tcp| tcp.rtt = time);
        vec![rtt(1, 2 * MS), rtt(2, 30 * MS), rtt(3, Duration::ZERO), udp(4, 0, 0)]
    };
    assert_eq!(sorted("rtt", times()), [2, 1, 3, 4]);
    assert_eq!(sorted("severity", vec![tcp(1), reader(2, 65536, 65536)]), [1, 2]);
    let late = tcp_with(2, |socket, tcp| {
        (socket.receive_queue, tcp.last_data_received) = (65536, 9 * S);
    });
    assert_eq!(sorted("severity", vec![tcp(1), late]), [2, 1]);
}

#[test]
fn names_and_what_is_called_by_a_number_stand_smallest_first() {
    let own = |cookie, pid, name| Socket { owners: owner(pid, name), ..tcp(cookie) };
    let owned = || vec![own(1, 9, "b"), own(2, 10, "a"), bare(3, State::TimeWait), own(4, 8, "b")];
    assert_eq!(sorted("process", owned()), [2, 4, 1, 3]);
    assert_eq!(sorted("pid", owned()), [4, 1, 2, 3]);
    let named = |cookie, local| named(tcp(cookie), local, "10.0.0.1:9");
    let ends = vec![
        unix(1, "", State::Established),
        unix(2, "/b", State::Established),
        named(3, "10.0.0.1:90"),
        named(4, "10.0.0.1:100"),
        named(5, "[::1]:1"),
        unix(6, "/a", State::Established),
        named(7, "0.0.0.0:0"),
    ];
    assert_eq!(sorted("local", ends.clone())[..6], [3, 4, 5, 6, 2, 7]);
    assert_eq!(sorted("lport", ends)[..3], [5, 3, 4]);
    assert_eq!(sorted("kind", vec![unix(1, "", State::Close), udp(2, 0, 0), tcp(3)]), [3, 2, 1]);
    assert_eq!(sorted("state", vec![listener(1, 0, 5), tcp(2)]), [2, 1]);
}

/// Sockets of every kind.
fn all() -> Vec<Row> {
    let own = |socket: Socket| Socket { owners: owner(1, "b"), ..socket };
    let sockets = vec![
        listener(1, 6, 5),
        own(listener(2, 0, 128)),
        reader(3, 9, 9),
        own(writer(4, 5, 5)),
        bare(5, State::SynRecv),
        bare(6, State::TimeWait),
        udp(7, 768, 3),
        unix(8, "/a", State::Listen),
        unix(9, "", State::Established),
        Socket { receive_queue: 1, ..visitor(10, 3 * S) },
        tcp_with(11, |socket, tcp| (socket.state, tcp.total_retransmissions) = (State::SynSent, 3)),
    ];
    Script::default().frame(S, sockets).rows
}

#[test]
fn each_field_puts_all_rows_into_one_order() {
    let rows = all();
    for field in FIELDS {
        for a in &rows {
            assert!(field.compare(a, a).is_eq(), "{}", field.name);
            for b in &rows {
                let order = field.compare(a, b);
                assert_eq!(order, field.compare(b, a).reverse(), "{}", field.name);
                let follows = |c: &&Row| order.is_le() && field.compare(b, c).is_le();
                for c in rows.iter().filter(follows) {
                    assert!(field.compare(a, c).is_le(), "{}", field.name);
                }
            }
        }
        if field.of_frame {
            assert!(rows.iter().all(|row| field.compare(&rows[0], row).is_eq()), "{}", field.name);
        }
    }
}
