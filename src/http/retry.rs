//! Retries: how often, and how long to wait before the next attempt.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::client::{Client, Request, Response};
use super::error::HttpError;

/// The first wait without advice from the service; it doubles.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait without advice from the service.
const LONGEST: Duration = Duration::from_secs(30);
/// The first wait if the service limits requests and does not say for how long; it doubles.
const LIMITED: Duration = Duration::from_secs(60);

/// How often a request is sent, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The number of attempts.
    pub attempts: u32,
    /// No attempt begins after this.
    pub until: Instant,
    /// Whether a request is repeated that got no response. The service may have accepted it.
    pub repeats_unanswered: bool,
}

/// The last response to a request.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The response.
    pub response: Response,
    /// How long the service asks to wait, if that was too long.
    pub too_long: Option<Duration>,
}

impl Client {
    /// Sends a request until the response is not about a temporary problem. `is_limit` decides for
    /// responses other than 429 whether they are about a limit on requests.
    pub fn send_patiently(
        &self,
        request: &Request,
        patience: Patience,
        is_limit: &dyn Fn(&Response) -> bool,
    ) -> Result<Sent, HttpError> {
        let mut attempt = 1;
        loop {
            let sent = self.send(request);
            let wait = match &sent {
                Ok(response) => wait_after(response, is_limit(response), attempt, Timestamp::now()),
                Err(HttpError::NoResponse { .. } | HttpError::TimedOut { .. })
                    if patience.repeats_unanswered =>
                {
                    Some(backoff(FIRST, attempt).min(LONGEST))
                }
                Err(_) => None,
            };
            let Some(wait) = wait.filter(|_| attempt < patience.attempts).map(with_jitter) else {
                return sent.map(|response| Sent { response, too_long: None });
            };
            if is_too_long(wait, patience.until) {
                return sent.map(|response| Sent { response, too_long: Some(wait) });
            }
            let status = sent.as_ref().map_or(0, |response| response.status);
            tracing::info!("status {status}: next attempt in {} s", wait.as_secs());
            std::thread::sleep(wait);
            attempt += 1;
        }
    }
}

/// Whether nothing would be sent any more after this wait. A service can ask for more than a clock can
/// show.
fn is_too_long(wait: Duration, until: Instant) -> bool {
    Instant::now().checked_add(wait).is_none_or(|next| next > until)
}

/// How long to wait before the next attempt; `None`: another one would get the same response.
fn wait_after(
    response: &Response,
    is_limit: bool,
    attempt: u32,
    now: Timestamp,
) -> Option<Duration> {
    let is_limit = is_limit || response.status == 429;
    if !is_limit && !matches!(response.status, 408 | 500 | 502 | 503 | 504) {
        return None;
    }
    let advised = response.retry_after.as_deref().and_then(|after| advised(after, now));
    let reset = || {
        let is_used_up = response.limit_remaining.as_deref().map(str::trim) == Some("0");
        let reset = response.limit_reset.as_deref().filter(|_| is_limit && is_used_up)?;
        let reset = Timestamp::from_second(reset.trim().parse().ok()?).ok()?;
        // Clocks differ a little.
        Some(until(reset, now) + Duration::from_secs(1))
    };
    let unadvised = || {
        if is_limit { backoff(LIMITED, attempt) } else { backoff(FIRST, attempt).min(LONGEST) }
    };
    Some(advised.or_else(reset).unwrap_or_else(unadvised))
}

/// `Retry-After`: a number of seconds, or a time.
fn advised(after: &str, now: Timestamp) -> Option<Duration> {
    let after = after.trim();
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = DateTimeParser::new().parse_timestamp(after).ok()?;
    Some(until(time, now))
}

fn until(time: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(now)).unwrap_or_default()
}

fn backoff(first: Duration, attempt: u32) -> Duration {
    first * 2_u32.saturating_pow(attempt.saturating_sub(1).min(10))
}

/// Up to a quarter longer, so that jobs that failed together do not try again together.
fn with_jitter(wait: Duration) -> Duration {
    let part = u32::try_from(Timestamp::now().subsec_nanosecond()).unwrap_or_default() % 1_000;
    wait.saturating_add((wait / 4_000).saturating_mul(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, after: Option<&str>, limit: Option<(&str, &str)>) -> Response {
        Response {
            status,
            retry_after: after.map(str::to_owned),
            limit_remaining: limit.map(|(remaining, _)| remaining.to_owned()),
            limit_reset: limit.map(|(_, reset)| reset.to_owned()),
            body: Vec::new(),
        }
    }

    #[test]
    fn a_service_that_asks_for_too_long_is_not_waited_for() {
        let until = Instant::now() + Duration::from_secs(60);
        assert!(!is_too_long(Duration::from_secs(1), until));
        assert!(is_too_long(Duration::from_secs(61), until));
        let given = response(429, Some("18446744073709551615"), None);
        let wait = wait_after(&given, false, 1, Timestamp::UNIX_EPOCH).unwrap();
        assert!(is_too_long(with_jitter(wait), until));
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        for (given, is_limit, attempt, seconds) in [
            (response(200, None, None), false, 1, None),
            (response(404, Some("5"), None), false, 1, None),
            (response(403, None, None), false, 1, None),
            (response(500, None, None), false, 1, Some(1)),
            (response(502, None, None), false, 3, Some(4)),
            (response(503, None, None), false, 40, Some(30)),
            (response(503, Some(" 7 "), None), false, 1, Some(7)),
            (response(429, Some("Sun, 09 Sep 2001 01:46:50 GMT"), None), false, 1, Some(10)),
            (response(429, Some("Sun, 09 Sep 2001 01:46:30 GMT"), None), false, 1, Some(0)),
            (response(429, Some("soon"), None), false, 2, Some(120)),
            (response(429, Some("-5"), None), false, 1, Some(60)),
            (response(403, None, Some(("0", "1000000030"))), true, 1, Some(31)),
            (response(403, None, Some(("17", "1000000030"))), true, 1, Some(60)),
            (response(403, None, Some(("0", "99999999999999999999"))), true, 1, Some(60)),
            (response(500, None, Some(("0", "1000000030"))), false, 1, Some(1)),
        ] {
            let wait = wait_after(&given, is_limit, attempt, now);
            assert_eq!(wait.map(|wait| wait.as_secs()), seconds, "{given:?}");
        }
    }

    #[test]
    fn waits_are_bounded_and_do_not_overflow() {
        assert_eq!(with_jitter(Duration::ZERO), Duration::ZERO);
        let wait = with_jitter(Duration::from_secs(4));
        assert!((4..=5).contains(&wait.as_secs()), "{wait:?}");
        assert!(with_jitter(Duration::MAX) == Duration::MAX);
        assert!(backoff(LIMITED, u32::MAX).as_secs() < 100_000);
    }
}
