//! Owns the counts of a running fake: connections, handshakes, calls, and how many ran at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use serde_json::{Value, json};

use super::request::Request;

/// How many there are now, and how many there were at most.
#[derive(Debug, Default)]
struct Gauge {
    now: AtomicU64,
    most: AtomicU64,
}

impl Gauge {
    fn enter(&self) {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, SeqCst);
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: AtomicU64,
    handshakes: AtomicU64,
    resumed: AtomicU64,
    failed_handshakes: AtomicU64,
    idle_closed: AtomicU64,
    expired: AtomicU64,
    skewed: AtomicU64,
    bytes: AtomicU64,
    open: Gauge,
    requests: AtomicU64,
    in_flight: Gauge,
    sets: Mutex<Sets>,
}

#[derive(Debug, Default)]
struct Sets {
    calls: BTreeMap<String, u64>,
    endpoints: BTreeMap<String, u64>,
    /// Calls in flight by account: now, and at most.
    accounts: HashMap<String, (u64, u64)>,
    hosts: BTreeSet<String>,
    unknown_hosts: BTreeSet<String>,
    unknown_calls: BTreeSet<String>,
    throttled: BTreeMap<String, u64>,
    faults: BTreeMap<String, u64>,
    violations: Vec<String>,
    log: Vec<Request>,
}

/// The counts at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// TCP connections.
    pub connections: u64,
    /// TLS handshakes that succeeded, and those of them that resumed a session.
    pub handshakes: u64,
    pub resumed: u64,
    /// TLS handshakes that failed, for instance because the client rejected the certificate.
    pub failed_handshakes: u64,
    /// Connections that were closed for being idle.
    pub idle_closed: u64,
    pub open: u64,
    pub most_open: u64,
    pub calls: u64,
    pub calls_by_name: BTreeMap<String, u64>,
    /// Throttled calls, by name. They are among the calls.
    pub throttled_by_name: BTreeMap<String, u64>,
    /// Injected failures by effect.
    pub faults: BTreeMap<String, u64>,
    /// Calls with expired credentials.
    pub expired: u64,
    /// Calls that were signed at a wrong time.
    pub skewed: u64,
    /// Bytes in response bodies.
    pub bytes: u64,
    /// Calls by host name without the bucket or account in front: `s3.eu-west-1.amazonaws.com`.
    pub calls_by_endpoint: BTreeMap<String, u64>,
    pub most_in_flight: u64,
    pub most_in_flight_by_account: BTreeMap<String, u64>,
    /// The hosts that clients connected to.
    pub hosts: BTreeSet<String>,
    pub unknown_hosts: BTreeSet<String>,
    /// Calls that the estate does not answer, and that failed for that reason.
    pub unknown_calls: BTreeSet<String>,
}

impl Counts {
    pub fn to_json(&self) -> Value {
        json!({
            "connections": self.connections,
            "handshakes": self.handshakes,
            "resumed": self.resumed,
            "failed_handshakes": self.failed_handshakes,
            "idle_closed": self.idle_closed,
            "open": self.open,
            "most_open": self.most_open,
            "calls": self.calls,
            "calls_by_name": self.calls_by_name,
            "throttled_by_name": self.throttled_by_name,
            "faults": self.faults,
            "expired": self.expired,
            "skewed": self.skewed,
            "bytes": self.bytes,
            "calls_by_endpoint": self.calls_by_endpoint,
            "most_in_flight": self.most_in_flight,
            "most_in_flight_by_account": self.most_in_flight_by_account,
            "hosts": self.hosts.len(),
            "unknown_hosts": self.unknown_hosts,
            "unknown_calls": self.unknown_calls,
        })
    }
}

impl Counters {
    /// Counts a connection and returns its number.
    pub(super) fn connected(&self) -> u64 {
        self.open.enter();
        self.accepted.fetch_add(1, SeqCst) + 1
    }

    pub(super) fn disconnected(&self) {
        self.open.leave();
    }

    /// Takes back a connection that only read the counts.
    pub(super) fn forget_connection(&self) {
        self.accepted.fetch_sub(1, SeqCst);
    }

    pub(super) fn handshake(&self, resumed: bool) {
        self.handshakes.fetch_add(1, SeqCst);
        self.resumed.fetch_add(u64::from(resumed), SeqCst);
    }

    pub(super) fn failed_handshake(&self) {
        self.failed_handshakes.fetch_add(1, SeqCst);
    }

    pub(super) fn idle_closed(&self) {
        self.idle_closed.fetch_add(1, SeqCst);
    }

    pub(super) fn throttled(&self, call: &str) {
        *self.sets.lock().unwrap().throttled.entry(call.to_owned()).or_default() += 1;
    }

    pub(super) fn faulted(&self, effect: String) {
        *self.sets.lock().unwrap().faults.entry(effect).or_default() += 1;
    }

    pub(super) fn expired(&self) {
        self.expired.fetch_add(1, SeqCst);
    }

    pub(super) fn skewed(&self) {
        self.skewed.fetch_add(1, SeqCst);
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, SeqCst);
    }

    pub(super) fn host(&self, name: &str) {
        self.sets.lock().unwrap().hosts.insert(name.to_owned());
    }

    pub(super) fn unknown_host(&self, name: &str) {
        self.sets.lock().unwrap().unknown_hosts.insert(name.to_owned());
    }

    pub(super) fn unknown_call(&self, call: &str) {
        self.sets.lock().unwrap().unknown_calls.insert(call.to_owned());
    }

    pub(super) fn violation(&self, message: String) {
        self.sets.lock().unwrap().violations.push(message);
    }

    /// The number of the next request.
    pub(super) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, SeqCst) + 1
    }

    /// Counts a call that has arrived.
    pub(super) fn started(&self, request: &Request, record: bool) {
        self.in_flight.enter();
        let mut sets = self.sets.lock().unwrap();
        *sets.calls.entry(request.call.clone()).or_default() += 1;
        *sets.endpoints.entry(request.host.endpoint().to_owned()).or_default() += 1;
        let (now, most) = sets.accounts.entry(request.account.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        if !sets.hosts.contains(&request.host.name) {
            sets.hosts.insert(request.host.name.clone());
        }
        if record {
            sets.log.push(request.clone());
        }
    }

    /// The call is about to be answered, or its client has gone.
    pub(super) fn finished(&self, account: &str) {
        self.in_flight.leave();
        if let Some((now, _)) = self.sets.lock().unwrap().accounts.get_mut(account) {
            *now -= 1;
        }
    }

    pub(super) fn log(&self) -> Vec<Request> {
        self.sets.lock().unwrap().log.clone()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.sets.lock().unwrap().violations.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        let sets = self.sets.lock().unwrap();
        Counts {
            connections: self.accepted.load(SeqCst),
            handshakes: self.handshakes.load(SeqCst),
            resumed: self.resumed.load(SeqCst),
            failed_handshakes: self.failed_handshakes.load(SeqCst),
            idle_closed: self.idle_closed.load(SeqCst),
            open: self.open.now.load(SeqCst),
            most_open: self.open.most.load(SeqCst),
            calls: sets.calls.values().sum(),
            calls_by_name: sets.calls.clone(),
            throttled_by_name: sets.throttled.clone(),
            faults: sets.faults.clone(),
            expired: self.expired.load(SeqCst),
            skewed: self.skewed.load(SeqCst),
            bytes: self.bytes.load(SeqCst),
            calls_by_endpoint: sets.endpoints.clone(),
            most_in_flight: self.in_flight.most.load(SeqCst),
            most_in_flight_by_account: sets
                .accounts
                .iter()
                .map(|(account, (_, most))| (account.clone(), *most))
                .collect(),
            hosts: sets.hosts.clone(),
            unknown_hosts: sets.unknown_hosts.clone(),
            unknown_calls: sets.unknown_calls.clone(),
        }
    }
}
