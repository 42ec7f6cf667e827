//! A server in the test's own runtime, and an observer that remembers what happened.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use framecat::core::address::{Address, HostPort};
use framecat::core::framing::{Codec, Framing};
use framecat::core::service::Dialogue;
use framecat::endpoint::ListenOptions;
use framecat::observe::{Event, Observer};
use framecat::server::{Config, Report, Say, Server};
use framecat::session::Wire;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

/// A test that waits this long waits for something that will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens within 20 s")
}

/// A framing for both directions, with a limit of 1 MiB.
pub(crate) fn framed(framing: &str) -> Wire {
    Wire::framed(framing.parse().unwrap()).unwrap()
}

pub(crate) fn framed_at_most(framing: &str, max: usize) -> Wire {
    let framing: Framing = framing.parse().unwrap();
    Wire::Framed(Codec::new(framing, max).unwrap())
}

pub(crate) fn config(service: &str, wire: Wire) -> Config {
    let dialogue = Dialogue::new(service.parse().unwrap());
    Config { idle_timeout: None, drain: PATIENCE, ..Config::new(dialogue, wire) }
}

/// What happened, a line each, as in `+1`, `1: hello`, `-1 EndOfStream`.
#[derive(Default)]
pub(crate) struct Log {
    lines: Mutex<Vec<String>>,
    added: Notify,
}

impl Observer for Log {
    fn on_event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Connected { session, .. } => format!("+{session}"),
            Event::Message { session, message, .. } => {
                format!("{session}: {}", message.escape_ascii())
            }
            Event::Ended { session, reason, .. } => format!("-{session} {reason:?}"),
            Event::NotSent { session, problem } => format!("!{session:?} {problem}"),
            Event::AwaitsAnswer { session } => format!("?{session}"),
            Event::Oversized { bytes, max, .. } => format!("oversized {bytes} of {max}"),
            Event::AcceptPaused { reason } => format!("paused: {reason}"),
            other => format!("{other:?}"),
        };
        self.lines.lock().unwrap().push(line);
        self.added.notify_waiters();
    }
}

impl Log {
    /// Waits for a line that begins so, and gives it back.
    pub(crate) async fn line(&self, begins: &str) -> String {
        soon(async {
            loop {
                let added = self.added.notified();
                tokio::pin!(added);
                added.as_mut().enable();
                let found =
                    self.lines.lock().unwrap().iter().find(|l| l.starts_with(begins)).cloned();
                match found {
                    Some(line) => return line,
                    None => added.await,
                }
            }
        })
        .await
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

/// A server that is running.
pub(crate) struct Running {
    pub(crate) address: Address,
    pub(crate) log: Arc<Log>,
    pub(crate) operator: mpsc::Sender<Say>,
    stop: oneshot::Sender<()>,
    report: JoinHandle<Report>,
}

impl Running {
    pub(crate) async fn tcp(config: Config) -> Running {
        Self::at("127.0.0.1:0", config).await
    }

    pub(crate) async fn at(address: &str, config: Config) -> Running {
        let options = ListenOptions::default();
        let server = Server::bind(&address.parse().unwrap(), &options, config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let (operator, says) = mpsc::channel(16);
        let log = Arc::new(Log::default());
        let address = server.address().clone();
        let running = server.run(log.clone(), Some(says), async move {
            let _ = stopped.await;
        });
        Running { address, log, operator, stop, report: tokio::spawn(running) }
    }

    /// The operator leaves.
    pub(crate) fn without_operator(self) -> Running {
        let (nobody, _) = mpsc::channel(1);
        Running { operator: nobody, ..self }
    }

    pub(crate) fn port(&self) -> u16 {
        match &self.address {
            Address::Tcp(HostPort { port, .. }) | Address::Udp(HostPort { port, .. }) => *port,
            other => panic!("{other} has no port"),
        }
    }

    /// A client, connected but perhaps not accepted yet.
    pub(crate) async fn client(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port())).await.unwrap()
    }

    /// Tells the server to end, and waits until it has.
    pub(crate) async fn drained(self) -> Report {
        let _ = self.stop.send(());
        soon(self.report).await.unwrap()
    }

    /// Tells the server to end.
    pub(crate) fn stop(self) -> (Arc<Log>, JoinHandle<Report>) {
        let _ = self.stop.send(());
        (self.log, self.report)
    }
}

/// Sends bytes and waits until they are with the kernel.
pub(crate) async fn send(client: &mut TcpStream, bytes: &[u8]) {
    soon(client.write_all(bytes)).await.unwrap();
}

/// Waits for just these bytes.
pub(crate) async fn expect(client: &mut TcpStream, bytes: &[u8]) {
    let mut found = vec![0; bytes.len()];
    soon(client.read_exact(&mut found)).await.unwrap();
    assert_eq!(found.escape_ascii().to_string(), bytes.escape_ascii().to_string());
}

/// Everything until the end of the stream.
pub(crate) async fn rest(client: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    soon(client.read_to_end(&mut rest)).await.unwrap();
    rest
}
