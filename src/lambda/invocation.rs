//! One invocation: its time, its settings and its config.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;

use super::event::RunName;
use super::failure::Failure;
use super::outputs;
use super::run_files::RunFiles;
use crate::cli::{Color, Global, Narrowing, RuleSource};
use crate::model::{AccountId, S3Place, StorageAccess, sha256_hex, text};
use crate::run::setup::Setup;
use crate::staging::Connection;

/// The bucket of the runs.
const BUCKET: &str = "ROLECALL_BUCKET";
/// The account that must own the bucket; the default is that of the function.
const BUCKET_OWNER: &str = "ROLECALL_BUCKET_OWNER";
/// What is left for the answer when S3 does not answer.
const TO_ANSWER: Duration = Duration::from_secs(5);
/// The config; the default is in the bucket.
const CONFIG: &str = "ROLECALL_CONFIG";
const DEFAULT_CONFIG: &str = "config/rolecall.toml";
/// The hash that the config must have, if it is set.
const CONFIG_SHA256: &str = "ROLECALL_CONFIG_SHA256";

/// One invocation.
pub(super) struct Invocation {
    pub(super) bucket: String,
    /// The account that must own it, as far as it is known.
    owner: Option<AccountId>,
    config: PathBuf,
    pub(super) request_id: String,
    /// When Lambda kills it.
    ends: SystemTime,
}

impl Invocation {
    pub(super) fn new(context: &Context) -> Result<Self, Failure> {
        let bucket = std::env::var(BUCKET).unwrap_or_default();
        check_bucket(&bucket)?;
        let owner = match std::env::var(BUCKET_OWNER).ok().filter(|owner| !owner.is_empty()) {
            Some(owner) => Some(owner.parse().map_err(|error| {
                Failure::config(format!("the environment variable {BUCKET_OWNER}: {error}"))
            })?),
            // `arn:aws:lambda:eu-west-1:111122223333:function:rolecall`
            None => context.invoked_function_arn.split(':').nth(4).and_then(|id| id.parse().ok()),
        };
        let config = std::env::var_os(CONFIG).filter(|path| !path.is_empty()).map_or_else(
            || PathBuf::from(format!("{}{bucket}/{DEFAULT_CONFIG}", S3Place::SCHEME)),
            PathBuf::from,
        );
        Ok(Self {
            bucket,
            owner,
            config,
            request_id: context.request_id.clone(),
            ends: UNIX_EPOCH + Duration::from_millis(context.deadline),
        })
    }

    /// How long a collection may take: what is left, without a reserve for writing, and `more`.
    pub(super) fn time_to_collect(&self, more: u32) -> Duration {
        let left = self.ends.duration_since(SystemTime::now()).unwrap_or_default();
        left.saturating_sub(reserve(left) * (1 + more))
    }

    /// When calls to S3 that do not end are errors, so that there is time to say so.
    fn last_moment(&self) -> Instant {
        let left = self.ends.duration_since(SystemTime::now()).unwrap_or_default();
        Instant::now() + left.saturating_sub((left / 10).min(TO_ANSWER))
    }

    /// The config and the rules.
    pub(super) fn setup(&self) -> Result<(Global, Setup), Failure> {
        let mut global = Global {
            config: None,
            quiet: true,
            verbose: 0,
            log_format: Default::default(),
            color: Color::Never,
            staging: Default::default(),
        };
        global.staging.end_at(self.last_moment());
        if let Some(owner) = &self.owner {
            global.staging.expect_owner(&self.bucket, owner);
        }
        let config = global.staging.config(&self.config).map_err(Failure::of_config)?;
        if let Ok(wanted) = std::env::var(CONFIG_SHA256)
            && !wanted.is_empty()
        {
            check(&config, &wanted)?;
        }
        global.config = Some(config);
        let setup = Setup::new(&global, &Narrowing::default(), &RuleSource::default(), true)?;
        outputs::check(&setup)?;
        Ok((global, setup))
    }

    /// The files of a run.
    pub(super) fn files(&self, run: &RunName) -> Result<RunFiles, Failure> {
        static SHARED: Mutex<Option<Connection>> = Mutex::new(None);
        // The connection outlives the invocation, for the next one.
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let connection = match &*shared {
            Some(connection) => connection.clone(),
            None => {
                let place = S3Place { bucket: self.bucket.clone(), key: "runs".to_owned() };
                let access =
                    StorageAccess { bucket_owner: self.owner.clone(), ..Default::default() };
                shared.insert(Connection::new(access, None, &place)?).clone()
            }
        };
        connection.end_at(self.last_moment());
        RunFiles::new(connection, &self.bucket, run)
    }
}

/// Rejects what is not the name of a bucket.
fn check_bucket(bucket: &str) -> Result<(), Failure> {
    if bucket.is_empty() {
        return Err(Failure::config(format!(
            "the environment variable {BUCKET} is not set: set it to the bucket of the runs"
        )));
    }
    let place = PathBuf::from(format!("{}{bucket}/runs", S3Place::SCHEME));
    if S3Place::of_path(&place).is_some_and(|place| place.is_ok_and(|place| place.bucket == bucket))
    {
        return Ok(());
    }
    Err(Failure::config(format!(
        "the environment variable {BUCKET} is `{}`, which is not a valid name of a bucket: set it to the name only, such as my-rolecall-runs, without s3://, ARN or key",
        text::one_line(bucket, 100)
    )))
}

/// Rejects a config with another hash.
fn check(config: &Path, wanted: &str) -> Result<(), Failure> {
    let text = std::fs::read(config)
        .map_err(|error| Failure::config(format!("cannot read the config: {error}")))?;
    let found = sha256_hex(&text);
    if found.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Failure::config(format!(
        "the config has the hash {found}, which is not the one in {CONFIG_SHA256}: review what has changed, then set it to this hash"
    )))
}

/// The time that is kept back for writing what was collected.
fn reserve(left: Duration) -> Duration {
    (left / 20).max(Duration::from_secs(30)).min(left / 5)
}

/// The local name of the list of targets, in messages.
pub(super) fn list_of_targets() -> &'static Path {
    Path::new(crate::snapshot::TargetsFile::NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_is_a_name() {
        for name in ["rolecall-runs", "abc", "my.bucket-1"] {
            assert!(check_bucket(name).is_ok(), "{name}");
        }
        for name in [
            "",
            " ",
            "s3://rolecall-runs",
            "arn:aws:s3:::rolecall-runs",
            "rolecall-runs/nights",
            "rolecall-runs/",
            "Rolecall",
            "ab",
            "rolecall runs",
            "rolecall-runs\n",
        ] {
            let failure = check_bucket(name).unwrap_err();
            assert_eq!(failure.kind(), "Rolecall.Config", "{name}");
            assert!(failure.to_string().contains("set it to the"), "{failure}");
        }
    }

    #[test]
    fn time_is_kept_back_for_writing() {
        for (left, expected) in [(900, 45), (300, 30), (60, 12), (10, 2), (0, 0)] {
            assert_eq!(reserve(Duration::from_secs(left)), Duration::from_secs(expected), "{left}");
        }
    }
}
