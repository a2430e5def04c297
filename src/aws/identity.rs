//! Who the credentials belong to, from STS, and what the response says about the local clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use super::failure::Failure;
use super::response::ResponseValidator;
use super::session::{BaseSession, sdk_region};
use crate::model::{AccountId, Cause, Partition, Region};

const CALL: &str = "sts:GetCallerIdentity";

/// The owner of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Its account.
    pub account: AccountId,
    /// The ARN of the user or session.
    pub arn: String,
}

/// The base credentials, as STS sees them.
#[derive(Debug)]
pub struct BaseIdentity {
    /// Their owner, or why STS did not return it.
    pub caller: Result<CallerIdentity, Cause>,
    /// By how many seconds the local clock is ahead of AWS's; negative if it is behind. `None` if no
    /// response contained AWS's time.
    pub clock_ahead: Option<i64>,
}

impl BaseSession {
    /// Asks STS who the base credentials belong to. The call needs no permission.
    pub async fn identity(&self, partition: &Partition) -> BaseIdentity {
        let clock = Clock::default();
        let region = self.sts_region(partition, &[]);
        let caller = caller(self.config(), &region, Some(clock.clone())).await;
        let clock_ahead = *clock.0.lock().unwrap_or_else(PoisonError::into_inner);
        BaseIdentity { caller: caller.map_err(|failure| failure.cause), clock_ahead }
    }
}

/// The owner of the credentials in `config`.
pub(super) async fn caller(
    config: &SdkConfig,
    region: &Region,
    clock: Option<Clock>,
) -> Result<CallerIdentity, Failure> {
    let mut sts = aws_sdk_sts::config::Builder::from(config)
        .region(sdk_region(region))
        .interceptor(ResponseValidator);
    if let Some(clock) = clock {
        sts = sts.interceptor(clock);
    }
    let response = aws_sdk_sts::Client::from_conf(sts.build()).get_caller_identity().send().await;
    let response = response.map_err(|error| Failure::of(CALL, &error))?;
    let account = response.account.and_then(|id| id.parse().ok());
    let account = account.ok_or_else(|| Failure::invalid(CALL, "no account in the response"))?;
    Ok(CallerIdentity { account, arn: response.arn.unwrap_or_default() })
}

/// Compares the local clock with the `Date` header of responses, including those with errors.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<Mutex<Option<i64>>>);

#[dyn_dispatch_hint]
impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().and_then(|response| response.headers().get("date"));
        let ahead = date.and_then(|date| seconds_ahead(SystemTime::now(), date));
        if ahead.is_some() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
        }
        Ok(())
    }
}

/// By how many seconds `now` is ahead of a date of HTTP.
fn seconds_ahead(now: SystemTime, date: &str) -> Option<i64> {
    let theirs = DateTime::from_str(date, Format::HttpDate).ok()?.secs();
    Some(DateTime::from(now).secs() - theirs)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_clock_is_compared_with_the_date_of_http() {
        // 2026-11-26 12:00:00 UTC.
        let now = UNIX_EPOCH + Duration::from_millis(1_795_694_400_900);
        for (date, ahead) in [
            ("Thu, 26 Nov 2026 12:00:00 GMT", Some(0)),
            ("Thu, 26 Nov 2026 11:58:30 GMT", Some(90)),
            ("Thu, 26 Nov 2026 12:10:00 GMT", Some(-600)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(seconds_ahead(now, date), ahead, "{date}");
        }
    }
}
