//! A verdict with everything needed to act on it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::fingerprint::Fingerprint;
use crate::model::gap::Cause;
use crate::model::ids::Region;
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;

/// The resource that a finding is about. For a list that failed or an account that could not be
/// entered there is no resource: then `id` is `None` and the finding speaks of all resources of the
/// kind in the region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Kind, as in the table of kinds.
    pub kind: String,
    /// Where it is, or [`Region::global`].
    pub region: Region,
    /// Its id within account, region and kind.
    pub id: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its name for people, where it has one beside its id.
    pub name: Option<String>,
}

impl ResourceRef {
    /// What a person calls it: name and id, the id alone, or the kind when the resource itself is
    /// not known.
    pub fn label(&self) -> String {
        match (&self.name, &self.id) {
            (Some(name), Some(id)) if name != id => format!("{name} ({id})"),
            (_, Some(id)) => id.clone(),
            _ => format!("every {}", self.kind),
        }
    }
}

/// One piece of evidence: a text, or a small object with the very values at fault.
pub type Evidence = Value;

/// What one rule says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's severity, as configured.
    pub severity: Severity,
    /// What it says.
    pub verdict: Verdict,
    /// What is wrong, why it was skipped, what could not be read. Empty for a pass.
    pub message: String,
    /// The values at fault.
    pub evidence: Vec<Evidence>,
    /// What it is about.
    pub resource: ResourceRef,
    /// For [`Verdict::Unknown`]: what could not be read. Empty otherwise.
    pub causes: Vec<Cause>,
    /// For [`Verdict::Unknown`]: the reason of the accepted gap, when every cause is accepted.
    pub accepted: Option<String>,
    /// Its identity from run to run.
    pub fingerprint: Fingerprint,
}
