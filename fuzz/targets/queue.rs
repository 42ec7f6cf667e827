//! Any pushes and pops under any policy: the queue does what a plain list of what should wait says, and
//! never holds more than its capacity, or one message.
#![no_main]

use std::collections::VecDeque;

use bytes::Bytes;
use framecat_core::queue::{Queue, Queued, SlowPolicy};

#[derive(Debug, arbitrary::Arbitrary)]
enum Step {
    Push(u8),
    Pop,
}

libfuzzer_sys::fuzz_target!(|input: (u16, u8, Vec<Step>)| {
    let (capacity, policy, steps) = input;
    let names = ["drop-oldest", "drop-newest", "disconnect", "block"];
    let policy: SlowPolicy = names[usize::from(policy) % 4].parse().unwrap();
    let mut queue = Queue::new(capacity.into(), policy);
    let (mut model, mut dropped) = (VecDeque::<Bytes>::new(), 0);
    for step in steps {
        match step {
            Step::Pop => assert_eq!(queue.pop(), model.pop_front()),
            Step::Push(len) => {
                let message = Bytes::from(vec![len; len.into()]);
                model.push_back(message.clone());
                let before = model.len();
                let expected = if fits(&model, capacity) {
                    Queued::Yes
                } else if policy == SlowPolicy::DropOldest {
                    while !fits(&model, capacity) {
                        model.pop_front();
                    }
                    dropped += (before - model.len()) as u64;
                    Queued::InPlaceOf((before - model.len()) as u64)
                } else {
                    model.pop_back();
                    dropped += u64::from(policy == SlowPolicy::DropNewest);
                    match policy {
                        SlowPolicy::DropNewest => Queued::No,
                        SlowPolicy::Disconnect => Queued::Disconnect,
                        _ => Queued::Later,
                    }
                };
                assert_eq!(queue.push(message), expected);
            }
        }
        assert_eq!(queue.dropped(), dropped);
        assert_eq!(queue.is_empty(), model.is_empty());
    }
    while let Some(message) = queue.pop() {
        assert_eq!(Some(message), model.pop_front());
    }
    assert!(model.is_empty());
});

fn fits(model: &VecDeque<Bytes>, capacity: u16) -> bool {
    let cost: usize = model.iter().map(|message| message.len() + size_of::<Bytes>()).sum();
    model.len() == 1 || cost <= capacity.into()
}
