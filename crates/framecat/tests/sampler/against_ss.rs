//! That a sample has what `ss` (iproute2) shows of the same sockets, while they are at rest.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::Command;
use std::time::Instant;

use framecat::core::address::UnixName;
use framecat::core::sock_diag::{State, UnixKind};
use framecat::core::watch::{End, Kind, Sample, Socket};
use framecat::watch::Target;

use crate::support::{PATIENCE, between, inode, pids, sample_until, sampler};

/// What it shows of ours, which are told by a word: others' names may hold anything.
fn ss(flags: &str, is_ours: impl Fn(&str) -> bool, row: fn(&str) -> Row) -> Vec<Row> {
    let output = Command::new("ss").arg(flags).output();
    let output = output
        .unwrap_or_else(|error| panic!("this test needs `ss`, of the package iproute2: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| line.split_ascii_whitespace().any(&is_ours)).map(row).collect()
}

/// A socket as both show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    state: String,
    queues: [u32; 2],
    /// Of a Unix socket its own name only: this is what `ss` shows of it.
    ends: Vec<String>,
    inode: u32,
    /// The cookie; of a Unix socket, the inode of its peer.
    other: u64,
    pids: BTreeSet<u32>,
}

fn state(state: State) -> &'static str {
    match state {
        State::Established => "ESTAB",
        State::Listen => "LISTEN",
        State::Close => "UNCONN",
        State::CloseWait => "CLOSE-WAIT",
        State::FinWait2 => "FIN-WAIT-2",
        other => panic!("nothing is {other} at rest here"),
    }
}

fn pids_in(line: &str) -> BTreeSet<u32> {
    line.split("pid=").skip(1).map(|rest| leading_number(rest) as u32).collect()
}

fn leading_number(text: &str) -> u64 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or_else(|_| panic!("no number begins {text:?}"))
}

fn address(text: &str) -> String {
    // `*` is `[::]`, where it takes IPv4 too; as a port it is none.
    let (host, port) = text.rsplit_once(':').unwrap();
    let host = if host == "*" { "[::]" } else { host };
    let port = if port == "*" { "0" } else { port };
    format!("{host}:{port}").parse::<SocketAddr>().unwrap().to_string()
}

/// `ESTAB 0 5 127.0.0.1:80 127.0.0.1:5050 users:(("x",pid=1,fd=3)) ino:17 sk:2a cgroup:/ <->`
fn inet_row(line: &str) -> Row {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let after = |mark: &str| words.iter().find_map(|word| word.strip_prefix(mark));
    Row {
        state: words[0].into(),
        queues: [words[1].parse().unwrap(), words[2].parse().unwrap()],
        ends: vec![address(words[3]), address(words[4])],
        inode: after("ino:").map_or(0, |inode| inode.parse().unwrap()),
        other: u64::from_str_radix(after("sk:").unwrap(), 16).unwrap(),
        pids: pids_in(line),
    }
}

fn our_inet_row(socket: &Socket) -> Row {
    let end = |end: &End| match end {
        End::Inet(at) => at.to_string(),
        End::Unix(_) => panic!("{socket:#?}"),
    };
    Row {
        state: state(socket.state).into(),
        queues: [socket.receive_queue, socket.send_queue],
        ends: vec![end(&socket.local), end(&socket.peer)],
        inode: socket.inode,
        other: socket.cookie,
        pids: pids(socket).into_iter().collect(),
    }
}

/// `u_str ESTAB 0 0 /run/x 17 * 18 users:(("x",pid=1,fd=3)) <->`
fn unix_row(line: &str) -> Row {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    Row {
        state: format!("{} {}", words[0], words[1]),
        queues: [words[2].parse().unwrap(), words[3].parse().unwrap()],
        ends: vec![words[4].into()],
        inode: words[5].parse().unwrap(),
        other: words[7].parse().unwrap(),
        pids: pids_in(line),
    }
}

fn our_unix_row(socket: &Socket, by_cookie: &HashMap<u64, u32>) -> Row {
    let end = |end: &End| match end {
        End::Unix(UnixName::Unnamed) => "*".to_owned(),
        end => end.to_string(),
    };
    let kind = match socket.kind {
        Kind::Unix(UnixKind::Stream) => "u_str",
        Kind::Unix(UnixKind::Dgram) => "u_dgr",
        Kind::Unix(UnixKind::Seqpacket) => "u_seq",
        other => panic!("{other}"),
    };
    Row {
        state: format!("{kind} {}", state(socket.state)),
        queues: [socket.receive_queue, socket.send_queue],
        ends: vec![end(&socket.local)],
        inode: socket.inode,
        other: socket.other.map_or(0, |other| by_cookie[&other].into()),
        pids: pids(socket).into_iter().collect(),
    }
}

/// That both show the same, in the end: a program that another test starts has all that we have, until it
/// runs what it is to run.
#[track_caller]
fn assert_alike(mut look: impl FnMut() -> [Vec<Row>; 2]) {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let [mut ours, mut theirs] = look();
        ours.sort_unstable();
        theirs.sort_unstable();
        assert!(ours.len() > 1, "there is something to compare: {ours:#?}");
        if ours == theirs {
            return;
        }
        assert!(Instant::now() < give_up, "{ours:#?} and not {theirs:#?}");
    }
}

#[test]
fn tcp_is_what_ss_shows() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(at).unwrap();
    let (accepted, from) = listener.accept().unwrap();
    client.write_all(b"hello").unwrap();
    let waiting = TcpStream::connect(at).unwrap();
    let closed = TcpStream::connect(at).unwrap();
    closed.shutdown(std::net::Shutdown::Write).unwrap();
    let listener6 = TcpListener::bind("[::]:0").unwrap();
    let port6 = listener6.local_addr().unwrap().port();
    let _client6 = TcpStream::connect(("127.0.0.1", port6)).unwrap();

    let ports = [at.port(), port6];
    let is_ours = |socket: &&Socket| {
        let ends = [socket.local.port(), socket.peer.port()];
        socket.kind == Kind::Tcp && ends.iter().flatten().any(|port| ports.contains(port))
    };
    let words = ports.map(|port| format!(":{port}"));
    let is_ours_of_ss = |word: &str| words.iter().any(|end| word.ends_with(end));
    let closed = closed.local_addr().unwrap();
    let is_at_rest = |sample: &Sample| {
        let queues =
            |local, peer| between(sample, local, peer).map(|it| [it.receive_queue, it.send_queue]);
        queues(at, from) == Some([5, 0])
            && queues(from, at) == Some([0, 0])
            && between(sample, closed, at).is_some_and(|it| it.state == State::FinWait2)
    };
    let mut sampler = sampler(Target::Everything);
    assert_alike(|| {
        let sample = sample_until(&mut sampler, is_at_rest);
        let ours = sample.sockets.iter().filter(is_ours).map(our_inet_row).collect();
        [ours, ss("-tanHpe", is_ours_of_ss, inet_row)]
    });
    drop((accepted, waiting));
}

#[test]
fn udp_is_what_ss_shows() {
    let [receiver, sender] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let at = receiver.local_addr().unwrap();
    let wildcard = UdpSocket::bind("[::]:0").unwrap();
    sender.connect(at).unwrap();
    sender.send(b"hello").unwrap();
    let inodes = [&receiver, &sender, &wildcard].map(inode);
    let words = inodes.map(|inode| format!("ino:{inode}"));
    let is_ours = |word: &str| words.iter().any(|ours| ours == word);
    let mut sampler = sampler(Target::Everything);
    assert_alike(|| {
        let sample = sample_until(&mut sampler, |sample| {
            let mut sockets = sample.sockets.iter();
            sockets.any(|socket| socket.inode == inodes[0] && socket.receive_queue > 0)
        });
        let ours = sample.sockets.iter().filter(|socket| inodes.contains(&socket.inode));
        [ours.map(our_inet_row).collect(), ss("-uanHpe", is_ours, inet_row)]
    });
}

#[test]
fn unix_is_what_ss_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let mut client = UnixStream::connect(&path).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    client.write_all(b"hello").unwrap();
    let receiver = UnixDatagram::bind(folder.path().join("d")).unwrap();
    let sender = UnixDatagram::unbound().unwrap();
    sender.connect(folder.path().join("d")).unwrap();
    sender.send(b"hello").unwrap();
    let inodes =
        [inode(&listener), inode(&client), inode(&accepted), inode(&receiver), inode(&sender)];

    let words = inodes.map(|inode| inode.to_string());
    let is_ours = |word: &str| words.iter().any(|ours| ours == word);
    let mut sampler = sampler(Target::Everything);
    assert_alike(|| {
        let sample = sampler.sample().unwrap();
        let by_cookie: HashMap<u64, u32> =
            sample.sockets.iter().map(|socket| (socket.cookie, socket.inode)).collect();
        let ours = sample.sockets.iter().filter(|socket| inodes.contains(&socket.inode));
        let ours = ours.map(|socket| our_unix_row(socket, &by_cookie)).collect();
        [ours, ss("-xanHpe", is_ours, unix_row)]
    });
}
