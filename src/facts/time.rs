//! Times in facts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A time: RFC 3339 in UTC with seconds, `2026-01-31T08:15:02Z`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Time(pub String);

impl Time {
    /// Parses a time with any offset and precision. Some EC2 calls leave out the offset, which means
    /// UTC.
    pub fn read(text: &str) -> Option<Self> {
        let instant = text.parse::<jiff::Timestamp>().or_else(|_| {
            let local = text.parse::<jiff::civil::DateTime>()?;
            local.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
        });
        let seconds = jiff::Timestamp::from_second(instant.ok()?.as_second()).ok()?;
        Some(Self(seconds.to_string()))
    }
}
