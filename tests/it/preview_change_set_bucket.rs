//! What CloudFormation makes of buckets, and of tags.

use serde_json::{Value, json};

use crate::preview_change_set::{LATER, STACK, add, after, check, fact, modify, unknown, with};

#[test]
fn what_a_template_says_of_a_bucket_is_what_it_has() {
    let bucket = "AWS::S3::Bucket";
    let name = || json!({ "BucketName": "acme-data" });
    let set = |before: Value, after: Value| {
        vec![modify(bucket, "acme-data", with(name(), before), with(name(), after))]
    };
    let new = |properties: Value| {
        vec![add(bucket, with(json!({ "BucketName": "acme-new" }), properties))]
    };
    let key = json!({ "BucketEncryption": { "ServerSideEncryptionConfiguration": [{ "BucketKeyEnabled": true }] } });
    let document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data/*" }] });
    let policy = |document: Value| json!({ "Bucket": "acme-data", "PolicyDocument": document });
    let replicated =
        |role: &str| json!({ "ReplicationConfiguration": { "Role": role, "Rules": [] } });
    let block = |value: Value| json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": value, "BlockPublicPolicy": "true", "IgnorePublicAcls": true } });
    let data = "s3.bucket/acme-data";
    check(vec![
        (
            "only a bucket key",
            new(key),
            "s3.bucket/acme-new",
            "encryption.rules.0.sse_algorithm",
            unknown(),
        ),
        (
            "string",
            vec![add("AWS::S3::BucketPolicy", policy(document.to_string().into()))],
            data,
            "policy.document",
            document.clone(),
        ),
        (
            "not known",
            vec![modify(
                "AWS::S3::BucketPolicy",
                "acme-data",
                policy(LATER.into()),
                policy(LATER.into()),
            )],
            data,
            "policy",
            unknown(),
        ),
        (
            "own logs",
            new(json!({ "LoggingConfiguration": { "LogFilePrefix": "s3/" } })),
            "s3.bucket/acme-new",
            "logging.target_bucket",
            json!("acme-new"),
        ),
        (
            "empty block",
            new(json!({ "LoggingConfiguration": {} })),
            "s3.bucket/acme-new",
            "logging",
            unknown(),
        ),
        ("not converted", set(replicated("a"), replicated("b")), data, "replication", unknown()),
        (
            "not converted, the same",
            set(replicated("a"), replicated("a")),
            data,
            "replication",
            Value::Null,
        ),
        (
            "ACL",
            set(json!({ "AccessControl": "Private" }), json!({ "AccessControl": "PublicRead" })),
            data,
            "acl",
            Value::Null,
        ),
        (
            "block removed",
            set(block(json!(true)), json!({})),
            data,
            "public_access_block",
            unknown(),
        ),
        (
            "empty block added",
            set(json!({}), json!({ "PublicAccessBlockConfiguration": {} })),
            data,
            "public_access_block",
            unknown(),
        ),
        (
            "block of strings",
            set(block(json!(true)), block("False".into())),
            data,
            "public_access_block",
            json!({
                "block_public_acls": false, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": false,
            }),
        ),
        (
            "block not valid",
            set(block(json!(true)), block("no".into())),
            data,
            "public_access_block.block_public_acls",
            unknown(),
        ),
        (
            "versioning removed",
            set(json!({ "VersioningConfiguration": { "Status": "Enabled" } }), json!({})),
            data,
            "versioning.status",
            json!("Suspended"),
        ),
        (
            "versioning by hand",
            set(
                json!({ "VersioningConfiguration": { "Status": "Suspended" } }),
                json!({ "VersioningConfiguration": { "Status": "Suspended" } }),
            ),
            data,
            "versioning.status",
            json!("Enabled"),
        ),
        (
            "function",
            new(
                json!({ "VersioningConfiguration": { "Status": { "Fn::If": ["A", "Enabled", "Suspended"] } } }),
            ),
            "s3.bucket/acme-new",
            "versioning.status",
            unknown(),
        ),
        (
            "lock turned on",
            set(json!({}), json!({ "ObjectLockEnabled": true })),
            data,
            "versioning.status",
            unknown(),
        ),
        (
            "ownership",
            set(
                json!({ "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] } }),
                json!({}),
            ),
            data,
            "ownership_controls",
            unknown(),
        ),
    ]);
}

#[test]
fn resources_get_the_tags_of_the_stack() {
    let stack =
        || json!({ "Tags": [{ "Key": "Owner", "Value": "web" }, { "Key": "Cost", "Value": "1" }] });
    let own = |value: &str| json!({ "Tags": [{ "Key": "Owner", "Value": value }] });
    let new = |type_name: &str, properties: Value| add(type_name, properties);
    let data = |before: Value, after: Value, scope: Value| {
        with(modify("AWS::S3::Bucket", "acme-data", before, after), json!({ "Scope": scope }))
    };
    for (about, change, more, resource, path, expected) in [
        (
            "of the stack",
            new("AWS::S3::Bucket", json!({})),
            stack(),
            "s3.bucket/web/One",
            "tags",
            json!({
                "Owner": "web", "Cost": "1", "aws:cloudformation:stack-id": STACK, "aws:cloudformation:stack-name": "web", "aws:cloudformation:logical-id": "One",
            }),
        ),
        (
            "its own first",
            new("AWS::EC2::SecurityGroup", own("net")),
            stack(),
            "ec2.security_group/web/One",
            "tags.Owner",
            json!("net"),
        ),
        (
            "volumes",
            new("AWS::EC2::Volume", own("net")),
            stack(),
            "ec2.volume/web/One",
            "tags",
            json!({ "Owner": "net", "Cost": "1" }),
        ),
        (
            "without",
            new("AWS::EC2::Subnet", json!({ "VpcId": "vpc-1" })),
            json!({}),
            "ec2.subnet/web/One",
            "tags.Owner",
            Value::Null,
        ),
        (
            "not known",
            new("AWS::S3::Bucket", json!({ "Tags": LATER })),
            stack(),
            "s3.bucket/web/One",
            "tags",
            unknown(),
        ),
        (
            "unchanged",
            data(own("data"), own("data"), json!(["Properties"])),
            stack(),
            "s3.bucket/acme-data",
            "tags",
            json!({ "Owner": "data", "Hand": "made" }),
        ),
        (
            "changed",
            data(own("data"), own("new"), json!([])),
            stack(),
            "s3.bucket/acme-data",
            "tags",
            json!({ "Owner": "new", "Cost": "1", "Hand": "made" }),
        ),
        // `Hand` can be a tag that the stack had.
        (
            "of the stack, changed",
            data(own("data"), own("data"), json!(["Tags"])),
            stack(),
            "s3.bucket/acme-data",
            "tags",
            unknown(),
        ),
        (
            "of the group",
            with(
                modify("AWS::EC2::SecurityGroup", "sg-1", own("net"), own("net")),
                json!({ "Scope": ["Tags"] }),
            ),
            stack(),
            "ec2.security_group/sg-1",
            "tags",
            json!({ "Owner": "net", "Cost": "1" }),
        ),
    ] {
        assert_eq!(fact(&after(&[change], more), resource, path), expected, "{about}");
    }
}
