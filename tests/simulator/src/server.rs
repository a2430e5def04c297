//! Owns the connections: accepts them, opens tunnels, speaks TLS in them, and answers the requests
//! on each.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::counters::Counters;
use super::estate::draw::fraction;
use super::estate::end_of_key;
use super::faults::{Running, clock_skew, expired};
use super::hosts::{Host, Service};
use super::http::{RawRequest, read_request, write_response};
use super::limits::TokenBuckets;
use super::request::{Request, account_of_key};
use super::response::Response;
use super::tls::Authority;
use super::{Options, routing};

/// What all connections share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) authority: Arc<Authority>,
    pub(super) counters: Counters,
    faults: Running,
    pub(super) buckets: TokenBuckets,
    tls: Tls,
    /// Whether requests that are held are answered.
    pub(super) released: watch::Sender<bool>,
    /// How often all connections were closed.
    pub(super) cuts: watch::Sender<u64>,
}

struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        let authority = Arc::new(Authority::new());
        let tls = Tls(TlsAcceptor::from(authority.server_config()));
        let faults = Running::new(options.faults.clone());
        let (counters, buckets) = (Counters::default(), TokenBuckets::default());
        let (released, cuts) = (watch::Sender::new(false), watch::Sender::new(0));
        Self { options, authority, counters, faults, buckets, tls, released, cuts }
    }

    fn account(&self, key: &str) -> String {
        let known = account_of_key(key).map(str::to_owned);
        known
            .or_else(|| self.options.backend.account_of_key(key))
            .unwrap_or_else(|| self.options.own_account.clone())
    }

    fn answer(&self, request: &Request) -> Response {
        let mut response = match self.faults.effect(request) {
            Some((effect, name)) => {
                self.counters.faulted(name);
                effect.apply(request, || self.sound_answer(request))
            }
            None => self.sound_answer(request),
        };
        if let Some(spoil) = &self.options.spoil {
            spoil(request, &mut response);
        }
        response
    }

    /// The answer without an injected failure.
    fn sound_answer(&self, request: &Request) -> Response {
        let tolerance = match request.host.service {
            Service::Ec2 | Service::Sts | Service::Organizations => 300,
            Service::S3
            | Service::S3Control
            | Service::S3ExpressControl
            | Service::S3ExpressZonal => 900,
        };
        // The failure `clock-skew` is about single calls: other ones have the right time then, although
        // a client can conclude that the clock of the whole service differs.
        if !self.options.clock.is_empty() && request.skew().as_secs() > tolerance {
            self.counters.skewed();
            return clock_skew(request, request.time);
        }
        if end_of_key(&request.access_key).is_some_and(|end| end <= request.time) {
            self.counters.expired();
            return expired(request);
        }
        if !self.buckets.allow(&self.options.rates, request) {
            self.counters.throttled(&request.call);
            return Response::throttled(request);
        }
        routing::refusal(self, request).unwrap_or_else(|| self.options.backend.answer(request))
    }

    /// When a request arrived, by the clock of AWS.
    fn time(&self, request: &Request) -> SystemTime {
        let clock = self.options.clock.iter().rev();
        let ahead = clock.into_iter().find(|(number, _)| *number <= request.number);
        let ahead = ahead.map_or(0, |(_, seconds)| *seconds);
        let by = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { request.time - by } else { request.time + by }
    }

    /// How long a response takes.
    fn latency(&self, request: &Request) -> Duration {
        let share = fraction(&[0, request.number]);
        self.options.latency + self.options.jitter.mul_f64(share)
    }
}

/// A stream of requests, on TCP or in TLS.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A connection as long as it is open.
struct Connection {
    state: Arc<State>,
    number: u64,
    tls: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.state.counters.disconnected();
    }
}

/// A call as long as it is not answered.
struct Call<'a> {
    counters: &'a Counters,
    account: &'a str,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.counters.finished(self.account);
    }
}

pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        // For example, no file descriptor is left.
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        drop(stream.set_nodelay(true));
        let number = state.counters.connected();
        let mut connection = Connection { state: state.clone(), number, tls: false };
        // Clients may go away at any moment; that is not an error of the fake.
        let mut cuts = state.cuts.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                served = connection.serve(BufReader::new(stream)) => drop(served),
                _ = cuts.changed() => {}
            }
        });
    }
}

impl Connection {
    /// Serves a connection to the proxy.
    async fn serve(&mut self, mut stream: BufReader<TcpStream>) -> io::Result<()> {
        let Some(first) = self.next_request(&mut stream).await? else { return Ok(()) };
        if first.method != "CONNECT" {
            return self.answer_all(stream, Some(first)).await;
        }
        let name = first.host();
        let known = Host::parse(name).is_some() && first.target.ends_with(":443");
        sleep(self.state.options.connect_latency).await;
        if !known {
            self.state.counters.unknown_host(if first.target.ends_with(":443") {
                name
            } else {
                &first.target
            });
            return stream
                .write_all(
                    b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )
                .await;
        }
        if self.state.options.refused_tunnels.is_some_and(|of| self.number.is_multiple_of(of)) {
            return stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").await;
        }
        self.state.counters.host(name);
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        if !stream.buffer().is_empty() {
            return Err(io::Error::other("the client did not wait for the tunnel"));
        }
        let stream = match self.state.tls.0.accept(stream.into_inner()).await {
            Ok(stream) => stream,
            Err(error) => {
                self.state.counters.failed_handshake();
                return Err(error);
            }
        };
        let resumed = stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        self.state.counters.handshake(resumed);
        self.tls = true;
        self.answer_all(BufReader::new(stream), None).await
    }

    /// The next request, or `None` when the connection has ended.
    async fn next_request<S: Wire>(
        &self,
        stream: &mut BufReader<S>,
    ) -> io::Result<Option<RawRequest>> {
        if let Some(idle) = self.state.options.idle_close {
            match timeout(idle, stream.fill_buf()).await {
                Ok(ready) => drop(ready?),
                Err(_) => {
                    self.state.counters.idle_closed();
                    stream.shutdown().await?;
                    return Ok(None);
                }
            }
        }
        let request = read_request(stream).await?;
        Ok(request.map(|request| RawRequest { connection: self.number, tls: self.tls, ..request }))
    }

    async fn answer_all<S: Wire>(
        &self,
        mut stream: BufReader<S>,
        mut first: Option<RawRequest>,
    ) -> io::Result<()> {
        let most = self.state.options.max_requests_per_connection.unwrap_or(u32::MAX);
        for answered in 1..=most {
            let raw = match first.take() {
                Some(raw) => raw,
                None => match self.next_request(&mut stream).await? {
                    Some(raw) => raw,
                    None => return Ok(()),
                },
            };
            let last = answered == most || raw.header("connection").eq_ignore_ascii_case("close");
            if !self.answer(&mut stream, raw, last).await? {
                break;
            }
        }
        stream.shutdown().await
    }

    /// Answers a request and returns whether the connection stays open.
    async fn answer<S: Wire>(
        &self,
        stream: &mut BufReader<S>,
        raw: RawRequest,
        last: bool,
    ) -> io::Result<bool> {
        let (state, head_only) = (&self.state, raw.method == "HEAD");
        if !self.tls && raw.target == "/__stats" {
            state.counters.forget_connection();
            let stats = Response::new(
                200,
                "application/json",
                format!("{}\n", state.counters.counts().to_json()),
            );
            return write_response(stream, &stats, head_only, true).await;
        }
        let at_address = || Host::of_signature(&raw).filter(|_| !self.tls);
        let Some(host) = Host::parse(raw.host()).or_else(at_address) else {
            state.counters.unknown_host(raw.host());
            let response =
                Response::new(502, "text/plain", format!("AWS has no host {:?}\n", raw.host()));
            return write_response(stream, &response, head_only, true).await;
        };
        let mut request =
            Request::read(raw, host, state.counters.next_request(), |key| state.account(key));
        request.time = state.time(&request);
        state.counters.started(&request, state.options.record);
        let call = Call { counters: &state.counters, account: &request.account };
        if state.options.hold_at.is_some_and(|at| request.number >= at) {
            let mut released = state.released.subscribe();
            connected(stream, async { drop(released.wait_for(|is| *is).await) }).await?;
        }
        let response = state.answer(&request);
        if response.unknown_call {
            state.counters.unknown_call(&request.call);
        }
        wait(stream, state.latency(&request) + response.delay).await?;
        drop(call);
        if response.reset {
            stream.get_ref().tcp().set_zero_linger()?;
            // Dropped without a shutdown, the socket is closed by a reset, in TLS as well.
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        state.counters.sent(response.body.len());
        write_response(stream, &response, head_only, last).await
    }
}

/// Waits, but only as long as the client is connected.
async fn wait<S: Wire>(stream: &mut BufReader<S>, duration: Duration) -> io::Result<()> {
    if duration.is_zero() {
        return Ok(());
    }
    connected(stream, sleep(duration)).await
}

/// Waits for an event, but only as long as the client is connected.
async fn connected<S: Wire>(
    stream: &mut BufReader<S>,
    event: impl Future<Output = ()>,
) -> io::Result<()> {
    tokio::pin!(event);
    tokio::select! {
        () = &mut event => return Ok(()),
        ready = stream.fill_buf() => {
            if ready?.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
    // The client has sent the next request already.
    event.await;
    Ok(())
}
