//! One connection's bytes: how long a write may wait, how long a body may take to come.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_io_timeout::TimeoutStream;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::peers::Place;

/// As many times as long as one write may wait, all that is to be written at once may take.
const WRITES: u32 = 3;

/// A connection. It holds its place until it is closed, whatever it has become by then.
#[derive(Debug)]
pub struct Line {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// How long its peer may take for all that is to be written at once.
    patience: Duration,
    /// Since when something waits to be written.
    waits_since: Option<Instant>,
    _place: Place,
    _token: TaskTrackerToken,
}

impl Line {
    /// A connection, on which a write waits no longer than this for its peer to read, and an answer three
    /// times as long: who reads a little now and then does not hold it for ever.
    pub fn new(
        stream: TcpStream,
        write_timeout: Duration,
        place: Place,
        token: TaskTrackerToken,
    ) -> Self {
        // Answers are written at once, or in large pieces: waiting to gather more gains nothing.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write_timeout));
        Self {
            stream: Box::pin(stream),
            patience: write_timeout * WRITES,
            waits_since: None,
            _place: place,
            _token: token,
        }
    }

    /// What became of a write. One that makes progress is too late all the same where its answer is.
    fn written(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match self.waits_since {
            Some(since) if since.elapsed() > self.patience => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            None if written.is_pending() => {
                self.waits_since = Some(Instant::now());
                written
            }
            _ => written,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream.as_mut().poll_write(cx, bytes);
        self.written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream.as_mut().poll_write_vectored(cx, pieces);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream.as_mut().poll_flush(cx);
        // Asked for once everything is handed on: whoever writes next has all the time again.
        if flushed.is_ready() {
            self.waits_since = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}

/// Whether a body was late. A clone says the same.
#[derive(Clone, Debug, Default)]
pub struct Verdict(Arc<AtomicBool>);

impl Verdict {
    /// Whether it was.
    pub fn is_late(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A body that must have come by a moment: however steadily it trickles in, it ends there with an error.
#[derive(Debug)]
pub struct Punctual {
    body: Incoming,
    until: Instant,
    /// Made when it is waited for: most bodies come with their heads.
    alarm: Option<Pin<Box<Sleep>>>,
    verdict: Verdict,
}

impl Punctual {
    /// A body, and who is told when it was late.
    pub fn new(body: Incoming, until: Instant, verdict: Verdict) -> Self {
        Self {
            body,
            until,
            alarm: None,
            verdict,
        }
    }
}

impl Body for Punctual {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let until = self.until;
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if alarm.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.verdict.0.store(true, Ordering::Release);
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;
    use tokio::time::sleep;
    use tokio_util::task::TaskTracker;

    use super::super::peers::Peers;
    use super::*;
    use crate::config::Http;

    /// Bytes between the two sides, and in one reading.
    const FEW: u32 = 4_096;

    #[tokio::test]
    async fn who_reads_an_answer_too_slowly_is_cut_however_steadily() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(FEW).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let reader = TcpSocket::new_v4().unwrap();
        reader.set_recv_buffer_size(FEW).unwrap();
        let mut reader = reader
            .connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let place = Peers::new(&Http::default()).take(peer.ip()).unwrap();
        let token = TaskTracker::new().token();
        let mut line = Line::new(stream, Duration::from_millis(200), place, token);
        let reading = tokio::spawn(async move {
            let mut piece = [0; FEW as usize];
            while reader.read(&mut piece).await.is_ok_and(|read| read > 0) {
                sleep(Duration::from_millis(5)).await;
            }
        });
        let answer = vec![0; 4_000_000];
        let written = line.write_all(&answer).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        reading.abort();
    }
}
