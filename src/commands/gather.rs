//! Collection, as `scan` and `collect` share it: targets, snapshot folder, sessions, progress, interruption, and the record of the run.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::CommandError;
use super::evaluate::manifest_targets;
use super::setup::Setup;
use crate::aws::{self, BaseSession, CollectOutcome, CollectRequest, Observer, SessionSettings, Stats};
use crate::cli::AwsArgs;
use crate::exit::Exit;
use crate::facts;
use crate::model::{AccountId, Region, Target};
use crate::progress::Progress;
use crate::rules;
use crate::snapshot::{SnapshotError, Writer};

/// Where the snapshot goes, and whether it goes on from one that is there.
pub(super) struct Folder {
    writer: Writer,
    /// Accounts that the snapshot already holds whole.
    done: BTreeSet<AccountId>,
    /// The folder is deleted with this, when the user named none.
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// The folder of the snapshot.
    pub(super) fn path(&self) -> &Path {
        self.writer.dir()
    }
}

/// The accounts of the config that this run is about.
pub(super) fn targets(setup: &Setup) -> Result<Vec<Target>, CommandError> {
    let mut targets = setup.config.targets();
    if targets.is_empty() {
        let text = match &setup.config.path {
            Some(path) => format!("{} names no account: add [[account]] with its id", path.display()),
            None => "there is no rolecall.toml here: `rolecall init` writes one, --config FILE names another".to_owned(),
        };
        return Err(CommandError::Usage(text));
    }
    let wanted = setup.accounts(targets.iter().map(|target| (&target.account, target.name.as_deref())))?;
    targets.retain(|target| wanted.contains(&target.account));
    // Regions typed by their names need not be asked for.
    if let Some(typed) = setup.regions.as_ref().and_then(|globs| literal_regions(globs.patterns())) {
        for target in targets.iter_mut().filter(|target| target.regions.is_empty()) {
            target.regions = typed.clone();
        }
    }
    Ok(targets)
}

fn literal_regions(patterns: &[String]) -> Option<Vec<Region>> {
    let regions: Option<Vec<Region>> = patterns.iter().map(|pattern| pattern.parse().ok()).collect();
    regions.filter(|regions| !regions.iter().any(Region::is_global))
}

/// Makes or resumes the snapshot's folder.
pub(super) fn folder(setup: &Setup, targets: &[Target], named: Option<&Path>, resume: bool) -> Result<Folder, CommandError> {
    let demand = rules::demand(&setup.rules);
    let manifest = manifest_targets(&setup.config)
        .into_iter()
        .filter(|known| targets.iter().any(|target| target.account == known.account))
        .collect();
    let Some(dir) = named else {
        let temporary = tempfile::Builder::new().prefix("rolecall-").tempdir();
        let temporary =
            temporary.map_err(|error| SnapshotError::Io { path: std::env::temp_dir(), error }).map_err(CommandError::from)?;
        let writer = Writer::create(temporary.path(), manifest, &demand)?;
        return Ok(Folder { writer, done: BTreeSet::new(), _temporary: Some(temporary) });
    };
    if resume {
        let (writer, done) = Writer::resume(dir, manifest, &demand)?;
        Ok(Folder { writer, done: done.into_iter().collect(), _temporary: None })
    } else {
        Ok(Folder { writer: Writer::create(dir, manifest, &demand)?, done: BTreeSet::new(), _temporary: None })
    }
}

/// What a collection was, beside its facts.
pub(super) struct Gathered {
    pub(super) run_id: String,
    pub(super) started: Timestamp,
    pub(super) outcome: CollectOutcome,
}

impl Gathered {
    /// What a reader of the summary should know of the collection itself.
    pub(super) fn notices(&self, setup: &Setup) -> Vec<String> {
        let accounts = self.outcome.stats.accounts_by_security_audit.len();
        if accounts == 0 {
            return Vec::new();
        }
        let mut text = format!(
            "sessions in {accounts} account(s) were scoped by AWS's SecurityAudit policy: one of our own is too large for STS"
        );
        let lacking = facts::not_in_security_audit(&rules::demand(&setup.rules));
        if !lacking.is_empty() {
            text.push_str(&format!("; it does not allow {}, so what that supplies is unknown", lacking.join(", ")));
        }
        vec![text]
    }
}

/// Writes notices to stderr, one line each.
pub(super) fn tell(notices: &[String], quiet: bool) {
    if !quiet {
        let mut stderr = std::io::stderr().lock();
        for notice in notices {
            writeln!(stderr, "note: {notice}").ok();
        }
    }
}

/// Collects what is missing in the folder.
pub(super) fn collect(
    setup: &Setup,
    args: &AwsArgs,
    targets: Vec<Target>,
    folder: &Folder,
    observer: Arc<dyn Observer>,
) -> Result<Gathered, CommandError> {
    let scan = &setup.config.scan;
    let started = Timestamp::now();
    let run_id = run_id(started);
    let settings = SessionSettings {
        profile: args.aws_profile.clone(),
        max_attempts: scan.max_attempts,
        connect_timeout: scan.timeouts.connect,
        attempt_timeout: scan.timeouts.attempt,
        operation_timeout: scan.timeouts.call,
        ..SessionSettings::default()
    };
    let defaults = aws::Concurrency::default();
    let concurrency = aws::Concurrency {
        accounts: args.concurrency.map_or(scan.concurrency.accounts, usize::from),
        lists: scan.concurrency.calls,
        calls: scan
            .concurrency
            .calls
            .saturating_mul(args.concurrency.map_or(scan.concurrency.accounts, usize::from))
            .min(defaults.calls),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::Usage(format!("cannot start the runtime: {error}")))?;
    let waiting: Vec<Target> = targets.into_iter().filter(|target| !folder.done.contains(&target.account)).collect();
    let outcome = runtime.block_on(async {
        let base = BaseSession::load(settings).await?;
        let request = CollectRequest {
            base,
            via: setup.config.via.clone(),
            targets: waiting,
            demand: rules::demand(&setup.rules),
            fallback_regions: scan.fallback_regions.clone(),
            region_filter: setup.regions.clone(),
            concurrency,
            session_name: Some(format!("{}-{run_id}", setup.config.session_name)),
            run_id: run_id.clone(),
            clock: Timestamp::now,
        };
        tokio::select! {
            outcome = aws::collect(request, &folder.writer, observer) => Ok(outcome?),
            _ = tokio::signal::ctrl_c() => Err(CommandError::Usage(interrupted(folder))),
        }
    });
    // Calls that an interruption cut off must not hold the end back.
    runtime.shutdown_background();
    Ok(Gathered { run_id, started, outcome: outcome? })
}

fn interrupted(folder: &Folder) -> String {
    if folder._temporary.is_some() {
        return "interrupted; nothing was kept (--snapshot DIR keeps what is collected, and --resume goes on from there)"
            .to_owned();
    }
    format!("interrupted; go on with --snapshot {} --resume", folder.path().display())
}

/// Twelve characters of time and eight of chance: sessions of two runs are told apart in CloudTrail.
fn run_id(started: Timestamp) -> String {
    let chance = RandomState::new().build_hasher().finish() as u32;
    format!("{}-{chance:08x}", started.strftime("%y%m%d%H%M%S"))
}

/// Names of the targets, for progress.
pub(super) fn names(targets: &[Target], folder: &Folder) -> BTreeMap<AccountId, String> {
    let waiting = targets.iter().filter(|target| !folder.done.contains(&target.account));
    waiting.map(|target| (target.account.clone(), target.name.clone().unwrap_or_default())).collect()
}

/// Takes the bar away when it goes, whatever ended the collection.
pub(super) struct Cleared<'a>(pub(super) &'a Progress);

impl Drop for Cleared<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// `run.json` beside a snapshot: all that differs from run to run.
#[derive(Serialize)]
struct RunRecord<'a> {
    tool: &'static str,
    run_id: &'a str,
    started_at: String,
    finished_at: String,
    seconds: f64,
    exit_code: u8,
    accounts: usize,
    accounts_not_entered: usize,
    /// Highest memory use of the process in KiB, where the system tells.
    peak_memory_kib: Option<u64>,
    notices: &'a [String],
    #[serde(flatten)]
    stats: &'a Stats,
}

/// Writes `run.json`. Only a folder that the user named keeps it.
pub(super) fn record(folder: &Folder, gathered: &Gathered, exit: Exit, notices: &[String]) -> Result<(), CommandError> {
    if folder._temporary.is_some() {
        return Ok(());
    }
    let finished = Timestamp::now();
    let record = RunRecord {
        tool: concat!("rolecall ", env!("CARGO_PKG_VERSION")),
        run_id: &gathered.run_id,
        started_at: gathered.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        finished_at: finished.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: finished.duration_since(gathered.started).as_secs_f64(),
        exit_code: exit.code(),
        accounts: gathered.outcome.accounts.len(),
        accounts_not_entered: gathered.outcome.failed(),
        peak_memory_kib: peak_memory(),
        notices,
        stats: &gathered.outcome.stats,
    };
    let path: PathBuf = folder.path().join("run.json");
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".rolecall-").tempfile_in(folder.path())?;
        serde_json::to_writer_pretty(&mut file, &record)?;
        file.write_all(b"\n")?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| CommandError::Snapshot(SnapshotError::Io { path: path.clone(), error }))
}

fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
