//! What a person or a program sees: messages on standard output, what is said about them on standard
//! error.

pub(crate) mod check;
mod json;
pub(crate) mod lab;
mod sheet;
mod text;
pub(crate) mod watch;

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::task::{Context, Poll};

use framecat::core::framing::{Codec, Framing};
use framecat::observe::{Event, Observer, Wants};
use framecat::session::Wire;

pub(crate) use json::totals;
pub(crate) use sheet::{AbovePrompt, Sheet, To};
pub(crate) use text::{Served, client_summary, summary, talk_to_it, wire_name};

use crate::args::{Format, Output};
use crate::style::Style;

/// Shows what happens.
pub(crate) struct Display {
    sheet: Arc<Sheet>,
    messages: Messages,
    wants: Wants,
    json: bool,
    style: Style,
    scene: Scene,
}

/// How messages are shown.
enum Messages {
    /// For a program, as they are: a raw stream has nothing between them.
    Raw,
    /// For a program: each with a line end behind it.
    Lines,
    /// For a program, in a framing that keeps them apart or says so.
    Framed(Codec),
    /// For a program: a JSON object each.
    Json,
    /// For a person.
    Person(text::Person),
}

/// In which situation messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Many sessions, each with a number.
    Serve,
    /// One session.
    Connect,
    /// One session, and a person types below.
    Prompt,
}

impl Display {
    /// A display of messages that arrive as `incoming`.
    pub(crate) fn new(
        output: &Output,
        scene: Scene,
        incoming: &Wire,
        sheet: Arc<Sheet>,
    ) -> Display {
        let terminal = std::io::stdout().is_terminal();
        let json = output.format == Format::Json;
        let person = |hex, timestamps| {
            Messages::Person(text::Person::new(scene, incoming.is_raw(), hex, timestamps))
        };
        let messages = match &output.format {
            Format::Json => Messages::Json,
            Format::Annotated { hex, timestamps } => person(*hex, *timestamps),
            Format::Auto if terminal => person(false, false),
            Format::Auto if incoming.is_raw() => Messages::Raw,
            Format::Auto => Messages::Lines,
            Format::Framed(Framing::Raw) => Messages::Raw,
            Format::Framed(framing) => {
                // The limit has been kept on the way in; here only the framing may refuse.
                let codec = Codec::new(framing.clone(), i32::MAX as usize);
                Messages::Framed(codec.expect("any framing fits this limit"))
            }
        };
        Display {
            sheet,
            messages,
            wants: Wants { messages: !output.quiet, reads: output.verbose },
            json,
            style: Style::for_stderr(),
            scene,
        }
    }

    /// Says something that is no event of a session.
    pub(crate) fn say(&self, text: &str, json: serde_json::Value) {
        self.sheet.write(To::Stderr, |out| {
            let line = if self.json { json::stamped(json) } else { text.to_owned() };
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        });
    }

    /// Says what is wrong.
    pub(crate) fn say_error(&self, problem: &str) {
        let text = format!("{}{problem}", self.style.error("framecat: "));
        self.say(&text, serde_json::json!({"event": "error", "problem": problem}));
    }

    /// Ends a line that a raw stream has left open on a terminal.
    pub(crate) fn finish_line(&self) {
        if let Messages::Person(person) = &self.messages
            && person.take_open_line()
        {
            self.sheet.write(To::Stdout, |out| out.push(b'\n'));
        }
    }

    fn show_message(&self, event: &Event<'_>) {
        let Event::Message { session, peer, message } = event else { return };
        let mut refused = None;
        self.sheet.write(To::Stdout, |out| match &self.messages {
            Messages::Raw => out.extend_from_slice(message),
            Messages::Lines => {
                out.extend_from_slice(message);
                out.push(b'\n');
            }
            Messages::Framed(codec) => refused = codec.encode(message, out).err(),
            Messages::Json => json::message(*session, peer, message, out),
            Messages::Person(person) => person.message(*session, message, out),
        });
        if let Some(error) = refused {
            self.say_error(&format!(
                "a message of #{session} is not shown: {error}; choose another --stdout, or --json"
            ));
        }
    }
}

impl Observer for Display {
    fn on_event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Message { .. } => return self.show_message(event),
            _ if self.json => json::event(event),
            _ => text::event(event, self.scene, self.style),
        };
        self.sheet.write(To::Stderr, |out| {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        });
    }

    fn wants(&self) -> Wants {
        self.wants
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.sheet.poll_room(cx)
    }
}
