//! Access to rolecall's own files in S3: calls, reading and listing.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::aws::assume;
use crate::aws::clients::has_custom_endpoint;
use crate::aws::credentials::RenewExpired;
use crate::aws::failure::Failure;
use crate::aws::meter::{Meter, NoopObserver};
use crate::aws::response::ResponseValidator;
use crate::aws::session::{BaseSession, sdk_region};
use crate::model::{Cause, Partition, Region, S3Addressing, S3Place, StorageAccess, text};

/// How many objects of a prefix are listed. More are an error, since nothing may be left out.
const MAX_OBJECTS: usize = 200_000;
/// Larger objects are not read.
const MAX_OBJECT: i64 = 64 << 30;
/// How many objects are copied at a time.
pub(super) const AT_ONCE: usize = 16;
/// How often an object is read that ends early.
const ATTEMPTS: u32 = 3;
/// How long an attempt of a call can take.
const ATTEMPT: Duration = Duration::from_secs(300);
/// Codes of errors that trying again does not change.
const LASTING: [&str; 6] = [
    "InvalidBucketName",
    "InvalidObjectState",
    "KMS.DisabledException",
    "KMS.NotFoundException",
    "NoSuchBucket",
    "NotFound",
];
/// The code for an object that ended early.
const INTERRUPTED: &str = "Interrupted";

/// Why a file in S3 could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A call failed.
    #[error("cannot access `{place}`: {cause}{message}{advice}", message = message(cause), advice = advice(cause, place))]
    Call {
        /// The object or prefix.
        place: S3Place,
        /// The call and its error.
        cause: Box<Cause>,
    },
    /// The object exists, and must not be replaced.
    #[error("`{place}` already exists")]
    Exists {
        /// The object.
        place: S3Place,
    },
    /// The object does not exist.
    #[error("`{place}` does not exist")]
    Missing {
        /// The object.
        place: S3Place,
    },
    /// There are too many objects.
    #[error("`{place}` contains more than {MAX_OBJECTS} objects: use another folder")]
    TooMany {
        /// The prefix.
        place: S3Place,
    },
    /// An object is too large to be one of rolecall's files.
    #[error("`{place}` is larger than {} GiB, so it is not a file that rolecall wrote", MAX_OBJECT >> 30)]
    TooLarge {
        /// The object.
        place: S3Place,
    },
    /// The time was up.
    #[error("cannot access `{place}`: this was not finished before the deadline of the run")]
    Late {
        /// The object or prefix.
        place: S3Place,
    },
    /// An object has a name that cannot be a file.
    #[error("`{place}` cannot be read as a folder: its object `{name}` has no valid file name")]
    InvalidName {
        /// The prefix.
        place: S3Place,
        /// The name of the object.
        name: String,
    },
    /// The local copy could not be read or written.
    #[error("cannot copy `{place}`: {error}")]
    Local {
        /// The object.
        place: S3Place,
        /// The error of the operating system.
        error: io::Error,
    },
}

impl StorageError {
    /// Whether it stays until somebody changes the object, the bucket or a policy. A role that cannot
    /// be assumed is not such an error, because it can have been created just now.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Call { cause, .. } => {
                let is_denied = cause.is_denial() && cause.call != "sts:AssumeRole";
                is_denied || LASTING.contains(&cause.code.as_str())
            }
            Self::Local { .. } | Self::Late { .. } => false,
            Self::Exists { .. }
            | Self::Missing { .. }
            | Self::TooMany { .. }
            | Self::TooLarge { .. }
            | Self::InvalidName { .. } => true,
        }
    }
}

fn message(cause: &Cause) -> String {
    if cause.message.is_empty() {
        String::new()
    } else {
        format!(": {}", text::one_line(&cause.message, 600))
    }
}

fn advice(cause: &Cause, place: &S3Place) -> String {
    if cause.call == "sts:AssumeRole" {
        return "; check `role` and `external_id` in [storage]".to_owned();
    }
    if cause.code == "NoSuchBucket" {
        return format!("; create bucket `{}`, or correct its name", place.bucket);
    }
    if cause.is_denial() {
        return format!(
            "; allow {} for it, and check that `bucket_owner` in [storage] is the account of the bucket",
            cause.call
        );
    }
    String::new()
}

/// Access to rolecall's own files in S3.
#[derive(Debug)]
pub struct Storage {
    config: SdkConfig,
    addressing: S3Addressing,
    pub(super) access: StorageAccess,
    /// The clients of each bucket, in its region.
    buckets: Mutex<HashMap<String, Clients>>,
    home: Region,
    /// When calls must have ended; `None`: no limit.
    deadline: Mutex<Option<Instant>>,
    /// How many files are uploaded at a time.
    pub(super) uploads: Semaphore,
}

/// The clients for a bucket.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    /// For objects, whose bodies can have any size and content.
    pub(super) objects: aws_sdk_s3::Client,
    /// For lists, whose responses must be complete: an object that is missing in a list would be
    /// lost.
    lists: aws_sdk_s3::Client,
}

/// An attempt can last as long as it takes to send a part.
fn timeouts(configured: Option<&TimeoutConfig>) -> TimeoutConfig {
    let builder = configured.map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
    builder.operation_attempt_timeout(ATTEMPT).operation_timeout(ATTEMPT * 4).build()
}

impl Storage {
    /// Connects with the credentials of `access`. `place` is what it is for, in errors.
    pub async fn connect(
        base: &BaseSession,
        access: StorageAccess,
        session_name: &str,
        place: &S3Place,
    ) -> Result<Self, StorageError> {
        let home = match (&access.role, base.region()) {
            (Some(hop), _) => base.sts_region(&hop.role_arn.partition, &[]),
            (None, Some(region)) => region,
            (None, None) => base.sts_region(&Partition::default(), &[]),
        };
        // Calls for rolecall's own files are not part of the statistics of a run.
        let meter = Meter::new(Arc::new(NoopObserver));
        let config = match &access.role {
            None => base.config().clone(),
            Some(hop) => assume::storage(base, hop, &assume::session_name(session_name), &meter)
                .await
                .map_err(|cause| StorageError::Call {
                    place: place.clone(),
                    cause: cause.into(),
                })?,
        };
        let addressing = base.addressing();
        let timeouts = timeouts(config.timeout_config());
        let config = config.into_builder().timeout_config(timeouts).build();
        Ok(Self {
            config,
            addressing,
            access,
            buckets: Mutex::default(),
            home,
            deadline: Mutex::default(),
            uploads: Semaphore::new(AT_ONCE),
        })
    }

    /// From now on, calls that have not ended by then are errors.
    pub fn end_at(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// Ends work at the deadline.
    pub(super) async fn within<T>(
        &self,
        place: &S3Place,
        work: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        match deadline {
            None => work.await,
            Some(deadline) => tokio::time::timeout_at(deadline, work)
                .await
                .unwrap_or_else(|_| Err(StorageError::Late { place: place.clone() })),
        }
    }

    /// The clients for the bucket's region, as far as it is known.
    fn clients(&self, bucket: &str) -> Clients {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.entry(bucket.to_owned()).or_insert_with(|| self.connect_to(&self.home)).clone()
    }

    fn connect_to(&self, region: &Region) -> Clients {
        let path_style = match self.addressing {
            S3Addressing::Path => true,
            S3Addressing::Virtual => false,
            // Custom endpoints seldom have a host name for every bucket.
            S3Addressing::Auto => has_custom_endpoint(&self.config, "S3"),
        };
        let builder = aws_sdk_s3::config::Builder::from(&self.config)
            .region(sdk_region(region))
            .force_path_style(path_style)
            .interceptor(RenewExpired)
            .retry_classifier(RenewExpired);
        Clients {
            objects: aws_sdk_s3::Client::from_conf(builder.clone().build()),
            lists: aws_sdk_s3::Client::from_conf(builder.interceptor(ResponseValidator).build()),
        }
    }

    pub(super) fn owner(&self) -> Option<String> {
        self.access.bucket_owner.as_ref().map(ToString::to_string)
    }

    /// Makes a call, until the deadline.
    pub(super) async fn call<T, F>(
        &self,
        place: &S3Place,
        call: impl Fn(Clients) -> F,
    ) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.within(place, self.call_always(place, call)).await
    }

    /// Makes a call, and once more in the bucket's own region if S3 says that it is another one.
    pub(super) async fn call_always<T, F>(
        &self,
        place: &S3Place,
        call: impl Fn(Clients) -> F,
    ) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let failure = match call(self.clients(&place.bucket)).await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let again = match &failure.redirect {
            None => Err(failure),
            Some(region) => {
                let clients = self.connect_to(region);
                self.buckets
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(place.bucket.clone(), clients.clone());
                call(clients).await
            }
        };
        again.map_err(|failure| match failure.cause.code.as_str() {
            "NoSuchKey" => StorageError::Missing { place: place.clone() },
            "PreconditionFailed" => StorageError::Exists { place: place.clone() },
            _ => StorageError::Call { place: place.clone(), cause: failure.cause.into() },
        })
    }

    /// Copies an object to a file.
    pub async fn download(&self, place: &S3Place, to: &Path) -> Result<(), StorageError> {
        for _ in 1..ATTEMPTS {
            match self.within(place, self.try_download(place, to)).await {
                // The SDK retries a request, but not a body that ends early.
                Err(StorageError::Call { cause, .. }) if cause.code == INTERRUPTED => {}
                done => return done,
            }
        }
        self.within(place, self.try_download(place, to)).await
    }

    async fn try_download(&self, place: &S3Place, to: &Path) -> Result<(), StorageError> {
        const CALL: &str = "s3:GetObject";
        let local = |error| StorageError::Local { place: place.clone(), error };
        let interrupted = |reason: &str| {
            let cause = Cause::new(CALL, INTERRUPTED, reason);
            StorageError::Call { place: place.clone(), cause: cause.into() }
        };
        let response = self
            .call(place, async |clients| {
                let request = clients
                    .objects
                    .get_object()
                    .bucket(&place.bucket)
                    .key(&place.key)
                    .set_expected_bucket_owner(self.owner());
                request.send().await.map_err(|error| Failure::of(CALL, &error))
            })
            .await?;
        let mut body = response.body;
        let mut file = std::fs::File::create(to).map_err(local)?;
        let mut length: i64 = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| interrupted(&error.to_string()))?;
            length = length.saturating_add(i64::try_from(chunk.len()).unwrap_or(i64::MAX));
            if length > MAX_OBJECT {
                return Err(StorageError::TooLarge { place: place.clone() });
            }
            file.write_all(&chunk).map_err(local)?;
        }
        if response.content_length.is_some_and(|expected| expected != length) {
            return Err(interrupted("the response is truncated"));
        }
        file.flush().map_err(local)
    }

    /// Copies these objects below a prefix to files of the same names in a folder.
    pub async fn download_all(
        &self,
        place: &S3Place,
        names: &[String],
        folder: &Path,
    ) -> Result<(), StorageError> {
        stream::iter(names)
            .map(|name| async move {
                let to = folder.join(name);
                if let Some(parent) = to.parent() {
                    let place = place.clone();
                    std::fs::create_dir_all(parent)
                        .map_err(|error| StorageError::Local { place, error })?;
                }
                self.download(&place.join(name), &to).await
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// The names of the objects below a prefix, relative to it: those in its folders too if `deep`.
    pub async fn list(&self, place: &S3Place, deep: bool) -> Result<Vec<String>, StorageError> {
        let prefix = place.prefix();
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self
                .call(place, async |clients| {
                    let request = clients
                        .lists
                        .list_objects_v2()
                        .bucket(&place.bucket)
                        .prefix(&prefix)
                        .set_delimiter((!deep).then(|| "/".to_owned()))
                        .set_continuation_token(token.clone())
                        .set_expected_bucket_owner(self.owner());
                    request.send().await.map_err(|error| Failure::of("s3:ListBucket", &error))
                })
                .await?;
            for object in page.contents.unwrap_or_default() {
                let key = object.key.unwrap_or_default();
                // A folder that the console created is an empty object whose name ends with a slash.
                let name = key.strip_prefix(&prefix).unwrap_or(&key);
                if name.is_empty() || name.ends_with('/') {
                    continue;
                }
                if !S3Place::is_file_name(name) {
                    let name = text::one_line(name, 200);
                    return Err(StorageError::InvalidName { place: place.clone(), name });
                }
                names.push(name.to_owned());
            }
            if names.len() > MAX_OBJECTS {
                return Err(StorageError::TooMany { place: place.clone() });
            }
            match page.next_continuation_token {
                Some(next) if page.is_truncated == Some(true) && token.as_ref() != Some(&next) => {
                    token = Some(next);
                }
                _ if page.is_truncated == Some(true) => {
                    let reason = "the list has more pages, but no token for the next one";
                    let cause = Failure::invalid("s3:ListBucket", reason).cause;
                    return Err(StorageError::Call { place: place.clone(), cause: cause.into() });
                }
                _ => return Ok(names),
            }
        }
    }

    /// Whether there is nothing below a prefix, apart from the empty object with which the console
    /// creates a folder.
    pub async fn is_empty(&self, place: &S3Place) -> Result<bool, StorageError> {
        let prefix = place.prefix();
        let page = self
            .call(place, async |clients| {
                let request = clients
                    .lists
                    .list_objects_v2()
                    .bucket(&place.bucket)
                    .prefix(&prefix)
                    .max_keys(2)
                    .set_expected_bucket_owner(self.owner());
                request.send().await.map_err(|error| Failure::of("s3:ListBucket", &error))
            })
            .await?;
        let mut objects = page.contents.unwrap_or_default().into_iter();
        Ok(objects.all(|object| object.key.as_ref() == Some(&prefix)))
    }

    /// The first bytes of an object, at most `length`.
    pub async fn start(&self, place: &S3Place, length: usize) -> Result<Vec<u8>, StorageError> {
        const CALL: &str = "s3:GetObject";
        let start = self.call(place, async |clients| {
            let request = clients
                .objects
                .get_object()
                .bucket(&place.bucket)
                .key(&place.key)
                .range(format!("bytes=0-{}", length.saturating_sub(1)))
                .set_expected_bucket_owner(self.owner());
            let response = request.send().await.map_err(|error| Failure::of(CALL, &error))?;
            let (mut body, mut start) = (response.body, Vec::new());
            while start.len() < length
                && let Some(chunk) = body.next().await
            {
                let chunk = chunk.map_err(|error| {
                    Failure::from(Cause::new(CALL, INTERRUPTED, &error.to_string()))
                })?;
                start.extend_from_slice(&chunk);
            }
            start.truncate(length);
            Ok(start)
        });
        start.await
    }

    /// Deletes an object. In a bucket with versioning, it can be restored.
    pub async fn delete(&self, place: &S3Place) -> Result<(), StorageError> {
        self.call(place, async |clients| {
            let request = clients
                .objects
                .delete_object()
                .bucket(&place.bucket)
                .key(&place.key)
                .set_expected_bucket_owner(self.owner());
            let sent = request.send().await;
            sent.map(drop).map_err(|error| Failure::of("s3:DeleteObject", &error))
        })
        .await
    }

    /// Whether an upload can succeed, as far as that is known without one: an error if the bucket
    /// does not exist. A role that can only write objects is not allowed to ask.
    pub async fn check_bucket(&self, place: &S3Place) -> Result<(), StorageError> {
        let asked = self.call(place, async |clients| {
            let request = clients
                .objects
                .head_bucket()
                .bucket(&place.bucket)
                .set_expected_bucket_owner(self.owner());
            let sent = request.send().await;
            sent.map(drop).map_err(|error| Failure::of("s3:HeadBucket", &error))
        });
        match asked.await {
            Err(StorageError::Call { place, mut cause })
                if matches!(cause.code.as_str(), "NotFound" | "NoSuchBucket") =>
            {
                "NoSuchBucket".clone_into(&mut cause.code);
                Err(StorageError::Call { place, cause })
            }
            _ => Ok(()),
        }
    }
}
