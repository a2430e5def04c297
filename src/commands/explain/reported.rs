//! Reads one finding of a JSON report; the others are dropped while reading. The file is untrusted.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::text::one_line;
use crate::model::{AccountId, Place, ResourceRef, Severity, Verdict};
use crate::run::error::CommandError;

/// A finding of a report.
pub(super) struct Reported {
    pub(super) account: AccountId,
    pub(super) name: Option<String>,
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) verdict: Verdict,
    pub(super) message: String,
    pub(super) evidence: Vec<Value>,
    pub(super) resource: ResourceRef,
    pub(super) source: Option<Place>,
}

#[derive(Deserialize)]
struct Finding {
    fingerprint: String,
    rule: String,
    severity: Severity,
    verdict: Verdict,
    #[serde(default)]
    message: String,
    #[serde(default)]
    evidence: Vec<Value>,
    resource: ResourceRef,
    #[serde(default)]
    source: Option<Place>,
}

/// The finding with a fingerprint.
pub(super) fn read(path: &Path, fingerprint: &str) -> Result<Option<Reported>, CommandError> {
    let shown = || one_line(&path.display().to_string(), 200);
    let file = File::open(path).map_err(|error| {
        CommandError::Usage(format!("cannot read report `{}`: {error}", shown()))
    })?;
    let mut reader =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(64 * 1024, file));
    let found = Of { part: Part::Report, fingerprint }.deserialize(&mut reader);
    found.map_err(|error| {
        CommandError::Usage(format!(
            "`{}` is not a rolecall JSON report ({}): use a report written with `--output json=FILE`",
            shown(),
            one_line(&error.to_string(), 200)
        ))
    })
}

/// A part of a report.
#[derive(Clone, Copy)]
enum Part {
    Report,
    Accounts,
    Account,
}

/// Finds a finding in a part of a report.
#[derive(Clone, Copy)]
struct Of<'a> {
    part: Part,
    fingerprint: &'a str,
}

impl<'de> DeserializeSeed<'de> for Of<'_> {
    type Value = Option<Reported>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        match self.part {
            Part::Accounts => from.deserialize_seq(self),
            Part::Report | Part::Account => from.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Of<'_> {
    type Value = Option<Reported>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(one) = seq.next_element_seed(Of { part: Part::Account, ..self })? {
            found = found.or(one);
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut finding) = (None, None);
        let (mut account, mut name): (Option<AccountId>, Option<String>) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match (self.part, key.as_str()) {
                (Part::Report, "accounts") => {
                    found = map.next_value_seed(Of { part: Part::Accounts, ..self })?;
                }
                (Part::Account, "account") => account = Some(map.next_value()?),
                (Part::Account, "name") => name = map.next_value()?,
                (Part::Account, "findings") => {
                    finding = map.next_value_seed(FindingOf(self.fingerprint))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let (Some(finding), Some(account)) = (finding, account) else { return Ok(found) };
        let Finding { rule, severity, verdict, message, evidence, resource, source, .. } = finding;
        let source = source.filter(Place::is_valid);
        Ok(Some(Reported {
            account,
            name,
            rule,
            severity,
            verdict,
            message,
            evidence,
            resource,
            source,
        }))
    }
}

struct FindingOf<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for FindingOf<'_> {
    type Value = Option<Finding>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FindingOf<'_> {
    type Value = Option<Finding>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(finding) = seq.next_element::<Finding>()? {
            if finding.fingerprint.eq_ignore_ascii_case(self.0) {
                found.get_or_insert(finding);
            }
        }
        Ok(found)
    }
}
