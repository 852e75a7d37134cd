//! Takes connections and lets none of them take for ever: a request's head, its body, its answer and whatever
//! is written have deadlines; a shutdown lets everybody finish.

use std::convert::Infallible;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::deadline::Deadline;
use super::line::{Line, Punctual, Verdict};
use super::peers::Peers;
use crate::config::Http;

/// What is read ahead of one connection at the most, and so the longest head.
const BUFFER: usize = 131_072;

/// How long nothing is accepted after the system had no room for one more.
const BREATH: Duration = Duration::from_millis(50);

/// What is told who finds no place, before the connection is dropped.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

/// Serves until it is told to leave, then finishes what is under way, WebSockets among it.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: &Http,
    leaving: CancellationToken,
) {
    let peers = Peers::new(settings);
    let host = Host::new(router, settings, leaving.clone());
    // Each connection's line holds a token of it, also after it has become a WebSocket.
    let lines = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = leaving.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match peers.take(peer.ip()) {
                Some(place) => {
                    let line = Line::new(stream, host.write_timeout, place, lines.token());
                    tokio::spawn(host.clone().attend(line, peer));
                }
                None => turn_away(stream),
            },
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    lines.close();
    lines.wait().await;
}

/// Whether it is one connection's fault, not that of all.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Says that there is no place. Nothing waits for whoever does not read it.
fn turn_away(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(FULL);
    }
}

/// What attends to connections.
#[derive(Clone)]
struct Host {
    router: TowerToHyperService<Router>,
    leaving: CancellationToken,
    read_timeout: Duration,
    write_timeout: Duration,
    /// How long an answer may take after its request's body, whatever it is.
    answer_timeout: Duration,
}

impl Host {
    fn new(router: Router, settings: &Http, leaving: CancellationToken) -> Self {
        // What GraphQL answers in time is told by itself; a second later nothing more comes.
        let answer_timeout = Duration::from_millis(settings.request_timeout_ms + 1_000);
        Self {
            router: TowerToHyperService::new(router),
            leaving,
            read_timeout: Duration::from_millis(settings.read_timeout_ms),
            write_timeout: Duration::from_millis(settings.write_timeout_ms),
            answer_timeout,
        }
    }

    /// One connection to its end, or until it becomes a WebSocket.
    async fn attend(self, line: Line, peer: SocketAddr) {
        let leaving = self.leaving.clone();
        let read_timeout = self.read_timeout;
        let service = service_fn(move |request| {
            let host = self.clone();
            async move { Ok::<_, Infallible>(host.answer(request, peer).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(read_timeout)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(line), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = leaving.cancelled() => {
                // What is under way is answered; then it closes.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }

    /// One request, which is told how long its body may take to come, and its answer.
    async fn answer(self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let verdict = Verdict::default();
        let until = Instant::now() + self.read_timeout;
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                return Body::empty();
            }
            Body::new(Punctual::new(body, until, verdict.clone()))
        });
        request.extensions_mut().insert(ConnectInfo(peer));
        let at = until + self.answer_timeout;
        request.extensions_mut().insert(Deadline { at, verdict });
        let Ok(answer) = self.router.call(request).await;
        answer
    }
}

#[cfg(test)]
mod tests {
    use axum::middleware::from_fn;
    use axum::routing::get;

    use super::super::deadline;
    use super::*;

    #[tokio::test]
    async fn what_never_answers_is_given_up() {
        let settings = Http {
            read_timeout_ms: 100,
            request_timeout_ms: 100,
            ..Http::default()
        };
        let router = Router::new()
            .route("/", get(std::future::pending::<Response>))
            .layer(from_fn(deadline::keep));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let leaving = CancellationToken::new();
        let told = leaving.clone();
        let serving = tokio::spawn(async move { serve(listener, router, &settings, told).await });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        leaving.cancel();
        serving.await.unwrap();
    }
}
