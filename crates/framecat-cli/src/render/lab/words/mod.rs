//! What is said of every experiment, in each language: labels and verdicts here, what happened in
//! `timeline`.

mod timeline;

use std::time::Duration;

use framecat::core::diagram::columns;
use framecat::core::lab::Verdict;

pub(super) use timeline::{after, asleep, call, omitted, pause, queue};

use super::values::time;
use crate::args::Language;

/// Labels and headings.
pub(super) struct Words {
    pub(super) claim: &'static str,
    pub(super) source: &'static str,
    pub(super) reference: &'static str,
    pub(super) plan: &'static str,
    pub(super) measured: &'static str,
    pub(super) verdict: &'static str,
    pub(super) why: &'static str,
    pub(super) advice: &'static str,
    pub(super) timeline: &'static str,
    /// The heading of each lane, and a shorter one.
    lanes: [[&'static str; 3]; 2],
    pub(super) took: &'static str,
    pub(super) title: &'static str,
    /// How to run what is listed, a line each: what to type, and what it does.
    pub(super) usage: [(&'static str, &'static str); 3],
    pub(super) page: &'static str,
    pub(super) not_to_scale: &'static str,
}

/// Columns that the labels take, and the space behind them.
pub(super) fn margin(language: Language) -> usize {
    match language {
        Language::En => 12,
        Language::Zh => 6,
    }
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Zh => &ZH,
    }
}

const EN: Words = Words {
    claim: "claim",
    source: "tutorials",
    reference: "see also",
    plan: "plan",
    measured: "measured",
    verdict: "verdict",
    why: "why",
    advice: "advice",
    timeline: "what happened",
    lanes: [["client calls", "kernel queues", "server calls"], ["client", "kernel", "server"]],
    took: "time",
    title: "Claims about sockets, each run for real on this machine, with a verdict from what was \
            measured.",
    usage: [
        ("framecat lab NAME …", "run some of them"),
        ("framecat lab --all", "run them all"),
        ("framecat lab --all --html FILE", "and draw the timelines on a page"),
    ],
    page: "Claims about sockets, run for real",
    not_to_scale: "Time runs downwards and is not to scale; where nothing happens for long, the line \
                   is broken and the time stands beside it. A bar is a call that took long, from its \
                   beginning to its end.",
};

const ZH: Words = Words {
    claim: "说法",
    source: "教程",
    reference: "依据",
    plan: "做法",
    measured: "实测",
    verdict: "结论",
    why: "原因",
    advice: "建议",
    timeline: "过程",
    lanes: [["客户端调用", "内核队列", "服务器调用"], ["客户端", "内核", "服务器"]],
    took: "用时",
    title: "关于套接字的种种说法，在本机上逐一实际运行，按实测结果下结论。",
    usage: [
        ("framecat lab NAME …", "运行其中几个"),
        ("framecat lab --all", "全部运行"),
        ("framecat lab --all --html FILE", "并把时间线画成网页"),
    ],
    page: "关于套接字的说法，逐一实测",
    not_to_scale: "时间自上而下，不按比例；长时间无事发生处，轴线断开并标出时长。竖条表示耗时较长的调用，\
                   从开始画到返回。",
};

/// The heading of each lane, where they have so many columns together.
pub(super) fn heads(room: usize, language: Language) -> [&'static str; 3] {
    let [long, short] = words(language).lanes;
    let all: usize = long.iter().map(|head| columns(head)).sum();
    if all <= room { long } else { short }
}

/// The tutorials, by their numbers.
const TUTORIALS: [[&str; 2]; 9] = [
    ["a server with length headers", "带长度头的服务器"],
    ["an upper-casing server", "转大写的服务器"],
    ["a UDP time server", "UDP 时间服务器"],
    ["a one-shot ACK server", "一问一答的 ACK 服务器"],
    ["a UDP server that acknowledges", "UDP 应答服务器"],
    ["two people talking", "双人对话"],
    ["hello and hi", "hello 与 hi"],
    ["conversations in series", "逐个接待的对话服务器"],
    ["the families of sockets", "套接字的各种地址族"],
];

/// The tutorials that a claim is about: `T2, T8` in words.
pub(super) fn source(source: &str, language: Language) -> String {
    let named = source.split(',').map(|part| {
        let part = part.trim();
        let number = part.strip_prefix('T').and_then(|number| number.parse::<usize>().ok());
        let known = number.and_then(|number| TUTORIALS.get(number.checked_sub(1)?));
        match (known, language) {
            (Some([en, _]), Language::En) => format!("{part} ({en})"),
            (Some([_, zh]), Language::Zh) => format!("{part}（{zh}）"),
            (None, _) => part.to_owned(),
        }
    });
    let named: Vec<String> = named.collect();
    named.join(match language {
        Language::En => ", ",
        Language::Zh => "、",
    })
}

/// A verdict in a few words.
pub(super) fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match (verdict, language) {
        (Verdict::Holds, Language::En) => "holds",
        (Verdict::HoldsBut, Language::En) => "holds, but",
        (Verdict::DoesNotHold, Language::En) => "does not hold",
        (Verdict::CannotTell, Language::En) => "cannot tell",
        (Verdict::Holds, Language::Zh) => "成立",
        (Verdict::HoldsBut, Language::Zh) => "成立，但",
        (Verdict::DoesNotHold, Language::Zh) => "不成立",
        (Verdict::CannotTell, Language::Zh) => "无法判定",
    }
}

/// A verdict where nothing follows it.
pub(super) fn verdict_alone(alone: Verdict, language: Language) -> &'static str {
    match (alone, language) {
        (Verdict::HoldsBut, Language::En) => "holds in part",
        (Verdict::HoldsBut, Language::Zh) => "部分成立",
        _ => verdict(alone, language),
    }
}

pub(super) fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Holds => '✓',
        Verdict::HoldsBut => '◐',
        Verdict::DoesNotHold => '✗',
        Verdict::CannotTell => '?',
    }
}

/// A verdict with what stands behind it.
pub(super) fn verdict_line(of: Verdict, line: &str, language: Language) -> String {
    if line.is_empty() {
        return verdict_alone(of, language).to_owned();
    }
    let head = verdict(of, language);
    match (of, language) {
        (Verdict::HoldsBut, Language::En) => format!("{head} {line}"),
        (Verdict::HoldsBut, Language::Zh) => format!("{head}{line}"),
        (_, Language::En) => format!("{head}: {line}"),
        (_, Language::Zh) => format!("{head}：{line}"),
    }
}

/// How often a verdict came out.
pub(super) fn times(times: u32, of: u32, language: Language) -> String {
    match language {
        Language::En => format!("{times} of {of}"),
        Language::Zh => format!("{of} 次中 {times} 次"),
    }
}

/// In brackets, behind what it belongs to.
pub(super) fn bracketed(text: &str, language: Language) -> String {
    match language {
        Language::En => format!(" ({text})"),
        Language::Zh => format!("（{text}）"),
    }
}

/// That the verdicts of one experiment differ.
pub(super) fn differ(runs: u32, language: Language) -> String {
    match language {
        Language::En => format!("the verdicts of {runs} runs differ"),
        Language::Zh => format!("{runs} 次运行的结论不一致"),
    }
}

/// How many verdicts of each kind there were, what differed, and how long all took.
pub(super) fn tally(
    counts: &[(Verdict, usize)],
    differ: usize,
    all: usize,
    took: Duration,
    language: Language,
) -> String {
    let mut parts = vec![match (all, language) {
        (1, Language::En) => "1 experiment".to_owned(),
        (_, Language::En) => format!("{all} experiments"),
        (_, Language::Zh) => format!("{all} 个实验"),
    }];
    for (of, number) in counts {
        parts.push(match language {
            Language::En => {
                let word = match (of, number) {
                    (Verdict::Holds, 1) => "holds",
                    (Verdict::Holds, _) => "hold",
                    (Verdict::HoldsBut, 1) => "holds in part",
                    (Verdict::HoldsBut, _) => "hold in part",
                    (Verdict::DoesNotHold, 1) => "does not hold",
                    (Verdict::DoesNotHold, _) => "do not hold",
                    (Verdict::CannotTell, 1) => "cannot be told",
                    (Verdict::CannotTell, _) => "cannot be told",
                };
                format!("{number} {word}")
            }
            Language::Zh => format!("{number} 个{}", verdict_alone(*of, language)),
        });
    }
    if differ > 0 {
        parts.push(match language {
            Language::En => format!("{differ} with different verdicts"),
            Language::Zh => format!("{differ} 个结论不一致"),
        });
    }
    parts.push(time(took));
    parts.join(" · ")
}
