//! Serve and connect programs that speak in messages.
//!
//! framecat is the netcat that understands messages; this crate is its acting half, for programs that
//! want what the command does. What is decided without a socket is in [`framecat_core`].
//!
//! A server for lines, and a client that says one:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use framecat::client::{self, Client, Messages};
//! use framecat::core::{framing::Framing, service::{Dialogue, Service}};
//! use framecat::endpoint::{ConnectOptions, ListenOptions};
//! use framecat::observe::{Event, Observer};
//! use framecat::server::{self, Server};
//! use framecat::session::Wire;
//! use tokio::sync::{mpsc, oneshot};
//!
//! /// Keeps what the server says.
//! #[derive(Default)]
//! struct Heard(Mutex<Vec<u8>>);
//!
//! impl Observer for Heard {
//!     fn on_event(&self, event: &Event<'_>) {
//!         if let Event::Message { message, .. } = event {
//!             self.0.lock().unwrap().extend_from_slice(message);
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lines = Wire::framed(Framing::Line)?;
//! let config = server::Config::new(Dialogue::new(Service::Upper), lines.clone());
//! let server = Server::bind(&"127.0.0.1:0".parse()?, &ListenOptions::default(), config).await?;
//! let address = server.address().clone();
//! let (stop, stopped) = oneshot::channel::<()>();
//! let serving = tokio::spawn(server.run(Arc::new(()), None, async { drop(stopped.await) }));
//!
//! let client = Client::connect(&address, &ConnectOptions::default()).await?;
//! let (say, input) = mpsc::channel(1);
//! say.send(Messages::from(&b"hello"[..])).await?;
//! drop(say); // all is said; the answer is still heard
//! let heard = Arc::new(Heard::default());
//! client.converse(client::Config::new(lines), heard.clone(), input).await?;
//! assert_eq!(*heard.0.lock().unwrap(), b"HELLO");
//!
//! drop(stop); // the server drains and says what it did
//! assert_eq!(serving.await?.totals.messages_in, 1);
//! # Ok(())
//! # }
//! ```
//!
//! - [`endpoint`]: sockets of every family behind one `Stream`, one `Listener`, one `Datagram`
//! - [`session`]: reading messages out of a stream and writing them into one
//! - [`server`]: many sessions, each answered by a service
//! - [`client`]: one session with a server
//! - [`check`]: proving that a program does not depend on how TCP cuts the stream (Linux)
//! - [`watch`]: samples of the kernel's queues over time (Linux)
//! - [`lab`]: claims about sockets, each run for real (Linux)
//! - [`kernel`]: what the kernel says of sockets and their programs (Linux)
//! - [`program`]: programs that are started to be talked to (Linux)
//! - [`observe`]: what happens, for whoever shows it

#[cfg(target_os = "linux")]
pub mod check;
pub mod client;
pub mod endpoint;
mod error;
#[cfg(target_os = "linux")]
pub mod kernel;
#[cfg(target_os = "linux")]
pub mod lab;
pub mod observe;
#[cfg(target_os = "linux")]
pub mod program;
pub mod server;
pub mod session;
#[cfg(target_os = "linux")]
pub mod watch;

/// Stands for never where a timer wants a time: longer than any program runs, and short enough for a
/// clock to be added to.
const NEVER: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 3600);

pub use error::{Blame, Error, reason};
pub use framecat_core as core;
