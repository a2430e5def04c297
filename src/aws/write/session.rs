//! A session of the role that writes, in one account, for one batch of changes.

use std::future::Future;

use aws_config::{AppName, SdkConfig};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_types::request_id::RequestId;
use serde::de::DeserializeOwned;

use super::error::{invalid, of_sdk};
use crate::aws::clients::{BucketIn, Clients};
use crate::aws::meter::Meter;
use crate::fixes::{Change, Facts, Sent, WriteError, WriteErrorKind};
use crate::model::{AccountId, Cause, S3Addressing};

/// The code with which EC2 answers that it would carry out a dry run.
const WOULD_SUCCEED: &str = "DryRunOperation";

/// A session.
#[derive(Debug)]
pub(super) struct WriteSession {
    clients: Clients,
    account: AccountId,
    plan: String,
    meter: Meter,
}

impl WriteSession {
    /// With settings that have credentials of the role. A write is sent once: the SDK must not repeat
    /// what may have been carried out.
    pub(super) fn new(
        config: SdkConfig,
        addressing: S3Addressing,
        account: &AccountId,
        plan: &str,
        meter: &Meter,
    ) -> Self {
        let mut config = config.into_builder().retry_config(RetryConfig::disabled());
        if let Ok(name) = AppName::new(format!("rolecall-remediate-{plan}")) {
            config.set_app_name(Some(name));
        }
        Self {
            clients: Clients::new(config.build(), addressing, account, meter),
            account: account.clone(),
            plan: plan.to_owned(),
            meter: meter.clone(),
        }
    }

    /// The beginning of the hash of the plan.
    pub(super) fn plan(&self) -> &str {
        &self.plan
    }

    /// The account.
    pub(super) fn account(&self) -> &str {
        self.account.as_str()
    }

    /// The client for EC2.
    pub(super) fn ec2(&self) -> &aws_sdk_ec2::Client {
        self.clients.ec2()
    }

    /// The client for S3 Control.
    pub(super) fn s3control(&self) -> &aws_sdk_s3control::Client {
        self.clients.s3control()
    }

    /// Sends a write to a bucket.
    pub(super) async fn bucket<T, E, F>(
        &self,
        call: &str,
        change: &Change,
        send: impl Fn(aws_sdk_s3::Client) -> F,
    ) -> Result<Sent, WriteError>
    where
        T: RequestId,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let bucket_in = self.clients.bucket_in(&change.region);
        let client = self.clients.s3(bucket_in).clone();
        match self.send(call, send(client)).await {
            // S3 names the bucket in the host name from now on. It did not carry the write out.
            Err(error)
                if error.cause.code == "PermanentRedirect"
                    && bucket_in == BucketIn::Path
                    && self.clients.leave_path_style(&change.region) =>
            {
                let client = self.clients.s3(BucketIn::HostName).clone();
                self.send(call, send(client)).await
            }
            result => result,
        }
    }

    /// Sends a write.
    pub(super) async fn send<T, E>(
        &self,
        call: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Sent, WriteError>
    where
        T: RequestId,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.answer(call, send).await.map(|answer| Sent {
            request_id: answer.request_id().map(str::to_owned),
            created: None,
        })
    }

    /// Sends a write, and returns the whole answer.
    pub(super) async fn answer<T, E>(
        &self,
        call: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, WriteError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.meter.call(&self.account, call);
        send.await.map_err(|error| {
            let (error, failure) = of_sdk(call, &error);
            if error.cause.code != WOULD_SUCCEED {
                self.meter.failed(&self.account, &failure);
            }
            error
        })
    }
}

/// The result of a call that was sent with `DryRun` if `dry_run` is set.
pub(super) fn rehearsed(
    result: Result<Sent, WriteError>,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    match result {
        Err(error) if dry_run && error.cause.code == WOULD_SUCCEED => Ok(Sent::default()),
        // What carries out a dry run is not AWS.
        Ok(_) if dry_run => Err(WriteError {
            kind: WriteErrorKind::Refused,
            cause: Cause::new(
                "ec2:DryRun",
                Cause::INVALID_RESPONSE,
                "the endpoint carried out a dry run, so it is not AWS",
            ),
            request_id: None,
        }),
        result => result,
    }
}

/// A fact or field in the state after a change.
pub(super) fn after<T: DeserializeOwned>(
    change: &Change,
    call: &str,
    name: &str,
) -> Result<T, WriteError> {
    in_state(&change.after, call, name)
}

/// A value of a state; `null` if it is absent.
pub(super) fn in_state<T: DeserializeOwned>(
    state: &Facts,
    call: &str,
    name: &str,
) -> Result<T, WriteError> {
    let value = state.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| invalid(call, &format!("`{name}`: {error}")))
}

/// The result of two calls of one change: if the first one was carried out, a failure of the second
/// one leaves the change half done, so it must be looked at.
pub(super) fn after_first(
    first: bool,
    result: Result<Sent, WriteError>,
) -> Result<Sent, WriteError> {
    result.map_err(|error| match first {
        true => WriteError { kind: WriteErrorKind::Unanswered, ..error },
        false => error,
    })
}
