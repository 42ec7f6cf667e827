//! What metrics add up, and how many there are.

use std::time::Duration;

use framecat::core::sock_diag::State;
use framecat::core::watch::{Kind, Sample, Socket, Watch};

use super::super::figures::Figures;
use super::super::prometheus::Exposition;
use super::socket;

#[test]
fn of_listeners_that_share_an_address_the_fullest_is_told() {
    let worker = |cookie, receive_queue, send_queue| Socket {
        receive_queue,
        send_queue,
        ..socket(cookie, Kind::Tcp, State::Listen, "127.0.0.1:80", "")
    };
    // The longest queue is not the fullest.
    let sockets = vec![worker(1, 0, 2), worker(2, 3, 2), worker(3, 4, 128), worker(4, 0, 2)];
    let frame = Watch::new().on_sample(Sample { sockets, ..Sample::default() });
    let text = Figures::of(&frame, Duration::ZERO).text(Exposition::Classic);
    for (metric, value) in [
        ("accept_queue", 3),
        ("accept_queue_limit", 2),
        ("members", 4),
        ("all_accept_queues", 7),
        ("all_accept_queues_limit", 134),
    ] {
        let start = format!("framecat_listener_{metric}{{");
        let line = text.lines().find(|line| line.starts_with(&start)).expect(metric);
        assert!(line.ends_with(&format!("}} {value}")), "{line}");
    }
}

#[test]
fn as_many_series_as_there_may_be_and_the_rest_is_counted() {
    let sockets = (0..3000).map(|port| {
        let listener = format!("127.0.0.1:{}", port + 1);
        socket(port, Kind::Tcp, State::Listen, &listener, "")
    });
    let sample = Sample { sockets: sockets.collect(), ..Sample::default() };
    let frame = Watch::new().on_sample(sample);
    let text = Figures::of(&frame, Duration::ZERO).text(Exposition::Classic);
    assert_eq!(text.matches("\nframecat_listener_accept_queue{").count(), 1000);
    assert!(text.contains("\nframecat_missing{what=\"series\"} 2000\n"), "{text:.200}");
}
