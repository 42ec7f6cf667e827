//! Who has a socket open: children, programs that share, pass on, end or take another name.

use std::net::{TcpListener, TcpStream, UdpSocket};

use framecat::core::watch::{Missing, Sample, Socket, Watch};
use framecat::watch::{Sampler, Target};

use crate::support::{Python, inode, one, our_name, pids, sample_until, sampler};

fn at_port(sample: &Sample, port: u16) -> Option<&Socket> {
    one(sample, |socket| socket.local.port() == Some(port))
}

#[track_caller]
fn wait_for_owners(sampler: &mut Sampler, port: u16, wanted: &[u32]) -> Sample {
    sample_until(sampler, |sample| {
        at_port(sample, port).is_some_and(|socket| pids(socket) == wanted)
    })
}

/// Says the port at which it listens and waits.
const LISTENING: &str = "import os, socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()
print(l.getsockname()[1], flush=True)
sys.stdin.readline()
";

#[test]
fn a_child_is_the_owner_of_what_it_opens() {
    let mut sampler = sampler(Target::Everything);
    sampler.sample().unwrap();
    // It was not there in the first sample.
    let mut server = Python::start(LISTENING);
    let port = server.number();
    let sample = sampler.sample().unwrap();
    let socket = at_port(&sample, port).unwrap();
    assert_eq!(pids(socket), [server.pid()]);
    assert_eq!(socket.owners[0].name, "python3");
    let uid = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap());
    assert_eq!(socket.uid, Some(uid));
    server.end();
    let sample = sampler.sample().unwrap();
    assert_eq!(at_port(&sample, port), None);
}

#[test]
fn a_socket_that_a_fork_shares_has_two_owners() {
    let mut server = Python::start(&format!(
        "{LISTENING}
r, w = os.pipe()
child = os.fork()
if child == 0:
    os.close(w); os.read(r, 1); os._exit(0)
print(child, flush=True)
sys.stdin.readline()
os.close(w); os.wait()
print('alone', flush=True)
sys.stdin.readline()"
    ));
    let port = server.number();
    let mut sampler = sampler(Target::Everything);
    wait_for_owners(&mut sampler, port, &[server.pid()]);
    server.go_on();
    let mut both = [server.pid(), server.number()];
    both.sort_unstable();
    let sample = sampler.sample().unwrap();
    assert_eq!(pids(at_port(&sample, port).unwrap()), both, "with the first sample after the fork");
    server.go_on();
    assert_eq!(server.line(), "alone");
    let sample = sampler.sample().unwrap();
    assert_eq!(pids(at_port(&sample, port).unwrap()), [server.pid()]);
}

#[test]
fn a_socket_that_is_passed_on_has_another_owner() {
    let mut server = Python::start(&format!(
        "import array
{LISTENING}
here, there = socket.socketpair()
child = os.fork()
if child == 0:
    l.close(); here.close()
    data, control, _, _ = there.recvmsg(1, 64)
    print('received', flush=True)
    there.recv(1)
    os._exit(0)
there.close()
print(child, flush=True)
sys.stdin.readline()
rights = array.array('i', [l.fileno()])
here.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
l.close()
sys.stdin.readline()"
    ));
    let port = server.number();
    let mut sampler = sampler(Target::Everything);
    server.go_on();
    let child = server.number();
    wait_for_owners(&mut sampler, port, &[server.pid()]);
    server.go_on();
    assert_eq!(server.line(), "received");
    // What one had and another has now is not seen in the first sample on every kernel.
    wait_for_owners(&mut sampler, port, &[child]);
}

#[test]
fn a_program_that_takes_another_name_is_shown_by_it() {
    let mut server = Python::start(&format!(
        "{LISTENING}
open('/proc/self/comm', 'w').write('x) y (')
print('renamed', flush=True)
sys.stdin.readline()"
    ));
    let port = server.number();
    let mut sampler = sampler(Target::Everything);
    wait_for_owners(&mut sampler, port, &[server.pid()]);
    server.go_on();
    assert_eq!(server.line(), "renamed");
    let sample = sampler.sample().unwrap();
    assert_eq!(at_port(&sample, port).unwrap().owners[0].name, "x) y (");
}

#[test]
fn a_name_stands_for_every_process_that_has_it() {
    // Longer than the kernel keeps.
    let name = format!("named-{}-and-so-on", std::process::id());
    let named = format!("open('/proc/self/comm', 'w').write('{name}'[:15])\n");
    let mut servers = [(); 2].map(|()| Python::start(&format!("{named}{LISTENING}os._exit(0)")));
    let ports: Vec<u16> = servers.iter_mut().map(Python::number).collect();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let _waiting = TcpStream::connect(("127.0.0.1", ports[0])).unwrap();
    let mut sampler = sampler(Target::Name(name));
    let sample = sampler.sample().unwrap();
    assert_eq!(sample.sockets.len(), 3, "two listeners, and one in a queue: {sample:#?}");
    for (server, port) in servers.iter().zip(&ports) {
        let listens = |socket: &Socket| {
            socket.local.port() == Some(*port)
                && socket.inode != 0
                && pids(socket) == [server.pid()]
        };
        assert!(one(&sample, listens).is_some(), "{sample:#?}");
    }
    assert!(one(&sample, |socket| socket.inode == inode(&other)).is_none());
}

#[test]
fn of_a_process_only_its_own_sockets_are_sampled() {
    let mut server = Python::start(LISTENING);
    let theirs = server.number();
    let ours = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut sampler = sampler(Target::Process(std::process::id()));
    let sample = sampler.sample().unwrap();
    let socket = one(&sample, |socket| socket.inode == inode(&ours)).unwrap();
    assert_eq!(socket.owners[0].name, our_name());
    assert_eq!(at_port(&sample, theirs), None, "a child's is not its");
    let later = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sample = sampler.sample().unwrap();
    assert!(one(&sample, |socket| socket.inode == inode(&later)).is_some(), "{sample:#?}");
}

#[test]
fn a_process_that_has_ended_is_said_to_have() {
    let mut server = Python::start(&format!("{LISTENING}print('ends', flush=True)"));
    let port = server.number();
    let ended = Missing::Ended { pid: server.pid() };
    let mut sampler = sampler(Target::Process(server.pid()));
    let sample = sampler.sample().unwrap();
    assert!(at_port(&sample, port).is_some() && !sample.missing.contains(&ended), "{sample:#?}");
    server.go_on();
    assert_eq!(server.line(), "ends");
    // First it is there still as what is to be waited for.
    let sample = sample_until(&mut sampler, |sample| sample.missing.contains(&ended));
    assert_eq!(sample.sockets, []);
    server.end();
    let sample = sampler.sample().unwrap();
    assert!(sample.missing.contains(&ended), "{:?}", sample.missing);
}

#[test]
fn a_process_in_another_network_namespace_is_told_apart() {
    let ours = Missing::OtherNamespace { pid: std::process::id() };
    let sample = sampler(Target::Process(std::process::id())).sample().unwrap();
    assert!(!sample.missing.contains(&ours), "{:?}", sample.missing);

    let mut elsewhere = Python::start(
        "import os, subprocess, sys
how = ['--net'] if os.geteuid() == 0 else ['--user', '--net']
code = 'import sys; print(1, flush=True); sys.stdin.read()'
p = subprocess.Popen(['unshare', *how, sys.executable, '-c', code], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
print(p.stdout.readline().decode().strip() and p.pid, flush=True)
sys.stdin.readline(); p.stdin.close(); p.wait()",
    );
    let pid = elsewhere.line().parse().expect("this test needs `unshare --net` to be allowed");
    let sample = sampler(Target::Process(pid)).sample().unwrap();
    assert!(sample.missing.contains(&Missing::OtherNamespace { pid }), "{:?}", sample.missing);
    elsewhere.go_on();
}

#[test]
fn what_a_program_had_before_it_was_asked_for_is_not_new() {
    let mut server = Python::start(
        "import socket, sys
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(5)
print(l.getsockname()[1], flush=True)
sys.stdin.readline()
open('/proc/self/comm', 'w').write('fc-renamed')
sys.stdin.readline()",
    );
    let port: u16 = server.number();
    let mut sampler = sampler(Target::Name("fc-renamed".into()));
    let mut watch = Watch::new();
    watch.on_sample(sampler.sample().unwrap());
    server.go_on();
    let sample = sample_until(&mut sampler, |sample| at_port(sample, port).is_some());
    let frame = watch.on_sample(sample);
    assert!(!frame.rows[0].age.seen_to_begin, "{frame:#?}");
}
