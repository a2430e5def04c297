//! What the fake answers: S3 with its redirects, the other services of the estate, and an upstream
//! server.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::tests::{Answer, Client, ROOT, signed};
use super::{Estate, FakeAws, Options, Redirect, Response, Upstream};

const KEY: &str = "ASIA100000000000FAKE";

fn two_regions() -> Estate {
    Estate { accounts: 45, ..Estate::in_regions(&["us-east-1", "eu-west-1"]) }
}

async fn get(fake: &FakeAws, host: &str, path: &str, region: &str) -> Answer {
    let mut client = Client::connect(fake, host).await.unwrap();
    client.get(path, &signed(KEY, region, "s3")).await.unwrap()
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let fake = FakeAws::start(Options::new(Estate { dotted: 1, ..two_regions() }));
    let all = get(&fake, ROOT, "/", "us-east-1").await.body;
    assert_eq!((all.matches("<Bucket>").count(), all.contains("BucketRegion")), (10, false));
    let first = get(&fake, ROOT, "/?max-buckets=7&x-id=ListBuckets", "us-east-1").await.body;
    assert_eq!(
        (first.matches("<Bucket>").count(), first.contains("<Name>b000000.example.com</Name>")),
        (7, true)
    );
    assert!(first.contains("<ContinuationToken>token-7</ContinuationToken>"));
    let second =
        get(&fake, ROOT, "/?continuation-token=token-7&max-buckets=7", "us-east-1").await.body;
    assert_eq!(
        (second.matches("<Bucket>").count(), second.contains("ContinuationToken")),
        (3, false)
    );
    assert!(second.contains("<Name>b000009</Name><CreationDate>2024-01-01T00:00:00.000Z</CreationDate><BucketRegion>eu-west-1<"));
    let ireland = get(&fake, ROOT, "/?bucket-region=eu-west-1", "us-east-1").await.body;
    assert_eq!(ireland.matches("<Bucket>").count(), 5);
    // A dotted bucket has only a path-style address.
    assert_eq!(get(&fake, ROOT, "/b000000.example.com?versioning", "us-east-1").await.status, 200);
}

#[tokio::test]
async fn a_bucket_of_another_region_is_refused_as_selected() {
    for redirect in [Redirect::Permanent, Redirect::Malformed, Redirect::IllegalLocation] {
        let fake = FakeAws::start(Options { redirect, ..Options::new(two_regions()) });
        let answer = get(&fake, ROOT, "/b000001?acl", "us-east-1").await;
        let same = get(&fake, "b000001.s3.us-east-1.amazonaws.com", "/?acl", "us-east-1").await;
        assert_eq!(
            (answer.status, answer.header("x-amz-bucket-region")),
            (same.status, same.header("x-amz-bucket-region"))
        );
        let (status, header, text) = match redirect {
            Redirect::Permanent => {
                (301, "eu-west-1", "<Endpoint>b000001.s3.eu-west-1.amazonaws.com</Endpoint>")
            }
            Redirect::Malformed => (400, "eu-west-1", "<Region>eu-west-1</Region>"),
            Redirect::IllegalLocation => {
                (400, "", "The eu-west-1 location constraint is incompatible")
            }
        };
        assert_eq!((answer.status, answer.header("x-amz-bucket-region")), (status, header));
        assert!(answer.body.contains(text), "{}", answer.body);
        let answer = get(&fake, "s3.eu-west-1.amazonaws.com", "/b000000?acl", "eu-west-1").await;
        let unspecified =
            answer.body.contains("The unspecified location constraint is incompatible");
        assert_eq!((answer.status, unspecified), (status, redirect == Redirect::IllegalLocation));
        let right = get(&fake, "b000001.s3.eu-west-1.amazonaws.com", "/?acl", "eu-west-1").await;
        assert!(right.status == 200 && right.body.contains("FULL_CONTROL"), "{right:?}");
    }
}

#[tokio::test]
async fn signatures_for_another_region_or_service_are_refused() {
    let fake = FakeAws::start(Options::new(two_regions()));
    let answer = get(&fake, ROOT, "/", "eu-west-1").await;
    assert!(
        answer.status == 400 && answer.body.contains("<Region>us-east-1</Region>"),
        "{answer:?}"
    );
    let mut client = Client::connect(&fake, "ec2.eu-west-1.amazonaws.com").await.unwrap();
    let form = "Action=DescribeVolumes&Version=2016-11-15";
    assert_eq!(client.query(form, &signed(KEY, "us-east-1", "ec2")).await.unwrap().status, 401);
    assert_eq!(client.query(form, &signed(KEY, "eu-west-1", "s3")).await.unwrap().status, 403);
    assert_eq!(client.query(form, &signed(KEY, "eu-west-1", "ec2")).await.unwrap().status, 200);
}

#[tokio::test]
async fn styles_can_be_refused() {
    let fake = FakeAws::start(Options { refuse_path_style: true, ..Options::new(two_regions()) });
    let answer = get(&fake, ROOT, "/b000001?acl", "us-east-1").await;
    assert_eq!((answer.status, answer.header("x-amz-bucket-region")), (301, "eu-west-1"));
    let answer = get(&fake, "s3.eu-west-1.amazonaws.com", "/b000001?acl", "eu-west-1").await;
    assert!(
        answer.body.contains("<Endpoint>b000001.s3.eu-west-1.amazonaws.com</Endpoint>"),
        "{answer:?}"
    );
    assert_eq!(get(&fake, ROOT, "/", "us-east-1").await.status, 200);

    let fake =
        FakeAws::start(Options { refuse_virtual_hosted: true, ..Options::new(two_regions()) });
    assert_eq!(
        get(&fake, "b000002.s3.us-east-1.amazonaws.com", "/?acl", "us-east-1").await.status,
        400
    );
    assert_eq!(get(&fake, ROOT, "/b000002?acl", "us-east-1").await.status, 200);
    assert_eq!(
        fake.violations(),
        ["s3:GetBucketAcl was virtual-hosted: b000002.s3.us-east-1.amazonaws.com"]
    );
}

#[tokio::test]
async fn ec2_has_pages_settings_and_empty_lists() {
    let fake = FakeAws::start(Options::new(two_regions()));
    let mut client = Client::connect(&fake, "ec2.eu-west-1.amazonaws.com").await.unwrap();
    let own = signed(KEY, "eu-west-1", "ec2");
    for (form, text) in [
        ("Action=DescribeVolumes&MaxResults=2", "<nextToken>token-2</nextToken>"),
        (
            "Action=DescribeVolumes&MaxResults=2&NextToken=token-2",
            "<volumeId>vol-00000100000000002</volumeId>",
        ),
        ("Action=DescribeSecurityGroups", "<groupName>default</groupName>"),
        ("Action=DescribeVpcs", "<vpcSet/></DescribeVpcsResponse>"),
        ("Action=GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>true<"),
        ("Action=DescribeRegions", "<regionEndpoint>ec2.eu-west-1.amazonaws.com</regionEndpoint>"),
        ("Action=DescribeTomorrow", "<Code>InvalidAction</Code>"),
    ] {
        let body = client.query(form, &own).await.unwrap().body;
        assert!(body.contains(text), "{form}: {body}");
    }
    let mut client = Client::connect(&fake, "ec2.sa-east-1.amazonaws.com").await.unwrap();
    let answer =
        client.query("Action=DescribeVpcs", &signed(KEY, "sa-east-1", "ec2")).await.unwrap();
    assert!(answer.status == 401 && answer.body.contains("AuthFailure"), "{answer:?}");
}

#[tokio::test]
async fn other_services_answer_in_their_form() {
    let estate = two_regions().other(|request| {
        (request.call == "s3:GetBucketTagging").then(|| Response::denied(request, "No"))
    });
    let fake = FakeAws::start(Options::new(estate));
    let mut client =
        Client::connect(&fake, "100000000000.s3-control.us-east-1.amazonaws.com").await.unwrap();
    let own = signed(KEY, "us-east-1", "s3");
    let answer = client.get("/v20180820/configuration/publicAccessBlock", &own).await.unwrap();
    assert!(
        answer.status == 404
            && answer.body.contains("<Code>NoSuchPublicAccessBlockConfiguration</Code>"),
        "{answer:?}"
    );
    assert!(
        client
            .get("/v20180820/accesspoint?maxResults=1000", &own)
            .await
            .unwrap()
            .body
            .contains("<AccessPointList/>")
    );
    let mut client =
        Client::connect(&fake, "s3express-control.us-east-1.amazonaws.com").await.unwrap();
    let answer = client
        .get("/?x-id=ListDirectoryBuckets", &signed(KEY, "us-east-1", "s3express"))
        .await
        .unwrap();
    assert!(answer.body.contains("<Buckets/>"), "{answer:?}");
    assert_eq!(
        get(&fake, "b000000.s3.us-east-1.amazonaws.com", "/?tagging", "us-east-1").await.status,
        403
    );

    let mut client = Client::connect(&fake, "organizations.us-east-1.amazonaws.com").await.unwrap();
    let own = signed("AKIAOWN", "us-east-1", "organizations");
    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let more = format!("{own}X-Amz-Target: AWSOrganizationsV20161128.ListAccounts\r\n");
        client.send("POST", "/", &more, &format!("{{{token}}}")).await.unwrap();
        let page: serde_json::Value =
            serde_json::from_str(&client.read().await.unwrap().body).unwrap();
        names.extend(
            page["Accounts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|account| account["Id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["NextToken"].as_str() else { break };
        token = format!("\"NextToken\":\"{next}\"");
    }
    assert_eq!((names.len(), names[45].as_str()), (46, "123456789012"));
    let mut client = Client::connect(&fake, "sts.amazonaws.com").await.unwrap();
    let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A999999999999%3Arole%2Faudit";
    let answer = client.query(form, &signed("AKIAOWN", "us-east-1", "sts")).await.unwrap();
    assert!(
        answer.status == 403 && answer.body.contains("not authorized to perform: sts:AssumeRole"),
        "{answer:?}"
    );
    let expected: Vec<(&str, u64)> = vec![
        ("organizations:ListAccounts", 3),
        ("s3:GetBucketTagging", 1),
        ("s3control:GetPublicAccessBlock", 1),
        ("s3control:ListAccessPoints", 1),
        ("s3express:ListDirectoryBuckets", 1),
        ("sts:AssumeRole", 1),
    ];
    assert_eq!(
        fake.counts()
            .calls_by_name
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect::<Vec<_>>(),
        expected
    );
}

/// A server that answers each request with what was sent, and a role's key.
async fn echo(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = vec![0; 65536];
        let length = stream.read(&mut sent).await.unwrap();
        let sent = String::from_utf8_lossy(&sent[..length]).replace(['<', '>'], "");
        let location = if sent.contains("location") {
            "<LocationConstraint xmlns=\"x\">eu-west-1</LocationConstraint>"
        } else {
            ""
        };
        let body = format!("<AccessKeyId>ASIARANDOM</AccessKeyId>{location}{sent}");
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn an_upstream_server_gets_requests_in_path_style() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream::new(listener.local_addr().unwrap());
    let server = tokio::spawn(echo(listener));
    let fake = FakeAws::start(Options {
        record: true,
        backend: Arc::new(upstream),
        ..Options::new(Estate::default())
    });
    let mut client = Client::connect(&fake, "sts.us-east-1.amazonaws.com").await.unwrap();
    let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A222233334444%3Arole%2Faudit";
    client.query(form, &signed("AKIAOWN", "us-east-1", "sts")).await.unwrap();
    let own = signed("ASIARANDOM", "eu-west-1", "s3");
    let mut client =
        Client::connect(&fake, "b1.s3.dualstack.eu-west-1.amazonaws.com").await.unwrap();
    let answer = client.get("/?policy", &own).await.unwrap();
    assert!(
        answer.body.contains("GET /b1/?policy HTTP/1.1\r\nhost: s3.eu-west-1.amazonaws.com\r\n"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("ASIARANDOM/20240101/eu-west-1/s3"), "{}", answer.body);
    let answer = get(&fake, "b1.s3.us-east-1.amazonaws.com", "/?policy", "us-east-1").await;
    assert_eq!((answer.status, answer.header("x-amz-bucket-region")), (301, "eu-west-1"));
    assert_eq!(fake.requests()[1].account, "222233334444");
    server.abort();
}
