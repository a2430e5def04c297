//! Verifies the IAM action of every call against AWS's service authorization reference and the
//! managed policy SecurityAudit, independently of the table that collection and permissions share.

use std::collections::{BTreeMap, BTreeSet};

use rolecall::internals::{self, KINDS};

/// Calls of services other than EC2.
const NOT_EC2: &[(&str, &str)] = &[
    ("organizations:DescribeOrganization", "organizations:DescribeOrganization"),
    ("s3:GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    ("s3:GetBucketAcl", "s3:GetBucketAcl"),
    ("s3:GetBucketCors", "s3:GetBucketCORS"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ("s3:GetBucketLocation", "s3:GetBucketLocation"),
    ("s3:GetBucketLogging", "s3:GetBucketLogging"),
    ("s3:GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
    ("s3:GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    ("s3:GetBucketPolicy", "s3:GetBucketPolicy"),
    ("s3:GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
    ("s3:GetBucketRequestPayment", "s3:GetBucketRequestPayment"),
    ("s3:GetBucketTagging", "s3:GetBucketTagging"),
    ("s3:GetBucketVersioning", "s3:GetBucketVersioning"),
    ("s3:GetBucketWebsite", "s3:GetBucketWebsite"),
    ("s3:GetObjectAcl", "s3:GetObjectAcl"),
    ("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"),
    ("s3:ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"),
    ("s3:ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"),
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("s3:ListObjectsV2", "s3:ListBucket"),
    ("s3control:GetAccessGrantsInstanceResourcePolicy", "s3:GetAccessGrantsInstanceResourcePolicy"),
    ("s3control:GetAccessPoint", "s3:GetAccessPoint"),
    (
        "s3control:GetAccessPointConfigurationForObjectLambda",
        "s3:GetAccessPointConfigurationForObjectLambda",
    ),
    ("s3control:GetAccessPointForObjectLambda", "s3:GetAccessPointForObjectLambda"),
    ("s3control:GetAccessPointPolicy", "s3:GetAccessPointPolicy"),
    ("s3control:GetAccessPointPolicyForObjectLambda", "s3:GetAccessPointPolicyForObjectLambda"),
    ("s3control:GetAccessPointPolicyStatus", "s3:GetAccessPointPolicyStatus"),
    (
        "s3control:GetAccessPointPolicyStatusForObjectLambda",
        "s3:GetAccessPointPolicyStatusForObjectLambda",
    ),
    ("s3control:GetMultiRegionAccessPointPolicy", "s3:GetMultiRegionAccessPointPolicy"),
    ("s3control:GetMultiRegionAccessPointPolicyStatus", "s3:GetMultiRegionAccessPointPolicyStatus"),
    ("s3control:GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    ("s3control:GetStorageLensConfiguration", "s3:GetStorageLensConfiguration"),
    ("s3control:ListAccessGrantsInstances", "s3:ListAccessGrantsInstances"),
    ("s3control:ListAccessPoints", "s3:ListAccessPoints"),
    ("s3control:ListAccessPointsForObjectLambda", "s3:ListAccessPointsForObjectLambda"),
    ("s3control:ListMultiRegionAccessPoints", "s3:ListMultiRegionAccessPoints"),
    ("s3control:ListStorageLensConfigurations", "s3:ListStorageLensConfigurations"),
    ("s3express:GetBucketEncryption", "s3express:GetEncryptionConfiguration"),
    ("s3express:GetBucketLifecycleConfiguration", "s3express:GetLifecycleConfiguration"),
    ("s3express:GetBucketPolicy", "s3express:GetBucketPolicy"),
    ("s3express:ListDirectoryBuckets", "s3express:ListAllMyDirectoryBuckets"),
];

/// Operations of EC2; the action is named like the operation.
const EC2: &str = "DescribeAccountAttributes DescribeAddressTransfers DescribeAddresses DescribeCapacityReservations DescribeCarrierGateways \
     DescribeClientVpnAuthorizationRules DescribeClientVpnEndpoints DescribeCustomerGateways DescribeDhcpOptions \
     DescribeEgressOnlyInternetGateways DescribeFleets DescribeFlowLogs DescribeImageAttribute DescribeImages \
     DescribeInstanceAttribute DescribeInstanceImageMetadata DescribeInstanceStatus DescribeInstanceTypes DescribeInstances \
     DescribeInternetGateways DescribeIpamScopes DescribeKeyPairs DescribeLaunchTemplateVersions DescribeLaunchTemplates \
     DescribeLockedSnapshots DescribeManagedPrefixLists DescribeNatGateways DescribeNetworkAcls \
     DescribeNetworkInsightsAccessScopeAnalyses DescribeNetworkInsightsAccessScopes DescribeNetworkInsightsAnalyses \
     DescribeNetworkInsightsPaths DescribeNetworkInterfaces DescribeReservedInstances DescribeRouteTables DescribeSecurityGroups \
     DescribeSnapshotAttribute DescribeSnapshots DescribeSpotFleetRequests DescribeStaleSecurityGroups DescribeSubnets \
     DescribeTrafficMirrorFilters DescribeTrafficMirrorSessions DescribeTrafficMirrorTargets DescribeTransitGatewayAttachments \
     DescribeTransitGatewayMulticastDomains DescribeTransitGatewayRouteTables DescribeTransitGateways \
     DescribeVerifiedAccessInstanceLoggingConfigurations DescribeVerifiedAccessInstances DescribeVolumes DescribeVpcAttribute \
     DescribeVpcBlockPublicAccessExclusions DescribeVpcBlockPublicAccessOptions DescribeVpcEncryptionControls \
     DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions DescribeVpcEndpoints \
     DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways GetAllowedImagesSettings \
     GetEbsDefaultKmsKeyId GetEbsEncryptionByDefault GetImageBlockPublicAccessState GetInstanceMetadataDefaults \
     GetManagedPrefixListEntries GetSerialConsoleAccessStatus GetSnapshotBlockPublicAccessState SearchTransitGatewayRoutes";

/// Actions that SecurityAudit does not allow.
const BEYOND_SECURITY_AUDIT: [&str; 3] = [
    "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucket",
    "s3express:GetLifecycleConfiguration",
];

fn known() -> BTreeMap<String, String> {
    let ec2 = EC2
        .split_whitespace()
        .map(|operation| (format!("ec2:{operation}"), format!("ec2:{operation}")));
    NOT_EC2
        .iter()
        .map(|(call, action)| ((*call).to_owned(), (*action).to_owned()))
        .chain(ec2)
        .collect()
}

#[test]
fn every_call_has_the_documented_action() {
    let mut made = BTreeMap::new();
    for kind in KINDS {
        for call in kind.calls() {
            made.insert(call.name.to_owned(), call.action.to_owned());
            assert_eq!(internals::action(call.name), Some(call.action));
        }
    }
    // In both directions: calls that are no longer made must be removed here.
    assert_eq!(made, known());
}

/// The actions of `s3`, `s3express` and `organizations` in SecurityAudit, as of August 2026. For EC2, it allows all
/// Describe actions and the Get actions above.
const SECURITY_AUDIT: &str = "s3:GetAccelerateConfiguration s3:GetAccessGrantsInstanceResourcePolicy s3:GetAccessPoint \
     s3:GetAccessPointConfigurationForObjectLambda s3:GetAccessPointForObjectLambda s3:GetAccessPointPolicy \
     s3:GetAccessPointPolicyForObjectLambda s3:GetAccessPointPolicyStatus s3:GetAccessPointPolicyStatusForObjectLambda \
     s3:GetAccountPublicAccessBlock s3:GetAnalyticsConfiguration s3:GetBucket* s3:GetEncryptionConfiguration \
     s3:GetInventoryConfiguration s3:GetLifecycleConfiguration s3:GetMetricsConfiguration s3:GetMultiRegionAccessPoint \
     s3:GetMultiRegionAccessPointPolicy s3:GetMultiRegionAccessPointPolicyStatus s3:GetObjectAcl \
     s3:GetReplicationConfiguration \
     s3:GetStorageLensConfiguration s3:ListAccessGrantsInstances s3:ListAccessPoints s3:ListAccessPointsForObjectLambda \
     s3:ListAllMyBuckets s3:ListMultiRegionAccessPoints s3:ListStorageLensConfigurations s3express:GetBucketPolicy \
     s3express:GetEncryptionConfiguration s3express:ListAllMyDirectoryBuckets organizations:DescribeOrganization";

#[test]
fn security_audit_allows_all_but_three_actions() {
    let allows = |action: &str| {
        let granted = |pattern: &str| {
            pattern.strip_suffix('*').map_or(pattern == action, |start| action.starts_with(start))
        };
        action.starts_with("ec2:") || SECURITY_AUDIT.split_whitespace().any(granted)
    };
    let beyond: BTreeSet<String> = known().into_values().filter(|action| !allows(action)).collect();
    assert_eq!(beyond, BEYOND_SECURITY_AUDIT.map(str::to_owned).into());
}
