//! What a waiver says about a finding.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::text::one_line;

/// The waiver of a finding: a problem that somebody accepts for a limited time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Waived {
    /// Why the problem is accepted.
    pub reason: String,
    /// Who accepts it.
    pub owner: String,
    /// The last day on which it applies, in UTC.
    pub expires: Date,
    /// A ticket about it.
    pub ticket: Option<String>,
    /// The file that contains the waiver.
    pub file: String,
    /// The 1-based line in that file.
    pub line: usize,
}

impl Waived {
    /// Whether another waiver says the same, wherever it is written. Reports truncate long texts.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same = |one: &str, other: &str| {
            let shortest = one.chars().count().min(other.chars().count());
            one_line(one, shortest) == one_line(other, shortest)
        };
        let ticket = |one: &Self| one.ticket.clone().unwrap_or_default();
        self.expires == other.expires
            && same(&self.owner, &other.owner)
            && same(&self.reason, &other.reason)
            && same(&ticket(self), &ticket(other))
    }
}

/// The day of an RFC 3339 time in UTC.
pub fn day_of(time: &str) -> Option<Date> {
    let time: Timestamp = time.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).date())
}

/// A date in the form `2026-12-31`.
pub fn parse_date(text: &str) -> Option<Date> {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let shaped = text.len() == 10
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.get(4..5) == Some("-")
        && text.get(7..8) == Some("-");
    if shaped { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waivers_say_the_same_if_only_their_place_or_the_end_of_a_long_text_differs() {
        let terms = Waived {
            reason: "x".repeat(600),
            owner: "web".to_owned(),
            expires: jiff::civil::date(2026, 7, 31),
            ticket: Some("SEC-1".to_owned()),
            file: "rolecall.toml".to_owned(),
            line: 3,
        };
        let read = Waived { reason: one_line(&terms.reason, 500), line: 9, ..terms.clone() };
        assert!(terms.says_the_same(&read) && read.says_the_same(&terms));
        for other in [
            Waived { reason: "x".repeat(500), ..terms.clone() },
            Waived { owner: "web-team".to_owned(), ..terms.clone() },
            Waived { expires: jiff::civil::date(2026, 8, 1), ..terms.clone() },
            Waived { ticket: None, ..terms.clone() },
        ] {
            assert!(!terms.says_the_same(&other), "{other:?}");
        }
    }

    #[test]
    fn dates_have_one_form() {
        assert_eq!(parse_date("2028-02-29"), Some(jiff::civil::date(2028, 2, 29)));
        for text in [
            "2027-02-29",
            "2027-2-1",
            "20270201",
            "2027-02-01T00:00",
            "2027-W05-1",
            "soon",
            "",
            "é",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_in_utc() {
        for (time, day) in [
            ("2026-03-14T23:59:59Z", Some(jiff::civil::date(2026, 3, 14))),
            ("2026-03-14T23:59:59-02:00", Some(jiff::civil::date(2026, 3, 15))),
            ("2026-03-14", None),
        ] {
            assert_eq!(day_of(time), day, "{time}");
        }
    }
}
