//! `framecat check`: the flags, and what they mean.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use framecat::check::Config;
use framecat::core::address::Address;
use framecat::core::check::{CaseId, DEFAULT_OFFSETS, Exchange, Expect, Pattern, Plan, Step};
use framecat::core::framing::Framing;
use framecat::program::Command;

use super::cases::{Case, find, read_message};
use super::common::{Dial, Socket, UsageError};
use super::value::{Size, Span, Text};

/// Prove that a server (or a client) survives every split, join and half-close
///
/// The exchange is learned uncut, then sent cut at every byte offset, joined, half-closed, broken off
/// and more, each case on a connection of its own. A cut counts once the kernel says that the target has
/// read what came before it, so nothing depends on timing. What fails is shown with the command that
/// replays just that case.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  framecat check :6379 --send 'PING\\r\\n'                        a running server
  framecat check :5050 --frame header:64 --reply-frame raw --send hello
  framecat check --case redis --start 'redis-server --port {port}'
  framecat check :8080 --case http --html report.html           a case that ships; a page to keep
  framecat check :7000 --case tests/cases --junit report.xml    a folder of your own, for CI
  framecat check :7000 --frame u32be --send hi --only split@3   one case again
  framecat check --listen :0 --send 'HELLO\\n' -- ./client {host} {port}    turned round: a client

Exit status: 0 nothing fails, 3 something does, 1 the target cannot be reached, 2 wrong usage.")]
pub(crate) struct CheckArgs {
    /// Where the server is: host:port, :port, unix:///path, unix://@abstract; with --start it may be
    /// left out, or hold {port}
    #[arg(value_name = "ADDR", conflicts_with = "listen")]
    address: Option<String>,
    /// Check a client: listen here for it, and run its command once a case
    #[arg(long, value_name = "ADDR", requires = "client", conflicts_with = "start")]
    listen: Option<Address>,
    /// The client's command; {host} {port} {addr} stand for where we listen
    #[arg(last = true, value_name = "CMD", requires = "listen")]
    client: Vec<String>,
    /// Start the server, start it again when it dies, end it at the end; {port} {host} {addr} {path}
    /// {dir} stand for a free port, its host and address, a Unix socket's path, a temporary folder
    #[arg(long, value_name = "CMD")]
    start: Option<String>,
    /// Run --start by a shell
    #[arg(long, requires = "start")]
    shell: bool,
    #[command(flatten)]
    exchange: ExchangeArgs,
    #[command(flatten)]
    plans: PlanArgs,
    #[command(flatten)]
    dial: Dial,
    #[command(flatten)]
    socket: Socket,
    #[command(flatten)]
    output: ReportArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Exchange")]
struct ExchangeArgs {
    /// What is sent, with escapes (\r \n \0 \t \e \\ \xHH); twice is a pair of messages
    #[arg(long, value_name = "TEXT")]
    send: Vec<Text>,
    /// The same from a file, as it is
    #[arg(long, value_name = "FILE", conflicts_with = "send")]
    send_file: Vec<PathBuf>,
    /// The framing that what is sent gets; without it, it is sent as it is
    #[arg(long, value_name = "FRAMING")]
    frame: Option<Framing>,
    /// The framing from server to client, where it differs
    #[arg(long, value_name = "FRAMING")]
    reply_frame: Option<Framing>,
    /// The target's longest message: one of this length must be answered, a longer one must not
    #[arg(long, value_name = "BYTES")]
    max_message: Option<Size>,
    /// What the server says first
    #[arg(long, value_name = "REGEX")]
    greeting: Option<Pattern>,
    /// What comes before the exchange, a login say; each is answered before the next is sent
    #[arg(long, value_name = "TEXT")]
    before: Vec<Text>,
    /// What the reply must be
    #[arg(long, value_name = "TEXT", conflicts_with = "expect_regex")]
    expect: Option<Text>,
    /// What must be found in the reply
    #[arg(long, value_name = "REGEX")]
    expect_regex: Option<Pattern>,
    /// What in a reply may change: dates, ids
    #[arg(long, value_name = "REGEX")]
    mask: Vec<Pattern>,
    /// A placeholder in what is sent; each connection has a value of its own, of the same width
    #[arg(long, value_name = "TEXT")]
    token: Option<Text>,
    /// Replies to joined messages may come in any order
    #[arg(long)]
    unordered: bool,
    /// The target does not take several messages at once
    #[arg(long)]
    no_pipelining: bool,
    /// An exchange from a TOML file, all of a folder, or one that ships with framecat
    #[arg(long, value_name = "FILE|FOLDER|NAME", conflicts_with_all = ["send", "send_file"])]
    case: Vec<String>,
    /// List the cases that ship with framecat
    #[arg(long, exclusive = true)]
    list_cases: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Plans")]
struct PlanArgs {
    /// How to cut and join: split, drip, chunks:N, random:N, coalesce:K, straddle:K, half-close,
    /// truncate, reset, slow-reader, empty, oversize, garbage [default: all that make sense]
    #[arg(long, value_name = "PLAN", value_delimiter = ',')]
    plan: Vec<Plan>,
    /// This case alone, as in split@17
    #[arg(long, value_name = "CASE", value_delimiter = ',', conflicts_with = "plan")]
    only: Vec<CaseId>,
    /// Let fail what is only a property: no answer after a half-close, say
    #[arg(long)]
    strict: bool,
    /// What random cuts, tokens and garbage follow from
    #[arg(long, value_name = "N", default_value_t = Config::default().seed)]
    seed: u64,
    /// Cut a long request at no more offsets than this
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::new(DEFAULT_OFFSETS).expect("not 0"))]
    offsets: NonZeroUsize,
    #[arg(long, value_name = "N", help = format!(
        "How many connections at once [default: {}, or what the accept queue holds; 1 for a server \
         that serves one at a time; {} for a client, 1 if its port is fixed]",
        Config::JOBS, Config::CLIENTS))]
    jobs: Option<NonZeroUsize>,
    /// The longest pause within a reply: the first is taken for whole after so long a silence
    #[arg(long, value_name = "TIME", default_value_t = Span(Config::PAUSE))]
    pause: Span,
    /// Begin connections no more often than this, for a server that limits them
    #[arg(long, value_name = "TIME")]
    pace: Option<Span>,
    /// Wait so long for a reply [default: 20 times what the uncut exchange takes, at least 2s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,
    /// Wait so long between pieces where the kernel cannot say that they were read
    #[arg(long, value_name = "TIME", default_value_t = Span(Config::GAP))]
    gap: Span,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct ReportArgs {
    /// One JSON object an exchange, a line each
    #[arg(long)]
    json: bool,
    /// Write a report for test runners
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a report for a browser: one file, with every failing case in full
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show what fails, and the last line
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Show a case of each kind in full
    #[arg(short, long)]
    verbose: bool,
}

/// What `check` is to do.
pub(crate) struct CheckPlan {
    pub(crate) subject: Subject,
    pub(crate) cases: Vec<Case>,
    pub(crate) config: Config,
    pub(crate) json: bool,
    pub(crate) junit: Option<PathBuf>,
    pub(crate) html: Option<PathBuf>,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

/// Whom to check.
pub(crate) enum Subject {
    /// The cases that ship are to be listed.
    None,
    /// A server that runs.
    Running(Address),
    /// A server to start; without a command each case names its own.
    Started { command: Option<Command>, address: Option<String> },
    /// A client to run.
    Client { listen: Address, command: Command },
}

impl TryFrom<CheckArgs> for CheckPlan {
    type Error = UsageError;

    fn try_from(args: CheckArgs) -> Result<CheckPlan, UsageError> {
        let plan = |subject, cases, config| CheckPlan {
            subject,
            cases,
            config,
            json: args.output.json,
            junit: args.output.junit.clone(),
            html: args.output.html.clone(),
            quiet: args.output.quiet,
            verbose: args.output.verbose,
        };
        if args.exchange.list_cases {
            return Ok(plan(Subject::None, find("*")?, Config::default()));
        }
        if args.plans.timeout.is_some_and(|Span(time)| time.is_zero()) {
            return Err(UsageError("--timeout must be more than 0".into()));
        }
        if args.listen.is_none() && !args.client.is_empty() {
            let problem = "a command behind -- is a client: say where to --listen for it";
            return Err(UsageError(problem.into()));
        }
        let cases = args.exchange.cases()?;
        let subject = subject(&args, &cases)?;
        let config = args.plans.config();
        let target = match &subject {
            Subject::Running(address) | Subject::Client { listen: address, .. } => address.clone(),
            _ => "tcp://127.0.0.1:0".parse().expect("a constant"),
        };
        let connect = args.dial.options(&target, args.socket.options()?)?;
        Ok(plan(subject, cases, Config { connect, ..config }))
    }
}

fn subject(args: &CheckArgs, cases: &[Case]) -> Result<Subject, UsageError> {
    if let Some(listen) = &args.listen {
        let command = Command::words(args.client.clone()).map_err(usage("--"))?;
        return Ok(Subject::Client { listen: listen.clone(), command });
    }
    if let Some(start) = &args.start {
        let command = match args.shell {
            true => Command::shell(start.clone()),
            false => Command::parse(start).map_err(usage("--start"))?,
        };
        let address = args.address.clone();
        return Ok(Subject::Started { command: Some(command), address });
    }
    match &args.address {
        Some(text) => {
            text.parse().map(Subject::Running).map_err(|error| UsageError(format!("{error}")))
        }
        None if cases.iter().all(|case| case.file.start.is_some()) => {
            Ok(Subject::Started { command: None, address: None })
        }
        None => {
            let port = cases.first().and_then(|case| case.file.port).unwrap_or(6379);
            Err(UsageError(format!(
                "no target: name its address, as in `framecat check :{port} …`, or start it with --start"
            )))
        }
    }
}

fn usage<E: std::fmt::Display>(flag: &'static str) -> impl Fn(E) -> UsageError {
    move |error| UsageError(format!("{flag}: {error}"))
}

impl ExchangeArgs {
    /// The exchanges of the cases, or the one that the flags describe.
    fn cases(&self) -> Result<Vec<Case>, UsageError> {
        if self.case.is_empty() {
            let exchange = self.exchange()?;
            exchange.verify().map_err(usage("--send"))?;
            return Ok(vec![Case::of(exchange)]);
        }
        let mut cases = Vec::new();
        for name in &self.case {
            for mut case in find(name)? {
                self.amend(&mut case.file.exchange);
                case.file
                    .exchange
                    .verify()
                    .map_err(|error| UsageError(format!("--case {name}: {error}")))?;
                cases.push(case);
            }
        }
        Ok(cases)
    }

    fn exchange(&self) -> Result<Exchange, UsageError> {
        let mut messages: Vec<Vec<u8>> = self.send.iter().map(|Text(text)| text.clone()).collect();
        for file in &self.send_file {
            messages.push(read(file)?);
        }
        if messages.is_empty() {
            messages.push(sample(self.frame.as_ref())?);
        }
        let mut exchange = Exchange { messages, ..Exchange::default() };
        self.amend(&mut exchange);
        Ok(exchange)
    }

    /// What the flags say beside what is sent; a flag wins over a case.
    fn amend(&self, exchange: &mut Exchange) {
        let text = |Text(bytes): &Text| bytes.clone();
        set(&mut exchange.frame, self.frame.clone());
        set(&mut exchange.reply_frame, self.reply_frame.clone());
        set(&mut exchange.max_message, self.max_message.map(|Size(bytes)| bytes));
        set(&mut exchange.greeting, self.greeting.clone());
        set(&mut exchange.expect, self.expect.as_ref().map(|text| Expect::Bytes(text.0.clone())));
        set(&mut exchange.expect, self.expect_regex.clone().map(Expect::Pattern));
        set(&mut exchange.token, self.token.as_ref().map(text));
        let step = |send: &Text| Step { send: text(send), until: None };
        exchange.before.extend(self.before.iter().map(step));
        exchange.masks.extend(self.mask.iter().cloned());
        exchange.unordered |= self.unordered;
        exchange.pipelining &= !self.no_pipelining;
    }
}

fn set<T>(value: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *value = given;
    }
}

/// What is sent where nothing was given: any message does to see whether a server keeps them apart.
fn sample(frame: Option<&Framing>) -> Result<Vec<u8>, UsageError> {
    match frame {
        None | Some(Framing::Raw) => Err(UsageError(
            "nothing to send: say it with --send 'PING\\r\\n', or choose a --case or a --frame"
                .into(),
        )),
        Some(Framing::Fixed(size)) => Ok((b'a'..=b'z').cycle().take(size.get()).collect()),
        Some(_) => Ok(b"hello".to_vec()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, UsageError> {
    read_message(file).map_err(|why| UsageError(format!("--send-file {}: {why}", file.display())))
}

impl PlanArgs {
    fn config(&self) -> Config {
        Config {
            plans: (!self.plan.is_empty()).then(|| self.plan.clone()),
            only: self.only.clone(),
            strict: self.strict,
            seed: self.seed,
            jobs: self.jobs.map(NonZeroUsize::get),
            pause: self.pause.0,
            pace: self.pace.map(|Span(time)| time).filter(|time| !time.is_zero()),
            offsets: self.offsets.get(),
            gap: self.gap.0,
            timeout: self.timeout.map(|Span(time)| time),
            ..Config::default()
        }
    }
}
