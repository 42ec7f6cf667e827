//! Metrics over HTTP, for those who ask for them.

mod source;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use framecat::Error;
use framecat::core::address::{Address, HostPort};
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

use self::source::Source;
use crate::args::WatchPlan;
use crate::render::watch::prometheus::Exposition;
use crate::render::{Sheet, To};
use crate::run::signal::Stops;
use crate::run::{Exit, Writing, cannot_start, fail, in_runtime};

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
    let source = match Source::start(sampler, plan.filter) {
        Ok(source) => source,
        Err(problem) => return fail(&problem, Exit::Local),
    };
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
        never = accept(&listener, &source) => match never {},
        stop = stops.next() => stop,
    };
    writing.finish(stop.into(), &mut stops, true).await
}

async fn listen(at: &HostPort) -> io::Result<(TcpListener, std::net::SocketAddr)> {
    let listener = TcpListener::bind(at.to_string()).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: &TcpListener, source: &Source) -> Infallible {
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
                connections.push_back(tokio::spawn(converse(stream, source.clone())));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Answers one request. Keeping the connection for the next one would keep it from others.
async fn converse(stream: TcpStream, source: Source) {
    let answer = service_fn(|request| {
        let source = source.clone();
        async move { Ok::<_, Infallible>(answer(&source, &request).await) }
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

async fn answer(source: &Source, request: &Request<Incoming>) -> Response<Full<Bytes>> {
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
    match source.figures().await {
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

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(text.to_owned()));
    *answer.status_mut() = status;
    let kind = "text/plain; charset=utf-8".parse().expect("a constant");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
