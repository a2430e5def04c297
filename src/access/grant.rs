//! The result: who can do what with a bucket, and through what.

use std::collections::BTreeSet;

use super::who::Who;
use crate::model::Cause;
use crate::policy::actions::Ability;

/// What grants access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The bucket policy.
    BucketPolicy,
    /// The bucket's ACL.
    Acl,
    /// The policy of an access point, together with the bucket.
    AccessPoint,
    /// The policy of a Multi-Region Access Point, together with the bucket.
    MultiRegionAccessPoint,
}

impl Source {
    /// All, in the order of reports.
    pub const ALL: [Self; 4] =
        [Self::BucketPolicy, Self::Acl, Self::AccessPoint, Self::MultiRegionAccessPoint];

    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BucketPolicy => "bucket_policy",
            Self::Acl => "acl",
            Self::AccessPoint => "access_point",
            Self::MultiRegionAccessPoint => "multi_region_access_point",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::BucketPolicy => "bucket policy",
            Self::Acl => "ACL",
            Self::AccessPoint => "access points",
            Self::MultiRegionAccessPoint => "Multi-Region Access Points",
        }
    }
}

/// A policy statement or an ACL grant that a grant depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Where it is.
    pub source: Source,
    /// The name of the access point, or the permission of the ACL.
    pub name: Option<String>,
    /// The 1-based position of the statement.
    pub statement: Option<usize>,
    /// The id of the statement.
    pub sid: Option<String>,
}

/// What somebody can do with a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Who.
    pub who: Who,
    /// What grants it.
    pub source: Source,
    /// What they can do.
    pub ability: Ability,
    /// Patterns of the keys of objects; empty for all objects, and for what concerns the bucket.
    pub objects: Vec<String>,
    /// The conditions that requests must meet, in words.
    pub conditions: Vec<String>,
    /// Who and what is excluded, in words.
    pub exceptions: Vec<String>,
    /// The statements and ACL grants that allow it together: that of an access point, then that of the
    /// bucket.
    pub steps: Vec<Step>,
    /// The actions.
    pub actions: BTreeSet<String>,
    /// Why it is not known whether the grant is in effect.
    pub unknown: Option<Cause>,
}

/// A grant without effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockedGrant {
    /// The grant.
    pub grant: Grant,
    /// What blocks it, in words.
    pub by: String,
}

/// A source that could not be read, so that it may grant more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The source.
    pub source: Source,
    /// Whether it may grant access to everyone.
    pub may_be_public: bool,
    /// Why.
    pub cause: Cause,
}

/// Whether everyone has access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Public {
    /// At least one grant to everyone, to any AWS account, or to the users of a public identity
    /// provider is in effect.
    Yes,
    /// None is.
    No,
    /// What could not be read may contain one.
    Unknown,
}

impl Public {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Who can do what with a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketAccess {
    /// Whether everyone has access.
    pub public: Public,
    /// Whether S3 reports that the bucket policy, which could not be read, is public.
    pub is_reported: bool,
    /// The grants, sorted.
    pub grants: Vec<Grant>,
    /// Grants without effect.
    pub blocked: Vec<BlockedGrant>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Whether ACLs of single objects can grant access, which are not read.
    pub has_object_acls: bool,
}

impl BucketAccess {
    /// Why a source may grant more than is known; for everyone, only what may be public counts.
    pub fn unread_of(&self, source: Source, who: &Who) -> Option<&Cause> {
        let matters = |one: &&Unread| one.source == source && (one.may_be_public || !who.is_public);
        self.unread.iter().find(matters).map(|one| &one.cause)
    }

    /// Whether something that matters could not be read.
    pub fn is_incomplete(&self) -> bool {
        !self.unread.is_empty() || self.grants.iter().any(|grant| grant.unknown.is_some())
    }

    /// Everyone, who else has access, and who may have, sorted.
    pub fn rows(&self) -> Vec<Who> {
        let mut all: Vec<Who> = self.grants.iter().map(|grant| grant.who.clone()).collect();
        all.push(Who::everyone());
        all.sort();
        all.dedup();
        all
    }

    /// What a source grants to somebody.
    pub fn grants_of<'a>(
        &'a self,
        who: &'a Who,
        source: Source,
    ) -> impl Iterator<Item = &'a Grant> {
        self.grants.iter().filter(move |grant| grant.source == source && grant.who == *who)
    }
}
