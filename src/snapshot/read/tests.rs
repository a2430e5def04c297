use super::*;

/// What AWS always returns is not collected if it is null; what has defaults has them.
#[test]
fn null_facts_that_aws_always_returns_are_unreadable() {
    let read = |text: &str| {
        let resource = fast_path(text.as_bytes()).unwrap();
        let slow = slow_path(text.as_bytes()).unwrap();
        assert_eq!(without_impossible(resource.clone()), without_impossible(slow));
        without_impossible(resource)
    };
    let settings = read(
        r#"{"facts":{"region_name":"eu-west-1","snapshot_block_public_access":null,"instance_metadata_defaults":null},"id":"eu-west-1","kind":"ec2.settings","region":"eu-west-1","type":"resource"}"#,
    );
    let kind = facts::kind("ec2.settings").unwrap();
    let block = kind.fact_of(&settings, "snapshot_block_public_access");
    assert_eq!(block.unreadable().unwrap().code, Cause::NOT_COLLECTED);
    let defaults = kind.fact_of(&settings, "instance_metadata_defaults");
    assert!(matches!(defaults, facts::Fact::Known(Value::Object(_))), "{defaults:?}");
    let bucket = read(
        r#"{"facts":{"name":"a","policy":null,"public_access_block":null},"id":"a","kind":"s3.bucket","region":"eu-west-1","type":"resource"}"#,
    );
    let kind = facts::kind("s3.bucket").unwrap();
    assert_eq!(kind.fact_of(&bucket, "policy"), facts::Fact::Absent);
    let block = kind.fact_of(&bucket, "public_access_block");
    assert!(matches!(block, facts::Fact::Known(Value::Object(_))), "{block:?}");
}

/// A resource line as the slow path parses it.
fn slow_path(line: &[u8]) -> Option<Resource> {
    match serde_json::from_slice(line) {
        Ok(Line::Resource(resource)) => {
            let lost = lost(&resource);
            let resource = facts::normalize(resource).ok().flatten()?;
            Some(without_impossible(without_lost(resource, lost)))
        }
        _ => None,
    }
}

fn fast_path(line: &[u8]) -> Option<Resource> {
    match resource_of::<Resource>(line, &|_| true)? {
        ParsedLine::Kept(resource) => Some(resource),
        ParsedLine::Checked(_) => panic!("not kept"),
    }
}

/// Copies of some JSON, each with one value replaced.
fn altered(value: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = ["null", "true", "7", "-1.5", "\"x\"", "[]", "[\"a\"]", "{}"]
        .iter()
        .map(|json| json.parse().unwrap())
        .collect();
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let with = |value: Value| {
                    let mut map = map.clone();
                    map.insert(key.clone(), value);
                    Value::Object(map)
                };
                all.extend(altered(value).into_iter().map(with));
                let mut without = map.clone();
                without.remove(key);
                all.push(Value::Object(without));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let with = |item: Value| {
                    let mut items = items.clone();
                    items[index] = item;
                    Value::Array(items)
                };
                all.extend(altered(item).into_iter().map(with));
            }
        }
        _ => {}
    }
    all
}

#[test]
fn the_fast_path_reads_resources_like_the_slow_path() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme");
    let mut kinds = BTreeMap::new();
    for entry in fs::read_dir(fixture).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let Some(resource) = slow_path(line.as_bytes()) else { continue };
            assert_eq!(fast_path(line.as_bytes()), Some(resource.clone()), "{line}");
            let lost = resource.unreadable.values().find(|cause| {
                cause.code == Cause::NOT_COLLECTED && cause.message.contains("lacks")
            });
            assert_eq!(lost, None, "{line}");
            let longest: &mut String = kinds.entry(resource.kind).or_default();
            if line.len() > longest.len() {
                *longest = line.to_owned();
            }
        }
    }
    assert!(kinds.len() > 20, "{kinds:?}");
    for line in kinds.values() {
        for (cut, _) in line.char_indices().step_by(5) {
            let mut damaged = line.clone();
            damaged.remove(cut);
            check(&damaged);
            check(&line[..cut]);
        }
        for altered in altered(&line.parse().unwrap()) {
            check(&altered.to_string());
        }
    }
    for odd in [
        r#"{"facts":[],"id":"a","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
        r#"{"facts":["a"],"id":"a","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
        r#"{"facts":{"vpc_id":"a","vpc_id":"b"},"id":"a","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
        r#"{"facts":{"vpc_id":"a"},"id":"a","kind":"ec2.vpc","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
        r#"{"facts":{"vpc_id":"a"},"id":"a","kind":"ec2.vpc","region":"eu-west-1","type":"resource"} x"#,
        r#"{"facts":{"name":"a","acl":null,"acl":1},"id":"a","kind":"s3.bucket","region":"eu-west-1","type":"resource"}"#,
        r#"{"facts":{"name":"a","\u0061cl":null},"id":"a","kind":"s3.bucket","region":"eu-west-1","type":"resource"}"#,
    ] {
        check(odd);
    }
    // Invalid UTF-8 is invalid JSON.
    let line = r#"{"facts":{"vpc_id":"?"},"id":"a","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#;
    let with = |byte| line.bytes().map(|b| if b == b'?' { byte } else { b }).collect::<Vec<u8>>();
    assert!(fast_path(&with(b'a')).is_some() && fast_path(&with(0xff)).is_none());
}

/// An account's file, line by line.
const WHOLE: [&str; 6] = [
    r#"{"account":"111122223333","collected_at":"2026-01-01T00:00:00Z","demand":{},"entered":true,"regions":["eu-west-1"],"type":"header"}"#,
    r#"{"count":2,"kind":"ec2.vpc","region":"eu-west-1","type":"listed"}"#,
    r#"{"facts":{"vpc_id":"vpc-1"},"id":"vpc-1","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
    r#"{"facts":{"vpc_id":"vpc-2"},"id":"vpc-2","kind":"ec2.vpc","region":"eu-west-1","type":"resource"}"#,
    r#"{"gaps":0,"resources":2,"type":"end"}"#,
    "",
];

/// The result of reading an account with these lines, with resources of all kinds kept and with
/// none.
fn read(lines: &[&str]) -> [String; 2] {
    let account: AccountId = "111122223333".parse().unwrap();
    let text = lines.join("\n");
    let read = |kept: &dyn Fn(&Kind) -> bool| match read_account::<Resource>(
        text.as_bytes(),
        Path::new("a.jsonl"),
        &account,
        kept,
        &|lines| lines.iter().map(|line| resource_of(line, kept)).collect(),
    ) {
        Ok(Some(snapshot)) => {
            format!("whole: {:?} {:?} {:?}", snapshot.header, snapshot.lists, snapshot.gaps)
        }
        Ok(None) => "cut off".to_owned(),
        Err(error) => error.to_string(),
    };
    [read(&|_| true), read(&|_| false)]
}

#[test]
fn resources_that_are_not_kept_are_still_checked() {
    let [header, listed, first, second, end, _] = WHOLE;
    let with = |second: &str| read(&[header, listed, first, second, end, ""]);
    let cases = [
        ("whole: ", with(second)),
        ("duplicate ec2.vpc `vpc-1`", with(first)),
        ("a.jsonl:4: ", with(&second.replace("vpc_id\":", "vpc_id\""))),
        ("a.jsonl:4: ", with(&second.replace("\"vpc-2\"}", "[]}"))),
        ("a.jsonl:4: ", with(&second.replace("eu-west-1", "../etc"))),
        ("expected 2 resources, found 1", with(&second.replace("ec2.vpc", "ec2.nothing"))),
        (
            "no matching `listed` line",
            with(&second.replace("ec2.vpc\"", "ec2.volume\"").replace("vpc_id", "volume_id")),
        ),
        ("the end line has 2 resources", read(&[header, listed, first, end, ""])),
        ("cut off", read(&[header, listed, first, second, ""])),
        ("cut off", read(&[header, listed, first, second.split_at(40).0])),
        ("text after the end line", read(&[header, listed, first, second, end, end])),
    ];
    for (expected, [kept, checked]) in cases {
        assert!(kept.contains(expected), "{expected}: {kept}");
        assert_eq!(kept, checked);
    }
}

#[test]
fn the_number_of_regions_is_limited() {
    let [_, listed, first, second, end, _] = WHOLE;
    let with = |count: usize| {
        let more = (2..=count).map(|number| format!(",\"xx-west-{number}\""));
        let regions = format!("[\"eu-west-1\"{}]", more.collect::<String>());
        let header = WHOLE[0].replace("[\"eu-west-1\"]", &regions);
        read(&[&header, listed, first, second, end, ""])
    };
    for read in with(MAX_REGIONS) {
        assert!(read.starts_with("whole: "), "{read}");
    }
    for read in with(MAX_REGIONS + 1) {
        let expected = "a.jsonl:1: the header has 201 regions, but at most 200 are allowed";
        assert!(read.contains(expected), "{read}");
    }
}

#[test]
fn an_account_is_whole_if_its_file_is_valid_and_complete_and_it_was_accessed() {
    let dir = tempfile::tempdir().unwrap();
    let account: AccountId = "111122223333".parse().unwrap();
    let reader = Reader {
        dir: dir.path().to_owned(),
        manifest: serde_json::from_str(r#"{"format":1,"tool":"","targets":[],"demand":{}}"#)
            .unwrap(),
        accounts: BTreeMap::new(),
        why_missing: None,
    };
    assert!(reader.whole(&account).unwrap().is_none());
    let is_whole = |from: &str, to: &str| {
        fs::write(dir.path().join(Reader::file_name(&account)), WHOLE.join("\n").replace(from, to))
            .unwrap();
        reader.whole(&account).map(|found| found.is_some())
    };
    assert!(is_whole("", "").unwrap());
    assert!(!is_whole("\"entered\":true", "\"entered\":false").unwrap());
    assert!(!is_whole(&format!("{}\n", WHOLE[4]), "").unwrap());
    is_whole("\"vpc-2\"}", "[]}").unwrap_err();
    is_whole("\"resources\":2", "\"resources\":3").unwrap_err();
}

/// JSON without fields that are null, which the compact form leaves out. A fact that is null is
/// absent, and one that is missing was not collected.
fn without_nulls(value: Value, kind: Option<&Kind>) -> Value {
    match value {
        Value::Object(map) => {
            let is_fact = |name: &str| kind.is_some_and(|kind| kind.fact(name).is_some());
            let kept = map.into_iter().filter(|(name, value)| !value.is_null() || is_fact(name));
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value, None))).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| without_nulls(item, None)).collect(),
        value => value,
    }
}

/// The fast path returns the same as the slow path, or nothing.
fn check(line: &str) {
    let resource = fast_path(line.as_bytes());
    // The compact form differs only in its form.
    let compact = match resource_of::<CompactResource>(line.as_bytes(), &|_| true) {
        Some(ParsedLine::Kept(compact)) => {
            let facts = without_nulls(compact.facts.to_json(), compact.kind);
            Some((compact.about.clone(), facts, compact.unreadable().clone()))
        }
        _ => None,
    };
    let expected = resource.clone().map(|resource| {
        let compact = CompactResource::from(&resource);
        let facts = without_nulls(Value::Object(resource.facts), compact.kind);
        (compact.about, facts, resource.unreadable)
    });
    assert_eq!(compact, expected, "{line}");
    let identity = match resource_of::<Resource>(line.as_bytes(), &|_| false) {
        Some(ParsedLine::Checked(identity)) => {
            Some((identity.kind.to_owned(), identity.region, identity.id))
        }
        Some(ParsedLine::Kept(_)) => panic!("kept: {line}"),
        None => None,
    };
    // Checking finds the same errors as reading.
    assert_eq!(
        identity,
        resource.clone().map(|resource| (resource.kind, resource.region, resource.id)),
        "{line}"
    );
    if resource.is_some() {
        assert_eq!(resource, slow_path(line.as_bytes()), "{line}");
    }
}
