//! The host that each call of each kind goes to, in every partition and endpoint form, compared with
//! the documentation of AWS: <https://docs.aws.amazon.com/general/latest/gr/s3.html>,
//! `…/ec2-service.html`, `…/sts.html`. The SDK's endpoint rules choose the host; we choose
//! the addressing style and the regions, and make sure that nothing is sent anywhere else.

use std::collections::BTreeSet;

use super::denials::{LISTS, responding};
use super::fake::*;
use crate::aws::call_region::in_region;
use crate::facts::KINDS;
use crate::model::{Partition, Region, Target};

const ACCOUNT: &str = "111111111111";

/// An endpoint form, as the settings that select it.
#[derive(Debug, Clone, Copy)]
struct Form {
    fips: bool,
    dual_stack: bool,
}

/// The documented host of a service in a region.
fn documented(service: &str, partition: &str, region: &str, form: Form) -> String {
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let fips = if form.fips { "-fips" } else { "" };
    let dual_stack = if form.dual_stack { ".dualstack" } else { "" };
    match service {
        // Every endpoint of GovCloud is a FIPS endpoint, under its ordinary name.
        "ec2" | "sts" if partition == "aws-us-gov" && !form.dual_stack => {
            format!("{service}.{region}.{suffix}")
        }
        "ec2" | "sts" if form.dual_stack && partition == "aws-cn" => {
            format!("{service}{fips}.{region}.api.amazonwebservices.com.cn")
        }
        "ec2" | "sts" if form.dual_stack => format!("{service}{fips}.{region}.api.aws"),
        "ec2" | "sts" => format!("{service}{fips}.{region}.{suffix}"),
        // One region of each partition serves all of it.
        "organizations" => {
            let region = match partition {
                "aws-cn" => "cn-northwest-1",
                "aws-us-gov" => "us-gov-west-1",
                _ => "us-east-1",
            };
            match (form.dual_stack, partition) {
                (true, "aws-cn") => format!("{service}.{region}.api.amazonwebservices.com.cn"),
                // As for EC2, the ordinary names in GovCloud are those of FIPS endpoints.
                (true, "aws-us-gov") => format!("{service}.{region}.api.aws"),
                (true, _) => format!("{service}{fips}.{region}.api.aws"),
                (false, "aws-us-gov") => format!("{service}.{region}.{suffix}"),
                (false, _) => format!("{service}{fips}.{region}.{suffix}"),
            }
        }
        "s3" => format!("s3{fips}{dual_stack}.{region}.{suffix}"),
        "s3control" => format!("{ACCOUNT}.s3-control{fips}{dual_stack}.{region}.{suffix}"),
        "s3express" => format!("s3express-control{fips}{dual_stack}.{region}.{suffix}"),
        _ => panic!("which host {service} has is not known"),
    }
}

fn target_in(partition: &str, region: &str) -> Target {
    let mut target = target(ACCOUNT);
    if let crate::model::Role::Assume(hop) = &mut target.role {
        hop.role_arn = format!("arn:{partition}:iam::{ACCOUNT}:role/audit").parse().unwrap();
    }
    target.partition = partition.parse::<Partition>().unwrap();
    target.regions = vec![region.parse().unwrap()];
    target
}

#[tokio::test]
async fn every_call_goes_to_the_documented_host() {
    let places = [
        ("aws", "us-east-1"),
        ("aws", "eu-west-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
    ];
    let forms = [(false, false), (true, false), (false, true), (true, true)];
    for (partition, region) in places {
        for form in forms.map(|(fips, dual_stack)| Form { fips, dual_stack }) {
            // S3 has no FIPS endpoints in China; the SDK rejects the combination.
            if form.fips && partition == "aws-cn" {
                continue;
            }
            for kind in KINDS {
                let responses = LISTS
                    .iter()
                    .find(|(name, _)| *name == kind.name)
                    .map_or(&[][..], |(_, responses)| *responses);
                let responses = responses
                    .iter()
                    .map(|response| response.replace("eu-west-1", region))
                    .collect();
                let fake = responding(responses, None);
                let facts: Vec<&str> = kind.facts.iter().map(|fact| fact.name).collect();
                let base = fake.base_at(region, form.fips, form.dual_stack).await;
                let request = crate::aws::CollectRequest {
                    base,
                    ..fake
                        .request(
                            vec![target_in(partition, region)],
                            &demand(&[(kind.name, &facts)]),
                        )
                        .await
                };
                let dir = tempfile::tempdir().unwrap();
                collect_into(dir.path(), request, std::sync::Arc::new(crate::aws::NoopObserver))
                    .await;
                let hosts: BTreeSet<String> =
                    fake.requests("").iter().map(|request| host(&request.uri)).collect();

                let services = kind.calls();
                let mut expected: BTreeSet<String> = services
                    .map(|call| {
                        let service = call.name.split_once(':').unwrap().0;
                        // One region serves Multi-Region Access Points, whatever the regions of
                        // the target.
                        let region = if kind.name == "s3.multi_region_access_point" {
                            "us-west-2"
                        } else {
                            region
                        };
                        documented(service, partition, region, form)
                    })
                    .collect();
                if kind.name == "s3.multi_region_access_point" && partition != "aws" {
                    expected.clear();
                }
                expected.insert(documented("sts", partition, region, form));
                assert_eq!(hosts, expected, "{} in {region}, {form:?}", kind.name);
            }
        }
    }
}

#[tokio::test]
async fn a_client_calls_several_regions_at_once_and_none_without_a_region() {
    let fake = Fake::new(|request| {
        request.has("Action=DescribeVolumes").then(|| volumes(&["vol-1"], "")).flatten()
    });
    let cx = fake.context(ACCOUNT).await;
    let region = |name: &str| name.parse::<Region>().unwrap();
    let list = || cx.clients.ec2().describe_volumes().send();
    let regions = ["eu-west-1", "us-east-1", "ap-south-1"].map(region);
    let lists = regions.iter().map(|region| in_region(region, list()));
    for listed in futures::future::join_all(lists).await {
        assert_eq!(listed.unwrap().volumes().len(), 1);
    }
    // The inner one of two regions counts.
    in_region(&regions[0], in_region(&region("sa-east-1"), list())).await.unwrap();
    let requests = fake.requests("Action=DescribeVolumes");
    assert_eq!(requests.len(), 4);
    for request in &requests {
        assert_eq!(host(&request.uri), format!("ec2.{}.amazonaws.com", request.region));
    }
    let called: BTreeSet<_> = requests.iter().map(|request| request.region.as_str()).collect();
    assert_eq!(called, BTreeSet::from(["ap-south-1", "eu-west-1", "sa-east-1", "us-east-1"]));

    for (without, refused) in [
        ("a region", list().await),
        ("a region of its own", in_region(&Region::global(), list()).await),
    ] {
        let error = format!("{:?}", refused.expect_err(without));
        assert!(error.contains("the call has no region"), "{without}: {error}");
    }
    assert_eq!(fake.requests("Action=DescribeVolumes").len(), 4, "nothing is sent");
}

fn host(uri: &str) -> String {
    uri.split('/').nth(2).unwrap().to_owned()
}
