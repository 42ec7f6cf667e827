//! `framecat check`: the flags, and what they mean.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use framecat::check::Config;
use framecat::core::address::Address;
use framecat::core::check::{CaseId, DEFAULT_OFFSETS, Plan};
use framecat::program::Command;

use super::cases::{Case, find};
use super::common::{Dial, Socket, UsageError, usage};
use super::exchange::ExchangeArgs;
use super::value::Span;

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
