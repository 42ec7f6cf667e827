//! Unix sockets: names, peers, both ends.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

use framecat::core::address::{Address, UnixName};
use framecat::core::sock_diag::{State, UnixKind};
use framecat::core::watch::{End, Kind, Sample, Socket};
use framecat::watch::Target;

use crate::support::{are_ours_alone, inode, one, sample_until, sampler};

fn target(text: &str) -> Target {
    Target::Addresses(vec![text.parse::<Address>().unwrap()])
}

#[track_caller]
fn with_inode(sample: &Sample, inode: u32) -> &Socket {
    one(sample, |socket| socket.inode == inode).unwrap_or_else(|| panic!("no {inode}: {sample:#?}"))
}

#[test]
fn a_client_shows_the_name_of_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let mut client = UnixStream::connect(&path).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    std::io::Write::write_all(&mut client, b"hello").unwrap();

    let mut sampler = sampler(target(&format!("unix://{}", path.display())));
    let sample = sample_until(&mut sampler, are_ours_alone);
    assert_eq!(sample.sockets.len(), 3, "{sample:#?}");
    let named = End::Unix(UnixName::Path(path));
    let unnamed = End::Unix(UnixName::Unnamed);
    let [listening, ours, theirs] =
        [inode(&listener), inode(&client), inode(&accepted)].map(|it| with_inode(&sample, it));
    assert_eq!((listening.state, &listening.local), (State::Listen, &named));
    assert_eq!((&ours.local, &ours.peer), (&unnamed, &named));
    assert_eq!((&theirs.local, &theirs.peer), (&named, &unnamed));
    assert_eq!((ours.other, theirs.other), (Some(theirs.cookie), Some(ours.cookie)));
    assert_eq!(
        (theirs.receive_queue, ours.other_unread, theirs.other_unread),
        (5, Some(5), Some(0))
    );
    for socket in &sample.sockets {
        assert_eq!(socket.kind, Kind::Unix(UnixKind::Stream));
        assert_eq!((socket.tcp, socket.memory), (None, None));
    }
    drop(accepted);
    // A program that another test starts has it too, until it runs what it is to run.
    let is_alone = |sample: &Sample| sample.sockets.iter().all(|it| it.inode != inode(&client));
    sample_until(&mut sampler, is_alone);
}

#[test]
fn abstract_names_and_types_are_told_apart() {
    let name = format!("framecat-sampler-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let receiver = UnixDatagram::bind_addr(&address).unwrap();
    let [one, other] = [(); 2].map(|()| UnixDatagram::unbound().unwrap());
    one.connect_addr(&address).unwrap();
    other.connect_addr(&address).unwrap();
    one.send(b"hello").unwrap();

    let sample = sampler(target(&format!("unix://@{name}"))).sample().unwrap();
    assert_eq!(sample.sockets.len(), 1, "{sample:#?}");
    assert_eq!(sample.sockets[0].inode, inode(&listener));

    let sample = sampler(target(&format!("unix-dgram://@{name}"))).sample().unwrap();
    assert_eq!(sample.sockets.len(), 3, "{sample:#?}");
    let server = with_inode(&sample, inode(&receiver));
    assert_eq!((server.kind, server.other), (Kind::Unix(UnixKind::Dgram), None));
    for client in [&one, &other] {
        let client = with_inode(&sample, inode(client));
        assert_eq!(client.peer, End::Unix(UnixName::Abstract(name.clone().into())));
        assert_eq!(client.other, Some(server.cookie));
        assert_eq!(client.other_unread, None, "what waits there may be anybody's");
    }
}

#[test]
fn a_pair_without_names_is_joined() {
    let (one, other) = UnixStream::pair().unwrap();
    let sample = sampler(Target::Process(std::process::id())).sample().unwrap();
    let (one, other) = (with_inode(&sample, inode(&one)), with_inode(&sample, inode(&other)));
    assert_eq!((one.other, other.other), (Some(other.cookie), Some(one.cookie)));
}

#[test]
fn who_waits_to_be_accepted_is_seen_and_by_whom() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let clients = [UnixStream::connect(&path).unwrap(), UnixStream::connect(&path).unwrap()];
    let mut sampler = sampler(target(&format!("unix://{}", path.display())));
    let sample = sampler.sample().unwrap();
    assert_eq!(sample.sockets.len(), 3, "{sample:#?}");
    let listening = with_inode(&sample, inode(&listener));
    assert_eq!(listening.receive_queue, 2);
    for client in &clients {
        let client = with_inode(&sample, inode(client));
        assert_eq!((&client.peer, client.other), (&listening.local, None), "not accepted yet");
    }
    let [first, second] = clients;
    drop(second);
    let _accepted = listener.accept().unwrap();
    let sample = sample_until(&mut sampler, |sample| sample.sockets.len() == 3);
    assert_eq!(with_inode(&sample, inode(&listener)).receive_queue, 1, "it closed, and waits");
    assert!(with_inode(&sample, inode(&first)).other.is_some());
}
