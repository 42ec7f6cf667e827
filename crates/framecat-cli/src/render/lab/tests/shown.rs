//! What a person sees, to the letter.

use std::time::Duration;

use framecat::core::lab::{Experiment, Report};

use super::super::samples::{self, series};
use super::super::text;
use super::look;
use crate::args::Language::{self, En, Zh};

#[track_caller]
fn shows(shown: &str, expected: &str) {
    assert_eq!(shown, expected.strip_prefix('\n').unwrap_or(expected), "\n{shown}");
}

fn found(report: Report, language: Language) -> String {
    text::findings(&series([report]), &look(language, 80))
}

#[test]
fn before_a_run_it_is_said_what_is_claimed_and_what_will_be_done() {
    shows(
        &text::heading(Experiment::Backlog, &look(En, 80)),
        r#"
backlog ────────────────────────────────────────────────────────────────────────
claim       listen(5) serves 1, queues 5, and the next client gets an error
tutorials   T2 (an upper-casing server), T4 (a one-shot ACK server), T6 (two
            people talking)
see also    listen(2); include/net/sock.h, sk_acceptq_is_full; net/ipv4/
            tcp_input.c, tcp_conn_request; net/ipv4/tcp_minisocks.c,
            tcp_check_req
plan        A server listens with a backlog of 5, accepts one client and then no
            more. Clients connect one after the other until one is not
            connected. That one is watched for a while, and then the server
            accepts again.
"#,
    );
    shows(
        &text::heading(Experiment::Backlog, &look(Zh, 80)),
        r#"
backlog ────────────────────────────────────────────────────────────────────────
说法  listen(5)：服务 1 个，排队 5 个，再来的客户端会得到错误
教程  T2（转大写的服务器）、T4（一问一答的 ACK 服务器）、T6（双人对话）
依据  listen(2); include/net/sock.h, sk_acceptq_is_full; net/ipv4/tcp_input.c,
      tcp_conn_request; net/ipv4/tcp_minisocks.c, tcp_check_req
做法  服务器以 backlog 5 监听，接受一个客户端之后不再 accept。客户端一个接一个地
      连，直到有一个连不上。观察它一段时间，然后服务器再调用一次 accept()。
"#,
    );
}

#[test]
fn a_queue_that_is_full_in_english() {
    shows(
        &found(samples::backlog(), En),
        r#"

    ms  client calls                kernel queues               server calls
   0.0                                                          listen(5) → 0
   0.1  #1 connect() → 0
   0.1                                                          accept() → a new
                                                                  socket
   1.0  #2 connect() → EINPROGRESS
   1.3                              accept queue 1, limit 5
   1.5  #3 connect() → EINPROGRESS
   1.8                              accept queue 2, limit 5
   3.5  #7 connect() → EINPROGRESS
   3.8                              accept queue 6, limit 5
   4.0  #8 connect() → EINPROGRESS
   4.3                              accept queue 6, limit 5
   4.3                              client #8 is not answered:
                                      its SYN was dropped
     ⋮                              1.03 s later
1032.0                              client #8: SYN_SENT
1032.1                                                          accept() → a new
                                                                  socket
1032.3                              accept queue 5, limit 5
     ⋮                              1.03 s later
2059.9                              client #8: ESTABLISHED

measured    the limit of the queue, as the kernel keeps it          5
            clients connected with nobody accepting                 6
            the next client hangs, without an error                 yes
            times that its SYN was sent again while it was watched  1
            it was connected once there was room                    yes
            attempts that the listener has dropped                  1
            net.core.somaxconn                                      4096
            net.ipv4.tcp_abort_on_overflow                          0
verdict     does not hold: 6 clients were queued, and the next one hangs instead
            of getting an error
why         The kernel takes connections until the queue is longer than its
            limit of 5, so that it holds one more. It drops the SYN of the next
            client, which stays in SYN_SENT and sends it again and again, the
            first times after 1 s each (before Linux 6.5: after 1, 2, 4 s), and
            fails with ETIMEDOUT after some two minutes.
            (net.ipv4.tcp_abort_on_overflow, here 0, does not change that: it
            resets a client only where the queue fills up between its SYN and
            its ACK.)
advice      Give listen() a large number (the kernel cuts it to
            net.core.somaxconn) and accept promptly: the backlog is a cushion,
            not a limit on clients. To turn clients away, accept them and say
            so. In a client, set a timeout on connect(): a full queue is met
            with silence, not with an error.

"#,
    );
}

#[test]
fn a_queue_that_is_full_in_chinese() {
    shows(
        &found(samples::backlog(), Zh),
        r#"

    ms  客户端调用                  内核队列                服务器调用
   0.0                                                      listen(5) → 0
   0.1  #1 connect() → 0
   0.1                                                      accept() → 新套接字
   1.0  #2 connect() → EINPROGRESS
   1.3                              全连接队列 1，上限 5
   1.5  #3 connect() → EINPROGRESS
   1.8                              全连接队列 2，上限 5
   3.5  #7 connect() → EINPROGRESS
   3.8                              全连接队列 6，上限 5
   4.0  #8 connect() → EINPROGRESS
   4.3                              全连接队列 6，上限 5
   4.3                              客户端 #8 得不到应答：
                                      SYN 被丢弃
     ⋮                              1.03 s 之后
1032.0                              客户端 #8：SYN_SENT
1032.1                                                      accept() → 新套接字
1032.3                              全连接队列 5，上限 5
     ⋮                              1.03 s 之后
2059.9                              客户端 #8：ESTABLISHED

实测  内核实际采用的队列上限            5
      无人 accept 时仍能连上的客户端数  6
      下一个客户端卡住，而没有得到错误  是
      观察期间它的 SYN 重传次数         1
      队列腾出位置后它连上了            是
      监听套接字丢弃的连接请求数        1
      net.core.somaxconn                4096
      net.ipv4.tcp_abort_on_overflow    0
结论  不成立：排队的有 6 个，再来的一个卡住不动，并没有得到错误
原因  内核要等队列长度超过上限（5）才不再收，所以实际能多放一个。再来的客户端，
      其 SYN 被直接丢弃：它停在 SYN_SENT，一再重传，起初每隔 1 秒一次（Linux 6.5
      之前是隔 1、2、4 秒），大约两分钟后以 ETIMEDOUT 失败。
      （net.ipv4.tcp_abort_on_overflow 本机为 0，它并不改变这一点：只有队列恰好
      在该客户端的 SYN 与 ACK 之间满了，才会向它发 RST。）
建议  listen() 的参数给大一些（内核会截到 net.core.somaxconn），并且及时
      accept：backlog 只是缓冲，不是客户端数量的上限。要拒绝客户端，就先 accept
      再明确告诉它。写客户端时要给 connect() 设超时：队列满了得到的是沉默，不是
      错误。

"#,
    );
}

#[test]
fn a_call_that_waits_has_a_bar_from_its_beginning_to_its_end() {
    let shown = found(samples::accept_blocks(), En);
    shows(
        shown.split_once("\n\n").map_or("", |(timeline, _)| timeline),
        r#"

    ms  client calls      kernel queues              server calls
  0.05                                               listen(5) → 0
  0.12                                               ┌ accept() …
  0.18                    server sleeps in accept()  │
  0.49                    accept queue 0, limit 5    │
  0.50  #1 connect() → 0                             │
  0.57                                               └ accept() → a new socket,
                                                         after 454 µs
  0.64  #2 connect() → 0
  0.95                    accept queue 1, limit 5
  1.10                                               accept() → a new socket"#,
    );
}

#[test]
fn calls_that_wait_at_once_have_bars_beside_each_other() {
    let shown = found(samples::crowd(), En);
    shows(
        shown.split_once("\n\n").map_or("", |(timeline, _)| timeline),
        r#"

    ms  client calls                       kernel queues  server calls
   0.0  ┌ #1 recv(4096, MSG_WAITALL) …
   0.0  │┌ #2 recv(4096, MSG_WAITALL) …
   0.0  ││┌ #3 recv(4096, MSG_WAITALL) …
   0.0  │││┌ #4 recv(4096, MSG_WAITALL) …
   0.1  ││││ #5 recv(4096, MSG_WAITALL) …
   0.1  ││││ #6 recv(4096, MSG_WAITALL) …
   0.1  ││││ #7 recv(4096, MSG_WAITALL) …
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.6  ││││                                              send("the quick brown
        ││││                                                fox…" (128 B)) → 128
   0.7  │││└ #4 recv() → 128 "the quick
        │││    brown fox …" (128 B),
        │││    after 660 µs
   0.9  │││┌ #8 recv(4096, MSG_WAITALL) …
   0.9  ││││ #9 recv(4096, MSG_WAITALL) …
     ⋮  ││││                               909 ms later
 910.0  └│││ #1 recv() → 128 "the quick
         │││   brown fox …" (128 B),
         │││   after 910 ms
 920.0   └││ #2 recv() → 128 "the quick
          ││   brown fox …" (128 B),
          ││   after 920 ms
 930.0    └│ #3 recv() → 128 "the quick
           │   brown fox …" (128 B),
           │   after 930 ms
 950.0     │ #5 recv() → 128 "the quick
           │   brown fox …" (128 B),
           │   after 950 ms
 960.0     │ #6 recv() → 128 "the quick
           │   brown fox …" (128 B),
           │   after 960 ms
 970.0     │ #7 recv() → 128 "the quick
           │   brown fox …" (128 B),
           │   after 970 ms
 980.0     └ #8 recv() → 128 "the quick
               brown fox …" (128 B),
               after 979 ms
 990.0  #9 recv() → 128 "the quick brown
          fox …" (128 B), after 989 ms
  31 events in the middle are not shown"#,
    );
}

#[test]
fn what_could_not_be_told_says_why() {
    shows(
        &found(samples::cannot_tell(), En),
        r#"

verdict     cannot tell: connect(): EPERM \x1b[31m

"#,
    );
}

#[test]
fn different_verdicts_are_said_plainly() {
    let shown = text::findings(&samples::differing(), &look(En, 80));
    for line in [
        "verdict     19 of 20: does not hold: 6 clients were queued, and the next one",
        "verdict     1 of 20: holds",
        "            the verdicts of 20 runs differ",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    shows(
        &text::verdict_only(&samples::differing(), &look(En, 80)),
        r#"
backlog: 19 of 20: does not hold: 6 clients were queued, and the next one hangs instead of getting an error
backlog: 1 of 20: holds
backlog: the verdicts of 20 runs differ
"#,
    );
    shows(
        &text::verdict_only(&samples::differing(), &look(Zh, 80)),
        r#"
backlog: 20 次中 19 次: 不成立：排队的有 6 个，再来的一个卡住不动，并没有得到错误
backlog: 20 次中 1 次: 成立
backlog: 20 次运行的结论不一致
"#,
    );
}

#[test]
fn all_that_was_run_stands_in_a_table() {
    shows(
        &text::summary(&samples::all(), Duration::from_secs(9), &look(En, 80)),
        r#"
backlog         ✗ does not hold
accept-blocks   ✓ holds
threads         ◐ holds in part
half-open       ? cannot tell
recv-blocks     ✓ holds
backlog         ✗ does not hold (19 of 20)
                ✓ holds (1 of 20)
6 experiments · 2 hold · 1 holds in part · 1 does not hold · 1 cannot be told ·
1 with different verdicts · 9.00 s
"#,
    );
    shows(
        &text::summary(&samples::all(), Duration::from_secs(9), &look(Zh, 80)),
        r#"
backlog         ✗ 不成立
accept-blocks   ✓ 成立
threads         ◐ 部分成立
half-open       ? 无法判定
recv-blocks     ✓ 成立
backlog         ✗ 不成立（20 次中 19 次）
                ✓ 成立（20 次中 1 次）
6 个实验 · 2 个成立 · 1 个部分成立 · 1 个不成立 · 1 个无法判定 · 1 个结论不一致
· 9.00 s
"#,
    );
}

#[test]
fn the_list_has_every_experiment_with_its_claim() {
    for language in Language::ALL {
        let list = text::list(&look(language, 200));
        for experiment in Experiment::ALL {
            let told = super::super::texts::Told::of(experiment, language);
            let line = list.lines().find(|line| line.trim_start().starts_with(experiment.name()));
            assert!(line.is_some_and(|line| line.ends_with(told.claim())), "{experiment}\n{list}");
        }
        assert!(list.contains("framecat lab --all"));
    }
}
