//! Which calls an estate answers.

use std::collections::BTreeSet;

use super::request::SUBRESOURCES;
use super::tests::{Client, signed};
use super::{Estate, FakeAws, Options};

const KEY: &str = "ASIA100000000000FAKE";

fn started() -> FakeAws {
    FakeAws::start(Options::new(Estate::seeded(5, 1, &["us-east-1"])))
}

#[tokio::test]
async fn all_calls_that_are_named_are_answered() {
    let fake = started();
    let mut expected = BTreeSet::new();
    let calls = Estate::calls();
    let mut client = Client::connect(&fake, "ec2.us-east-1.amazonaws.com").await.unwrap();
    let own = signed(KEY, "us-east-1", "ec2");
    for call in calls.iter().filter_map(|call| call.strip_prefix("ec2:")) {
        // Without the parameters that some require, which is another error.
        let answer = client.query(&format!("Action={call}"), &own).await.unwrap();
        assert!(!answer.body.contains("InvalidAction"), "{call}: {}", answer.body);
        expected.insert(format!("ec2:{call}"));
    }
    let own = signed(KEY, "us-east-1", "s3");
    let mut client = Client::connect(&fake, "s3.us-east-1.amazonaws.com").await.unwrap();
    for (name, operation) in SUBRESOURCES {
        // Directory buckets have sessions.
        if operation == "CreateSession" {
            continue;
        }
        let answer = client.get(&format!("/b000000?{name}"), &own).await.unwrap();
        assert_ne!(answer.status, 501, "{name}: {}", answer.body);
        expected.insert(format!("s3:{operation}"));
    }
    let host = "100000000000.s3-control.us-east-1.amazonaws.com";
    let mut client = Client::connect(&fake, host).await.unwrap();
    for path in [
        "configuration/publicAccessBlock",
        "accesspoint",
        "accesspoint/ap-0",
        "accesspoint/ap-0/policy",
        "accesspoint/ap-0/policyStatus",
        "accesspointforobjectlambda",
        "accesspointforobjectlambda/olap-0",
        "accesspointforobjectlambda/olap-0/configuration",
        "accesspointforobjectlambda/olap-0/policy",
        "accesspointforobjectlambda/olap-0/policyStatus",
        "mrap/instances",
        "mrap/instances/mrap-0/policy",
        "mrap/instances/mrap-0/policystatus",
        "storagelens",
        "storagelens/lens-0",
        "accessgrantsinstances",
        "accessgrantsinstance/resourcepolicy",
    ] {
        let answer = client.get(&format!("/v20180820/{path}"), &own).await.unwrap();
        assert_ne!(answer.status, 405, "{path}: {}", answer.body);
    }
    let counts = fake.counts();
    assert_eq!(counts.unknown_calls, BTreeSet::new());
    let made: BTreeSet<String> = counts.calls_by_name.into_keys().collect();
    expected.extend(calls.iter().filter(|call| call.starts_with("s3control:")).cloned());
    assert_eq!(made, expected);
    assert_eq!(made.difference(&calls).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn other_calls_fail_as_on_aws_and_are_counted() {
    let fake = started();
    let mut client = Client::connect(&fake, "ec2.us-east-1.amazonaws.com").await.unwrap();
    let own = signed(KEY, "us-east-1", "ec2");
    for (form, code) in [
        ("Action=DescribeTomorrow", "InvalidAction"),
        ("Action=DescribeStaleSecurityGroups", "MissingParameter"),
        ("Action=DescribeStaleSecurityGroups&VpcId=vpc-0", "InvalidVpcID.NotFound"),
        ("Action=DescribeNetworkInsightsPaths&MaxResults=101", "InvalidParameterValue"),
        ("Action=DescribeVpcs&MaxResults=0", "InvalidParameterValue"),
        ("Action=DescribeKeyPairs&MaxResults=10", "UnknownParameter"),
    ] {
        let answer = client.query(form, &own).await.unwrap();
        let named = answer.body.contains(&format!("<Code>{code}</Code>"));
        assert!(answer.status == 400 && named, "{form}: {answer:?}");
    }
    let host = "100000000000.s3-control.us-east-1.amazonaws.com";
    let mut client = Client::connect(&fake, host).await.unwrap();
    let own = signed(KEY, "us-east-1", "s3");
    assert_eq!(client.get("/v20180820/tomorrow", &own).await.unwrap().status, 405);
    let unknown: Vec<String> = fake.counts().unknown_calls.into_iter().collect();
    assert_eq!(unknown, ["ec2:DescribeTomorrow", "s3control:GET /v20180820/tomorrow"]);
}

#[tokio::test]
async fn routes_of_a_transit_gateway_are_searched_in_pages() {
    let estate = Estate { seed: None, page: Some(1), ..Estate::seeded(5, 1, &["us-east-1"]) };
    let fake = FakeAws::start(Options::new(estate));
    let mut client = Client::connect(&fake, "ec2.us-east-1.amazonaws.com").await.unwrap();
    let own = signed(KEY, "us-east-1", "ec2");
    let table = "tgw-rtb-00000000000000000";
    let search = format!("Action=SearchTransitGatewayRoutes&TransitGatewayRouteTableId={table}");
    let answer = client.query(&search, &own).await.unwrap();
    assert!(answer.body.contains("MissingParameter"), "AWS requires a filter: {answer:?}");
    let search = format!("{search}&Filter.1.Name=state&Filter.1.Value.1=active&MaxResults=1000");
    let (mut token, mut routes, mut pages) = (String::new(), 0, 0);
    loop {
        let body = client.query(&format!("{search}{token}"), &own).await.unwrap().body;
        routes += body.matches("<destinationCidrBlock>").count();
        pages += 1;
        let Some((_, rest)) = body.split_once("<nextToken>") else { break };
        token = format!("&NextToken={}", rest.split('<').next().unwrap());
    }
    assert_eq!((routes, pages), (2, 3));
}
