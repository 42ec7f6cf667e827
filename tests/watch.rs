//! `framecat watch` as it is used: what it shows of sockets, what it writes for programs, when it ends
//! and how, what it refuses. Whether its numbers are the kernel's is tested with the sampler.
//!
//! The sockets are this test's own, each at a port of its own.

mod support;

mod watch {
    mod documentation;
    mod ending;
    mod prometheus;
    mod samples;
    mod sockets;
    mod targets;
    mod usage;
    mod watching;
}
