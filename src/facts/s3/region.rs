//! `s3.region`: Amazon S3 in a region. There is exactly one per account and region, so it is not
//! listed.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::LIST_BUCKETS;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};
use crate::model::{AccountId, Region};

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.region",
    doc: "Amazon S3 in a region; one per account and region.",
    scope: Scope::Regional,
    list: &[],
    id: "region_name",
    arn: None,
    name_field: None,
    shape: Shape::of::<S3Region>(),
    facts: &[FactSpec {
        name: "service_buckets",
        doc: "The buckets that AWS services and tools create in the region under predictable names, and whether another account owns them. Only opt-in rules read it.",
        // HEAD requests for names, of which most do not exist; ListBuckets returns the account's own.
        call: ApiCall::new("s3:HeadBucket").action("s3:ListBucket").after(&LIST_BUCKETS).at_most(9),
        shape: Shape::of::<Vec<ServiceBucket>>(),
    }],
};

/// What identifies the region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct S3Region {
    /// The region: `eu-west-1`.
    pub region_name: String,
}

/// A predictable bucket name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceBucket {
    /// The name of the bucket.
    pub name: String,
    /// The service or tool that creates a bucket with this name: `AWS Glue`.
    pub service: String,
    /// `free` (no bucket has this name), `own` (the account owns the bucket) or `foreign` (another
    /// account owns it).
    pub state: String,
}

/// A name that can be computed, with the part that no other account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictableName {
    /// The service or tool that creates the bucket.
    pub service: &'static str,
    before: String,
    id: String,
    after: String,
}

impl PredictableName {
    /// The name of the bucket.
    pub fn name(&self) -> String {
        self.with(&self.id)
    }

    /// A name of the same form, with something else instead of the account id or hash.
    pub fn with(&self, id: &str) -> String {
        format!("{}{id}{}", self.before, self.after)
    }
}

/// What a name has that no other account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Id {
    /// The account id.
    Account,
    /// A hash that is the same in all regions of the account, and can be seen in the names of buckets
    /// that exist.
    Hash,
}

/// The forms of names, with `{id}` and `{region}`.
const PATTERNS: [(&str, Id, &str); 9] = [
    ("Amazon Athena", Id::Account, "aws-athena-query-results-{id}-{region}"),
    ("AWS CDK", Id::Account, "cdk-hnb659fds-assets-{id}-{region}"),
    ("AWS CloudFormation", Id::Hash, "cf-templates-{id}-{region}"),
    ("AWS CodeStar", Id::Account, "aws-codestar-{region}-{id}"),
    ("AWS Elastic Beanstalk", Id::Account, "elasticbeanstalk-{region}-{id}"),
    ("Amazon EMR", Id::Account, "aws-logs-{id}-{region}"),
    ("Amazon EMR Studio", Id::Account, "aws-emr-studio-{id}-{region}"),
    ("AWS Glue", Id::Account, "aws-glue-assets-{id}-{region}"),
    ("Amazon SageMaker AI", Id::Account, "sagemaker-{region}-{id}"),
];

/// The predictable names in a region, in the order of the services. `own`: the names of all buckets of
/// the account.
pub fn predictable_names(
    account: &AccountId,
    region: &Region,
    own: &BTreeSet<String>,
) -> Vec<PredictableName> {
    let mut names = Vec::new();
    for (service, id, pattern) in PATTERNS {
        let (before, after) = pattern.split_once("{id}").unwrap_or((pattern, ""));
        let in_region = |part: &str| part.replace("{region}", region.as_str());
        let ids = match id {
            Id::Account => BTreeSet::from([account.as_str()]),
            Id::Hash => own.iter().filter_map(|name| hash(name.strip_prefix(before)?)).collect(),
        };
        names.extend(ids.into_iter().map(|id| PredictableName {
            service,
            before: in_region(before),
            id: id.to_owned(),
            after: in_region(after),
        }));
    }
    names
}

/// The hash in front of a region: `1a2b3c4d5e6f` of `1a2b3c4d5e6f-eu-west-1`.
fn hash(rest: &str) -> Option<&str> {
    let (hash, region) = rest.split_once('-')?;
    let is_hash = (12..=14).contains(&hash.len())
        && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && hash.bytes().any(|byte| byte.is_ascii_digit());
    let is_region = region.parse().is_ok_and(|region: Region| !region.is_global());
    (is_hash && is_region).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_account_and_the_region() {
        let (account, region) = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap());
        let own = [
            "cf-templates-1a2b3c4d5e6f-us-east-1",
            "cf-templates-1a2b3c4d5e6f-eu-central-1",
            // These are not named by CloudFormation.
            "cf-templates-1a2b3c4d5e6g",
            "cf-templates-shared-team-eu-west-1",
            "cf-templates-infrastructure-us-east-1",
            "cf-templates-1a2b3c4d5e6f-global",
            "my-cf-templates-aaaaaaaaaaaa-us-east-1",
        ];
        let own: BTreeSet<String> = own.map(str::to_owned).into();
        let names: Vec<String> =
            predictable_names(&account, &region, &own).iter().map(PredictableName::name).collect();
        let expected = [
            "aws-athena-query-results-111122223333-eu-west-1",
            "cdk-hnb659fds-assets-111122223333-eu-west-1",
            "cf-templates-1a2b3c4d5e6f-eu-west-1",
            "aws-codestar-eu-west-1-111122223333",
            "elasticbeanstalk-eu-west-1-111122223333",
            "aws-logs-111122223333-eu-west-1",
            "aws-emr-studio-111122223333-eu-west-1",
            "aws-glue-assets-111122223333-eu-west-1",
            "sagemaker-eu-west-1-111122223333",
        ];
        assert_eq!(names, expected);
        let without = predictable_names(&account, &region, &BTreeSet::new());
        assert!(without.iter().all(|name| name.service != "AWS CloudFormation"));
        assert_eq!(without.len(), PATTERNS.len() - 1);
        assert_eq!(usize::from(KIND.facts[0].call.at_most), PATTERNS.len());
        assert_eq!(without[0].with("x1"), "aws-athena-query-results-x1-eu-west-1");
    }
}
