//! What carries actions out, as seen by those who decide what is carried out and when. `aws/write/`
//! implements it; tests use a fake.

use super::action::Action;
use super::policy::WriteTarget;
use super::spec::Facts;
use crate::model::{AccountId, Cause, Partition, Region};

/// One change of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The id of the item of the plan. Requests with a token for idempotency use it.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The region of the resource, or `global`.
    pub region: Region,
    /// The kind of the resource.
    pub kind: String,
    /// The id of the resource.
    pub resource: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its display name.
    pub name: Option<String>,
    /// What to do.
    pub action: Action,
    /// The state before.
    pub before: Facts,
    /// The state after.
    pub after: Facts,
}

impl Change {
    /// Where it takes place.
    pub fn target(&self) -> WriteTarget<'_> {
        WriteTarget {
            account: &self.account,
            partition: &self.partition,
            region: &self.region,
            kind: &self.kind,
            id: &self.resource,
            arn: self.arn.as_deref(),
        }
    }
}

/// What was just read of the resource that a change changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Present {
    /// [`Action::state`] of the facts.
    pub state: Facts,
    /// Why [`Action::after`] refuses the change now, in words. What it looks at can be different
    /// although the state is the same: the other tunnel of a connection is down, say.
    pub refusal: Option<String>,
    /// Whether the resource no longer exists. Its state is empty then.
    pub gone: bool,
}

/// What AWS answered to a write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// The id of the request, for CloudTrail and support cases.
    pub request_id: Option<String>,
    /// The id of the resource that it created.
    pub created: Option<String>,
}

/// Why a write did not succeed, by what must happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteErrorKind {
    /// A policy denies it. Nothing was changed.
    Denied,
    /// AWS rejected it for another reason, or it could not be sent. Nothing was changed.
    Refused,
    /// Another change of the same resource is in progress (`OperationAborted`), or the call was
    /// throttled. Nothing was changed, and it can be tried again.
    Busy,
    /// There is no answer, or one of a server that failed: it may have been carried out.
    Unanswered,
}

/// A write that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError {
    /// What must happen next.
    pub kind: WriteErrorKind,
    /// What failed.
    pub cause: Cause,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// Reads and changes resources.
pub trait Writer: Sync {
    /// Reads what a change changes, and what must be so for it. An error if it cannot be read.
    fn read(&self, change: &Change) -> Result<Present, Cause>;

    /// Reads the tags of the resource that a change changes; empty if it has none. An error if they cannot
    /// be read.
    fn tags(&self, change: &Change) -> Result<Facts, Cause>;

    /// Asks AWS whether it would accept the change. Called only for actions whose calls have the
    /// parameter `DryRun`.
    fn dry_run(&self, change: &Change) -> Result<(), WriteError>;

    /// Makes the change. Called once for a change, unless AWS answered that it did nothing.
    fn write(&self, change: &Change) -> Result<Sent, WriteError>;
}
