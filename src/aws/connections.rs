//! The connections of the process: one pool for all hosts, with one limit.
//!
//! The pool of the SDK's HTTP client limits connections per host. AWS has many hosts: one per region
//! and service, one per account and region for S3 Control, one per bucket in virtual-hosted style.
//! So the number of open connections is tracked here: when it reaches the limit, the least recently
//! used connection is closed before another is opened. If that connection is in use after all, it
//! closes after its response, so no request is lost. A few connections are opened for a request that
//! another connection then takes; those are left to the idle timeout, so the limit is approximate.

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
use tokio::sync::Semaphore;

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
        let open = Arc::new(OpenConnections { limit: budget.connections, state: Mutex::default() });
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
        let response = inner.call(request).await;
        if let Some(connection) = capture.get() {
            shared.open.used(connection);
        }
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

/// Every open connection of the pool, with a handle to close it and its last use.
#[derive(Debug, Default)]
struct OpenConnections {
    limit: usize,
    state: Mutex<ConnectionTable>,
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
    /// Closes it; `None` before its first response, and once it is closing.
    handle: Option<ConnectionMetadata>,
}

impl OpenConnections {
    fn state(&self) -> MutexGuard<'_, ConnectionTable> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a connection was used.
    fn used(&self, connection: ConnectionMetadata) {
        let Some(id) = connection.connection_id() else { return };
        let mut state = self.state();
        state.uses += 1;
        let last_use = state.uses;
        if let Some(open) = state.open.get_mut(&id) {
            *open = OpenConnection { last_use, handle: Some(connection) };
        }
    }

    /// Closes the least recently used connection when the limit is reached.
    fn make_room(&self) {
        let oldest = {
            let mut state = self.state();
            if state.open.len() < self.limit {
                return;
            }
            let closable = state.open.iter_mut().filter(|(_, open)| open.handle.is_some());
            closable.min_by_key(|(_, open)| open.last_use).and_then(|(_, open)| open.handle.take())
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
                state
                    .open
                    .insert(opened.connection().id(), OpenConnection { last_use, handle: None });
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
    fn the_least_recently_used_connection_is_closed() {
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
        let open = OpenConnections { limit: 3, state: Mutex::default() };
        let opened = |id: u64| {
            drop(
                open.state()
                    .open
                    .insert(ConnectionId::new(id), OpenConnection { last_use: id, handle: None }),
            )
        };
        (1..=2).for_each(opened);
        (1..=2).for_each(|id| open.used(connection(id)));
        open.make_room();
        assert!(closed.lock().unwrap().is_empty(), "there is room");
        opened(3);
        open.used(connection(1));
        open.make_room();
        assert_eq!(
            *closed.lock().unwrap(),
            [2],
            "2 was used before 1, and 3 has not been used yet"
        );
        // It is still closing; the next request must neither wait for it nor close it again.
        open.make_room();
        assert_eq!(*closed.lock().unwrap(), [2, 1]);
        open.used(connection(99));
        assert!(
            !open.state().open.contains_key(&ConnectionId::new(99)),
            "closed before its use was recorded"
        );
    }
}
