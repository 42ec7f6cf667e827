//! Places to listen at that no other test, and no other run of the tests, has.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, socket_with};

static PLACES: AtomicU32 = AtomicU32::new(0);

fn unique() -> String {
    format!("framecat-test-{}-{}", id(), PLACES.fetch_add(1, Ordering::Relaxed))
}

/// A directory that is removed with everything in it, for Unix sockets with a path.
pub(crate) struct Place {
    directory: PathBuf,
}

impl Place {
    #[track_caller]
    pub(crate) fn new() -> Place {
        // Not below the build directory: a socket's path may have 107 bytes only.
        let directory = std::env::temp_dir().join(unique());
        fs::create_dir(&directory).expect("the directory for temporary files can be written");
        Place { directory }
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().expect("a plain name").to_owned()
    }

    /// A named pipe in it, by which a process tells something.
    #[track_caller]
    pub(crate) fn pipe(&self, name: &str) -> Pipe {
        let path = self.path(name);
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, &path, FileType::Fifo, mode, 0).expect("a pipe can be made");
        // Open for writing too, so that it has no end before anybody has written.
        let file = open(&path, OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty());
        Pipe(File::from(file.expect("it is ours")))
    }

    /// A name in Linux's abstract namespace.
    pub(crate) fn abstract_name() -> String {
        format!("@{}", unique())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A socket file that a killed server has left is removed with the rest.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The reading end of a named pipe.
pub(crate) struct Pipe(File);

impl Pipe {
    /// The first line that somebody writes into it.
    #[track_caller]
    pub(crate) fn line(mut self, patience: Duration) -> String {
        let timeout = Timespec::try_from(patience).expect("some seconds");
        let mut said = String::new();
        while !said.ends_with('\n') {
            let mut readable = [PollFd::new(&self.0, PollFlags::IN)];
            let ready = poll(&mut readable, Some(&timeout)).expect("a pipe can be waited for");
            assert!(ready > 0, "nobody wrote a line within {patience:?}, only {said:?}");
            let mut some = [0; 256];
            let len = self.0.read(&mut some).expect("there is something");
            said.push_str(&String::from_utf8_lossy(&some[..len]));
        }
        said
    }
}

/// A loopback address that belongs to this test run: on 127.0.0.1 any program of this machine might
/// take a port between two servers of ours.
pub(crate) fn own_loopback() -> Ipv4Addr {
    let [_, high, middle, low] = id().to_be_bytes();
    // Linux gives process ids of at most 22 bits; the set bit keeps clear of 127.0.0.1.
    Ipv4Addr::new(127, high | 0x80, middle, low)
}

/// A port where nobody listens, and nobody can as long as this lives.
pub(crate) struct Unserved {
    _socket: OwnedFd,
    address: SocketAddr,
}

impl Unserved {
    /// Of TCP: bound, and not listening.
    pub(crate) fn tcp() -> Unserved {
        let any = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        let kind = SocketType::STREAM;
        let socket = socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, None)
            .expect("a socket can be had");
        bind(&socket, &any).expect("a port is free");
        let name = getsockname(&socket).expect("it is bound");
        let address = SocketAddr::try_from(name).expect("it has a port");
        Unserved { _socket: socket, address }
    }

    /// Of UDP: connected to somebody else, so that the kernel refuses what others send to it.
    pub(crate) fn udp() -> Unserved {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        let address = socket.local_addr().expect("it is bound");
        socket.connect("127.0.0.1:9").expect("connecting a datagram socket sends nothing");
        Unserved { _socket: socket.into(), address }
    }

    /// The address, without a scheme.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }
}
