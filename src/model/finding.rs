//! A finding: a verdict with everything that is needed to act on it.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, LazyLock};

use arcstr::ArcStr;
use serde::{Deserialize, Serialize};

use crate::model::evidence::EvidenceList;
use crate::model::fingerprint::Fingerprint;
use crate::model::gap::Cause;
use crate::model::group::Group;
use crate::model::ids::{AccountId, Partition, Region};
use crate::model::place::{Place, Placing};
use crate::model::severity::Severity;
use crate::model::verdict::Verdict;
use crate::model::waiver::Waived;

/// The resource that a finding is about. If a list failed or the account was not accessible, `id` is
/// `None` and the finding is about all resources of the kind in the region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Its kind, as in the table of kinds.
    pub kind: Cow<'static, str>,
    /// Its region, or [`Region::global`].
    pub region: Region,
    /// Its id within account, region and kind.
    pub id: Option<Box<str>>,
    /// Its ARN.
    pub arn: Option<Box<str>>,
    /// Its display name, if it has one beside its id.
    pub name: Option<Box<str>>,
}

impl ResourceRef {
    /// A group of resources.
    pub fn of_group(
        group: &Group,
        partition: &Partition,
        account: &AccountId,
        region: &Region,
    ) -> Self {
        Self {
            kind: group.kind().into(),
            region: region.clone(),
            id: Some(group.id.as_str().into()),
            arn: group.arn(partition, account, region).map(Into::into),
            name: None,
        }
    }

    /// The label for people: name and id, the id alone, or the kind if the resource is not known.
    pub fn label(&self) -> String {
        match (&self.name, &self.id) {
            (Some(name), Some(id)) if name != id => format!("{name} ({id})"),
            (_, Some(id)) => id.to_string(),
            _ => format!("every {}", self.kind),
        }
    }
}

/// The rule id of results about what could not be checked. No rule can have it.
pub const COULD_NOT_CHECK: &str = "could-not-check";

/// The result of one rule for one resource. A report has millions of them, so those of a part of an
/// account share equal texts, and what most findings do not have is in a box of its own, to which a
/// finding dereferences.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: ArcStr,
    /// The rule's severity, as configured.
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, why the resource was skipped, or what could not be read. Empty for a pass.
    pub message: ArcStr,
    /// The resource, which all findings about it share.
    pub resource: Arc<ResourceRef>,
    /// Its identity across runs.
    pub fingerprint: Fingerprint,
    /// How it relates to the baseline; `None` without a baseline, and if it failed neither then nor
    /// now.
    pub state: Option<State>,
    /// `None` if all of it is empty.
    details: Option<Box<Details>>,
}

/// What few findings have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// The values that caused the verdict.
    pub evidence: EvidenceList,
    /// For [`Verdict::Unknown`]: what could not be read. Empty otherwise.
    pub causes: Box<[Cause]>,
    /// For [`Verdict::Unknown`]: the reason of the accepted gap, if every cause is accepted.
    pub accepted: Option<Box<str>>,
    /// The waiver that covers it. Only failures can be waived, and `unknown` if the rule itself
    /// returned it.
    pub waived: Option<Box<Waived>>,
    /// If there is none: the waivers that would cover it if they had not expired, the latest first.
    pub expired_waivers: Box<[Waived]>,
    /// The group whose code scanning alert it shares, if the config groups resources.
    pub group: Option<Box<Group>>,
    /// What code declares of the resource; `None` if none does, or if it was not looked for.
    pub placing: Option<Box<Placing>>,
}

impl Finding {
    /// A finding without details and without a baseline.
    pub fn new(
        rule: ArcStr,
        (severity, verdict, message): (Severity, Verdict, ArcStr),
        resource: Arc<ResourceRef>,
        fingerprint: Fingerprint,
    ) -> Self {
        Self { rule, severity, verdict, message, resource, fingerprint, state: None, details: None }
    }

    /// The same finding with these details.
    pub fn with(self, details: Details) -> Self {
        let details = (details != Details::default()).then(|| Box::new(details));
        Self { details, ..self }
    }
}

impl Deref for Finding {
    type Target = Details;

    fn deref(&self) -> &Details {
        static NONE: LazyLock<Details> = LazyLock::new(Details::default);
        self.details.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Finding {
    fn deref_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }
}

impl Finding {
    /// Where code declares the cause.
    pub fn place(&self) -> Option<&Place> {
        match self.placing.as_deref() {
            Some(Placing::Placed(place)) => Some(place),
            _ => None,
        }
    }
}

/// How a finding that failed then or fails now relates to an earlier report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It fails now and did not fail then.
    New,
    /// It failed then and fails now.
    Unchanged,
    /// It failed then; now the resource passes, is skipped or no longer exists.
    Fixed,
    /// It failed then and could not be checked now.
    UnknownNow,
}

impl State {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Fixed => "fixed",
            Self::UnknownNow => "unknown_now",
        }
    }
}
