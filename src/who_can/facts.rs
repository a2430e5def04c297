//! The buckets and access points of an account, put together for `access`.

use std::collections::BTreeMap;

use crate::access::{AccessPointFacts, BucketFacts, Source};
use crate::facts::s3::access_point::{AccessPoint, AccessPointDetails};
use crate::facts::s3::account::PublicAccessBlock;
use crate::facts::s3::bucket::OwnershipControls;
use crate::facts::s3::multi_region_access_point::{
    MultiRegionAccessPointPolicy, MultiRegionAccessPointReport,
};
use crate::facts::s3::{PolicyDocument, PolicyStatus};
use crate::facts::{kind, read_fact};
use crate::model::text::one_line;
use crate::model::{AccountId, Cause, Region, Resource};
use crate::snapshot::ListGaps;
use jiff::Timestamp;
use serde_json::Value;

type Known<T> = Result<T, Cause>;

pub(super) const BUCKETS: &str = "s3.bucket";
const ACCOUNT: &str = "s3.account";
const ACCESS_POINTS: &str = "s3.access_point";
const MULTI_REGION: &str = "s3.multi_region_access_point";
const BLOCK: &str = "public_access_block";

/// Whether resources of this kind are read.
pub(super) fn is_read(kind: &str) -> bool {
    [BUCKETS, ACCOUNT, ACCESS_POINTS, MULTI_REGION].contains(&kind)
}

/// What was read of an account.
#[derive(Debug)]
pub(super) struct AccountFacts {
    partition: String,
    account: AccountId,
    collected_at: Option<Timestamp>,
    block: Known<PublicAccessBlock>,
    pub(super) buckets: BTreeMap<String, (Region, BucketFacts)>,
    /// By bucket.
    access_points: BTreeMap<String, Vec<AccessPointFacts>>,
    multi_region: BTreeMap<String, Vec<AccessPointFacts>>,
    /// Why access points are not all known, by region.
    lost_points: BTreeMap<Region, Cause>,
    lost_multi_region: Option<Cause>,
}

/// A setting that AWS always returns.
fn always<T>(found: Known<Option<T>>, call: &str) -> Known<T> {
    found?.ok_or_else(|| Cause::not_collected(call))
}

fn policy(resource: &Resource) -> Known<Option<Value>> {
    let document: Option<PolicyDocument> = read_fact(resource, "policy")?;
    Ok(document.map(|policy| policy.document))
}

fn policy_status(resource: &Resource) -> Known<Option<bool>> {
    let status: Option<PolicyStatus> = read_fact(resource, "policy_status")?;
    Ok(status.map(|status| status.is_public))
}

impl AccountFacts {
    pub(super) fn new(account: &AccountId, partition: &str, collected_at: &str) -> Self {
        Self {
            partition: partition.to_owned(),
            account: account.clone(),
            collected_at: collected_at.parse().ok(),
            block: Err(Cause::not_collected("s3control:GetPublicAccessBlock")),
            buckets: BTreeMap::new(),
            access_points: BTreeMap::new(),
            multi_region: BTreeMap::new(),
            lost_points: BTreeMap::new(),
            lost_multi_region: None,
        }
    }

    pub(super) fn add(&mut self, resource: &Resource) {
        match resource.kind.as_str() {
            BUCKETS => {
                let facts = self.bucket(resource);
                self.buckets.insert(resource.id.clone(), (resource.region.clone(), facts));
            }
            ACCOUNT => {
                self.block = always(read_fact(resource, BLOCK), "s3control:GetPublicAccessBlock")
            }
            ACCESS_POINTS => {
                if let Err(cause) = self.add_access_point(resource) {
                    self.lost_points.entry(resource.region.clone()).or_insert(cause);
                }
            }
            MULTI_REGION => {
                if let Err(cause) = self.add_multi_region(resource) {
                    self.lost_multi_region.get_or_insert(cause);
                }
            }
            _ => {}
        }
    }

    fn bucket(&self, resource: &Resource) -> BucketFacts {
        let controls: Known<Option<OwnershipControls>> = read_fact(resource, "ownership_controls");
        BucketFacts {
            name: resource.id.clone(),
            partition: self.partition.clone(),
            account: self.account.to_string(),
            owner_id: resource
                .facts
                .get("owner_canonical_user_id")
                .and_then(Value::as_str)
                .map(str::to_owned),
            now: self.collected_at,
            policy: policy(resource),
            policy_status: policy_status(resource),
            acl: read_fact(resource, "acl"),
            object_ownership: controls.map(|one| one.map(|one| one.object_ownership)),
            block: always(read_fact(resource, BLOCK), "s3:GetPublicAccessBlock"),
            // These are added when all resources were read.
            account_block: Err(Cause::not_collected("s3control:GetPublicAccessBlock")),
            access_points: Ok(Vec::new()),
            multi_region_access_points: Ok(Vec::new()),
        }
    }

    fn add_access_point(&mut self, resource: &Resource) -> Known<()> {
        let needed = ["bucket", "network_origin", "vpc_configuration", "bucket_account_id"];
        let point: AccessPoint = parse(resource, &needed)?;
        let Some(bucket) = point.bucket else { return Ok(()) };
        // The bucket of another account can have the same name in another partition only.
        if point.bucket_account_id.is_some_and(|owner| owner != self.account.as_str()) {
            return Ok(());
        }
        let details: Known<Option<AccessPointDetails>> = read_fact(resource, "details");
        let region = &resource.region;
        let arn = point.access_point_arn.unwrap_or_else(|| {
            format!(
                "arn:{}:s3:{region}:{}:accesspoint/{}",
                self.partition, self.account, resource.id
            )
        });
        let vpc = point.vpc_configuration.and_then(|vpc| vpc.vpc_id);
        let is_vpc = point.network_origin.as_deref() == Some("VPC");
        let vpc = vpc.or_else(|| is_vpc.then(|| "that AWS did not return".to_owned()));
        self.access_points.entry(bucket).or_default().push(AccessPointFacts {
            source: Source::AccessPoint,
            name: resource.id.clone(),
            arn,
            vpc,
            policy: policy(resource),
            policy_status: policy_status(resource),
            block: details.map(|details| {
                details.and_then(|one| one.public_access_block_configuration).unwrap_or_default()
            }),
        });
        Ok(())
    }

    fn add_multi_region(&mut self, resource: &Resource) -> Known<()> {
        let report: MultiRegionAccessPointReport = parse(resource, &["regions", "alias"])?;
        if report.status.as_deref() == Some("DELETING") {
            return Ok(());
        }
        let policies: Known<Option<MultiRegionAccessPointPolicy>> = read_fact(resource, "policy");
        let established = policies.map(|one| one.and_then(|one| one.established));
        let point = AccessPointFacts {
            source: Source::MultiRegionAccessPoint,
            name: resource.id.clone(),
            arn: format!(
                "arn:{}:s3::{}:accesspoint/{}",
                self.partition,
                self.account,
                report.alias.unwrap_or_else(|| resource.id.clone())
            ),
            vpc: None,
            policy: established.map(|one| one.map(|one| one.document)),
            policy_status: policy_status(resource),
            block: Ok(report.public_access_block.unwrap_or_default()),
        };
        for region in report.regions {
            let Some(bucket) = region.bucket else { continue };
            if region.bucket_account_id.is_none_or(|owner| owner == self.account.as_str()) {
                self.multi_region.entry(bucket).or_default().push(point.clone());
            }
        }
        Ok(())
    }

    /// Adds to each bucket what was read of the account, and why the rest was not.
    pub(super) fn finish(&mut self, lists: &ListGaps) {
        let lost_multi_region =
            self.lost_multi_region.clone().or_else(|| lists.get(MULTI_REGION, &Region::global()));
        if let (Err(cause), Some(lost)) = (&self.block, lists.get(ACCOUNT, &Region::global())) {
            // Without the account's settings, the cause is that of the list.
            if cause.code == Cause::NOT_COLLECTED {
                self.block = Err(lost);
            }
        }
        let is_only = self.partition == "aws";
        for (name, (region, bucket)) in &mut self.buckets {
            bucket.account_block = self.block.clone();
            let lost = self.lost_points.get(region).cloned();
            bucket.access_points = match lost.or_else(|| lists.get(ACCESS_POINTS, region)) {
                Some(cause) => Err(cause),
                None => Ok(self.access_points.remove(name).unwrap_or_default()),
            };
            // Other partitions have no Multi-Region Access Points.
            bucket.multi_region_access_points = match &lost_multi_region {
                Some(cause) if is_only => Err(cause.clone()),
                _ => Ok(self.multi_region.remove(name).unwrap_or_default()),
            };
        }
    }
}

/// A resource of the list, unless one of the fields that it is needed for is not known.
fn parse<T: serde::de::DeserializeOwned>(resource: &Resource, needed: &[&str]) -> Known<T> {
    if let Some(cause) = needed.iter().find_map(|field| resource.unreadable.get(*field)) {
        return Err(cause.clone());
    }
    serde_json::from_value(Value::Object(resource.facts.clone())).map_err(|_| {
        let call = kind(&resource.kind).map_or(resource.kind.as_str(), |kind| kind.list_call());
        let message = format!("{} is not valid", one_line(&resource.id, 60));
        Cause::new(call, Cause::INVALID_RESPONSE, &message)
    })
}
