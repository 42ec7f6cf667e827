//! `framecat serve`.

use std::ops::ControlFlow;
use std::sync::Arc;

use framecat::core::escape::Escaped;
use framecat::core::framing::Framing;
use framecat::core::roster::Target;
use framecat::core::service::Service;
use framecat::server::{Say, Server};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::prompt::Prompt;
use super::signal::{Stop, Stopper, Stops};
use super::stdin::Input;
use super::{Exit, Writing, cannot_start, fail, go_on, in_runtime};
use crate::args::{Format, ServeArgs, ServePlan};
use crate::render::{AbovePrompt, Display, Scene, Served, Sheet, summary, talk_to_it, totals};

/// Serves until a signal ends it.
pub(crate) fn serve(args: ServeArgs) -> Exit {
    let plan = match ServePlan::try_from(args) {
        Ok(plan) => plan,
        Err(error) => return fail(&error, Exit::Local),
    };
    raise_descriptor_limit();
    in_runtime(run(plan))
}

/// Each session is a descriptor, and the usual soft limit of 1024 is for programs with select(2).
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it cannot be raised, the accept loop copes with the lower one.
    let _ = setrlimit(Resource::Nofile, limit);
}

async fn run(plan: ServePlan) -> Exit {
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    let config = plan.config.clone();
    let server = match Server::bind(&plan.address, &plan.options, config).await {
        Ok(server) => server,
        Err(error) => return fail(&error, Exit::from(&error)),
    };
    let (operator, above) = match Operator::of(&plan) {
        Ok(operator) => operator,
        Err(error) => return fail(&error, Exit::Local),
    };
    let prompts = above.is_some();
    let writing = Writing::start(&sheet, above);
    let display =
        Arc::new(Display::new(&plan.output, Scene::Serve, &plan.config.requests, sheet.clone()));
    announce(&display, &server, &plan);
    let says = operator.map(|operator| operator.start(display.clone(), stops.stopper.clone()));
    let (drain, told) = oneshot::channel::<()>();
    let running = server.run(display.clone(), says, async {
        // It is told, or this function is over and the server with it.
        let _ = told.await;
    });
    tokio::pin!(running);
    let stop = tokio::select! {
        stop = stops.next() => stop,
        _ = &mut running => unreachable!("it runs until it is told"),
    };
    // Without anybody to show messages to there is nothing to drain for.
    if stop != Stop::Unwritable {
        drop(drain);
        let report = running.await;
        let mut object = totals("drained", report.totals);
        object["seconds"] = report.drained_in.as_secs_f64().into();
        object["sessions"] = report.sessions.into();
        object["cut"] = report.cut.into();
        display.say(&summary(&report), object);
    }
    let exit = writing.finish(stop.into(), &mut stops, true).await;
    if prompts {
        stops.stopper.restore_terminal();
    }
    exit
}

fn announce(display: &Display, server: &Server, plan: &ServePlan) {
    let (address, config) = (server.address(), &plan.config);
    let command = talk_to_it(address, config);
    let framing = |wire: &framecat::session::Wire| wire.framing().map(ToString::to_string);
    let object = json!({
        "event": "listening",
        "address": address.to_string(),
        "frame": framing(&config.requests),
        "reply_frame": framing(&config.replies),
        "service": config.dialogue.service.to_string(),
        "command": command,
    });
    display.say(&format!("{}\n  talk to it:  {command}", Served { address, config }), object);
}

/// Who types the answers of a `chat`.
enum Operator {
    /// A person at a prompt.
    Person { prompt: Prompt, empty: bool },
    /// A program, a message of standard input at a time.
    Program { input: Input, json: bool },
}

impl Operator {
    fn of(
        plan: &ServePlan,
    ) -> Result<(Option<Operator>, Option<AbovePrompt>), Box<dyn std::error::Error>> {
        if plan.config.dialogue.service != Service::Chat {
            return Ok((None, None));
        }
        let json = plan.output.format == Format::Json;
        let empty = plan.config.replies.carries_empty();
        if !json && !plan.stdin_is_given && Prompt::is_wanted() {
            let (prompt, above) = Prompt::new()?;
            return Ok((Some(Operator::Person { prompt, empty }), Some(above)));
        }
        let framing = if json { Framing::Line } else { plan.stdin.clone() };
        // A JSON text of a message may be six times as long, and has a frame of its own.
        let max = plan.config.replies.max_message().saturating_mul(if json { 8 } else { 1 });
        let input = Input::new(framing, max.max(1024), empty && !json)?;
        Ok((Some(Operator::Program { input, json }), None))
    }

    /// Starts a thread that reads what is typed.
    fn start(self, display: Arc<Display>, stopper: Stopper) -> mpsc::Receiver<Say> {
        let (says, receiver) = mpsc::channel(1);
        std::thread::spawn(move || match self {
            Operator::Person { prompt, empty } => type_answers(prompt, empty, &says, &stopper),
            Operator::Program { input, json } => {
                let read = input.read(|mut messages| {
                    while let Some(message) = messages.peek() {
                        match if json { from_json(message) } else { Ok(from_line(message)) } {
                            Ok(say) => {
                                if says.blocking_send(say).is_err() {
                                    return ControlFlow::Break(());
                                }
                            }
                            Err(problem) => display.say_error(&problem),
                        }
                        messages.advance();
                    }
                    ControlFlow::Continue(())
                });
                if let Err(error) = read {
                    display.say_error(&error.to_string());
                }
            }
        });
        receiver
    }
}

fn type_answers(prompt: Prompt, empty: bool, says: &mpsc::Sender<Say>, stopper: &Stopper) {
    prompt.lines(stopper, |line| {
        let (to, message) = addressed(line.as_bytes());
        if message.is_empty() && !empty {
            return ControlFlow::Continue(());
        }
        let say = Say { to: to.unwrap_or(Target::Current), message: message.to_vec() };
        go_on(says.blocking_send(say).is_ok())
    });
}

/// A line of a program's: without an address it answers whoever has waited longest.
fn from_line(line: &[u8]) -> Say {
    let (to, message) = addressed(line);
    Say { to: to.unwrap_or(Target::LongestWaiting), message: message.to_vec() }
}

/// Splits `#2 hello` into the session and the message. `##2 hello` is the message `#2 hello`.
fn addressed(line: &[u8]) -> (Option<Target>, &[u8]) {
    if let Some(literal) = line.strip_prefix(b"#").filter(|rest| rest.starts_with(b"#")) {
        return (None, literal);
    }
    let parse = || {
        let rest = line.strip_prefix(b"#")?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let session = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let message = match &rest[digits..] {
            [] => &[][..],
            [b' ', message @ ..] => message,
            _ => return None,
        };
        Some((Some(Target::Session(session)), message))
    };
    parse().unwrap_or((None, line))
}

/// `{"session": 3, "message": "hello"}`, or `"hex": "68656c6c6f"` for what is no text.
fn from_json(line: &[u8]) -> Result<Say, String> {
    let bad = |problem: &str| {
        format!(
            "standard input: {problem} in `{}`: write {{\"session\":3,\"message\":\"hello\"}}",
            Escaped(&line[..line.len().min(80)])
        )
    };
    let object: Value = serde_json::from_slice(line).map_err(|error| bad(&error.to_string()))?;
    let message = match (object.get("message"), object.get("hex")) {
        (Some(Value::String(text)), None) => text.clone().into_bytes(),
        (None, Some(Value::String(digits))) => {
            unhex(digits).ok_or_else(|| bad("no pairs of hexadecimal digits"))?
        }
        _ => return Err(bad("not one of `message` and `hex`")),
    };
    let to = match object.get("session") {
        None | Some(Value::Null) => Target::LongestWaiting,
        Some(number) => {
            Target::Session(number.as_u64().ok_or_else(|| bad("`session` is no number"))?)
        }
    };
    Ok(Say { to, message })
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let value = |digit: u8| char::from(digit).to_digit(16);
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| Some((value(pair[0])? << 4 | value(pair[1])?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_session_or_not() {
        for (line, to, message) in [
            ("#2 hello", Some(2), "hello"),
            ("#2", Some(2), ""),
            ("#2  two spaces", Some(2), " two spaces"),
            ("#2nd", None, "#2nd"),
            ("# 2", None, "# 2"),
            ("##2 hello", None, "#2 hello"),
            ("#99999999999999999999 x", None, "#99999999999999999999 x"),
            ("hello", None, "hello"),
        ] {
            let (target, rest) = addressed(line.as_bytes());
            assert_eq!((target, rest), (to.map(Target::Session), message.as_bytes()), "{line}");
        }
    }

    #[test]
    fn an_answer_in_json_names_its_session_and_may_be_binary() {
        let say = from_json(br#"{"session":3,"message":"hi"}"#).unwrap();
        assert_eq!((say.to, &say.message[..]), (Target::Session(3), &b"hi"[..]));
        let say = from_json(br#"{"hex":"00ff"}"#).unwrap();
        assert_eq!((say.to, &say.message[..]), (Target::LongestWaiting, &b"\0\xff"[..]));
        for bad in [
            &b"hello"[..],
            b"{}",
            b"[]",
            br#"{"message":1}"#,
            br#"{"hex":"0"}"#,
            br#"{"hex":"+f"}"#,
            br#"{"session":"3","message":""}"#,
            b"\x1b[2J\xff",
        ] {
            let problem = from_json(bad).unwrap_err();
            assert!(problem.contains("write {\"session\":3"), "{problem}");
            assert!(!problem.contains('\x1b'));
        }
    }
}
