//! The inventory, of processes that are made up: what it looks at, and what it makes of it.

mod fake;

use std::sync::Arc;

use framecat_core::sock_diag::State;
use framecat_core::watch::{End, Kind, Socket};

use super::{Inventory, Pid, Scope};
use fake::{Fake, Program};

fn inventory(programs: &[(Pid, &[u32])]) -> Inventory<Fake> {
    let mut inventory = Inventory::with(Fake::default(), Scope::All);
    for (pid, sockets) in programs {
        start(&mut inventory, *pid, sockets);
    }
    inventory
}

fn start(inventory: &mut Inventory<Fake>, pid: Pid, sockets: &[u32]) {
    let fake = inventory.view();
    fake.births += 1;
    let (name, sockets) = (format!("p{pid}"), sockets.to_vec());
    let started = fake.births.into();
    fake.processes.insert(pid, Program { name, started, sockets, ..Program::default() });
}

fn program(inventory: &mut Inventory<Fake>, pid: Pid) -> &mut Program {
    inventory.view().processes.get_mut(&pid).unwrap()
}

fn sockets(ids: impl IntoIterator<Item = (u64, u32)>) -> Vec<Socket> {
    let none = End::Inet(([0, 0, 0, 0], 0).into());
    let socket = |(cookie, inode)| Socket {
        cookie,
        kind: Kind::Tcp,
        state: State::Established,
        local: none.clone(),
        peer: none.clone(),
        other: None,
        other_unread: None,
        was_there: false,
        receive_queue: 0,
        send_queue: 0,
        inode,
        uid: None,
        owners: Arc::new([]),
        tcp: None,
        memory: None,
    };
    ids.into_iter().map(socket).collect()
}

/// Who has each of these sockets open, by the names, and whom it looked at for that.
fn assign(inventory: &mut Inventory<Fake>, ids: &[(u64, u32)]) -> (Vec<String>, Vec<Pid>) {
    inventory.view().looks.clear();
    let mut sockets = sockets(ids.iter().copied());
    inventory.assign(&mut sockets);
    let names = |socket: &Socket| {
        let names: Vec<&str> = socket.owners.iter().map(|owner| owner.name.as_str()).collect();
        names.join("+")
    };
    (sockets.iter().map(names).collect(), inventory.view().looks.clone())
}

fn names(inventory: &mut Inventory<Fake>, ids: &[(u64, u32)]) -> Vec<String> {
    assign(inventory, ids).0
}

#[test]
fn each_owner_is_found_and_all_who_share() {
    let mut inventory = inventory(&[(1, &[10, 11]), (2, &[11, 12, 12]), (3, &[])]);
    let ids = [(100, 10), (101, 11), (102, 12), (103, 13), (104, 0)];
    assert_eq!(names(&mut inventory, &ids), ["p1", "p1+p2", "p2", "", ""]);
}

#[test]
fn while_nothing_changes_nobody_with_many_descriptors_is_looked_at_often() {
    let many: Vec<u32> = (1..=10_000).collect();
    let mut inventory = inventory(&[(1, &many)]);
    let ids: Vec<(u64, u32)> = many.iter().map(|inode| (u64::from(*inode), *inode)).collect();
    let looks = |inventory: &mut Inventory<Fake>| assign(inventory, &ids).1.len();
    assert_eq!(looks(&mut inventory), 1);
    let rounds = 100;
    let later: usize = (0..rounds).map(|_| looks(&mut inventory)).sum();
    assert_eq!(later, rounds * 256 / 10_000);
}

#[test]
fn everybodys_turn_comes_while_one_has_too_many_descriptors() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[10]), (3, &[10])]);
    program(&mut inventory, 2).files = u64::MAX / 2;
    let ids = [(100, 10)];
    assert_eq!(names(&mut inventory, &ids), ["p1+p2+p3"]);
    for pid in [1, 2, 3] {
        // It closes the socket and opens a file.
        let program = program(&mut inventory, pid);
        (program.sockets, program.files) = (vec![], program.files + 1);
    }
    assert_eq!(names(&mut inventory, &ids), ["p2"]);
}

#[test]
fn owners_are_shared_and_kept() {
    let mut inventory = inventory(&[(1, &[10, 11]), (2, &[12, 13]), (3, &[12, 13])]);
    let mut first = sockets([(100, 10), (101, 11), (102, 12), (103, 13)]);
    inventory.assign(&mut first);
    assert!(Arc::ptr_eq(&first[0].owners, &first[1].owners));
    assert!(Arc::ptr_eq(&first[2].owners, &first[3].owners));
    let mut second = sockets([(100, 10)]);
    inventory.assign(&mut second);
    assert!(Arc::ptr_eq(&first[0].owners, &second[0].owners));
}

#[test]
fn an_inode_that_is_used_again_has_its_new_owner_only() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[])]);
    assert_eq!(names(&mut inventory, &[(100, 10)]), ["p1"]);
    // It closes the socket and opens a file: the number of its descriptors is the same.
    *program(&mut inventory, 1) =
        Program { sockets: vec![], files: 1, ..program(&mut inventory, 1).clone() };
    program(&mut inventory, 2).sockets = vec![10];
    assert_eq!(names(&mut inventory, &[(200, 10)]), ["p2"]);
}

#[test]
fn a_process_number_that_is_used_again_is_another_process() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[10])]);
    assert_eq!(names(&mut inventory, &[(100, 10)]), ["p1+p2"]);
    start(&mut inventory, 1, &[11]);
    program(&mut inventory, 1).name = "other".into();
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["p2", "other"]);
    inventory.view().processes.remove(&1);
    assert_eq!(names(&mut inventory, &[(100, 10)]), ["p2"], "without a birth it is seen too");
}

#[test]
fn a_new_socket_is_looked_for_with_the_likeliest_first() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[11, 12]), (3, &[])]);
    // A thousand files each: their turn does not come in these rounds.
    for pid in 1..=3 {
        program(&mut inventory, pid).files = 1000;
    }
    let first = [(100, 10), (101, 11), (102, 12)];
    assert_eq!(assign(&mut inventory, &first).1, [1, 2, 3]);
    // It closes one and accepts another.
    program(&mut inventory, 1).sockets = vec![20];
    let (names, looks) = assign(&mut inventory, &[(200, 20), (101, 11), (102, 12)]);
    assert_eq!((names[0].as_str(), looks), ("p1", vec![2, 1]), "2 has more sockets");
    program(&mut inventory, 1).sockets = vec![30];
    let (names, looks) = assign(&mut inventory, &[(300, 30), (101, 11), (102, 12)]);
    assert_eq!((names[0].as_str(), &looks[..1]), ("p1", &[1][..]), "it was found there before");
    // One more descriptor tells by itself where to look.
    program(&mut inventory, 2).sockets = vec![11, 12, 40];
    let (names, looks) = assign(&mut inventory, &[(400, 40), (300, 30)]);
    assert_eq!((names[0].as_str(), &looks[..1]), ("p2", &[2][..]));
}

#[test]
fn of_a_busy_server_the_kernel_is_asked_for_what_is_new() {
    let many: Vec<u32> = (1..=10_000).collect();
    let mut inventory = inventory(&[(1, &many), (2, &[20_000]), (3, &[])]);
    let mut ids: Vec<(u64, u32)> = many.iter().map(|inode| (u64::from(*inode), *inode)).collect();
    names(&mut inventory, &ids);
    for round in 0..10 {
        // It closes some and accepts as many, which take the same descriptors.
        for (at, id) in ids.iter_mut().enumerate().skip(100 * round).take(100) {
            let inode = 30_000 + at as u32;
            program(&mut inventory, 1).sockets[at] = inode;
            *id = (inode.into(), inode);
        }
        inventory.view().asked = 0;
        let (names, looks) = assign(&mut inventory, &ids);
        assert!(names.iter().all(|name| name == "p1"));
        // The others' turn comes too.
        assert_eq!((looks[0], inventory.view().asked), (1, 100 + 1), "round {round}");
    }
}

#[test]
fn a_descriptor_of_a_socket_that_another_has_now_is_asked_for_too() {
    let mut inventory = inventory(&[(1, &[10, 11]), (2, &[12])]);
    program(&mut inventory, 1).files = 100_000;
    let before = [(100, 10), (101, 11), (102, 12)];
    assert_eq!(names(&mut inventory, &before), ["p1", "p1", "p2"]);
    // It passes one on, closes it and opens another: as many as before, at the same descriptors.
    program(&mut inventory, 1).sockets = vec![20, 11];
    program(&mut inventory, 2).sockets = vec![12, 10];
    let after = [(100, 10), (101, 11), (102, 12), (200, 20)];
    names(&mut inventory, &after);
    assert_eq!(names(&mut inventory, &after), ["p2", "p1", "p2", "p1"], "with the next sample");
}

#[test]
fn a_socket_that_nobody_has_is_not_looked_for_for_ever() {
    let mut inventory = inventory(&[(1, &[]), (2, &[])]);
    for pid in 1..=2 {
        program(&mut inventory, pid).files = 1_000_000;
    }
    let rounds: Vec<usize> =
        (0..200).filter(|_| !assign(&mut inventory, &[(100, 10)]).1.is_empty()).collect();
    assert_eq!(rounds, [0, 1, 9, 73]);
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["", ""]);
}

#[test]
fn what_no_number_shows_is_seen_when_its_turn_comes() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[])]);
    inventory.view().cannot_count = true;
    assert_eq!(names(&mut inventory, &[(100, 10)]), ["p1"]);
    program(&mut inventory, 1).sockets = vec![];
    program(&mut inventory, 2).sockets = vec![10];
    let seen = (0..3).any(|_| names(&mut inventory, &[(100, 10)]) == ["p2"]);
    assert!(seen, "passed on, and not counted");
}

#[test]
fn those_who_hide_are_counted_and_threads_of_the_kernel_are_not() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[11]), (3, &[]), (4, &[])]);
    for pid in 2..=4 {
        program(&mut inventory, pid).is_hidden = true;
    }
    program(&mut inventory, 4).is_of_the_kernel = true;
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["p1", ""]);
    assert_eq!(inventory.hidden(|_| true), 2);
    assert_eq!(inventory.hidden(|owner| owner.name == "p3"), 1);
    program(&mut inventory, 2).is_hidden = false;
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["p1", "p2"]);
    assert_eq!(inventory.hidden(|_| true), 1);
}

#[test]
fn where_nothing_can_be_opened_all_stays_as_it_was() {
    let mut inventory = inventory(&[(1, &[10])]);
    assert_eq!(names(&mut inventory, &[(100, 10)]), ["p1"]);
    inventory.view().is_exhausted = true;
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["p1", ""]);
    inventory.view().is_exhausted = false;
    program(&mut inventory, 1).sockets = vec![10, 11];
    assert_eq!(names(&mut inventory, &[(100, 10), (101, 11)]), ["p1", "p1"]);
}

#[test]
fn one_process_is_looked_at_alone_and_its_end_is_its_end() {
    let mut inventory = inventory(&[(1, &[10]), (2, &[11])]);
    let fake = std::mem::take(inventory.view());
    let mut inventory = Inventory::with(fake, Scope::One(2));
    let (found, looks) = assign(&mut inventory, &[(100, 10), (101, 11)]);
    assert_eq!((found, looks), (vec![String::new(), "p2".into()], vec![2]));
    assert!(!inventory.has_ended());
    start(&mut inventory, 2, &[11]);
    assert_eq!(names(&mut inventory, &[(101, 11)]), [""], "another has its number");
    assert!(inventory.has_ended());
    assert_eq!(names(&mut inventory, &[(101, 11)]), [""]);
    assert!(inventory.has_ended());
}
