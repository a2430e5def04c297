//! The checks of the base credentials and of the clock.

use jiff::Timestamp;

use crate::aws::{BaseIdentity, BaseSession, CredentialSource};
use crate::model::counted;
use crate::model::text::one_line;
use crate::report::advice::{self, CLOCK_FAILS};
use crate::report::{Area, Check, CheckStatus};

/// From how many seconds on a wrong clock is a warning.
const CLOCK_WARNS: u64 = 60;
/// Credentials that last less than this are reported if nothing renews them.
const SECONDS: i64 = 3_600;
/// Set by programs that export temporary credentials. The SDK does not read it.
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// Whether there are credentials that AWS accepts, and how long.
pub(super) fn credentials(base: &BaseSession, identity: &BaseIdentity) -> Check {
    let check = |status| Check::new(Area::Credentials, status, "base credentials");
    let caller = match &identity.caller {
        Ok(caller) => caller,
        Err(cause) => {
            let text = advice::credentials(cause, ahead(identity));
            let failed = check(CheckStatus::Failed).message(text);
            return Check { code: Some(one_line(&cause.code, 100)), ..failed };
        }
    };
    let who = format!("{}, from {}", one_line(&caller.arn, 300), base.source().as_str());
    let renewed = base.source() != CredentialSource::Environment;
    let exported = || std::env::var(EXPIRATION).ok()?.trim().parse::<Timestamp>().ok();
    let expires = if renewed {
        base.expires().and_then(|at| Timestamp::try_from(at).ok())
    } else {
        exported().filter(|_| base.is_temporary())
    };
    match expires {
        _ if !base.is_temporary() => check(CheckStatus::Ok).message(who),
        Some(at) if renewed => check(CheckStatus::Ok)
            .message(format!("{who}; renewed automatically, next at {}", second(at))),
        Some(at) => {
            let left = at.as_second() - Timestamp::now().as_second();
            if left >= SECONDS {
                return check(CheckStatus::Ok)
                    .message(format!("{who}; they expire at {}", second(at)));
            }
            let minutes = usize::try_from(left.max(0) / 60).unwrap_or_default();
            check(CheckStatus::Warning).message(format!(
                "{who}; they expire in {} and are not renewed automatically: get new credentials right before the scan",
                counted(minutes, "minute")
            ))
        }
        None => check(CheckStatus::Ok)
            .message(format!("{who}; they are temporary, but the expiration time is unknown")),
    }
}

/// Whether the clock is right. AWS rejects signatures that are more than five minutes off.
pub(super) fn clock(identity: &BaseIdentity) -> Check {
    let check = |status| Check::new(Area::Clock, status, "clock of this machine");
    let Some(ahead) = ahead(identity) else {
        return check(CheckStatus::NotChecked).message("no AWS response contained the time");
    };
    let off = ahead.unsigned_abs();
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let shown = format!("{off} s {direction} the AWS clock");
    if off >= CLOCK_FAILS {
        check(CheckStatus::Failed).message(format!(
            "{shown}, and AWS rejects signatures that are more than 5 minutes off: synchronize the clock, for example with NTP"
        ))
    } else if off >= CLOCK_WARNS {
        check(CheckStatus::Warning).message(format!(
            "{shown}; AWS rejects signatures that are more than 5 minutes off: synchronize the clock, for example with NTP"
        ))
    } else {
        check(CheckStatus::Ok).message(format!("within {CLOCK_WARNS} s of the AWS clock"))
    }
}

/// By how many seconds the clock is ahead, from the time in a response or in an error.
fn ahead(identity: &BaseIdentity) -> Option<i64> {
    let of_error = || identity.caller.as_ref().err().and_then(advice::clock_ahead);
    identity.clock_ahead.or_else(of_error)
}

fn second(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
