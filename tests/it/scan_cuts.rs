//! Responses that are truncated: at every tag and in the middle of texts, for every call, with each
//! way to mark the end of a body. What was truncated is unknown: never a shorter list, never "not
//! configured", never a deleted resource.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::{Arc, Mutex};

use rolecall::internals::KINDS;
use serde_json::Value;

use crate::support::aws::{Estate, FakeAws, Framing, Options, Request, Response};
use crate::support::rolecall::Rolecall;

/// With each of these, framing does not reveal the truncation: the body ends where the sender ends
/// it.
const FRAMINGS: [Framing; 3] = [Framing::Length, Framing::Chunked, Framing::Close];
/// At most this many cut positions are tried, spread over the body.
const PLACES: usize = 50;
const ACCOUNTS: usize = PLACES * FRAMINGS.len();

/// Where a body can be cut: before and after each tag, and in the middle of each text.
fn places(body: &[u8]) -> Vec<usize> {
    let tags = body.iter().enumerate().filter(|(_, byte)| matches!(byte, b'<' | b'>' | b'"'));
    let mut places: Vec<usize> = tags.flat_map(|(at, _)| [at, at + 1]).collect();
    let middles: Vec<usize> = places.windows(2).map(|pair| pair[0].midpoint(pair[1])).collect();
    places.extend(middles);
    places.retain(|place| *place < body.len());
    places.sort_unstable();
    places.dedup();
    places
}

/// Calls with the accounts for which they were cut.
type Cuts = Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>;

/// Collects everything from accounts in which every call of `which` is truncated, in each account
/// at another position.
fn collect(which: fn(&Request) -> bool) -> (Rolecall, BTreeMap<String, BTreeSet<String>>) {
    let cuts = Cuts::default();
    let noted = cuts.clone();
    let spoil = move |request: &Request, response: &mut Response| {
        if request.call == "s3:GetBucketPolicy" {
            let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*"}]}"#;
            *response = Response::new(200, "application/json", policy);
        }
        let account = if request.call == "sts:AssumeRole" {
            request.role_account()
        } else {
            &request.account
        };
        let Some(index) =
            account.parse::<u64>().ok().and_then(|id| id.checked_sub(100_000_000_000))
        else {
            return;
        };
        if !which(request) {
            return;
        }
        let (turn, framing) =
            (index as usize / FRAMINGS.len(), FRAMINGS[index as usize % FRAMINGS.len()]);
        let places = places(&response.body);
        let place = places[(turn * places.len() / PLACES).min(places.len() - 1)];
        response.body.truncate(place);
        response.framing = framing;
        noted.lock().unwrap().entry(account.to_owned()).or_default().insert(request.call.clone());
    };
    let estate = Estate {
        accounts: ACCOUNTS as u64,
        buckets: 1,
        volumes: 1,
        security_groups: 2,
        ..Estate::default()
    };
    let fake = FakeAws::start(Options::new(estate).spoil(spoil));
    let mut config =
        "[role]\nname = \"audit\"\n[scan]\nregions = [\"us-east-1\"]\nmax_attempts = 1\n"
            .to_owned();
    (0..ACCOUNTS).for_each(|index| {
        config.push_str(&format!("[[account]]\nid = \"{}\"\n", 100_000_000_000_u64 + index as u64))
    });
    let program = Rolecall::on(&fake).config(&config);
    program
        .run(&["collect", "--rule-profile", "all", "--snapshot", "snapshot", "-q"])
        .assert_code(3);
    assert_eq!(fake.unknown_hosts(), [] as [String; 0]);
    let cuts = cuts.lock().unwrap().clone();
    (program, cuts)
}

/// All lines of an account's file.
fn lines(program: &Rolecall, account: &str) -> Vec<Value> {
    let text =
        fs::read_to_string(program.path("snapshot").join(format!("{account}.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn is_list(call: &str) -> bool {
    KINDS.iter().flat_map(|kind| kind.list).any(|list| list.name == call)
}

/// Checks that all truncated calls are gaps. Returns how many calls were truncated.
fn assert_gaps(program: &Rolecall, cuts: &BTreeMap<String, BTreeSet<String>>) -> usize {
    assert_eq!(cuts.len(), ACCOUNTS);
    for (account, cut) in cuts {
        let lines = lines(program, account);
        let gaps = lines.iter().filter(|line| line["type"] == "gap");
        let unknown: BTreeMap<&str, &str> = gaps
            .map(|gap| (gap["call"].as_str().unwrap(), gap["code"].as_str().unwrap()))
            .collect();
        for call in cut {
            let code = unknown.get(call.as_str()).copied();
            // For an error without a body, the S3 client knows only the status.
            assert!(
                matches!(code, Some("InvalidResponse" | "NotFound")),
                "{account}: {call} was cut, and is {code:?}"
            );
        }
        let listed: BTreeSet<&str> = lines
            .iter()
            .filter(|line| line["type"] == "listed")
            .map(|line| line["kind"].as_str().unwrap())
            .collect();
        for kind in KINDS.iter().filter(|kind| kind.list.iter().any(|call| cut.contains(call.name)))
        {
            assert!(!listed.contains(kind.name), "{account}: {} is listed", kind.name);
        }
    }
    cuts.values().map(BTreeSet::len).sum()
}

#[test]
fn a_truncated_list_is_unknown() {
    let (program, cuts) = collect(|request| is_list(&request.call));
    let cut = assert_gaps(&program, &cuts);
    assert!(cut > 20 * ACCOUNTS, "{cut} lists in {ACCOUNTS} accounts");
}

#[test]
fn a_truncated_fact_is_unknown_and_its_resource_stays() {
    let (program, cuts) =
        collect(|request| !is_list(&request.call) && request.call != "sts:AssumeRole");
    let cut = assert_gaps(&program, &cuts);
    assert!(cut > 15 * ACCOUNTS, "{cut} facts in {ACCOUNTS} accounts");
    for account in cuts.keys() {
        let lines = lines(&program, account);
        let buckets: Vec<&Value> = lines
            .iter()
            .filter(|line| line["type"] == "resource" && line["kind"] == "s3.bucket")
            .collect();
        assert_eq!(
            buckets.len(),
            1,
            "{account}: a truncated error code does not mean that the bucket was deleted"
        );
        // No truncated fact is known.
        let unreadable = buckets[0]["unreadable"].as_object().unwrap();
        for fact in [
            "versioning",
            "policy",
            "encryption",
            "ownership_controls",
            "public_access_block",
            "logging",
            "lifecycle",
        ] {
            assert!(
                unreadable.contains_key(fact) && buckets[0]["facts"].get(fact).is_none(),
                "{account}: {fact}"
            );
        }
    }
}

#[test]
fn an_account_with_a_truncated_session_response_is_not_scanned() {
    let (program, cuts) = collect(|request| request.call == "sts:AssumeRole");
    assert_gaps(&program, &cuts);
    for account in cuts.keys() {
        assert_eq!(lines(&program, account)[0]["entered"], false);
    }
}

#[test]
fn a_body_shorter_than_its_framing_is_retried() {
    for framing in [Framing::LengthTooLong, Framing::ChunkedWithoutEnd] {
        // The first attempt of each call loses its connection, although its text is complete.
        let fake = FakeAws::start(Options::new(Estate { buckets: 2, ..Estate::default() }).spoil(
            move |request, response| {
                if request.header("amz-sdk-request").contains("attempt=1") {
                    response.framing = framing;
                }
            },
        ));
        let program = Rolecall::on(&fake)
            .config("[role]\nname = \"audit\"\n[scan]\nregions = [\"us-east-1\"]\n[[account]]\nid = \"100000000000\"\n");
        program
            .run(&["collect", "--rule", "s3-bucket-versioning,ebs-*", "--snapshot", "snapshot"])
            .assert_code(0);
        assert!(program.json("snapshot/run.json")["retries"].as_u64().unwrap() >= 4);
    }
}
