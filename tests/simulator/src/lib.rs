//! A simulated AWS for tests and benchmarks: an HTTP proxy on 127.0.0.1 for `HTTPS_PROXY` that
//! answers for AWS's own hosts, with TLS by a certificate authority of its own for `AWS_CA_BUNDLE`.
//!
//! A client needs no custom endpoint: it resolves the endpoints of AWS and connects to them through
//! the proxy, so what is specific to AWS's hosts is tested too: virtual-hosted buckets, wildcard
//! certificates, redirects between regions, many hosts and connections.
//!
//! The same port answers without TLS for `AWS_ENDPOINT_URL`.
//!
//! ```ignore
//! let fake = FakeAws::start(Options { latency: Duration::from_millis(20), ..Options::new(Estate::default()) });
//! command.env("HTTPS_PROXY", fake.proxy_url()).env("AWS_CA_BUNDLE", fake.ca_pem_path());
//! assert_eq!(fake.counts().calls_by_name["s3:ListBuckets"], 1);
//! ```

#![recursion_limit = "256"]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose fake fails should fail"
)]

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

mod counters;
mod estate;
mod faults;
mod hosts;
#[cfg(test)]
mod hosts_tests;
mod http;
mod limits;
mod moto_responses;
mod request;
mod response;
mod routing;
mod server;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_calls;
#[cfg(test)]
mod tests_s3;
mod tls;
mod upstream;
mod xml;

pub use counters::Counts;
pub use estate::{Estate, Others};
pub use faults::{Effect, Fault, Script};
pub use hosts::{Host, Partition, Service};
pub use limits::{Rate, Rates};
pub use moto_responses::as_aws;
pub use request::{Request, Style};
pub use response::{Framing, Response, escape};
pub use routing::Redirect;
pub use upstream::Upstream;

/// Whose credentials are used by a client that has assumed no role.
pub const OWN_ACCOUNT: &str = "123456789012";

/// What answers the requests.
pub trait Backend: Send + Sync {
    fn answer(&self, request: &Request) -> Response;

    /// The region of the request's bucket, if there is such a bucket and its region is known.
    fn bucket_region(&self, _request: &Request) -> Option<String> {
        None
    }

    /// The account that an access key belongs to, if the key itself does not contain it.
    fn account_of_key(&self, _key: &str) -> Option<String> {
        None
    }
}

/// A function is a backend too, for tests that need a few answers only.
impl<F: Fn(&Request) -> Response + Send + Sync> Backend for F {
    fn answer(&self, request: &Request) -> Response {
        self(request)
    }
}

/// Changes the response to a request before it is sent.
pub type Spoil = Arc<dyn Fn(&Request, &mut Response) + Send + Sync>;

/// How a fake behaves.
#[derive(Clone)]
pub struct Options {
    pub backend: Arc<dyn Backend>,
    /// 0 for any free port.
    pub port: u16,
    /// The account of access keys that do not contain an account and are unknown to the backend.
    pub own_account: String,
    /// How long to wait before each response.
    pub latency: Duration,
    /// By how much that varies: each response takes up to that much longer.
    pub jitter: Duration,
    /// How many calls each service accepts.
    pub rates: Rates,
    /// Failures to inject.
    pub faults: Script,
    /// How long to wait before a tunnel is open. It stands for the round trips of TCP and TLS.
    pub connect_latency: Duration,
    /// Of so many tunnels, the proxy refuses one.
    pub refused_tunnels: Option<u64>,
    /// After how long an idle connection is closed.
    pub idle_close: Option<Duration>,
    pub max_requests_per_connection: Option<u32>,
    /// How requests for a bucket at another region's host are refused.
    pub redirect: Redirect,
    /// Whether buckets in paths are answered by a redirect, as if AWS no longer supported them.
    pub refuse_path_style: bool,
    /// Whether buckets in host names are refused, as a violation.
    pub refuse_virtual_hosted: bool,
    pub spoil: Option<Spoil>,
    /// From the request with this number on, nothing is answered until [`FakeAws::release`].
    pub hold_at: Option<u64>,
    /// By how many seconds the clock of AWS is ahead of the local one, from the request with that
    /// number on. Sorted by number.
    pub clock: Vec<(u64, i64)>,
    /// Whether all requests are kept for [`FakeAws::requests`].
    pub record: bool,
}

impl Options {
    pub fn new(backend: impl Backend + 'static) -> Self {
        Self {
            backend: Arc::new(backend),
            port: 0,
            own_account: OWN_ACCOUNT.to_owned(),
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            rates: Rates::default(),
            faults: Script::default(),
            connect_latency: Duration::ZERO,
            refused_tunnels: None,
            idle_close: None,
            max_requests_per_connection: None,
            redirect: Redirect::Permanent,
            refuse_path_style: false,
            refuse_virtual_hosted: false,
            spoil: None,
            hold_at: None,
            clock: Vec::new(),
            record: false,
        }
    }

    pub fn spoil(
        mut self,
        spoil: impl Fn(&Request, &mut Response) + Send + Sync + 'static,
    ) -> Self {
        self.spoil = Some(Arc::new(spoil));
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("latency", &self.latency)
            .field("redirect", &self.redirect)
            .finish_non_exhaustive()
    }
}

/// A running fake. It stops when it is dropped.
#[derive(Debug)]
pub struct FakeAws {
    address: SocketAddr,
    state: Arc<server::State>,
    ca_pem_path: PathBuf,
    runtime: Option<Runtime>,
}

impl FakeAws {
    pub fn start(options: Options) -> Self {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let state = Arc::new(server::State::new(options));
        let name = format!(
            "fake-aws-{}-{}.pem",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::SeqCst)
        );
        let ca_pem_path = std::env::temp_dir().join(name);
        std::fs::write(&ca_pem_path, state.authority.pem()).unwrap();

        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("fake-aws")
            .enable_all()
            .build()
            .unwrap();
        // The port is bound here and not in the runtime, so that the fake can also be started by an
        // asynchronous test.
        let listener = std::net::TcpListener::bind(("127.0.0.1", state.options.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener).unwrap()
        };
        runtime.spawn(server::accept(listener, state.clone()));
        Self { address, state, ca_pem_path, runtime: Some(runtime) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For `HTTPS_PROXY` and `HTTP_PROXY`.
    pub fn proxy_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For `AWS_ENDPOINT_URL`: at this address, a request is for the service and region that it is
    /// signed for.
    pub fn endpoint_url(&self) -> String {
        self.proxy_url()
    }

    pub fn ca_pem(&self) -> &str {
        self.state.authority.pem()
    }

    /// For `AWS_CA_BUNDLE`. The file exists as long as the fake.
    pub fn ca_pem_path(&self) -> &Path {
        &self.ca_pem_path
    }

    pub fn counts(&self) -> Counts {
        self.state.counters.counts()
    }

    /// Answers the requests that are held, and all that follow.
    pub fn release(&self) {
        self.state.released.send_replace(true);
    }

    /// Closes all open connections, without answers to the requests on them.
    pub fn cut_connections(&self) {
        self.state.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// The least time in which the calls so far are within the rates of the services.
    pub fn rate_bound(&self) -> Duration {
        self.state.buckets.bound()
    }

    /// Hosts that were asked for and that AWS does not have.
    pub fn unknown_hosts(&self) -> Vec<String> {
        self.counts().unknown_hosts.into_iter().collect()
    }

    /// What clients did against the options, for example `refuse_virtual_hosted`.
    pub fn violations(&self) -> Vec<String> {
        self.state.counters.violations()
    }

    /// Every request so far, in the order of arrival, if `record` is set.
    pub fn requests(&self) -> Vec<Request> {
        self.state.counters.log()
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.ca_pem_path));
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
