//! The connections of the process: one pool for all hosts, with one limit.
//!
//! The pool of the SDK's HTTP client limits connections per host. AWS has many hosts: one per region
//! and service, one per account and region for S3 Control, one per bucket in virtual-hosted style.
//! So the number of open connections is tracked here: when it reaches the limit, one is closed before
//! another is opened: of the hosts of accounts, which are called a few times, or else of all, the
//! least recently used one. Those of accounts have a lower limit of their own, too. If that connection
//! is in use after all, it closes after its response, so no request is lost. A few connections are
//! opened for a request that another connection then takes; those are left to the idle timeout, so the
//! limits are approximate.

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::pool::{
    Client, ConnectionEvent, ConnectionEventListener, ConnectionPool, SharedConnectionEventListener,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{
    CaptureSmithyConnection, ConnectionId, ConnectionMetadata,
};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::{OwnedMutexGuard, Semaphore};

use super::descriptors::Budget;
use super::timing::{self, Wait};
use super::turns;
use super::unreachable;
use crate::snapshot::{are_descriptors_exhausted, is_out_of_descriptors};

/// How long a connection is kept without being used.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// First wait when the process is out of file descriptors; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How many connections to the hosts of accounts are kept.
const MAX_OF_ACCOUNTS: usize = 32;
/// How long a request waits for the first one to the host of its account.
const PATIENCE: Duration = Duration::from_secs(1);

/// The HTTP client of all SDK clients.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    client: Client,
    shared: Arc<SharedState>,
}

#[derive(Debug)]
struct SharedState {
    open: Arc<OpenConnections>,
    /// Limits the requests in flight.
    in_flight: Semaphore,
    /// Whether the warning about file descriptors was logged.
    warned: AtomicBool,
}

impl Connections {
    /// A pool within a budget; `build` builds it with the listener that tracks it.
    pub(super) fn new<E>(
        budget: Budget,
        build: impl FnOnce(SharedConnectionEventListener) -> Result<ConnectionPool, E>,
    ) -> Result<Self, String>
    where
        E: Error,
    {
        let open =
            Arc::new(OpenConnections { limit: budget.connections, ..OpenConnections::default() });
        let listener = SharedConnectionEventListener::new(Listener(open.clone()));
        let pool = build(listener).map_err(|error| error.to_string())?;
        let client = Client::new(&pool).map_err(|error| error.to_string())?;
        let in_flight = Semaphore::new(budget.calls.min(Semaphore::MAX_PERMITS));
        Ok(Self {
            client,
            shared: Arc::new(SharedState { open, in_flight, warned: AtomicBool::new(false) }),
        })
    }
}

impl HttpClient for Connections {
    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        cfg: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.client.validate_base_client_config(components, cfg)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.client.connector_metadata()
    }

    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.client.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, shared: self.shared.clone() })
    }
}

/// Sends the requests of one operation.
#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    shared: Arc<SharedState>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, shared) = (self.inner.clone(), self.shared.clone());
        HttpConnectorFuture::new(async move { send(&inner, &shared, request).await })
    }
}

/// Sends a request. While the process is out of file descriptors it waits, since that is not a failure
/// of the call. The timeout of the attempt ends the wait.
async fn send(
    inner: &SharedHttpConnector,
    shared: &SharedState,
    mut request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    turns::take_again().await;
    // The semaphore is never closed.
    let _turn = timing::wait(Wait::Turn, shared.in_flight.acquire()).await;
    let capture = request.extension::<CaptureSmithyConnection>().cloned().unwrap_or_default();
    let mut wait = FIRST_WAIT;
    loop {
        shared.open.make_room();
        request.add_extension(capture.clone());
        let (retry, url) = (request.try_clone(), request.uri().to_owned());
        let host = host_of_account(&url);
        let first = match host {
            Some(host) => timing::wait(Wait::Turn, shared.open.first(host)).await,
            None => None,
        };
        let response = inner.call(request).await;
        if let Some(connection) = capture.get() {
            shared.open.used(connection, host);
        }
        drop(first);
        match (response, retry) {
            (Err(error), Some(retry))
                if is_out_of_descriptors(&error)
                    || (error.is_io() && are_descriptors_exhausted()) =>
            {
                if !shared.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        "too many open files: waiting for connections to close; raise `ulimit -n` to avoid this"
                    );
                }
                shared.open.close_all();
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
                request = retry;
            }
            (response, _) => {
                return response.map_err(|error| unreachable::explained(error, &url));
            }
        }
    }
}

/// The host of a URL if it is that of one account, such as `111122223333.s3-control.…`. Such a host is
/// called a few times.
fn host_of_account(url: &str) -> Option<&str> {
    let host = url.split_once("://")?.1.split(['/', ':', '?']).next()?;
    let label = host.split('.').next()?;
    (label.len() == 12 && label.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every open connection of the pool, with a handle to close it and its last use.
#[derive(Debug, Default)]
struct OpenConnections {
    limit: usize,
    state: Mutex<ConnectionTable>,
    /// The hosts of accounts of which the first request is under way.
    connecting: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The first request to the host of an account. Others wait for it, so that they can use its
/// connection: to open one takes longer than a call.
struct First<'a> {
    open: &'a OpenConnections,
    host: &'a str,
    _turn: OwnedMutexGuard<()>,
}

impl Drop for First<'_> {
    fn drop(&mut self) {
        drop(lock(&self.open.connecting).remove(self.host));
    }
}

#[derive(Debug, Default)]
struct ConnectionTable {
    open: HashMap<ConnectionId, OpenConnection>,
    /// Counts uses, which orders them.
    uses: u64,
}

#[derive(Debug)]
struct OpenConnection {
    last_use: u64,
    /// Its host, if that is the host of one account.
    of_account: Option<Box<str>>,
    /// Closes it; `None` before its first response, and once it is closing.
    handle: Option<ConnectionMetadata>,
}

impl OpenConnections {
    fn state(&self) -> MutexGuard<'_, ConnectionTable> {
        lock(&self.state)
    }

    /// Waits until the host of an account has a connection. `None` if it has one, or if its first
    /// request takes too long to wait for.
    async fn first<'a>(&'a self, host: &'a str) -> Option<First<'a>> {
        if self.is_connected(host) {
            return None;
        }
        let turn = lock(&self.connecting).entry(host.to_owned()).or_default().clone();
        let turn = tokio::time::timeout(PATIENCE, turn.lock_owned()).await.ok()?;
        // The request before this one may have failed without a connection.
        let first = First { open: self, host, _turn: turn };
        (!self.is_connected(host)).then_some(first)
    }

    fn is_connected(&self, host: &str) -> bool {
        self.state().open.values().any(|open| open.of_account.as_deref() == Some(host))
    }

    /// Records that a connection was used.
    fn used(&self, connection: ConnectionMetadata, of_account: Option<&str>) {
        let Some(id) = connection.connection_id() else { return };
        let mut state = self.state();
        state.uses += 1;
        let last_use = state.uses;
        if let Some(open) = state.open.get_mut(&id) {
            let of_account = of_account.map(Box::from);
            *open = OpenConnection { last_use, of_account, handle: Some(connection) };
        }
    }

    /// Closes the connection that is least likely to be used again when a limit is reached.
    fn make_room(&self) {
        let oldest = {
            let mut state = self.state();
            let of_accounts = state.open.values().filter(|open| open.of_account.is_some()).count();
            if state.open.len() < self.limit && of_accounts < MAX_OF_ACCOUNTS {
                return;
            }
            let closable = state.open.iter_mut().filter(|(_, open)| open.handle.is_some());
            closable
                .min_by_key(|(_, open)| (open.of_account.is_none(), open.last_use))
                .and_then(|(_, open)| open.handle.take())
        };
        // Closing calls the listener, so the lock must be free.
        if let Some(oldest) = oldest {
            oldest.poison();
        }
    }

    /// Closes all connections; those in use close after their response.
    fn close_all(&self) {
        let all: Vec<_> =
            self.state().open.values_mut().filter_map(|open| open.handle.take()).collect();
        all.iter().for_each(ConnectionMetadata::poison);
    }
}

/// Receives the events of connections that are opened and closed.
struct Listener(Arc<OpenConnections>);

impl ConnectionEventListener for Listener {
    fn on_event(&self, event: &ConnectionEvent<'_>) {
        let mut state = self.0.state();
        match event {
            ConnectionEvent::Opened(opened) => {
                state.uses += 1;
                let last_use = state.uses;
                let opened_now = OpenConnection { last_use, of_account: None, handle: None };
                state.open.insert(opened.connection().id(), opened_now);
            }
            ConnectionEvent::PhysicalClose(closed) => {
                drop(state.open.remove(&closed.connection().id()))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_that_is_least_likely_to_be_used_again_is_closed() {
        let closed = Arc::new(Mutex::new(Vec::new()));
        let connection = |id: u64| {
            let closed = closed.clone();
            let close = move || closed.lock().unwrap().push(id);
            ConnectionMetadata::builder()
                .proxied(false)
                .connection_id(ConnectionId::new(id))
                .poison_fn(close)
                .build()
        };
        let open = OpenConnections { limit: 3, ..OpenConnections::default() };
        let opened = |id: u64| {
            let opened = OpenConnection { last_use: id, of_account: None, handle: None };
            drop(open.state().open.insert(ConnectionId::new(id), opened))
        };
        (1..=2).for_each(opened);
        (1..=2).for_each(|id| open.used(connection(id), None));
        open.make_room();
        assert!(closed.lock().unwrap().is_empty(), "there is room");
        opened(3);
        open.used(connection(1), None);
        open.make_room();
        assert_eq!(
            *closed.lock().unwrap(),
            [2],
            "2 was used before 1, and 3 has not been used yet"
        );
        // It is still closing; the next request must neither wait for it nor close it again.
        open.make_room();
        assert_eq!(*closed.lock().unwrap(), [2, 1]);
        open.used(connection(99), None);
        assert!(
            !open.state().open.contains_key(&ConnectionId::new(99)),
            "closed before its use was recorded"
        );
        closed.lock().unwrap().clear();
        (1..=3).for_each(opened);
        (1..=3).for_each(|id| open.used(connection(id), (id > 1).then_some("111122223333")));
        (1..=3).for_each(|_| open.make_room());
        assert_eq!(*closed.lock().unwrap(), [2, 3, 1], "those of accounts first");
    }

    #[test]
    fn hosts_of_accounts_are_told_from_others() {
        let host = "111122223333.s3-control.us-east-1.amazonaws.com";
        for (url, expected) in [
            (format!("https://{host}/v20180820/accesspoint"), Some(host)),
            (format!("https://{host}:443/"), Some(host)),
            ("https://ec2.us-east-1.amazonaws.com/".to_owned(), None),
            ("https://111122223333-logs.s3.us-east-1.amazonaws.com/".to_owned(), None),
            ("https://11112222333.s3.us-east-1.amazonaws.com/".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(host_of_account(&url), expected, "{url}");
        }
    }

    #[tokio::test]
    async fn requests_to_the_host_of_an_account_wait_for_its_first_connection() {
        let open = OpenConnections { limit: 3, ..OpenConnections::default() };
        let first = open.first("111122223333.a").await;
        assert!(first.is_some());
        assert!(open.first("111122223333.b").await.is_some(), "of another host");
        let (second, ()) = tokio::join!(open.first("111122223333.a"), async {
            let id = ConnectionId::new(1);
            let host = Some(Box::from("111122223333.a"));
            let opened = OpenConnection { last_use: 1, of_account: host, handle: None };
            drop(open.state().open.insert(id, opened));
            drop(first);
        });
        assert!(second.is_none(), "there is a connection");
        assert!(lock(&open.connecting).is_empty(), "nothing is kept");
        // One that takes long is not waited for.
        let first = open.first("111122223333.c").await;
        assert!(first.is_some() && open.first("111122223333.c").await.is_none());
    }

    #[test]
    fn few_connections_to_hosts_of_accounts_are_kept() {
        let open = OpenConnections { limit: 1_000, ..OpenConnections::default() };
        let poisoned = Arc::new(Mutex::new(Vec::new()));
        for id in 0..=MAX_OF_ACCOUNTS as u64 {
            let opened = OpenConnection { last_use: id, of_account: None, handle: None };
            drop(open.state().open.insert(ConnectionId::new(id), opened));
            let closed = poisoned.clone();
            let connection = ConnectionMetadata::builder()
                .proxied(false)
                .connection_id(ConnectionId::new(id))
                .poison_fn(move || closed.lock().unwrap().push(id))
                .build();
            // The first one is to a host of all accounts.
            open.used(connection, (id > 0).then_some("111122223333"));
            let expected: &[u64] = if id < MAX_OF_ACCOUNTS as u64 { &[] } else { &[1] };
            open.make_room();
            assert_eq!(*poisoned.lock().unwrap(), expected, "{id}");
        }
    }
}
