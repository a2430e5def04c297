//! What is known about who reaches the instances of an account.

use crate::exposure::{Exposure, Reach};
use crate::model::{AccountId, Cause, Region};
use crate::snapshot::AccountStatus;

/// Whether the internet reaches a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There is a path.
    Reachable,
    /// There is no path.
    NotReachable,
    /// Something that could be part of a path was not read.
    Unknown,
    /// The resource is a network interface of a load balancer. Its targets were not read, so what it
    /// leads to is not known.
    LoadBalancer,
    /// AWS manages the network interface, for example for a NAT gateway: it is not evaluated.
    Managed,
    /// The instance is terminated.
    Terminated,
}

impl Outcome {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::NotReachable => "not_reachable",
            Self::Unknown => "unknown",
            Self::LoadBalancer => "load_balancer",
            Self::Managed => "managed",
            Self::Terminated => "terminated",
        }
    }
}

impl From<Reach> for Outcome {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Reachable => Self::Reachable,
            Reach::NotReachable => Self::NotReachable,
            Reach::Unknown => Self::Unknown,
        }
    }
}

/// An instance or a network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTarget {
    /// Its region.
    pub region: Region,
    /// Its kind.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The state of the instance, or the type of the network interface.
    pub state: Option<String>,
    /// Whether it is attached: a network interface need not be.
    pub is_attached: bool,
    /// Whether the internet reaches it.
    pub outcome: Outcome,
    /// The paths, what blocks others, and what was not read.
    pub exposure: Exposure,
}

/// A list that could not be read, so that the targets are not all known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathGap {
    /// The region; global for the whole account.
    pub region: Region,
    /// Why.
    pub cause: Cause,
}

/// Who reaches the instances of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPaths {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// Whether it was read.
    pub status: AccountStatus,
    /// When it was collected.
    pub collected_at: Option<String>,
    /// The instances and network interfaces, sorted by region, kind and id.
    pub targets: Vec<PathTarget>,
    /// What could not be read.
    pub gaps: Vec<PathGap>,
}

impl AccountPaths {
    /// Whether something that could be part of a path was not read.
    pub fn has_unknown(&self) -> bool {
        self.targets.iter().any(|target| target.outcome == Outcome::Unknown)
    }
}
