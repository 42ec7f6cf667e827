//! `framecat connect`.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use framecat::client::{Client, Messages, Report};
use framecat::session::Wire;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::prompt::Prompt;
use super::signal::{Stop, Stopper, Stops};
use super::stdin::{Input, InputError};
use super::{Exit, Writing, cannot_start, fail, go_on, in_runtime};
use crate::args::{ConnectArgs, ConnectPlan, Format};
use crate::render::{Display, Scene, Sheet, client_summary, totals, wire_name};

/// After SIGTERM the input is at its end; the server has so long to close.
const AFTER_TERMINATE: Duration = Duration::from_secs(5);

/// Converses until the server, or the input and the server, are done.
pub(crate) fn connect(args: ConnectArgs) -> Exit {
    let plan = match ConnectPlan::try_from(args) {
        Ok(plan) => plan,
        Err(error) => return fail(&error, Exit::Local),
    };
    in_runtime(run(plan))
}

async fn run(plan: ConnectPlan) -> Exit {
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    // An input that cannot be is told before anybody is called.
    let max = plan.config.requests.max_message();
    let input = match Input::new(plan.stdin.clone(), max, plan.config.requests.carries_empty()) {
        Ok(input) => input,
        Err(error) => return fail(&format!("--stdin: {error}"), Exit::Local),
    };
    let client = tokio::select! {
        client = Client::connect(&plan.address, &plan.options) => match client {
            Ok(client) => client,
            Err(error) => return fail(&error, Exit::from(&error)),
        },
        stop = stops.next() => return stop.into(),
    };
    let person = !plan.stdin_is_given
        && matches!(plan.output.format, Format::Auto | Format::Annotated { .. })
        && Prompt::is_wanted();
    let (source, above) = if person {
        match Prompt::new() {
            Ok((prompt, above)) => (Source::Person(prompt), Some(above)),
            Err(error) => return fail(&error, Exit::Local),
        }
    } else {
        (Source::Program(input), None)
    };
    let scene = if person { Scene::Prompt } else { Scene::Connect };
    let writing = Writing::start(&sheet, above);
    let display = Arc::new(Display::new(&plan.output, scene, &plan.config.replies, sheet.clone()));
    if person || plan.output.verbose {
        announce(&display, &client, &plan, person);
    }
    let ended = converse(client, &plan, source, &display, &mut stops, person).await;
    display.finish_line();
    let (exit, stopped) = match ended {
        Ended::Session(exit) => (exit, false),
        Ended::Asked(stop) => (stop.into(), true),
    };
    let exit = writing.finish(exit, &mut stops, stopped).await;
    if person {
        stops.stopper.restore_terminal();
    }
    exit
}

/// How a session came to its end.
enum Ended {
    Session(Exit),
    Asked(Stop),
}

fn announce(display: &Display, client: &Client, plan: &ConnectPlan, person: bool) {
    let (peer, local) = (client.peer(), client.local());
    let how = wire_name(&plan.config.requests);
    let from = if plan.output.verbose { format!(" from {local}") } else { String::new() };
    let hint = if person { " · Ctrl-D ends" } else { "" };
    display.say(
        &format!("connected to {peer}{from} · {how}{hint}"),
        json!({"event": "connected", "peer": peer.to_string(), "local": local.to_string()}),
    );
}

async fn converse(
    client: Client,
    plan: &ConnectPlan,
    source: Source,
    display: &Arc<Display>,
    stops: &mut Stops,
    person: bool,
) -> Ended {
    let peer = client.peer().clone();
    let (to_session, messages) = mpsc::channel(1);
    let wire = plan.config.requests.clone();
    let mut reading = source.start(wire, display.clone(), stops.stopper.clone());
    let (end_input, input_ended) = oneshot::channel::<()>();
    tokio::spawn(async move {
        tokio::select! {
            () = forward(&mut reading.messages, to_session) => {}
            _ = input_ended => {}
        }
    });
    let session = client.converse(plan.config.clone(), display.clone(), messages);
    tokio::pin!(session);
    let outcome = tokio::select! {
        outcome = &mut session => outcome,
        stop = stops.next() => match stop {
            Stop::Terminate => {
                drop(end_input);
                match timeout(AFTER_TERMINATE, &mut session).await {
                    Ok(outcome) => outcome,
                    Err(_) => return Ended::Asked(stop),
                }
            }
            stop => return Ended::Asked(stop),
        },
    };
    display.finish_line();
    Ended::Session(match outcome {
        Ok(report) => {
            conclude(&report, &peer.to_string(), plan, display, person);
            // The thread says what was wrong with the input, if it has come to its end.
            match reading.outcome.try_recv() {
                Ok(Err(error)) => {
                    display.say_error(&error.to_string());
                    Exit::Local
                }
                _ => Exit::Done,
            }
        }
        Err(error) => {
            display.say_error(&error.to_string());
            Exit::from(&error)
        }
    })
}

async fn forward(from: &mut mpsc::Receiver<Messages>, to: mpsc::Sender<Messages>) {
    while let Some(messages) = from.recv().await {
        if to.send(messages).await.is_err() {
            return;
        }
    }
}

fn conclude(report: &Report, peer: &str, plan: &ConnectPlan, display: &Display, person: bool) {
    let sent = report.totals.messages_out;
    if report.unanswered > 0 {
        let wait = plan.config.wait.unwrap_or(framecat::client::Config::WAIT);
        display.say(
            &format!(
                "no reply to {} of {sent} from {peer} within {wait:?} (--wait)",
                report.unanswered
            ),
            json!({"event": "unanswered", "messages": report.unanswered, "of": sent}),
        );
    }
    if person || plan.output.verbose {
        let object = totals("done", report.totals);
        display.say(&format!("the session is over · {}", client_summary(report)), object);
    }
}

/// Where the messages come from.
enum Source {
    Person(Prompt),
    Program(Input),
}

/// Messages on their way, and how their source came to its end.
struct Reading {
    messages: mpsc::Receiver<Messages>,
    outcome: oneshot::Receiver<Result<(), InputError>>,
}

impl Source {
    /// Starts a thread that reads.
    fn start(self, wire: Wire, display: Arc<Display>, stopper: Stopper) -> Reading {
        let (sender, messages) = mpsc::channel::<Messages>(1);
        let (tell, outcome) = oneshot::channel();
        std::thread::spawn(move || {
            let read = match self {
                Source::Person(prompt) => {
                    type_messages(prompt, &wire, &display, &sender, &stopper);
                    Ok(())
                }
                Source::Program(input) => {
                    input.read(|messages| go_on(sender.blocking_send(messages).is_ok()))
                }
            };
            // Told before the sender is dropped, which is what ends the session.
            let _ = tell.send(read);
        });
        Reading { messages, outcome }
    }
}

fn type_messages(
    prompt: Prompt,
    wire: &Wire,
    display: &Display,
    sender: &mpsc::Sender<Messages>,
    stopper: &Stopper,
) {
    prompt.lines(stopper, |line| {
        if line.is_empty() && !wire.carries_empty() {
            return ControlFlow::Continue(());
        }
        // A slip of the finger shall not end the session: say what is wrong and let it be typed again.
        if let Err(error) = wire.check(line.as_bytes()) {
            display.say_error(&error.to_string());
            return ControlFlow::Continue(());
        }
        go_on(sender.blocking_send(Messages::from(line.as_bytes())).is_ok())
    });
}
