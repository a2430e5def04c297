//! Scans on AWS's own hosts: how buckets are addressed, how many connections and file descriptors
//! that needs, and the cost of lost connections and redirects.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::aws::{Estate, FakeAws, Options, Redirect, Response, Style, Upstream};
use crate::support::fault::Proxy;
use crate::support::moto::{ACCOUNTS, moto};
use crate::support::report::{Verdicts, gaps};
use crate::support::rolecall::{Rolecall, SECRET, scan_config};

const ACCOUNT: &str = "100000000000";

/// A config for the accounts of an estate; `scan` is added to its `[scan]` section.
fn config(accounts: usize, regions: &[&str], scan: &str) -> String {
    let mut text = format!("[role]\nname = \"audit\"\n[scan]\nregions = {regions:?}\n{scan}\n");
    (0..accounts).for_each(|index| {
        text.push_str(&format!("[[account]]\nid = \"{}\"\n", 100_000_000_000_u64 + index as u64))
    });
    text
}

const COLLECT: [&str; 5] = ["collect", "--rule", "s3-bucket-versioning", "--snapshot", "snapshot"];

/// The account's file in the snapshot, without the time of collection.
fn snapshot(program: &Rolecall, account: &str) -> String {
    let text =
        fs::read_to_string(program.path("snapshot").join(format!("{account}.jsonl"))).unwrap();
    let (header, rest) = text.split_once('\n').unwrap();
    let mut header: Value = serde_json::from_str(header).unwrap();
    header["collected_at"] = "2026-01-01T00:00:00Z".into();
    format!("{header}\n{rest}")
}

#[cfg(unix)]
#[test]
fn two_thousand_buckets_fit_into_256_open_files() {
    let collected = |limit: u32, addressing: &str| {
        let fake = FakeAws::start(Options::new(Estate { buckets: 2_000, ..Estate::default() }));
        let program = Rolecall::on(&fake).config(&config(1, &["us-east-1"], addressing));
        let ended = program.run_with_open_files(limit, &[&COLLECT[..], &["-v"]].concat());
        ended.assert_code(0);
        assert!(ended.stderr.contains("2000 resources, 0 gaps"), "{}", ended.stderr);
        (snapshot(&program, ACCOUNT), fake.counts(), ended.stderr)
    };
    let (few, counts, log) = collected(256, "");
    // That many connections with one call at a time, one for STS, and a few that were being opened
    // when another became free.
    assert!(counts.connections <= 90, "{counts:?}");
    // AssumeRole, two pages of the list, one call per bucket.
    assert_eq!(counts.calls, 2_003);
    assert!(
        log.contains("concurrency reduced from 128") && log.contains("file descriptors"),
        "-v says what the limit means: {log}"
    );
    // With 128 calls at a time, some of which had opened one more when another became free.
    let (many, counts, log) = collected(4_096, "");
    assert!(
        counts.connections <= 160 && !log.contains("concurrency reduced from 128"),
        "{counts:?} {log}"
    );
    assert_eq!(few, many);
    // One host per bucket needs one connection per bucket, but not all at once.
    let (hosts, counts, _) = collected(256, "s3_addressing_style = \"virtual\"");
    assert!(
        counts.hosts.len() > 2_000 && counts.most_open <= 180,
        "{} hosts, {} open",
        counts.hosts.len(),
        counts.most_open
    );
    assert_eq!(few, hosts);
}

#[cfg(target_os = "linux")]
#[test]
fn a_scan_waits_while_file_descriptors_run_out() {
    let estate = Estate { buckets: 1_500, ..Estate::default() };
    let fake =
        FakeAws::start(Options { latency: Duration::from_millis(20), ..Options::new(estate) });
    let program =
        Rolecall::on(&fake).config(&config(1, &["us-east-1"], "s3_addressing_style = \"virtual\""));
    let mut command = program.command(&COLLECT);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let limit_open_files = |soft: u64| {
        let (_, hard) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap();
        rlimit::prlimit(
            child.id().try_into().unwrap(),
            rlimit::Resource::NOFILE,
            Some((soft, hard)),
            None,
        )
        .unwrap();
    };
    let until = |so: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !so() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", fake.counts());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    until(&|| fake.counts().calls > 150);
    // Something else uses almost all descriptors during the scan, and then releases them.
    limit_open_files(30);
    until(&|| fake.counts().open < 30);
    limit_open_files(1_024);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("1500 resources, 0 gaps"), "{stderr}");
    assert_eq!(stderr.matches("too many open files").count(), 1, "reported once: {stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn accounts_are_written_when_a_descriptor_is_available_again() {
    let estate = Estate { accounts: 12, buckets: 40, ..Estate::default() };
    let fake =
        FakeAws::start(Options { latency: Duration::from_millis(10), ..Options::new(estate) });
    let program =
        Rolecall::on(&fake).config(&config(12, &["us-east-1"], "[scan.concurrency]\naccounts = 2"));
    let mut command = program.command(&COLLECT);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let limit_open_files = |soft: u64| {
        let (_, hard) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap();
        let pid = child.id().try_into().unwrap();
        rlimit::prlimit(pid, rlimit::Resource::NOFILE, Some((soft, hard)), None).unwrap();
    };
    let begun = Instant::now();
    while fake.counts().calls < 60 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", fake.counts());
        std::thread::sleep(Duration::from_millis(2));
    }
    // Calls continue on open connections, but no file can be opened.
    limit_open_files(3);
    let (mut calls, mut since) = (0, Instant::now());
    while since.elapsed() < Duration::from_secs(1) {
        let now = fake.counts().calls;
        if now != calls {
            (calls, since) = (now, Instant::now());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    limit_open_files(1_024);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("12 accounts, 480 resources, 0 gaps"), "{stderr}");
    assert!(calls < 12 * 42, "the scan ended before the limit applied: {calls} calls");
}

#[test]
fn connections_that_the_server_closes_cost_nothing() {
    let estate = Estate { buckets: 300, ..Estate::default() };
    let options = Options {
        idle_close: Some(Duration::from_millis(250)),
        max_requests_per_connection: Some(7),
        latency: Duration::from_millis(2),
        ..Options::new(estate)
    };
    let fake = FakeAws::start(options);
    let program = Rolecall::on(&fake).config(&config(1, &["us-east-1"], ""));
    program.run(&["collect", "--rule", "s3-bucket-*", "--snapshot", "snapshot"]).assert_code(0);
    let counts = fake.counts();
    assert!(counts.connections > 100 && counts.idle_closed > 0, "{counts:?}");
    assert!(program.json("snapshot/run.json")["calls"]["s3:GetBucketVersioning"] == 300);
}

#[test]
fn reset_and_refused_connections_cost_milliseconds() {
    // Every seventh request loses its connection, and its second attempt does not.
    let fake = FakeAws::start(Options::new(Estate { buckets: 200, ..Estate::default() }).spoil(
        |request, response| {
            if request.call == "s3:GetBucketVersioning"
                && request.number % 7 == 0
                && request.header("amz-sdk-request").contains("attempt=1")
            {
                *response = Response::reset();
            }
        },
    ));
    let program = Rolecall::on(&fake).config(&config(1, &["us-east-1"], ""));
    program.run(&COLLECT).assert_code(0);
    assert!(program.json("snapshot/run.json")["retries"].as_u64().unwrap() >= 20);

    // Nothing listens on the address of EC2.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = Rolecall::on(&fake)
        .env("AWS_ENDPOINT_URL_EC2", &format!("http://{closed}"))
        .config(&config(1, &["us-east-1", "eu-west-1"], ""));
    let begun = Instant::now();
    let ended = program.run(&["collect", "--rule", "ebs-*", "--snapshot", "snapshot"]);
    ended.assert_code(3);
    // Five attempts with back-off take less than a second; the SDK's default takes fifteen.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(
        fs::read_to_string(program.path(&format!("snapshot/{ACCOUNT}.jsonl")))
            .unwrap()
            .contains("ConnectionFailed")
    );
}

#[test]
fn a_proxy_that_refuses_a_connection_is_asked_again() {
    let options = |refused_tunnels: Option<u64>| Options {
        refused_tunnels,
        // Each connection needs a tunnel of its own.
        max_requests_per_connection: Some(1),
        ..Options::new(Estate { buckets: 30, ..Estate::default() })
    };
    let collected = |fake: &FakeAws| {
        let program = Rolecall::on(fake).config(&config(1, &["us-east-1"], ""));
        let ended = program.run(&COLLECT);
        (ended.code, ended.stderr, program)
    };
    let (code, stderr, undisturbed) = collected(&FakeAws::start(options(None)));
    assert_eq!(code, 0, "{stderr}");
    let (code, stderr, program) = collected(&FakeAws::start(options(Some(5))));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(snapshot(&program, ACCOUNT), snapshot(&undisturbed, ACCOUNT));
    assert!(program.json("snapshot/run.json")["retries"].as_u64().unwrap() >= 5);

    // One that refuses all of them is named, and so is the host.
    let (code, _, program) = collected(&FakeAws::start(options(Some(1))));
    assert_eq!(code, 3);
    let found = snapshot(&program, ACCOUNT);
    let words = "no connection to sts.us-east-1.amazonaws.com: the proxy (HTTPS_PROXY) did not connect to it";
    assert!(found.contains(words), "{found}");
}

#[test]
fn concurrency_matches_the_config() {
    let most = |accounts: usize, buckets: u64, scan: &str| {
        let estate = Estate { accounts: accounts as u64, buckets, ..Estate::default() };
        let fake =
            FakeAws::start(Options { latency: Duration::from_millis(500), ..Options::new(estate) });
        let program = Rolecall::on(&fake).config(&config(accounts, &["us-east-1"], scan));
        program.run(&COLLECT).assert_code(0);
        let counts = fake.counts();
        (counts.most_in_flight, counts.most_in_flight_by_account.into_values().max().unwrap())
    };
    // The base identity makes the AssumeRole call, which does not count towards the limit of the
    // account.
    assert_eq!(most(1, 30, "[scan.concurrency]\ncalls = 7").1, 7);
    let (_, of_account) = most(1, 300, "");
    assert!((65..=128).contains(&of_account), "one account uses all calls: {of_account}");
    let (all, of_account) = most(3, 30, "[scan.concurrency]\ncalls = 9\naccounts = 2");
    assert!(
        of_account == 9 && (10..=18 + 2).contains(&all),
        "{all} of all accounts, {of_account} of one"
    );
}

#[test]
fn a_scan_evaluates_each_account_once() {
    let fake = FakeAws::start(Options::new(Estate { accounts: 3, ..Estate::default() }));
    let program = Rolecall::on(&fake).config(&config(3, &["us-east-1"], ""));
    let ended = program.run(&["scan", "-vv", "--rule", "s3-bucket-versioning"]);
    let evaluated = ended
        .assert_code(0)
        .stderr
        .lines()
        .filter(|line| line.contains("evaluating account"))
        .count();
    assert_eq!(evaluated, 3, "{}", ended.stderr);
}

#[test]
fn a_bucket_in_another_region_than_listed_is_found() {
    let regions = ["us-east-1", "eu-west-1", "ap-south-1"];
    for redirect in [Redirect::Permanent, Redirect::Malformed, Redirect::IllegalLocation] {
        // The list reports the same region for all buckets.
        let estate = Estate { buckets: 30, ..Estate::in_regions(&regions) };
        let options = Options { redirect, ..Options::new(estate) };
        let fake = FakeAws::start(options.spoil(move |request, response| {
            if request.call == "s3:ListBuckets" {
                let text = regions
                    .iter()
                    .fold(response.text(), |text, region| text.replace(region, "eu-west-1"));
                response.body = text.into_bytes();
            }
        }));
        let program = Rolecall::on(&fake).config(&config(1, &regions, ""));
        let ended = program.run(&COLLECT);
        assert_eq!(ended.code, 0, "{redirect:?}: {}", ended.stderr);
        assert_eq!(fake.counts().calls_by_name["s3:GetBucketVersioning"], 30 + 20, "{redirect:?}");
    }
}

#[test]
fn if_s3_refuses_path_style_the_scan_uses_virtual_hosts() {
    let estate = Estate { buckets: 60, ..Estate::in_regions(&["us-east-1", "eu-west-1"]) };
    let fake =
        FakeAws::start(Options { refuse_path_style: true, record: true, ..Options::new(estate) });
    let program =
        Rolecall::on(&fake).config(&config(1, &["us-east-1"], "[scan.concurrency]\ncalls = 4"));
    program.run(&COLLECT).assert_code(0);
    let in_path = fake.requests().iter().filter(|request| request.style == Style::Path).count();
    assert!((2..=8).contains(&in_path), "each region is tried until its first refusal: {in_path}");

    let fake = FakeAws::start(Options {
        refuse_virtual_hosted: true,
        ..Options::new(Estate { dotted: 3, ..Estate::default() })
    });
    let program = Rolecall::on(&fake).config(&config(1, &["us-east-1"], ""));
    program.run(&COLLECT).assert_code(0);
    assert_eq!(fake.violations(), [] as [String; 0]);
}

#[test]
fn every_partition_and_endpoint_variant_uses_existing_aws_hosts() {
    // (partition, regions, environment variables, how the host of EC2 starts)
    let table: [(&str, [&str; 2], &[&str], &str); 6] = [
        ("aws", ["us-east-1", "eu-west-1"], &[], "ec2.us-east-1.amazonaws.com"),
        (
            "aws",
            ["us-east-1", "us-west-2"],
            &["AWS_USE_FIPS_ENDPOINT"],
            "ec2-fips.us-east-1.amazonaws.com",
        ),
        (
            "aws",
            ["us-east-1", "eu-west-1"],
            &["AWS_USE_DUALSTACK_ENDPOINT"],
            "ec2.us-east-1.api.aws",
        ),
        (
            "aws",
            ["us-east-1", "us-west-2"],
            &["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
            "ec2-fips.us-east-1.api.aws",
        ),
        ("aws-cn", ["cn-north-1", "cn-northwest-1"], &[], "ec2.cn-north-1.amazonaws.com.cn"),
        ("aws-us-gov", ["us-gov-west-1", "us-gov-east-1"], &[], "ec2.us-gov-west-1.amazonaws.com"),
    ];
    for (partition, regions, variants, ec2) in table {
        let estate = Estate { buckets: 4, ..Estate::in_regions(&regions) };
        let fake = FakeAws::start(Options { refuse_virtual_hosted: true, ..Options::new(estate) });
        let mut program = Rolecall::on(&fake).env("AWS_REGION", regions[0]).config(&format!(
            "[role]\narn = \"arn:{partition}:iam::{{account}}:role/audit\"\n[scan]\nregions = {regions:?}\n\
             [[account]]\nid = \"{ACCOUNT}\"\n"
        ));
        for variant in variants {
            program = program.env(variant, "true");
        }
        let rules = "s3-bucket-versioning,s3-account-*,s3-access-point-*,ebs-volume-encrypted,sg-default-closed";
        let ended = program.run(&["collect", "--rule", rules, "--snapshot", "snapshot"]);
        let counts = fake.counts();
        assert_eq!(
            (ended.code, fake.unknown_hosts()),
            (0, vec![]),
            "{partition} {variants:?}: {}",
            ended.stderr
        );
        assert_eq!(fake.violations(), [] as [String; 0]);
        assert!(counts.hosts.contains(ec2), "{partition} {variants:?}: {:?}", counts.hosts);
        for call in [
            "sts:AssumeRole",
            "s3:GetBucketVersioning",
            "s3control:GetPublicAccessBlock",
            "s3control:ListAccessPoints",
            "ec2:DescribeVolumes",
        ] {
            assert!(counts.calls_by_name.contains_key(call), "{call}: {:?}", counts.calls_by_name);
        }
    }
}

#[test]
fn the_accounts_of_an_organization_are_read_from_its_one_host() {
    let estate = Estate { accounts: 45, buckets: 2, ..Estate::default() };
    let fake = FakeAws::start(Options::new(estate));
    let program = Rolecall::on(&fake)
        .config("[role]\nname = \"audit\"\n[scan]\nregions = [\"us-east-1\"]\n[organization]\nrole = \"none\"\n");
    let ended = program.run(&COLLECT);
    // The management account is one of them.
    assert!(
        ended.assert_code(0).stderr.contains("46 accounts, 92 resources, 0 gaps"),
        "{}",
        ended.stderr
    );
    let counts = fake.counts();
    assert_eq!(counts.calls_by_endpoint["organizations.us-east-1.amazonaws.com"], 5, "{counts:?}");
    assert_eq!(fake.unknown_hosts(), [] as [String; 0]);
}

#[test]
fn moto_gives_the_same_snapshot_at_its_own_address_and_under_the_names_of_aws() {
    let at_its_address = {
        let proxy = Proxy::start(vec![]);
        let program = Rolecall::at(&proxy).scan_config("");
        program
            .run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"])
            .assert_code(1);
        program
    };
    for addressing in ["path", "virtual"] {
        let fake =
            FakeAws::start(Options { record: true, ..Options::new(Upstream::new(moto().address)) });
        let program = Rolecall::on(&fake)
            .env("AWS_REGION", "eu-west-1")
            .env("ROLECALL_EXTERNAL_ID", SECRET)
            .config(&scan_config(&format!("s3_addressing_style = \"{addressing}\"")));
        program
            .run(&["scan", "--snapshot", "snapshot", "--output", "json=report.json"])
            .assert_code(1);
        let report = program.json("report.json");
        Verdicts::of_report(&report).assert_is(&moto().truth);
        assert_eq!(gaps(&report), []);
        for account in ACCOUNTS {
            assert_eq!(
                snapshot(&program, account),
                snapshot(&at_its_address, account),
                "{account}, {addressing}"
            );
        }
        let virtual_hosted =
            fake.requests().iter().filter(|request| request.style == Style::Virtual).count();
        assert_eq!(virtual_hosted > 0, addressing == "virtual");
    }
}
