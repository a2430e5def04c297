//! What is known about a bucket.

use jiff::Timestamp;
use serde_json::Value;

use super::grant::Source;
use crate::exposure::Known;
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::bucket::Acl;
use crate::model::Cause;
use crate::policy::{Statement, statements};

/// A bucket with everything that grants or blocks access to it.
#[derive(Debug, Clone)]
pub struct BucketFacts {
    /// Its name.
    pub name: String,
    /// Its partition.
    pub partition: String,
    /// The account that owns it.
    pub account: String,
    /// The canonical user id of that account, if it is known.
    pub owner_id: Option<String>,
    /// When it was read, if that is known.
    pub now: Option<Timestamp>,
    /// The bucket policy; `None` if there is none.
    pub policy: Known<Option<Value>>,
    /// Whether S3 considers the policy public; `None` if there is no policy.
    pub policy_status: Known<Option<bool>>,
    /// The ACL; `None` if it is not in effect.
    pub acl: Known<Option<Acl>>,
    /// Object Ownership; `None` if it was never configured.
    pub object_ownership: Known<Option<String>>,
    /// The Block Public Access settings of the bucket.
    pub block: Known<PublicAccessBlock>,
    /// The Block Public Access settings of the account.
    pub account_block: Known<PublicAccessBlock>,
    /// The access points of the bucket that its account owns.
    pub access_points: Known<Vec<AccessPointFacts>>,
    /// The Multi-Region Access Points of the bucket that its account owns.
    pub multi_region_access_points: Known<Vec<AccessPointFacts>>,
}

impl BucketFacts {
    /// The statements of a policy of the bucket or of an access point. The owner's canonical user id
    /// means the same as its account id.
    pub(super) fn statements(
        &self,
        policy: &Known<Option<Value>>,
        call: &str,
    ) -> Known<Vec<Statement>> {
        let Some(document) = policy.as_ref().map_err(Cause::clone)? else { return Ok(Vec::new()) };
        let mut statements = statements(document.get("document").unwrap_or(document))
            .map_err(|error| Cause::new(call, Cause::INVALID_RESPONSE, &error))?;
        let Some(id) = &self.owner_id else { return Ok(statements) };
        let id = format!("CanonicalUser:{id}");
        for statement in &mut statements {
            let principals = statement.principals.iter_mut().chain(&mut statement.not_principals);
            for principal in principals.filter(|principal| **principal == id) {
                *principal = format!("AWS:{}", self.account);
            }
        }
        Ok(statements)
    }
}

/// An access point, or a Multi-Region Access Point.
#[derive(Debug, Clone)]
pub struct AccessPointFacts {
    /// Which of them.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The VPC, if it accepts only requests from one.
    pub vpc: Option<String>,
    /// Its policy; `None` if there is none.
    pub policy: Known<Option<Value>>,
    /// Whether S3 considers the policy public; `None` if there is no policy.
    pub policy_status: Known<Option<bool>>,
    /// Its own Block Public Access settings.
    pub block: Known<PublicAccessBlock>,
}
