//! Links to resources in the AWS console.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::{Partition, ResourceRef};

/// Kinds whose page has an address of its own: the service, and the fragment before the id.
const PAGES: &[(&str, &str, &str)] = &[
    ("ec2.address", "ec2", "ElasticIpDetails:AllocationId="),
    ("ec2.image", "ec2", "ImageDetails:imageId="),
    ("ec2.instance", "ec2", "InstanceDetails:instanceId="),
    ("ec2.internet_gateway", "vpcconsole", "InternetGateway:internetGatewayId="),
    ("ec2.launch_template", "ec2", "LaunchTemplateDetails:launchTemplateId="),
    ("ec2.nat_gateway", "vpcconsole", "NatGatewayDetails:natGatewayId="),
    ("ec2.network_acl", "vpcconsole", "NetworkAclDetails:networkAclId="),
    ("ec2.network_interface", "ec2", "NetworkInterface:networkInterfaceId="),
    ("ec2.route_table", "vpcconsole", "RouteTableDetails:RouteTableId="),
    ("ec2.security_group", "ec2", "SecurityGroup:groupId="),
    ("ec2.snapshot", "ec2", "SnapshotDetails:snapshotId="),
    ("ec2.subnet", "vpcconsole", "SubnetDetails:subnetId="),
    ("ec2.volume", "ec2", "VolumeDetails:volumeId="),
    ("ec2.vpc", "vpcconsole", "VpcDetails:VpcId="),
];

/// Longest id or ARN, in bytes; AWS's are shorter.
const MAX_ID: usize = 512;

/// Everything except unreserved characters.
const TEXT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of a resource in the AWS console of its partition; `None` if the partition's console
/// is not known, or the resource has neither a page of its own nor an ARN.
pub(super) fn url(partition: &Partition, resource: &ResourceRef) -> Option<String> {
    let domain = match partition.as_str() {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let longest = resource.id.iter().chain(&resource.arn).map(|text| text.len()).max()?;
    if longest > MAX_ID {
        return None;
    }
    let id = utf8_percent_encode(resource.id.as_deref()?, TEXT).to_string();
    let region = resource.region.as_str();
    let host = match resource.region.is_global() {
        true => domain.to_owned(),
        false => format!("{region}.{domain}"),
    };
    if resource.kind == "s3.bucket" {
        return Some(format!("https://{host}/s3/buckets/{id}?region={region}"));
    }
    if let Some((_, service, page)) = PAGES.iter().find(|(kind, ..)| *kind == resource.kind) {
        return Some(format!("https://{host}/{service}/home?region={region}#{page}{id}"));
    }
    let arn = utf8_percent_encode(resource.arn.as_deref()?, TEXT);
    Some(format!("https://{host}/go/view?arn={arn}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_the_partition_and_the_type() {
        let resource =
            |kind: &str, region: &str, id: Option<&str>, arn: Option<&str>| ResourceRef {
                kind: kind.to_owned().into(),
                region: region.parse().unwrap(),
                id: id.map(Into::into),
                arn: arn.map(Into::into),
                name: None,
            };
        let volume = resource("ec2.volume", "eu-west-1", Some("vol-1"), None);
        let bucket = resource("s3.bucket", "us-east-1", Some("a b/c"), None);
        let fleet = resource("ec2.fleet", "eu-west-1", Some("f-1"), Some("arn:aws:ec2:x"));
        for (partition, resource, expected) in [
            (
                "aws",
                &volume,
                Some(
                    "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#VolumeDetails:volumeId=vol-1",
                ),
            ),
            (
                "aws-cn",
                &bucket,
                Some(
                    "https://us-east-1.console.amazonaws.cn/s3/buckets/a%20b%2Fc?region=us-east-1",
                ),
            ),
            (
                "aws-us-gov",
                &fleet,
                Some(
                    "https://eu-west-1.console.amazonaws-us-gov.com/go/view?arn=arn%3Aaws%3Aec2%3Ax",
                ),
            ),
            ("aws-iso", &volume, None),
            ("aws", &resource("ec2.fleet", "eu-west-1", Some("f-1"), None), None),
            ("aws", &resource("ec2.volume", "eu-west-1", None, None), None),
        ] {
            let partition: Partition = partition.parse().unwrap();
            assert_eq!(url(&partition, resource).as_deref(), expected);
        }
    }
}
