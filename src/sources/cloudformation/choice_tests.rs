//! Which template is that of a stack, and which resource of it is meant: small templates, one case each.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use super::*;
use crate::model::Region;

const ACCOUNT: &str = "111122223333";
const SAM: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Hello:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events: {Get: {Type: Api}}\n  Logs:\n    Type: AWS::S3::Bucket\n";
const WEB: &str = "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n";
const HOST: &str = "Resources:\n  Web:\n    Type: AWS::EC2::Instance\n";
const LAUNCH: &str = "Resources:\n  Web:\n    Type: AWS::EC2::LaunchTemplate\n    Properties:\n      LaunchTemplateName: web\n      LaunchTemplateData:\n        MetadataOptions: {HttpTokens: optional}\n  Other:\n    Type: AWS::EC2::LaunchTemplate\n    Properties:\n      LaunchTemplateName: other\n  Host:\n    Type: AWS::EC2::Instance\n    Properties:\n      LaunchTemplate: {LaunchTemplateName: web, Version: '1'}\n";
const IMDS: &[&str] = &["aws_instance.metadata_options.http_tokens", "aws_instance"];

/// What a stack contains: logical id, type and physical id; or the tags of the resource.
enum Stack {
    Listed(&'static [(&'static str, &'static str, &'static str)]),
    Tagged(&'static str),
}

/// Where the resource of a kind with an id is, in these templates.
fn place(
    templates: &[(&str, &str)],
    stack: &Stack,
    (kind, id): (&str, &str),
    terraform: &[&str],
) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in templates {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let (mut tags, mut responses) = (BTreeMap::new(), Vec::new());
    match stack {
        Stack::Tagged(logical_id) => {
            tags.insert("aws:cloudformation:stack-name".to_owned(), "s".to_owned());
            tags.insert("aws:cloudformation:logical-id".to_owned(), (*logical_id).to_owned());
        }
        Stack::Listed(resources) => {
            let resources: Vec<Value> = resources
                .iter()
                .map(|(logical, kind, physical)| {
                    json!({
                        "StackName": "s",
                        "StackId": format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/s/1"),
                        "LogicalResourceId": logical, "PhysicalResourceId": physical,
                        "ResourceType": kind, "ResourceStatus": "CREATE_COMPLETE",
                    })
                })
                .collect();
            let path = folder.path().join("stack.txt");
            fs::write(&path, json!({ "StackResources": resources }).to_string()).unwrap();
            responses.push(path);
        }
    }
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let names: Vec<String> = templates.iter().map(|(name, _)| (*name).to_owned()).collect();
    let source = Templates::open(&repository, &names, None, &responses, &[]).unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = ResourceRef {
        kind: kind.to_owned().into(),
        region: region.clone(),
        id: Some(id.into()),
        arn: None,
        name: None,
    };
    let terraform: Vec<String> = terraform.iter().map(|entry| (*entry).to_owned()).collect();
    let placing = source.place(&Subject {
        account: &ACCOUNT.parse().unwrap(),
        region: &region,
        resource: &resource,
        tags: Some(&tags),
        terraform: &terraform,
        evidence: &[],
    });
    match placing {
        Placing::NotDeclared => "not declared".to_owned(),
        Placing::NotFound { reason, .. } => reason,
        Placing::Placed(place) => format!("{}:{} {}", place.file, place.line, place.address),
    }
}

/// What AWS SAM creates of `SAM`.
const CREATED: &[(&str, &str, &str)] = &[
    ("Hello", "AWS::Lambda::Function", "s-Hello-1"),
    ("HelloRole", "AWS::IAM::Role", "s-HelloRole-1"),
    ("HelloGetPermissionProd", "AWS::Lambda::Permission", "s-HelloGet-1"),
    ("ServerlessRestApi", "AWS::ApiGateway::RestApi", "a1b2c3"),
    ("ServerlessRestApiDeployment47fc2d5f9d", "AWS::ApiGateway::Deployment", "d1"),
    ("ServerlessRestApiProdStage", "AWS::ApiGateway::Stage", "Prod"),
    ("Logs", "AWS::S3::Bucket", "acme-logs"),
];
const INCLUDED: &[(&str, &str, &str)] =
    &[("Logs", "AWS::S3::Bucket", "acme-logs"), ("More", "AWS::SNS::Topic", "t")];

#[test]
fn transforms_add_resources_to_the_stack() {
    let logs = ("s3.bucket", "acme-logs");
    let plain = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n";
    let with_macro = format!("Transform: [Mine]\n{plain}");
    let included = format!("{plain}  Fn::Transform: {{Name: AWS::Include}}\n");
    for (templates, stack, wanted) in [
        (vec![("t.yaml", SAM)], CREATED, "t.yaml:7 s/Logs"),
        (vec![("t.yaml", SAM), ("u.yaml", WEB)], CREATED, "t.yaml:7 s/Logs"),
        (vec![("t.yaml", with_macro.as_str())], INCLUDED, "t.yaml:3 s/Logs"),
        (vec![("t.yaml", included.as_str())], INCLUDED, "t.yaml:2 s/Logs"),
        (
            vec![("t.yaml", included.as_str()), ("u.yaml", with_macro.as_str())],
            INCLUDED,
            "several templates fit stack `s`: t.yaml, u.yaml; name the stack of a template with `stack`",
        ),
        (
            vec![("t.yaml", plain)],
            INCLUDED,
            "no template has all 2 resources of stack `s`: t.yaml lacks 1 of them; if that is its template, name the stack with `stack`",
        ),
    ] {
        assert_eq!(place(&templates, &Stack::Listed(stack), logs, &[]), wanted, "{templates:?}");
    }
}

#[test]
fn a_logical_id_in_tags_is_that_of_a_resource_of_the_kind() {
    let (group, host) = (("ec2.security_group", "sg-1"), ("ec2.instance", "i-1"));
    let asg = "Resources:\n  Web:\n    Type: AWS::AutoScaling::AutoScalingGroup\n";
    for (templates, resource, wanted) in [
        (vec![("a.yaml", WEB)], group, "a.yaml:2 s/Web"),
        (vec![("a.yaml", WEB)], host, "not declared"),
        (vec![("a.yaml", HOST)], group, "not declared"),
        (vec![("a.yaml", WEB), ("b.yaml", HOST)], group, "a.yaml:2 s/Web"),
        (vec![("a.yaml", WEB), ("b.yaml", HOST)], host, "b.yaml:2 s/Web"),
        (vec![("a.yaml", asg)], host, "a.yaml:2 s/Web"),
        (vec![("a.yaml", asg)], group, "not declared"),
        (vec![("a.yaml", HOST)], ("ec2.volume", "vol-1"), "a.yaml:2 s/Web"),
    ] {
        let found = place(&templates, &Stack::Tagged("Web"), resource, &[]);
        assert_eq!(found, wanted, "{templates:?} {resource:?}");
    }
}

#[test]
fn a_launch_template_is_found_by_the_name_that_the_template_gives_it() {
    let stack = Stack::Tagged("Host");
    let host = ("ec2.instance", "i-1");
    let renamed = LAUNCH.replacen("LaunchTemplateName: web", "LaunchTemplateName: old", 1);
    for (template, wanted) in [(LAUNCH, "t.yaml:7 s/Web"), (renamed.as_str(), "t.yaml:12 s/Host")] {
        assert_eq!(place(&[("t.yaml", template)], &stack, host, IMDS), wanted);
    }
}

#[test]
fn the_branch_that_a_condition_did_not_choose_is_not_named() {
    let stack = Stack::Listed(&[
        ("Logs", "AWS::S3::Bucket", "acme-logs"),
        ("More", "AWS::SNS::Topic", "t"),
    ]);
    let versioning = ["aws_s3_bucket_versioning.versioning_configuration.status", "aws_s3_bucket"];
    let encryption = [
        "aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm",
        "aws_s3_bucket",
    ];
    let status = |value: &str| format!("VersioningConfiguration:\n{value}");
    let none = "          - !Ref AWS::NoValue\n";
    let rule = "ServerSideEncryptionByDefault:\n              SSEAlgorithm: AES256\n";
    let list = |item: &str| {
        format!(
            "BucketEncryption:\n        ServerSideEncryptionConfiguration:\n        - {item}{rule}"
        )
    };
    let conditional = "Fn::If:\n          - P\n          - ";
    for (properties, terraform, wanted) in [
        (status("        Status: Suspended\n"), versioning, "t.yaml:8 s/Logs"),
        (
            status(&format!("        Fn::If:\n          - P\n          - Status: Enabled\n{none}")),
            versioning,
            "t.yaml:7 s/Logs",
        ),
        (
            status(&format!("        Fn::If:\n          - P\n{none}          - Status: Enabled\n")),
            versioning,
            "t.yaml:7 s/Logs",
        ),
        (
            status("        Status: !If [P, Enabled, !Ref AWS::NoValue]\n"),
            versioning,
            "t.yaml:8 s/Logs",
        ),
        (list(""), encryption, "t.yaml:10 s/Logs"),
        (format!("{}{none}", list(conditional)), encryption, "t.yaml:8 s/Logs"),
    ] {
        let template = format!(
            "Resources:\n  More:\n    Type: AWS::SNS::Topic\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties:\n      {properties}"
        );
        let found = place(&[("t.yaml", &template)], &stack, ("s3.bucket", "acme-logs"), &terraform);
        assert_eq!(found, wanted, "{template}");
    }
}

#[test]
fn of_several_conditional_resources_the_one_of_the_stack_counts() {
    let policy = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::S3::BucketPolicy\n    Condition: {name}\n    Properties: {{Bucket: !Ref B, PolicyDocument: {{Statement: []}}}}\n"
        )
    };
    let template =
        format!("Resources:\n  B:\n    Type: AWS::S3::Bucket\n{}{}", policy("Prod"), policy("Dev"));
    const BUCKET: (&str, &str, &str) = ("B", "AWS::S3::Bucket", "b");
    const PROD: (&str, &str, &str) = ("Prod", "AWS::S3::BucketPolicy", "b");
    const DEV: (&str, &str, &str) = ("Dev", "AWS::S3::BucketPolicy", "b");
    for (listed, wanted) in [
        (&[BUCKET, PROD][..], "t.yaml:7 s/Prod"),
        (&[BUCKET, DEV], "t.yaml:11 s/Dev"),
        (&[BUCKET], "t.yaml:2 s/B"),
        (&[BUCKET, PROD, DEV], "t.yaml:2 s/B"),
    ] {
        let terraform = ["aws_s3_bucket_policy.policy", "aws_s3_bucket"];
        let stack = Stack::Listed(listed);
        let found = place(&[("t.yaml", &template)], &stack, ("s3.bucket", "b"), &terraform);
        assert_eq!(found, wanted, "{listed:?}");
    }
}

#[test]
fn launch_configurations_and_launch_templates_have_names_of_their_own() {
    let group =
        "Resources:\n  Asg:\n    Type: AWS::AutoScaling::AutoScalingGroup\n    Properties:\n";
    let configuration = format!(
        "{group}      LaunchConfigurationName: !Ref L\n  L:\n    Type: AWS::AutoScaling::LaunchConfiguration\n    Properties:\n      AssociatePublicIpAddress: true\n      InstanceMonitoring: false\n      MetadataOptions:\n        HttpTokens: optional\n"
    );
    let template = format!(
        "{group}      LaunchTemplate: {{LaunchTemplateId: !Ref L, Version: '1'}}\n  L:\n    Type: AWS::EC2::LaunchTemplate\n    Properties:\n      LaunchTemplateData:\n        Monitoring:\n          Enabled: false\n        MetadataOptions:\n          HttpTokens: optional\n"
    );
    let bare = format!(
        "{group}      LaunchConfigurationName: !Ref L\n  L:\n    Type: AWS::AutoScaling::LaunchConfiguration\n    Properties:\n      ImageId: ami-1\n"
    );
    for (text, entry, wanted) in [
        (&configuration, "associate_public_ip_address", "t.yaml:9 s/L"),
        (&configuration, "monitoring", "t.yaml:10 s/L"),
        (&configuration, "metadata_options.http_tokens", "t.yaml:12 s/L"),
        (&bare, "monitoring", "t.yaml:6 s/L"),
        (&template, "monitoring", "t.yaml:11 s/L"),
        (&template, "metadata_options.http_tokens", "t.yaml:13 s/L"),
    ] {
        let terraform = [format!("aws_instance.{entry}")];
        let terraform: Vec<&str> = terraform.iter().map(String::as_str).collect();
        let stack = Stack::Tagged("Asg");
        let found = place(&[("t.yaml", text)], &stack, ("ec2.instance", "i-1"), &terraform);
        assert_eq!(found, wanted, "{text}{entry}");
    }
}

#[test]
fn a_property_without_a_value_is_not_set() {
    for (own, wanted) in [
        ("!Ref AWS::NoValue", "t.yaml:11 s/L"),
        ("!If [C, !Ref AWS::NoValue, !Ref AWS::NoValue]", "t.yaml:11 s/L"),
        ("{HttpTokens: optional}", "t.yaml:6 s/I"),
    ] {
        let template = format!(
            "Resources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n      LaunchTemplate: {{LaunchTemplateId: !Ref L, Version: '1'}}\n      MetadataOptions: {own}\n  L:\n    Type: AWS::EC2::LaunchTemplate\n    Properties:\n      LaunchTemplateData:\n        MetadataOptions: {{HttpTokens: optional}}\n"
        );
        let stack = Stack::Tagged("I");
        let found = place(&[("t.yaml", &template)], &stack, ("ec2.instance", "i-1"), IMDS);
        assert_eq!(found, wanted, "{own}");
    }
}

#[test]
fn a_tagged_resource_of_a_nested_stack_is_in_the_template_that_the_outer_one_names() {
    let arn = |stack: &str| format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{stack}/1");
    let folder = tempfile::tempdir().unwrap();
    let outer = "Resources:\n  Store:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ./b.yaml}\n";
    for (name, text) in [("outer.yaml", outer), ("a.yaml", WEB), ("b.yaml", WEB)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let listed = json!({ "StackResources": [{
        "StackName": "root", "StackId": arn("root"), "LogicalResourceId": "Store",
        "PhysicalResourceId": arn("root-Store-1ABC"),
        "ResourceType": "AWS::CloudFormation::Stack", "ResourceStatus": "CREATE_COMPLETE",
    }]});
    fs::write(folder.path().join("root.json"), listed.to_string()).unwrap();
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let templates = ["*.yaml".to_owned()];
    let responses = ["root.json".into()];
    let source = Templates::open(&repository, &templates, None, &responses, &[]).unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = ResourceRef {
        kind: "ec2.security_group".to_owned().into(),
        region: region.clone(),
        id: Some("sg-1".into()),
        arn: None,
        name: None,
    };
    for (nested, wanted) in [("root-Store-1ABC", Some("b.yaml")), ("other-Store-1ABC", None)] {
        let tags = [("stack-name", nested), ("logical-id", "Web"), ("stack-id", &arn(nested))];
        let tags: BTreeMap<String, String> = tags
            .into_iter()
            .map(|(name, value)| (format!("aws:cloudformation:{name}"), value.to_owned()))
            .collect();
        let placing = source.place(&Subject {
            account: &ACCOUNT.parse().unwrap(),
            region: &region,
            resource: &resource,
            tags: Some(&tags),
            terraform: &[],
            evidence: &[],
        });
        let file = match &placing {
            Placing::Placed(place) => Some(&*place.file),
            _ => None,
        };
        assert_eq!(file, wanted, "{placing:?}");
    }
}

/// Where a resource of that kind, id and name is, in the templates of a folder with a saved response.
fn place_in(
    folder: &tempfile::TempDir,
    response: &str,
    (kind, id, name): (&str, &str, &str),
) -> String {
    let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
    let templates = ["*.yaml".to_owned()];
    let source = Templates::open(&repository, &templates, None, &[response.into()], &[]).unwrap();
    let region: Region = "eu-west-1".parse().unwrap();
    let resource = ResourceRef {
        kind: kind.to_owned().into(),
        region: region.clone(),
        id: Some(id.into()),
        arn: None,
        name: Some(name.into()),
    };
    let placing = source.place(&Subject {
        account: &ACCOUNT.parse().unwrap(),
        region: &region,
        resource: &resource,
        tags: None,
        terraform: &[],
        evidence: &[],
    });
    match placing {
        Placing::NotDeclared => "not declared".to_owned(),
        Placing::NotFound { reason, .. } => reason,
        Placing::Placed(place) => format!("{}:{} {}", place.file, place.line, place.address),
    }
}

#[test]
fn a_rule_that_was_added_by_hand_is_not_one_of_the_template() {
    const INGRESS: &[&str] = &[
        "aws_vpc_security_group_ingress_rule",
        "aws_security_group.ingress",
        "aws_security_group",
    ];
    let group =
        "  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n";
    let list = |rule: &str| format!("{group}      SecurityGroupIngress:\n        - {rule}\n");
    let separate = |rule: &str| {
        let rule = rule.replacen('{', "{GroupId: !Ref G, ", 1);
        format!("{group}  R:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties: {rule}\n")
    };
    let port = |port: &str| {
        format!("{{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: 0.0.0.0/0}}")
    };
    let (missing, satellite) = (Some(PlaceReason::Missing), Some(PlaceReason::Satellite));
    for (name, resources, wanted) in [
        ("the rule", list(&port("22")), (9, None)),
        ("another rule", list(&port("443")), (4, missing)),
        ("a parameter with another default", list(&port("!Ref Web")), (8, None)),
        ("a parameter without a default", list(&port("!Ref Port")), (9, None)),
        ("another separate rule", separate(&port("443")), (4, missing)),
        ("a separate parameter with another default", separate(&port("!Ref Web")), (4, None)),
        ("a separate parameter without a default", separate(&port("!Ref Port")), (8, satellite)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let parameters = "Parameters: {Web: {Default: 8080}, Port: {Type: Number}}\n\n";
        fs::write(folder.path().join("t.yaml"), format!("{parameters}Resources:\n{resources}"))
            .unwrap();
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        let source = Templates::open(&repository, &["t.yaml".to_owned()], None, &[], &[]).unwrap();
        let tags = [("stack-name", "s"), ("logical-id", "G")];
        let tags: BTreeMap<String, String> =
            tags.map(|(key, value)| (format!("aws:cloudformation:{key}"), value.to_owned())).into();
        let region: Region = "eu-west-1".parse().unwrap();
        let resource = ResourceRef {
            kind: "ec2.security_group".into(),
            region: region.clone(),
            id: Some("sg-1".into()),
            arn: None,
            name: None,
        };
        let terraform: Vec<String> = INGRESS.iter().map(|entry| (*entry).to_owned()).collect();
        let placing = source.place(&Subject {
            account: &ACCOUNT.parse().unwrap(),
            region: &region,
            resource: &resource,
            tags: Some(&tags),
            terraform: &terraform,
            evidence: &[json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
                                "cidr": "0.0.0.0/0", "prefix_list_id": null })],
        });
        let Placing::Placed(place) = placing else { panic!("{name}: {placing:?}") };
        assert_eq!((place.line, place.because), wanted, "{name}");
    }
}

#[test]
fn ids_that_aws_assigned_need_no_account() {
    let id = "sg-0123456789abcdef0";
    for (physical, name, wanted) in [
        (id, "web", "t.yaml:2 list/Web"),
        // Names exist in every account.
        ("web", "web", "not declared"),
        ("sg-0000000000000000a", "web", "not declared"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("t.yaml"), WEB).unwrap();
        let listed = json!({ "StackResourceSummaries": [{
            "LogicalResourceId": "Web", "PhysicalResourceId": physical,
            "ResourceType": "AWS::EC2::SecurityGroup", "ResourceStatus": "CREATE_COMPLETE",
        }]});
        fs::write(folder.path().join("list.json"), listed.to_string()).unwrap();
        let found = place_in(&folder, "list.json", ("ec2.security_group", id, name));
        assert_eq!(found, wanted, "{physical}");
    }
}

#[test]
fn a_nested_template_is_the_one_that_the_outer_one_names() {
    for (url, wanted) in [
        ("!Sub 'https://s3.amazonaws.com/acme/b.yaml'", "b.yaml:2"),
        (
            "!Sub 'https://${Bucket}.s3.${AWS::Region}.${AWS::URLSuffix}/${Prefix}/b.yaml'",
            "b.yaml:2",
        ),
        ("!Sub ['https://${B}.example.com/a.yaml', {B: acme}]", "a.yaml:2"),
        ("!Sub '${Base}/a.yaml'", "a.yaml:2"),
        ("{'Fn::Sub': 'https://acme.example.com/b.yaml'}", "b.yaml:2"),
        ("https://acme.example.com/b.yaml?versionId=1", "b.yaml:2"),
        ("!If [C, 'https://a.example.com/b.yaml', ./b.yaml]", "b.yaml:2"),
        ("!If [C, 'https://a.example.com/a.yaml', ./b.yaml]", "several"),
        ("!If [C, ./b.yaml, !Ref Url]", "several"),
        ("!Sub 'https://acme.example.com/${Name}.yaml'", "several"),
        ("!Sub 'https://acme.example.com/other.yaml'", "several"),
        ("!Ref Url", "several"),
    ] {
        let outer = format!(
            "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("outer.yaml", outer.as_str()), ("a.yaml", WEB), ("b.yaml", WEB)] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let id =
            |stack: &str| format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{stack}/1");
        let listed = |stack: &str, logical: &str, kind: &str, physical: &str| {
            json!({
                "StackName": stack, "StackId": id(stack), "LogicalResourceId": logical,
                "PhysicalResourceId": physical, "ResourceType": kind,
                "ResourceStatus": "CREATE_COMPLETE",
            })
        };
        let all = json!({ "StackResources": [
            listed("outer", "Inner", "AWS::CloudFormation::Stack", &id("inner")),
            listed("inner", "Web", "AWS::EC2::SecurityGroup", "sg-1"),
        ]});
        fs::write(folder.path().join("all.txt"), all.to_string()).unwrap();
        let found = place_in(&folder, "all.txt", ("ec2.security_group", "sg-1", "web"));
        assert!(found.starts_with(wanted), "{url}: {found}");
    }
}
