//! `--trace FILE`: what a run did, and when.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::error::CommandError;
use super::placeholders;
use super::setup::Setup;
#[cfg(feature = "aws")]
use crate::aws::{CallRecord, ListRecord, Observer, Outcome, StepKind, Wait};
use crate::evaluate::{EvaluationObserver, Work, WorkKind};
use crate::model::AccountId;
#[cfg(feature = "aws")]
use crate::model::{Region, text};
use crate::output::{Destination, OutputError, Process, Span, Timeline};

/// The timeline of a run.
#[derive(Debug)]
pub(crate) struct RunTimeline {
    timeline: Timeline,
    evaluation: OnceLock<Process>,
    accounts: Mutex<HashMap<AccountId, OpenAccount>>,
}

/// An account that is being collected.
#[derive(Debug, Clone, Copy)]
struct OpenAccount {
    process: Process,
    /// When its collection began; `None` for an account that other accounts are entered from.
    begun: Option<Instant>,
}

/// The timeline of a command. It is complete when this is dropped, even if the command fails.
#[derive(Debug, Default)]
pub(crate) struct Tracing(Option<Arc<RunTimeline>>);

impl Tracing {
    /// Creates the file of `--trace`, which must not be one of the `others`.
    pub(crate) fn begin(
        setup: &Setup,
        path: Option<&Path>,
        others: &[Destination],
    ) -> Result<Self, CommandError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let to = destination(setup, path)?;
        Destination::check(others.iter().chain([&to]))?;
        let timeline = RunTimeline {
            timeline: Timeline::create(&to)?,
            evaluation: OnceLock::new(),
            accounts: Mutex::default(),
        };
        Ok(Self(Some(Arc::new(timeline))))
    }

    /// The timeline, if there is one.
    pub(crate) fn timeline(&self) -> Option<Arc<RunTimeline>> {
        self.0.clone()
    }

    /// Completes the file.
    pub(crate) fn finish(self) -> Result<(), CommandError> {
        let done = self.0.as_ref().map_or(Ok(()), |timeline| timeline.finish());
        Ok(done?)
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|timeline| timeline.finish()) {
            writeln!(crate::output::stderr(), "error: {error}").ok();
        }
    }
}

fn destination(setup: &Setup, path: &Path) -> Result<Destination, CommandError> {
    let path = placeholders::expand(path)?;
    let to = Destination::File(path.clone());
    if path.as_os_str() == "-" || to.is_per_account() {
        let reason = "`--trace` writes one file for the entire run: use a path like `trace.json`";
        return Err(CommandError::Usage(reason.to_owned()));
    }
    let path: PathBuf = setup.staging.report(&path, &setup.config.storage, false)?;
    Ok(Destination::File(path))
}

/// The object of a `json!`.
fn args(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(args) => args,
        _ => Map::new(),
    }
}

impl RunTimeline {
    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, OpenAccount>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self) -> Result<(), OutputError> {
        let open: Vec<_> = self.accounts().drain().collect();
        for (account, open) in open {
            self.end_account(&account, open, json!({ "canceled": true }));
        }
        self.timeline.finish()
    }

    fn end_account(&self, account: &AccountId, open: OpenAccount, result: Value) {
        if let Some(begun) = open.begun {
            let span = Span {
                name: account.as_str(),
                category: "account",
                begun,
                ended: Instant::now(),
                args: args(result),
            };
            self.timeline.add(open.process, "account", &span, &[]);
        }
        self.timeline.end_process(open.process);
    }

    /// The process of an account.
    #[cfg(feature = "aws")]
    fn process(&self, account: &AccountId, begun: Option<Instant>) -> Process {
        let mut accounts = self.accounts();
        if let Some(open) = accounts.get_mut(account) {
            open.begun = open.begun.or(begun);
            return open.process;
        }
        let process = self.timeline.process(&format!("account {account}"));
        accounts.insert(account.clone(), OpenAccount { process, begun });
        process
    }

    #[cfg(feature = "aws")]
    fn add_call(&self, call: &CallRecord<'_>) {
        let mut details = json!({ "account": call.account, "region": call.region });
        let (mut attempts, mut bytes, mut parts) = (0_u32, 0, Vec::new());
        for step in call.steps {
            let (name, category, details) = match &step.kind {
                StepKind::Wait(wait) => (wait_name(*wait).to_owned(), "wait", Map::new()),
                StepKind::Attempt(response) => {
                    attempts += 1;
                    bytes += response.bytes;
                    let mut details = json!({ "bytes": response.bytes });
                    if let Some(status) = response.status {
                        details["status"] = json!(status);
                    }
                    if let Some(code) = &response.code {
                        details["error"] = json!(text::one_line(code, 100));
                    }
                    (format!("attempt {attempts}"), "attempt", args(details))
                }
            };
            parts.push((name, category, step.begun, step.ended, details));
        }
        if let Some(resource) = call.resource {
            details["resource"] = json!(text::one_line(resource, 300));
        }
        details["attempts"] = json!(attempts);
        details["bytes"] = json!(bytes);
        match call.outcome {
            Outcome::Succeeded => {}
            Outcome::Failed(code) => details["error"] = json!(text::one_line(code, 100)),
            Outcome::Canceled => details["canceled"] = json!(true),
        }
        let span = Span {
            name: call.call,
            category: "call",
            begun: call.begun,
            ended: call.ended,
            args: args(details),
        };
        let mut parts: Vec<Span<'_>> = parts
            .iter()
            .map(|(name, category, begun, ended, details)| Span {
                name,
                category,
                begun: *begun,
                ended: *ended,
                args: details.clone(),
            })
            .collect();
        // What contains another part comes first.
        parts.sort_by_key(|part| (part.begun, std::cmp::Reverse(part.ended)));
        self.timeline.add(self.process(call.account, None), "calls", &span, &parts);
    }
}

#[cfg(feature = "aws")]
fn wait_name(wait: Wait) -> &'static str {
    match wait {
        Wait::Rate => "wait for rate limit",
        Wait::Turn => "wait for other calls",
        Wait::Backoff => "wait for retry",
    }
}

impl EvaluationObserver for RunTimeline {
    fn done(&self, work: &Work<'_>) {
        let process = *self.evaluation.get_or_init(|| self.timeline.process("evaluation"));
        let (name, resources) = match work.kind {
            WorkKind::Read => ("read", None),
            WorkKind::Evaluate(resources) => ("evaluate", Some(resources)),
            WorkKind::Report => ("report", None),
        };
        let mut details = json!({ "account": work.account });
        if let Some(resources) = resources {
            details["resources"] = json!(resources);
        }
        let (begun, ended) = (work.begun, work.ended);
        let span = Span { name, category: "evaluation", begun, ended, args: args(details) };
        self.timeline.add(process, "threads", &span, &[]);
    }
}

/// Passes the events of a collection on, and adds them to the timeline.
#[cfg(feature = "aws")]
pub(super) struct Observed {
    pub(super) inner: Arc<dyn Observer>,
    pub(super) timeline: Arc<RunTimeline>,
}

#[cfg(feature = "aws")]
impl Observer for Observed {
    fn account_started(&self, account: &AccountId) {
        self.timeline.process(account, Some(Instant::now()));
        self.inner.account_started(account);
    }

    fn call(&self, account: &AccountId, call: &str) {
        self.inner.call(account, call);
    }

    fn retried(&self, account: &AccountId, call: &str) {
        self.inner.retried(account, call);
    }

    fn throttled(&self, account: &AccountId, call: &str) {
        self.inner.throttled(account, call);
    }

    fn resource_gone(&self, account: &AccountId, region: &Region, kind: &str, id: &str) {
        self.inner.resource_gone(account, region, kind, id);
    }

    fn resources_of_others(&self, account: &AccountId, region: &Region, kind: &str, count: u64) {
        self.inner.resources_of_others(account, region, kind, count);
    }

    fn wants_courses(&self) -> bool {
        true
    }

    fn call_ended(&self, call: &CallRecord<'_>) {
        self.timeline.add_call(call);
        self.inner.call_ended(call);
    }

    fn list_ended(&self, list: &ListRecord<'_>) {
        let details = json!({
            "account": list.account, "region": list.region, "resources": list.resources,
        });
        let span = Span {
            name: list.kind,
            category: "list",
            begun: list.begun,
            ended: list.ended,
            args: args(details),
        };
        let process = self.timeline.process(list.account, None);
        self.timeline.timeline.add(process, "lists", &span, &[]);
        self.inner.list_ended(list);
    }

    fn account_finished(&self, account: &AccountId, path: &Path, entered: bool, gaps: usize) {
        let open = self.timeline.accounts().remove(account);
        if let Some(open) = open {
            let result = json!({ "entered": entered, "gaps": gaps });
            self.timeline.end_account(account, open, result);
        }
        self.inner.account_finished(account, path, entered, gaps);
    }
}
