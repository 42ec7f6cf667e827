//! Metrics over HTTP, sampled when somebody asks for them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use framecat::Error;
use framecat::core::address::{Address, HostPort};
use framecat::core::watch::{Condition, Watch};
use framecat::watch::Sampler;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::nothing_to_watch;
use crate::args::WatchPlan;
use crate::render::watch::figures::Figures;
use crate::render::watch::prometheus::Exposition;
use crate::render::{Sheet, To};
use crate::run::signal::Stops;
use crate::run::{Exit, Writing, cannot_start, fail, in_runtime};

/// Who asks sooner after another gets what that one got: many who ask make no load.
const FRESH: Duration = Duration::from_millis(100);

/// Of more connections than this the oldest is cut off, so that those who say nothing keep nobody out. A
/// Prometheus needs one, for some milliseconds.
const CONNECTIONS: usize = 16;

/// How long the head of a request may take, and the whole connection. Prometheus gives up after 10 s.
const HEAD: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);

/// The longest head of a request: what hyper reads at least.
const HEAD_BYTES: usize = 8192;

/// How long to wait when no connection can be had, for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves metrics until it is told to end.
pub(super) fn run(sampler: Sampler, plan: WatchPlan, address: &Address) -> Exit {
    let Address::Tcp(at) = address else {
        let problem = format!("--prometheus: {address} is not scraped: write host:port or :port");
        return fail(&problem, Exit::Local);
    };
    in_runtime(serve(sampler, plan, at.clone()))
}

async fn serve(sampler: Sampler, plan: WatchPlan, at: HostPort) -> Exit {
    let source = Source { sampler, watch: Watch::new(), filter: plan.filter, last: None };
    let exporter = Arc::new(Exporter(Mutex::new(source)));
    // Before anybody asks: what cannot be watched is told here.
    if let Err(problem) = exporter.source().take() {
        return fail(&problem, Exit::Local);
    }
    let (listener, address) = match listen(&at).await {
        Ok(listening) => listening,
        Err(source) => {
            let error = Error::Listen { address: Address::Tcp(at), source };
            return fail(&error, Exit::from(&error));
        }
    };
    let sheet = Arc::new(Sheet::default());
    let mut stops = match Stops::catch(sheet.clone()) {
        Ok(stops) => stops,
        Err(error) => return cannot_start(&error),
    };
    let writing = Writing::start(&sheet, None);
    sheet.write(To::Stderr, |out| {
        out.extend_from_slice(format!("listening on http://{address}/metrics\n").as_bytes());
    });
    let stop = tokio::select! {
        never = accept(&listener, &exporter) => match never {},
        stop = stops.next() => stop,
    };
    writing.finish(stop.into(), &mut stops, true).await
}

async fn listen(at: &HostPort) -> io::Result<(TcpListener, std::net::SocketAddr)> {
    let listener = TcpListener::bind(at.to_string()).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: &TcpListener, exporter: &Arc<Exporter>) -> Infallible {
    let mut connections = VecDeque::<JoinHandle<()>>::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.retain(|connection| !connection.is_finished());
                if connections.len() >= CONNECTIONS
                    && let Some(oldest) = connections.pop_front()
                {
                    oldest.abort();
                }
                connections.push_back(tokio::spawn(converse(stream, exporter.clone())));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers one request. Keeping the connection for the next one would keep it from others.
async fn converse(stream: TcpStream, exporter: Arc<Exporter>) {
    let answer = service_fn(|request| {
        let answer = exporter.answer(&request);
        async { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), answer);
    // Who breaks off or is too slow has no answer, and there is nobody to tell.
    let _ = timeout(WHOLE, connection).await;
}

struct Exporter(Mutex<Source>);

/// What is asked, and what it said last.
struct Source {
    sampler: Sampler,
    watch: Watch,
    filter: Option<Condition>,
    last: Option<(Instant, Figures)>,
}

impl Exporter {
    fn source(&self) -> std::sync::MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path() != "/metrics" {
            return plain(StatusCode::NOT_FOUND, "the metrics are at /metrics\n");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "metrics can be read only\n");
            refused.headers_mut().insert(ALLOW, "GET, HEAD".parse().expect("a constant"));
            return refused;
        }
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let exposition = Exposition::accepted(accept.unwrap_or_default());
        let figures = self.source().take();
        match figures {
            Ok(figures) => {
                let body = Full::from(figures.text(exposition));
                let kind = exposition.content_type().parse().expect("a constant");
                let mut answer = Response::new(body);
                answer.headers_mut().insert(CONTENT_TYPE, kind);
                answer
            }
            Err(problem) => plain(StatusCode::INTERNAL_SERVER_ERROR, &format!("{problem}\n")),
        }
    }
}

impl Source {
    /// Takes a sample, unless there is a fresh one.
    fn take(&mut self) -> Result<Figures, String> {
        let began = Instant::now();
        if let Some((taken, figures)) = &self.last
            && began.duration_since(*taken) < FRESH
        {
            return Ok(figures.clone());
        }
        let sample = self.sampler.sample().map_err(|error| error.to_string())?;
        let took = began.elapsed();
        let mut frame = self.watch.on_sample(sample);
        if self.last.is_none()
            && let Some(problem) = nothing_to_watch(&frame)
        {
            return Err(problem);
        }
        if let Some(filter) = &self.filter {
            frame.select(filter);
        }
        let figures = Figures::of(&frame, took);
        self.last = Some((began, figures.clone()));
        Ok(figures)
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(text.to_owned()));
    *answer.status_mut() = status;
    let kind = "text/plain; charset=utf-8".parse().expect("a constant");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
