//! The live view of `framecat watch` as it is used: in a terminal, which tmux is. What is drawn of which
//! frame is tested with the view itself.
//!
//! The sockets are this test's own, each at a port of its own, and so is each tmux.

mod support;

mod watch_live {
    mod ending;
    mod looking;
    // Some of them are for the other views.
    #[allow(dead_code)]
    #[path = "../watch/sockets.rs"]
    mod sockets;
    mod stopping;
    mod terminals;
    mod tmux;
}
