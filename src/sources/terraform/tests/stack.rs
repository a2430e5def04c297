//! Every kind of place in the stack, with hand-checked truth.

use serde_json::json;

use super::*;

const ROOT: &str = "envs/prod";

/// What is asked, and where it is.
fn cases() -> Vec<(Asked, &'static str)> {
    let bucket = |id: &str, terraform: &[&str]| asked("s3.bucket", id, terraform, &[]);
    let group = |id: &str, terraform: &[&str], evidence: Value| {
        asked("ec2.security_group", id, terraform, &[evidence])
    };
    let opening = |port: i64, cidr: &str| json!({ "port": port, "ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr": cidr, "prefix_list_id": null, "description": null });
    const VERSIONING: &[&str] = &[
        "aws_s3_bucket_versioning.versioning_configuration.status",
        "aws_s3_bucket.versioning.enabled",
    ];
    const INGRESS: &[&str] = &[
        "aws_vpc_security_group_ingress_rule",
        "aws_security_group_rule",
        "aws_security_group.ingress",
        "aws_default_security_group.ingress",
    ];
    const VOLUME: &[&str] = &[
        "aws_ebs_volume.encrypted",
        "aws_instance.root_block_device.encrypted",
        "aws_instance.ebs_block_device.encrypted",
    ];
    const TOKENS: &[&str] = &[
        "aws_instance.metadata_options.http_tokens",
        "aws_launch_template.metadata_options.http_tokens",
    ];
    let mut from_group = asked("ec2.instance", "i-0000000000000000f", TOKENS, &[]);
    from_group.tags =
        [("aws:autoscaling:groupName".to_owned(), "workers".to_owned())].into_iter().collect();
    let mut not_of_group = from_group.clone();
    not_of_group.region = "us-east-1";
    let mut settings_us =
        asked("ec2.settings", "us-east-1", &["aws_ebs_encryption_by_default.enabled"], &[]);
    settings_us.region = "us-east-1";
    let mut other_account = bucket("acme-plain-1234", &[]);
    other_account.account = "999988887777";
    let mut other_owner = asked("ec2.vpc", "vpc-0000000000000000a", &[], &[]);
    other_owner.account = "999988887777";
    let mut other_region = asked("ec2.vpc", "vpc-0000000000000000a", &[], &[]);
    other_region.region = "eu-central-1";
    vec![
        // Buckets, satellites, renamed blocks.
        (
            bucket("acme-website", &[]),
            "block envs/prod/main.tf `resource \"aws_s3_bucket\" \"website\"` of aws_s3_bucket.website",
        ),
        (
            bucket("acme-website", VERSIONING),
            "attribute envs/prod/main.tf `status = \"Suspended\"` of aws_s3_bucket_versioning.website, satellite",
        ),
        (
            bucket("acme-website", &["aws_s3_bucket_public_access_block.block_public_policy"]),
            "attribute envs/prod/main.tf `block_public_policy     = false` of aws_s3_bucket_public_access_block.website, satellite",
        ),
        // The attribute is to be added to the block that configures the bucket, not to the bucket.
        (
            bucket(
                "acme-website",
                &["aws_s3_bucket_public_access_block.restrict_public_buckets", "aws_s3_bucket"],
            ),
            "block envs/prod/main.tf `resource \"aws_s3_bucket_public_access_block\" \"website\"` of aws_s3_bucket_public_access_block.website, satellite",
        ),
        (
            bucket("acme-website", &["aws_s3_bucket_policy"]),
            "block envs/prod/main.tf `resource \"aws_s3_bucket_policy\" \"website\"` of aws_s3_bucket_policy.website, satellite",
        ),
        (
            bucket("acme-plain-1234", &["aws_s3_bucket_public_access_block", "aws_s3_bucket"]),
            "block envs/prod/main.tf `resource \"aws_s3_bucket\" \"plain\"` of aws_s3_bucket.plain, missing",
        ),
        (
            bucket("acme-plain-1234", VERSIONING),
            "block envs/prod/main.tf `resource \"aws_s3_bucket\" \"plain\"` of aws_s3_bucket.plain, missing",
        ),
        (
            bucket("acme-old-style", VERSIONING),
            "attribute envs/prod/main.tf `enabled = false` of aws_s3_bucket.old_style",
        ),
        (
            bucket("acme-json", VERSIONING),
            "attribute envs/prod/queues.tf.json `status\": \"Suspended\"` of aws_s3_bucket_versioning.from_json, satellite",
        ),
        (
            bucket("acme-json", &[]),
            "block envs/prod/queues.tf.json `from_json` of aws_s3_bucket.from_json",
        ),
        // Modules of the repository, with `for_each` in and around them, and a moved module.
        (
            bucket("acme-blue-raw", &[]),
            "block modules/team-buckets/main.tf `resource \"aws_s3_bucket\" \"this\"` of module.team[\"blue\"].aws_s3_bucket.this[\"raw\"], called at envs/prod/network.tf `module \"team\" {`",
        ),
        (
            bucket("acme-red-clean", VERSIONING),
            "attribute modules/team-buckets/main.tf `status = var.versioning` of module.team[\"red\"].aws_s3_bucket_versioning.this[\"clean\"], satellite, called at envs/prod/network.tf `module \"team\" {`",
        ),
        (
            asked("ec2.instance", "i-0000000000000000c", TOKENS, &[]),
            "attribute modules/bastion/main.tf `http_tokens = \"optional\"` of module.bastion[0].aws_instance.this, called at envs/prod/network.tf `module \"bastion\" {`",
        ),
        // A module from elsewhere: the argument that sets the attribute, else the call.
        (
            asked(
                "ec2.subnet",
                "subnet-0000000000000000a",
                &["aws_subnet.map_public_ip_on_launch"],
                &[],
            ),
            "argument envs/prod/network.tf `map_public_ip_on_launch = true` of module.vpc.aws_subnet.public[0], called at envs/prod/network.tf `module \"vpc\" {`",
        ),
        (
            asked("ec2.subnet", "subnet-0000000000000000a", &["aws_subnet.cidr_block"], &[]),
            "argument envs/prod/network.tf `public_subnets          = [\"10.0.1.0/24\"]` of module.vpc.aws_subnet.public[0], called at envs/prod/network.tf `module \"vpc\" {`",
        ),
        (
            asked("ec2.subnet", "subnet-0000000000000000a", &[], &[]),
            "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_subnet.public[0]",
        ),
        (
            asked("ec2.vpc", "vpc-0000000000000000a", &["aws_vpc.enable_dns_support"], &[]),
            "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_vpc.this",
        ),
        (
            asked(
                "ec2.vpc_endpoint",
                "vpce-0000000000000000a",
                &["aws_vpc_endpoint_policy", "aws_vpc_endpoint.policy"],
                &[],
            ),
            "argument envs/prod/network.tf `policy  = null` of module.vpc.module.endpoints.aws_vpc_endpoint.this, called at envs/prod/network.tf `module \"vpc\" {`",
        ),
        (
            bucket("acme-queue", VERSIONING),
            "call envs/prod/network.tf `module \"elsewhere\"` of module.elsewhere.aws_s3_bucket.queue, missing",
        ),
        // Rules of security groups in every form.
        (
            group("sg-0000000000000000a", INGRESS, opening(443, "0.0.0.0/0")),
            "block envs/prod/network.tf `resource \"aws_vpc_security_group_ingress_rule\" \"https\"` of aws_vpc_security_group_ingress_rule.https, satellite",
        ),
        (
            group("sg-0000000000000000a", INGRESS, opening(22, "0.0.0.0/0")),
            "block envs/prod/network.tf `resource \"aws_vpc_security_group_ingress_rule\" \"ssh\"` of aws_vpc_security_group_ingress_rule.ssh[\"0.0.0.0/0\"], satellite",
        ),
        (
            group("sg-0000000000000000a", INGRESS, opening(3389, "0.0.0.0/0")),
            "block envs/prod/network.tf `resource \"aws_security_group_rule\" \"rdp\"` of aws_security_group_rule.rdp, satellite",
        ),
        (
            group(
                "sg-0000000000000000a",
                &["aws_security_group_rule.cidr_blocks"],
                opening(3389, "0.0.0.0/0"),
            ),
            "attribute envs/prod/network.tf `cidr_blocks       = [\"192.0.2.0/24\", \"0.0.0.0/0\"]` of aws_security_group_rule.rdp, satellite",
        ),
        // Opened by hand: no rule of the code does it.
        (
            group("sg-0000000000000000a", INGRESS, opening(5432, "0.0.0.0/0")),
            "block envs/prod/network.tf `resource \"aws_security_group\" \"web\"` of aws_security_group.web, missing",
        ),
        // The only rule that fits is outbound.
        (
            group(
                "sg-0000000000000000a",
                INGRESS,
                json!({ "ip_protocol": "-1", "cidr": "0.0.0.0/0" }),
            ),
            "block envs/prod/network.tf `resource \"aws_security_group\" \"web\"` of aws_security_group.web, missing",
        ),
        (
            group("sg-0000000000000000b", INGRESS, opening(22, "0.0.0.0/0")),
            "attribute envs/prod/network.tf `ingress` of aws_security_group.inline",
        ),
        (
            group(
                "sg-0000000000000000b",
                &["aws_security_group.ingress.cidr_blocks"],
                opening(22, "0.0.0.0/0"),
            ),
            "attribute envs/prod/network.tf `cidr_blocks = [\"0.0.0.0/0\"]` of aws_security_group.inline",
        ),
        (
            group("sg-0000000000000000b", INGRESS, opening(5432, "0.0.0.0/0")),
            "block envs/prod/network.tf `resource \"aws_security_group\" \"inline\"` of aws_security_group.inline, missing",
        ),
        (
            group("sg-0000000000000000c", INGRESS, opening(22, "0.0.0.0/0")),
            "attribute envs/prod/network.tf `{ from_port = 22, to_port = 22, protocol = \"tcp\", cidr_blocks = [\"0.0.0.0/0\"] }` of aws_security_group.listed",
        ),
        // What AWS creates with a VPC or an instance.
        (
            group("sg-0000000000000def", INGRESS, opening(22, "0.0.0.0/0")),
            "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_vpc.this, brought along",
        ),
        (
            asked("ec2.network_acl", "acl-0000000000000def", &[], &[]),
            "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_vpc.this, brought along",
        ),
        (
            asked("ec2.route_table", "rtb-0000000000000def", &[], &[]),
            "call envs/prod/network.tf `module \"vpc\"` of module.vpc.aws_vpc.this, brought along",
        ),
        (
            asked("ec2.network_interface", "eni-0000000000000000a", &[], &[]),
            "block envs/prod/compute.tf `resource \"aws_instance\" \"app\"` of aws_instance.app, brought along",
        ),
        (
            asked("ec2.volume", "vol-0000000000000000a", VOLUME, &[]),
            "attribute envs/prod/compute.tf `encrypted = false` of aws_instance.app, brought along",
        ),
        (
            asked("ec2.volume", "vol-0000000000000000a", &[], &[]),
            "attribute envs/prod/compute.tf `root_block_device` of aws_instance.app, brought along",
        ),
        (
            asked("ec2.volume", "vol-0000000000000000b", VOLUME, &[]),
            "attribute envs/prod/compute.tf `encrypted   = true` of aws_instance.app, brought along",
        ),
        (
            asked("ec2.volume", "vol-0000000000000000c", VOLUME, &[]),
            "attribute envs/prod/compute.tf `encrypted   = false` of aws_instance.app, brought along",
        ),
        // Network ACLs and routes.
        (
            asked(
                "ec2.network_acl",
                "acl-0000000000000000a",
                &["aws_network_acl_rule", "aws_network_acl.ingress"],
                &[
                    json!({ "rule_number": 110, "protocol": "6", "cidr": "0.0.0.0/0", "from_port": 3389, "to_port": 3389 }),
                ],
            ),
            "block envs/prod/network.tf `resource \"aws_network_acl_rule\" \"rdp\"` of aws_network_acl_rule.rdp, satellite",
        ),
        (
            asked(
                "ec2.network_acl",
                "acl-0000000000000000a",
                &["aws_network_acl_rule", "aws_network_acl.ingress"],
                &[
                    json!({ "rule_number": 100, "protocol": "6", "cidr": "0.0.0.0/0", "from_port": 22, "to_port": 22 }),
                ],
            ),
            "attribute envs/prod/network.tf `ingress` of aws_network_acl.main",
        ),
        (
            asked(
                "ec2.route_table",
                "rtb-0000000000000000a",
                &["aws_route", "aws_route_table.route"],
                &[json!({ "destination": "10.8.0.0/16" })],
            ),
            "block envs/prod/network.tf `resource \"aws_route\" \"peer\"` of aws_route.peer, satellite",
        ),
        (
            asked(
                "ec2.route_table",
                "rtb-0000000000000000a",
                &["aws_route", "aws_route_table.route.cidr_block"],
                &[json!({ "destination": "0.0.0.0/0", "gateway_id": "igw-0000000000000000a" })],
            ),
            "attribute envs/prod/network.tf `cidr_block = \"0.0.0.0/0\"` of aws_route_table.public",
        ),
        // Instances: an override file, a launch template, a group that launches.
        (
            asked("ec2.instance", "i-0000000000000000a", TOKENS, &[]),
            "attribute envs/prod/compute.tf `http_tokens   = \"optional\"` of aws_instance.app",
        ),
        (
            asked("ec2.instance", "i-0000000000000000a", &["aws_instance.monitoring"], &[]),
            "attribute envs/prod/compute_override.tf `monitoring = true` of aws_instance.app",
        ),
        (
            asked(
                "ec2.instance",
                "i-0000000000000000a",
                &["aws_instance.iam_instance_profile"],
                &[],
            ),
            "block envs/prod/compute.tf `resource \"aws_instance\" \"app\"` of aws_instance.app",
        ),
        (
            asked("ec2.instance", "i-0000000000000000b", TOKENS, &[]),
            "attribute envs/prod/compute.tf `http_tokens = \"optional\"` of aws_launch_template.app, satellite",
        ),
        (
            from_group,
            "attribute envs/prod/compute.tf `http_tokens = \"optional\"` of aws_launch_template.app, satellite",
        ),
        (not_of_group, "not declared"),
        (
            asked("ec2.instance", "i-0000000000000000d", TOKENS, &[]),
            "not found `aws_instance.from_template`: replaced; the next apply destroys it",
        ),
        (
            asked("ec2.instance", "i-0000000000000000e", TOKENS, &[]),
            "not found `aws_instance.gone`: not found in the code",
        ),
        // What the evidence names: a rule of a security group, a route.
        (
            asked(
                "ec2.instance",
                "i-0000000000000000a",
                &[
                    "aws_vpc_security_group_ingress_rule",
                    "aws_security_group_rule",
                    "aws_security_group.ingress",
                    "aws_instance",
                ],
                &[
                    json!({ "traffic": "tcp/22", "protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-0000000000000000a", "source": "0.0.0.0/0", "prefix_list_id": null }),
                ],
            ),
            "block envs/prod/network.tf `resource \"aws_vpc_security_group_ingress_rule\" \"ssh\"` of aws_vpc_security_group_ingress_rule.ssh[\"0.0.0.0/0\"], satellite",
        ),
        (
            asked(
                "ec2.instance",
                "i-0000000000000000a",
                &[
                    "aws_vpc_security_group_ingress_rule",
                    "aws_security_group_rule",
                    "aws_security_group.ingress",
                    "aws_instance",
                ],
                &[
                    json!({ "traffic": "tcp/22", "protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-0000000000000000b", "source": "0.0.0.0/0", "prefix_list_id": null }),
                ],
            ),
            "attribute envs/prod/network.tf `ingress` of aws_security_group.inline, satellite",
        ),
        (
            asked(
                "ec2.instance",
                "i-0000000000000000a",
                &["aws_vpc_security_group_ingress_rule", "aws_instance"],
                &[json!({ "security_group_id": "sg-0000000000000000f", "source": "0.0.0.0/0" })],
            ),
            "block envs/prod/compute.tf `resource \"aws_instance\" \"app\"` of aws_instance.app",
        ),
        (
            asked(
                "ec2.vpc_peering_connection",
                "pcx-0000000000000000a",
                &["aws_route", "aws_route_table.route", "aws_vpc_peering_connection"],
                &[
                    json!({ "route_table_id": "rtb-0000000000000000a", "destination": "10.8.0.0/16" }),
                ],
            ),
            "block envs/prod/network.tf `resource \"aws_route\" \"peer\"` of aws_route.peer, satellite",
        ),
        (
            asked(
                "ec2.vpc_peering_connection",
                "pcx-0000000000000000a",
                &["aws_route", "aws_route_table.route", "aws_vpc_peering_connection"],
                &[
                    json!({ "route_table_id": "rtb-0000000000000000a", "destination": "10.9.0.0/16" }),
                ],
            ),
            "attribute envs/prod/network.tf `route` of aws_route_table.public, satellite",
        ),
        // Settings of an account or a region.
        (
            asked(
                "s3.account",
                ACCOUNT,
                &["aws_s3_account_public_access_block.block_public_acls"],
                &[],
            ),
            "attribute envs/prod/main.tf `block_public_acls = false` of aws_s3_account_public_access_block.this",
        ),
        (
            asked("ec2.settings", "eu-west-1", &["aws_ebs_encryption_by_default.enabled"], &[]),
            "attribute envs/prod/main.tf `enabled = false` of aws_ebs_encryption_by_default.eu",
        ),
        (
            settings_us,
            "attribute envs/prod/main.tf `enabled  = false` of aws_ebs_encryption_by_default.us",
        ),
        (
            asked("ec2.settings", "eu-west-1", &["aws_ec2_serial_console_access"], &[]),
            "not declared",
        ),
        (
            asked("ec2.key_pair", "key-0000000000000000a", &[], &[]),
            "block envs/prod/main.tf `resource \"aws_key_pair\" \"admin\"` of aws_key_pair.admin",
        ),
        // Nothing of this stack.
        (bucket("acme-of-others", VERSIONING), "not declared"),
        (asked("ec2.vpc", "vpc-0000000000000000c", &[], &[]), "not declared"),
        (other_owner, "not declared"),
        (other_account, "not declared"),
        (other_region, "not declared"),
    ]
}

#[test]
fn every_finding_of_the_stack_is_placed_by_both_forms_of_the_state() {
    let stack = Stack::new();
    for state in ["prod.tfstate", "prod.show.json"] {
        let root = stack.open(ROOT, &[state]);
        assert_eq!(root.problems(), &[] as &[String]);
        let mut wrong = Vec::new();
        for (asked, wanted) in cases() {
            let got = stack.describe(&root, &asked);
            if got != wanted {
                let about = format!("{} {} {:?}", asked.kind, asked.id, asked.terraform);
                wrong.push(format!("{about}\n  wanted {wanted}\n  got    {got}"));
            }
        }
        assert!(wrong.is_empty(), "{state}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn nothing_of_a_state_but_ids_is_kept() {
    let stack = Stack::new();
    for state in ["prod.tfstate", "prod.show.json"] {
        let root = stack.open(ROOT, &[state]);
        let kept = format!("{:?}", root.links);
        assert!(kept.contains("acme-website") && stack.read(state).contains("do-not-keep-this"));
        assert!(!kept.contains("do-not-keep-this"), "{state}");
        // The name of this bucket is marked as sensitive: only its id is known.
        let hidden = root.links.known.iter().find(|known| &*known.instance.name == "hidden");
        let values = &hidden.unwrap().instance.values;
        let paths = values.iter().map(|kept| relations::INDEX.name(kept.path)).collect::<Vec<_>>();
        assert_eq!(paths, ["arn", "id", "region"]);
    }
}
