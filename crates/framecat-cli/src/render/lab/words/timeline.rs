//! What is said of what happened: calls, queues, pauses.

use std::time::Duration;

use framecat::core::lab::{Lane, Queue};
use framecat::core::sock_diag::State;

use super::super::values::{NO_BREAK, bytes_of, time};
use crate::args::Language;

/// Who acts or is looked at.
fn lane(lane: Lane, language: Language) -> String {
    let (name, number) = match (lane, language) {
        (Lane::Client(number), Language::En) => ("client", number),
        (Lane::Client(number), Language::Zh) => ("客户端", number),
        (Lane::Kernel, Language::En) => ("kernel", 0),
        (Lane::Kernel, Language::Zh) => ("内核", 0),
        (Lane::Server(number), Language::En) => ("server", number),
        (Lane::Server(number), Language::Zh) => ("服务器", number),
    };
    match number {
        0 => name.to_owned(),
        number => format!("{name}{NO_BREAK}#{number}"),
    }
}

/// What calls are told with besides names of the system, which are the same in every language.
const OF_CALLS: &[(&str, &str)] = &[
    ("a new socket", "新套接字"),
    ("the same port", "同一端口"),
    ("bind(port 0)", "bind(端口 0)"),
    (" with SO_LINGER 0", "（SO_LINGER 0）"),
    (" from :", "，来自 :"),
    (" spaces›", " 个空格›"),
];

/// A call, or what it returned.
pub(in super::super) fn call(told: &str, language: Language) -> String {
    match language {
        Language::En => told.to_owned(),
        Language::Zh => {
            OF_CALLS.iter().fold(told.to_owned(), |told, (en, zh)| told.replace(en, zh))
        }
    }
}

/// A thread that sleeps in a call.
pub(in super::super) fn asleep(of: Lane, call: &str, language: Language) -> String {
    let who = lane(of, language);
    match language {
        Language::En => format!("{who} sleeps in {call}"),
        Language::Zh => format!("{who}：阻塞在 {call}"),
    }
}

/// What the kernel had in a queue.
pub(in super::super) fn queue(queue: &Queue, language: Language) -> String {
    match *queue {
        Queue::Listener { waiting, limit, half_open } => {
            let half = match (half_open, language) {
                (0, _) => String::new(),
                (half, Language::En) => format!(", {half}{NO_BREAK}half{NO_BREAK}open"),
                (half, Language::Zh) => format!("，半连接{NO_BREAK}{half}"),
            };
            match language {
                Language::En => format!("accept queue {waiting}, limit{NO_BREAK}{limit}{half}"),
                Language::Zh => {
                    format!("全连接队列{NO_BREAK}{waiting}，上限{NO_BREAK}{limit}{half}")
                }
            }
        }
        Queue::Connection { of, state, unread, unacknowledged } => {
            connection(&lane(of, language), state, unread, unacknowledged, language)
        }
        Queue::Datagrams { of, memory, drops } => {
            datagrams(&lane(of, language), memory, drops.unwrap_or(0), language)
        }
    }
}

fn connection(
    who: &str,
    state: Option<State>,
    unread: u32,
    unacknowledged: u32,
    language: Language,
) -> String {
    let Some(state) = state else {
        return match language {
            Language::En => format!("{who}: its connection is gone"),
            Language::Zh => format!("{who}：连接已不存在"),
        };
    };
    let unread = (unread > 0).then(|| match language {
        Language::En => format!("{}{NO_BREAK}unread", unbroken(unread, language)),
        Language::Zh => format!("未读{NO_BREAK}{}", unbroken(unread, language)),
    });
    // What is counted of a connection that is only asked for is the SYN, which is no byte of anybody.
    let unacknowledged = (unacknowledged > 0 && state != State::SynSent).then(|| match language {
        Language::En => format!("{} not acknowledged", bytes_of(unacknowledged.into(), language)),
        Language::Zh => format!("未确认{NO_BREAK}{}", unbroken(unacknowledged, language)),
    });
    let queued: Vec<String> = unread.into_iter().chain(unacknowledged).collect();
    match language {
        Language::En => [vec![format!("{who}: {state}")], queued].concat().join(", "),
        Language::Zh => [vec![format!("{who}：{state}")], queued].concat().join("，"),
    }
}

/// Bytes whose number and unit stay in one line.
fn unbroken(bytes: u32, language: Language) -> String {
    bytes_of(bytes.into(), language).replace(' ', &NO_BREAK.to_string())
}

fn datagrams(who: &str, memory: u32, drops: u32, language: Language) -> String {
    let drops = match (drops, language) {
        (0, _) => String::new(),
        (drops, Language::En) => format!(", {drops} dropped"),
        (drops, Language::Zh) => format!("，已丢弃 {drops} 个"),
    };
    let bytes = unbroken(memory, language);
    match (memory, language) {
        (0, Language::En) => format!("{who}: no datagram waits{drops}"),
        (0, Language::Zh) => format!("{who}：没有未读数据报{drops}"),
        (_, Language::En) => format!("{who}: unread datagrams take {bytes}{drops}"),
        (_, Language::Zh) => format!("{who}：未读数据报占 {bytes}{drops}"),
    }
}

/// A stretch in which nothing happened.
pub(in super::super) fn pause(length: Duration, language: Language) -> String {
    match language {
        Language::En => format!("{} later", time(length)),
        Language::Zh => format!("{} 之后", time(length)),
    }
}

/// How long a call took, behind what it returned.
pub(in super::super) fn after(length: Duration, language: Language) -> String {
    match language {
        Language::En => format!(", after {}", time(length)),
        Language::Zh => format!("，用时 {}", time(length)),
    }
}

/// Events that are not shown: those between the first and the last ones.
pub(in super::super) fn omitted(events: usize, language: Language) -> String {
    match (events, language) {
        (1, Language::En) => "1 event in the middle is not shown".into(),
        (_, Language::En) => format!("{events} events in the middle are not shown"),
        (_, Language::Zh) => format!("中间另有 {events} 个事件未显示"),
    }
}
