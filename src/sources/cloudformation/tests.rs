//! Places of the templates in `tests/sources/cloudformation`, checked by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::model::{Evidence, Region};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/cloudformation")
}

fn repository() -> Repository {
    Repository::open(&folder(), Some(&folder())).unwrap()
}

fn open(templates: &[&str], stacks: &[&str], responses: &[&str], accounts: &[&str]) -> Templates {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let responses: Vec<PathBuf> =
        responses.iter().map(|name| folder().join("responses").join(name)).collect();
    let accounts: Vec<AccountId> = accounts.iter().map(|id| id.parse().unwrap()).collect();
    let stacks = (!stacks.is_empty()).then(|| Globs::new(stacks).unwrap());
    Templates::open(&repository(), &owned(templates), stacks.as_ref(), &responses, &accounts)
        .unwrap()
}

/// A question, with the usual account and region.
struct Ask<'a> {
    kind: &'a str,
    id: &'a str,
    name: Option<&'a str>,
    tags: &'a [(&'a str, &'a str)],
    terraform: &'a [&'a str],
    evidence: Value,
    account: &'a str,
    region: &'a str,
}

impl<'a> Ask<'a> {
    fn new(kind: &'a str, id: &'a str, terraform: &'a [&'a str], evidence: Value) -> Self {
        let (account, region) = ("111122223333", "eu-west-1");
        Self { kind, id, name: None, tags: &[], terraform, evidence, account, region }
    }

    fn of(&self, source: &dyn Source) -> Placing {
        let region: Region = self.region.parse().unwrap();
        let resource = ResourceRef {
            kind: self.kind.to_owned().into(),
            region: region.clone(),
            id: Some(self.id.into()),
            arn: None,
            name: self.name.map(Into::into),
        };
        let tags: BTreeMap<String, String> =
            self.tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let terraform: Vec<String> =
            self.terraform.iter().map(|entry| (*entry).to_owned()).collect();
        let evidence: Vec<Evidence> = match &self.evidence {
            Value::Null => Vec::new(),
            piece => vec![piece.clone()],
        };
        source.place(&Subject {
            account: &self.account.parse().unwrap(),
            region: &region,
            resource: &resource,
            tags: Some(&tags),
            terraform: &terraform,
            evidence: &evidence,
        })
    }
}

/// The line, the reason and the text of the range, or what else the answer is.
fn shown(placing: Placing) -> String {
    match placing {
        Placing::NotDeclared => "not declared".to_owned(),
        Placing::NotFound { address, reason } => format!("{address}: {reason}"),
        Placing::Placed(place) => {
            let text = std::fs::read_to_string(folder().join(&place.file)).unwrap();
            let line = text.lines().nth(place.line as usize - 1).unwrap();
            let range = place.column as usize - 1..place.end_column as usize - 1;
            let range: String = line.chars().skip(range.start).take(range.len()).collect();
            let because = match place.because {
                None => "",
                Some(PlaceReason::Satellite) => " (satellite)",
                Some(PlaceReason::Missing) => " (missing)",
                Some(PlaceReason::BroughtAlong) => " (brought along)",
            };
            let call = place.call.map(|call| format!(" from {}:{}", call.file, call.line));
            format!(
                "{}{because} {}{} `{range}`",
                place.line,
                place.address,
                call.unwrap_or_default()
            )
        }
    }
}

const SSH: &[&str] =
    &["aws_vpc_security_group_ingress_rule", "aws_security_group.ingress", "aws_security_group"];

fn opening(port: u16, cidr: &str) -> Value {
    json!({ "port": port, "ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr": cidr,
            "prefix_list_id": null, "description": null })
}

#[test]
fn the_cause_is_found_in_yaml_and_json() {
    const GROUP: &str = "sg-0123456789abcdef0";
    const INSTANCE: &str = "i-0123456789abcdef0";
    let yaml = open(&["data.yaml"], &["data-*"], &["data-prod.json"], &[]);
    let json = open(&["data.json"], &["data-*"], &["data-prod.json"], &[]);
    let bucket = |id, terraform| Ask::new("s3.bucket", id, terraform, Value::Null);
    let policy: &[&str] = &["aws_s3_bucket_policy", "aws_s3_bucket"];
    let imds: &[&str] = &["aws_instance.metadata_options.http_tokens", "aws_instance"];
    let volumes: &[&str] =
        &["aws_ebs_volume.encrypted", "aws_instance.root_block_device.encrypted"];
    for (ask, in_yaml, in_json) in [
        (bucket("example-data", &[]), "10 data-prod/Data `Data`", "24 data-prod/Data `\"Data\"`"),
        (
            bucket("example-data", &["aws_s3_bucket_versioning", "aws_s3_bucket"]),
            "14 data-prod/Data `VersioningConfiguration`",
            "28 data-prod/Data `\"VersioningConfiguration\"`",
        ),
        (
            bucket("example-data", &["aws_s3_bucket_versioning.versioning_configuration.status"]),
            "15 data-prod/Data `Status: Suspended`",
            "29 data-prod/Data `\"Status\": \"Suspended\"`",
        ),
        (
            bucket("example-data", &["aws_s3_bucket_public_access_block.block_public_policy"]),
            "18 data-prod/Data `BlockPublicPolicy: false`",
            "33 data-prod/Data `\"BlockPublicPolicy\": false`",
        ),
        // A property that is missing: the one around it.
        (
            bucket("example-data", &["aws_s3_bucket_public_access_block.ignore_public_acls"]),
            "16 data-prod/Data `PublicAccessBlockConfiguration`",
            "31 data-prod/Data `\"PublicAccessBlockConfiguration\"`",
        ),
        (
            bucket(
                "example-data",
                &[
                    "aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm",
                ],
            ),
            "22 data-prod/Data `SSEAlgorithm: AES256`",
            "39 data-prod/Data `\"SSEAlgorithm\": \"AES256\"`",
        ),
        (
            bucket("example-data", &["aws_s3_bucket_logging", "aws_s3_bucket"]),
            "10 (missing) data-prod/Data `Data`",
            "24 (missing) data-prod/Data `\"Data\"`",
        ),
        (
            Ask::new(
                "s3.bucket",
                "example-data",
                &["aws_s3_bucket_lifecycle_configuration.rule"],
                json!({ "id": "abort" }),
            ),
            "28 data-prod/Data `Id: abort`",
            "51 data-prod/Data `{`",
        ),
        (
            bucket("example-data", policy),
            "34 (satellite) data-prod/DataPolicy `DataPolicy`",
            "68 (satellite) data-prod/DataPolicy `\"DataPolicy\"`",
        ),
        (
            Ask::new("s3.bucket", "example-data", policy, json!({ "index": 2, "sid": "Public" })),
            "47 (satellite) data-prod/DataPolicy `Sid: Public`",
            "91 (satellite) data-prod/DataPolicy `{`",
        ),
        (
            bucket("example-logs", policy),
            "58 (satellite) data-prod/LogsPolicy `LogsPolicy`",
            "113 (satellite) data-prod/LogsPolicy `\"LogsPolicy\"`",
        ),
        (
            bucket("data-prod-bare-1abc", policy),
            "63 (missing) data-prod/Bare `Bare`",
            "125 (missing) data-prod/Bare `\"Bare\"`",
        ),
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(443, "0.0.0.0/0")),
            "70 data-prod/Web `IpProtocol: tcp`",
            "136 data-prod/Web `{`",
        ),
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(22, "198.51.100.0/24")),
            "74 data-prod/Web `{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref OfficeCidr}`",
            "142 data-prod/Web `{`",
        ),
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(3389, "::/0")),
            "77 data-prod/Web `IpProtocol: tcp`",
            "153 data-prod/Web `{`",
        ),
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(8080, "0.0.0.0/0")),
            "82 (satellite) data-prod/WebFromAnywhere `WebFromAnywhere`",
            "167 (satellite) data-prod/WebFromAnywhere `\"WebFromAnywhere\"`",
        ),
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(8081, "0.0.0.0/0")),
            "90 (satellite) data-prod/WebFromOffice `WebFromOffice`",
            "182 (satellite) data-prod/WebFromOffice `\"WebFromOffice\"`",
        ),
        // A rule that was added by hand.
        (
            Ask::new("ec2.security_group", GROUP, SSH, opening(5432, "0.0.0.0/0")),
            "64 (missing) data-prod/Web `Web`",
            "128 (missing) data-prod/Web `\"Web\"`",
        ),
        // The instance takes its options from the launch template.
        (
            Ask::new("ec2.instance", INSTANCE, imds, Value::Null),
            "117 (satellite) data-prod/Options `HttpTokens: optional`",
            "233 (satellite) data-prod/Options `\"HttpTokens\": \"optional\"`",
        ),
        (
            Ask::new("ec2.instance", INSTANCE, &["aws_instance.ami"], Value::Null),
            "101 data-prod/Bastion `ImageId: ami-0123456789abcdef0`",
            "199 data-prod/Bastion `\"ImageId\": \"ami-0123456789abcdef0\"`",
        ),
        (
            Ask::new("ec2.instance", INSTANCE, &["aws_instance.monitoring"], Value::Null),
            "98 data-prod/Bastion `Bastion`",
            "196 data-prod/Bastion `\"Bastion\"`",
        ),
        // The root volume, which is in no stack.
        (
            Ask::new(
                "ec2.volume",
                "vol-1",
                volumes,
                json!({ "instance_id": INSTANCE, "device": "/dev/xvda" }),
            ),
            "107 (brought along) data-prod/Bastion `Ebs: {VolumeSize: 8}`",
            "214 (brought along) data-prod/Bastion `\"Ebs\"`",
        ),
        (
            Ask::new(
                "ec2.volume",
                "vol-1",
                volumes,
                json!({ "instance_id": INSTANCE, "device": "/dev/sdf" }),
            ),
            "not declared",
            "not declared",
        ),
        (
            Ask::new(
                "ec2.launch_template",
                "lt-0123456789abcdef0",
                &["aws_launch_template.metadata_options.http_tokens"],
                Value::Null,
            ),
            "117 data-prod/Options `HttpTokens: optional`",
            "233 data-prod/Options `\"HttpTokens\": \"optional\"`",
        ),
        // An instance of the Auto Scaling group has its tags.
        (
            Ask {
                tags: &[
                    ("aws:cloudformation:stack-name", "data-prod"),
                    ("aws:cloudformation:logical-id", "Fleet"),
                ],
                ..Ask::new("ec2.instance", "i-2", imds, Value::Null)
            },
            "117 (brought along) data-prod/Options `HttpTokens: optional`",
            "233 (brought along) data-prod/Options `\"HttpTokens\": \"optional\"`",
        ),
        (
            Ask::new("ec2.address", "eipalloc-0123456789abcdef0", &["aws_eip"], Value::Null),
            "124 data-prod/Address `Address`",
            "251 data-prod/Address `\"Address\"`",
        ),
        (
            Ask {
                name: Some("192.0.2.10"),
                ..Ask::new("ec2.address", "eipalloc-0", &["aws_eip.instance"], Value::Null)
            },
            "124 data-prod/Address `InstanceId: !Ref Bastion`",
            "254 data-prod/Address `\"InstanceId\"`",
        ),
        // The same id as another kind, in another account or region, and one that is unknown.
        (Ask::new("ec2.volume", INSTANCE, &[], Value::Null), "not declared", "not declared"),
        (
            Ask { account: "444455556666", ..bucket("example-data", &[]) },
            "not declared",
            "not declared",
        ),
        (
            Ask { region: "eu-west-2", ..Ask::new("ec2.instance", INSTANCE, &[], Value::Null) },
            "not declared",
            "not declared",
        ),
        (bucket("example-other", &[]), "not declared", "not declared"),
    ] {
        let what = format!("{} {} {:?} {}", ask.kind, ask.id, ask.terraform, ask.evidence);
        assert_eq!(shown(ask.of(&yaml)), in_yaml, "{what}");
        assert_eq!(shown(ask.of(&json)), in_json, "{what}");
    }
}

#[test]
fn literal_values_are_found_for_patches() {
    let source = open(&["data.yaml"], &["data-*"], &["data-prod.json"], &[]);
    let text = std::fs::read_to_string(folder().join("data.yaml")).unwrap();
    for (terraform, value) in [
        ("aws_s3_bucket_versioning.versioning_configuration.status", Some("Suspended")),
        ("aws_s3_bucket_public_access_block.block_public_policy", Some("false")),
        ("aws_s3_bucket_public_access_block.ignore_public_acls", None),
        ("aws_s3_bucket_versioning", None),
    ] {
        let ask = Ask::new("s3.bucket", "example-data", &[], Value::Null);
        let Placing::Placed(place) = (Ask { terraform: &[terraform], ..ask }).of(&source) else {
            panic!("{terraform}")
        };
        assert_eq!(place.value.map(|value| &text[value]), value, "{terraform}");
    }
}

#[test]
fn stacks_are_known_by_tags_and_by_lists_without_their_names() {
    let tags = &[
        ("aws:cloudformation:stack-name", "data-prod"),
        ("aws:cloudformation:logical-id", "Data"),
        (
            "aws:cloudformation:stack-id",
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/data-prod/1",
        ),
    ];
    let tagged = open(&["data.yaml"], &[], &[], &[]);
    let ask = |account, tags| Ask {
        tags,
        account,
        ..Ask::new("s3.bucket", "example-data", &[], Value::Null)
    };
    assert_eq!(shown(ask("111122223333", tags).of(&tagged)), "10 data-prod/Data `Data`");
    // Tags of a copied resource.
    assert_eq!(shown(ask("444455556666", tags).of(&tagged)), "not declared");
    assert_eq!(shown(ask("111122223333", &tags[..1]).of(&tagged)), "not declared");
    let other = &[tags[0], ("aws:cloudformation:logical-id", "Other")];
    assert_eq!(shown(ask("111122223333", other).of(&tagged)), "not declared");
    let named = open(&["data.yaml"], &["data-*"], &[], &[]);
    assert_eq!(
        shown(ask("111122223333", other).of(&named)),
        "data-prod/Other: data.yaml does not have this logical id"
    );
    let elsewhere = open(&["data.yaml"], &["web-*"], &[], &[]);
    assert_eq!(shown(ask("111122223333", tags).of(&elsewhere)), "not declared");

    let listed = open(&["data.yaml"], &[], &["data-list.json"], &["111122223333"]);
    assert_eq!(shown(ask("111122223333", &[]).of(&listed)), "10 data-list/Data `Data`");
    assert_eq!(shown(ask("444455556666", &[]).of(&listed)), "not declared");
    let gone = Ask::new("s3.bucket", "gone", &[], Value::Null);
    assert_eq!(shown(gone.of(&listed)), "not declared");
    // Two responses of one stack.
    let both = open(&["data.yaml"], &[], &["data-list.json", "data-prod.json"], &[]);
    assert!(
        shown(ask("111122223333", &[]).of(&both)).contains("several stacks have this resource")
    );
    let twice = open(&["data.yaml"], &[], &["data-prod.json", "data-prod.json"], &[]);
    assert_eq!(shown(ask("111122223333", &[]).of(&twice)), "10 data-prod/Data `Data`");
}

#[test]
fn the_template_of_a_stack_is_the_only_one_that_fits() {
    let bucket = Ask::new("s3.bucket", "example-data", &[], Value::Null);
    let both = open(&["data.*"], &[], &["data-prod.json"], &[]);
    assert_eq!(
        shown(bucket.of(&both)),
        "data-prod/Data: several templates fit stack `data-prod`: data.json, data.yaml; name the stack of a template with `stack`"
    );
    let other = open(&["network"], &[], &["data-prod.json"], &[]);
    let found = shown(bucket.of(&other));
    assert!(found.starts_with("data-prod/Data: no template has"), "{found}");
    let subnet =
        |terraform| Ask::new("ec2.subnet", "subnet-0123456789abcdef0", terraform, Value::Null);
    let nested = open(&["network/**"], &[], &["network.json"], &[]);
    assert_eq!(
        shown(subnet(&["aws_subnet.map_public_ip_on_launch"]).of(&nested)),
        "11 network-prod-Vpc-1ABCDEFGHIJKL/Public from network/parent.yaml:3 `MapPublicIpOnLaunch: true`"
    );
    let outer = open(&["network/"], &["network-*"], &["network.json"], &[]);
    assert_eq!(
        shown(subnet(&[]).of(&outer)),
        "6 network-prod-Vpc-1ABCDEFGHIJKL/Public from network/parent.yaml:3 `Public`"
    );
    for (ask, wanted) in [
        (
            Ask::new(
                "ec2.vpc",
                "vpc-0123456789abcdef0",
                &["aws_flow_log.traffic_type"],
                Value::Null,
            ),
            "14 (satellite) network-prod-Vpc-1ABCDEFGHIJKL/Logs from network/parent.yaml:3 `TrafficType: REJECT`",
        ),
        (
            Ask::new(
                "ec2.network_acl",
                "acl-0123456789abcdef0",
                &["aws_network_acl_rule"],
                json!({ "rule_number": 100, "protocol": "-1", "cidr": "0.0.0.0/0", "from_port": null, "to_port": null }),
            ),
            "19 (satellite) network-prod-Vpc-1ABCDEFGHIJKL/AclIn from network/parent.yaml:3 `AclIn`",
        ),
        (
            Ask {
                name: Some("default"),
                ..Ask::new(
                    "ec2.security_group",
                    "sg-9",
                    &["aws_default_security_group"],
                    json!({ "vpc_id": "vpc-0123456789abcdef0" }),
                )
            },
            "3 (brought along) network-prod-Vpc-1ABCDEFGHIJKL/Vpc from network/parent.yaml:3 `Vpc`",
        ),
        (
            Ask {
                name: Some("web"),
                ..Ask::new(
                    "ec2.security_group",
                    "sg-9",
                    &[],
                    json!({ "vpc_id": "vpc-0123456789abcdef0" }),
                )
            },
            "not declared",
        ),
        (
            Ask::new("s3.bucket", "example-clean", &["aws_s3_bucket_versioning"], Value::Null),
            "9 loops-prod/DataClean `VersioningConfiguration: {Status: Suspended}`",
        ),
        (
            Ask::new("ec2.vpc", "vpc-0123456789abcdef1", &[], Value::Null),
            "10 (brought along) loops-prod/Cluster `Cluster`",
        ),
    ] {
        assert_eq!(shown(ask.of(&nested)), wanted, "{} {}", ask.kind, ask.id);
    }
}

#[test]
fn bad_input_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("broken.yaml", "AWSTemplateFormatVersion: x\nResources:\n  A: {Type: AWS::S3::Bucket\n");
    // Without the version, what it contains says what it is.
    let conflict = "Resources:\n  A:\n<<<<<<< HEAD\n    Type: AWS::S3::Bucket\n=======\n    Type: AWS::S3::Bucket # b\n>>>>>>> b\n";
    write("conflict.yaml", conflict);
    write("cut.template", "{\n  \"Resources\": {\n    \"A\": {\"Type\": \"AWS::S3::Bucket\"\n");
    let latin = b"Resources:\n  A:\n    Type: AWS::S3::Bucket # \xe4\n";
    std::fs::write(folder.path().join("latin.yaml"), latin).unwrap();
    write("chart.yaml", "Resources: {{ .Values::x }}\n");
    write("good.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket}\n");
    write("values.yaml", "a: b\n");
    std::fs::write(folder.path().join("binary.json"), [0xff]).unwrap();
    write("large.json", &" ".repeat(5 * 1024 * 1024));
    write("empty.json", "");
    write("cut.json", "{\"StackResources\": [");
    write("other.json", "{\"Stacks\": []}");
    write("nothing.json", "{\"StackResourceSummaries\": []}");
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let open = |templates: &str, responses: &[&str]| {
        // Relative to the repository.
        let responses: Vec<PathBuf> = responses.iter().map(PathBuf::from).collect();
        Templates::open(&repository, &[templates.to_owned()], None, &responses, &[])
    };
    for (templates, wanted) in [
        ("missing.yaml", "missing.yaml: no tracked file matches"),
        ("missing/**", "missing/**: no tracked file matches"),
        ("../*.yaml", "no tracked file matches"),
        ("/etc/passwd", "no tracked file matches"),
        ("[", "invalid pattern"),
        ("values.yaml", "no tracked file is a CloudFormation template"),
    ] {
        let error = open(templates, &[]).unwrap_err().to_string();
        assert!(error.contains(wanted), "{templates}: {error}");
    }
    let large = open("large.json", &[]).unwrap();
    assert!(large.problems()[0].contains("large.json is larger than"), "{:?}", large.problems());
    let responses = ["empty.json", "cut.json", "other.json", "nothing.json", "none.json"];
    let source = open(".", &responses).unwrap();
    assert_eq!(source.size(), (1, 1));
    for wanted in [
        "broken.yaml:",
        "conflict.yaml:",
        "cut.template:",
        "latin.yaml is not valid UTF-8",
        "empty.json: the file is empty: save the output of `aws cloudformation",
        "cut.json: invalid response at line 1, column 20",
        "other.json: `StackResources` or `StackResourceSummaries` is missing",
        "nothing.json: it lists no resources, but a stack has at least one",
        "none.json",
    ] {
        let found = source.problems().iter().filter(|problem| problem.contains(wanted)).count();
        assert_eq!(found, 1, "{wanted}: {:?}", source.problems());
    }
    assert_eq!(source.problems().len(), 9, "{:?}", source.problems());
}
