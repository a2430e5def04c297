//! The connection of a run to AWS.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::error::CommandError;
use super::setup::Setup;
use super::timeline::{Observed, RunTimeline, Tracing};
use crate::aws::{BaseSession, Observer, SessionSettings};
use crate::cli::AwsArgs;
use crate::interrupts::Interrupts;
use crate::model::text;

/// A run's connection to AWS: its identity, and the connection pool that all its parts share.
pub(crate) struct AwsSession {
    pub(super) started: Timestamp,
    /// When it started, for measuring time.
    pub(super) begun: tokio::time::Instant,
    /// How long it may take.
    pub(super) limit: Option<Duration>,
    pub(super) run_id: String,
    session_name: String,
    settings: SessionSettings,
    pub(super) runtime: Runtime,
    interrupts: Interrupts,
    base: Option<BaseSession>,
    timeline: Option<Arc<RunTimeline>>,
}

impl AwsSession {
    /// Starts a run. No AWS call is made yet.
    pub(crate) fn begin(setup: &Setup, args: &AwsArgs) -> Result<Self, CommandError> {
        let scan = &setup.config.scan;
        let (started, begun) = (Timestamp::now(), tokio::time::Instant::now());
        let run_id = run_id(started);
        // Collection mostly waits. With several threads, each call takes more processing time and
        // memory.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| CommandError::Usage(format!("cannot start the runtime: {error}")))?;
        let interrupts = Interrupts::listen()
            .map_err(|error| CommandError::Usage(format!("cannot listen for signals: {error}")))?;
        let settings = SessionSettings {
            profile: args.profile.clone(),
            max_attempts: scan.max_attempts,
            connect_timeout: scan.timeouts.connect,
            attempt_timeout: scan.timeouts.attempt,
            operation_timeout: scan.timeouts.call,
            s3_addressing: scan.s3_addressing_style,
            ..SessionSettings::default()
        };
        let session_name = format!("{}-{run_id}", setup.config.session_name);
        let (base, timeline, limit) = (None, None, None);
        Ok(Self {
            started,
            begun,
            limit,
            run_id,
            session_name,
            settings,
            runtime,
            interrupts,
            base,
            timeline,
        })
    }

    /// Ends the run after this time, or that of the config.
    pub(crate) fn end_after(&mut self, limit: Option<Duration>, setup: &Setup) {
        self.limit = limit.or(setup.config.scan.timeouts.run);
    }

    /// The calls are added to the timeline.
    pub(crate) fn trace(&mut self, tracing: &Tracing) {
        self.timeline = tracing.timeline();
    }

    /// The observer, which also adds events to the timeline, if there is one.
    pub(super) fn observer(&self, inner: Arc<dyn Observer>) -> Arc<dyn Observer> {
        match self.timeline.clone() {
            Some(timeline) => Arc::new(Observed { inner, timeline }),
            None => inner,
        }
    }

    /// The id of the run.
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// When the run started.
    pub(crate) fn started(&self) -> Timestamp {
        self.started
    }

    /// The name of the run's sessions.
    pub(crate) fn session_name(&self) -> &str {
        &self.session_name
    }

    /// The base credentials, loaded once.
    pub(crate) fn base(&mut self) -> Result<BaseSession, CommandError> {
        if let Some(base) = &self.base {
            return Ok(base.clone());
        }
        let loading = BaseSession::load(self.settings.clone());
        let base = self.block_on(loading, " while loading credentials; nothing was collected")?;
        Ok(self.base.insert(base).clone())
    }

    /// The runtime, for calls from other threads.
    #[cfg(feature = "remediate")]
    pub(crate) fn handle(&self) -> tokio::runtime::Handle {
        self.runtime.handle().clone()
    }

    /// The signals that end the run.
    pub(crate) fn interrupts(&self) -> Interrupts {
        self.interrupts.clone()
    }

    /// Runs `work` until it completes, a signal arrives or the time limit is reached; `what` ends the
    /// message for it: what was interrupted, and what it means.
    pub(crate) fn block_on<T, E: Into<CommandError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
        what: &str,
    ) -> Result<T, CommandError> {
        let limit = async {
            match self.limit {
                Some(limit) => {
                    tokio::time::sleep_until(self.begun + limit).await;
                    limit
                }
                None => std::future::pending().await,
            }
        };
        self.runtime.block_on(async {
            let reason = tokio::select! {
                done = work => return done.map_err(Into::into),
                signal = self.interrupts.wait() => format!("interrupted by {signal}"),
                limit = limit => format!("stopped at the deadline of {}", text::duration(limit)),
            };
            Err(CommandError::Usage(format!("{reason}{what}")))
        })
    }
}

/// Twelve characters of time and eight random ones, so that sessions of different runs can be
/// distinguished in CloudTrail.
fn run_id(started: Timestamp) -> String {
    let chance = RandomState::new().build_hasher().finish() as u32;
    format!("{}-{chance:08x}", started.strftime("%y%m%d%H%M%S"))
}
