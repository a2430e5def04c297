//! What looks like the cause, and is not: rules that were added by hand, launch templates of a group that
//! changed, and ids and regions of other resources.

use serde_json::json;

use super::*;

fn instance(resource_type: &str, name: &str, attributes: &Value) -> Value {
    json!({
        "mode": "managed", "type": resource_type, "name": name, "provider": "p",
        "instances": [{ "attributes": attributes }],
    })
}

fn state(resources: &[Value]) -> String {
    json!({ "version": 4, "resources": resources }).to_string()
}

#[test]
fn a_rule_that_the_state_does_not_have_is_not_that_of_an_expression() {
    const INGRESS: &[&str] = &[
        "aws_vpc_security_group_ingress_rule",
        "aws_security_group_rule",
        "aws_security_group.ingress",
    ];
    let rule = |port: i64, cidr: &str| {
        json!({ "from_port": port, "to_port": port, "protocol": "tcp", "self": false,
                "cidr_blocks": [cidr], "ipv6_cidr_blocks": [], "security_groups": [] })
    };
    let opening = json!({ "port": 22, "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
                          "cidr": "0.0.0.0/0", "prefix_list_id": null });
    let block = |port: &str| {
        format!(
            "  ingress {{\n    from_port = {port}\n    to_port = {port}\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }}\n"
        )
    };
    let dynamic = "  dynamic \"ingress\" {\n    for_each = local.rules\n    content {\n      from_port = ingress.value\n      to_port = ingress.value\n      protocol = \"tcp\"\n      cidr_blocks = [\"0.0.0.0/0\"]\n    }\n  }\n".to_owned();
    let named = "attribute main.tf `ingress` of aws_security_group.g";
    let generated = "attribute main.tf `dynamic \"ingress\"` of aws_security_group.g";
    let missing =
        "block main.tf `resource \"aws_security_group\" \"g\"` of aws_security_group.g, missing";
    let (ssh, other) = (rule(22, "0.0.0.0/0"), rule(8080, "0.0.0.0/0"));
    for (name, code, rules, wanted) in [
        ("variable", block("var.port"), vec![other.clone()], missing),
        ("the variable had that value", block("var.port"), vec![ssh.clone()], named),
        ("not known", block("var.port"), vec![], named),
        ("dynamic", dynamic.clone(), vec![rule(443, "0.0.0.0/0")], missing),
        ("dynamic with the rule", dynamic, vec![other.clone(), ssh], generated),
        ("the state is older than the code", block("22"), vec![other.clone()], named),
        ("an attribute", "  ingress = var.rules\n".to_owned(), vec![other.clone()], missing),
        // Of two blocks, only the other one can be it.
        ("literal", format!("{}{}", block("var.port"), block("22")), vec![other], named),
    ] {
        let code = format!("resource \"aws_security_group\" \"g\" {{\n{code}}}\n");
        let attributes = json!({ "id": "sg-1", "ingress": rules });
        let state = state(&[instance("aws_security_group", "g", &attributes)]);
        let stack = Stack::of(&[("main.tf", &code), ("s.tfstate", &state)]);
        let root = stack.open("", &["s.tfstate"]);
        let asked = asked("ec2.security_group", "sg-1", INGRESS, std::slice::from_ref(&opening));
        assert_eq!(stack.describe(&root, &asked), wanted, "{name}");
    }
}

#[test]
fn an_instance_has_the_launch_template_of_its_tag() {
    const TOKENS: &[&str] = &[
        "aws_instance.metadata_options.http_tokens",
        "aws_launch_template.metadata_options.http_tokens",
    ];
    let options = |kind: &str, name: &str| {
        format!(
            "resource \"{kind}\" \"{name}\" {{\n  metadata_options {{\n    http_tokens = \"optional\" # {name}\n  }}\n}}\n"
        )
    };
    let code = format!(
        "{}{}{}resource \"aws_autoscaling_group\" \"g\" {{}}\nresource \"aws_autoscaling_group\" \"old\" {{}}\nresource \"aws_eks_node_group\" \"n\" {{}}\n",
        options("aws_launch_template", "one"),
        options("aws_launch_template", "two"),
        options("aws_launch_configuration", "lc")
    );
    let by_template = json!([{ "id": "lt-1" }]);
    let state = state(&[
        instance("aws_launch_template", "one", &json!({ "id": "lt-1" })),
        instance("aws_launch_template", "two", &json!({ "id": "lt-2" })),
        instance("aws_launch_configuration", "lc", &json!({ "id": "web-2020" })),
        instance(
            "aws_autoscaling_group",
            "g",
            &json!({ "id": "g", "name": "g", "launch_template": by_template }),
        ),
        instance(
            "aws_autoscaling_group",
            "old",
            &json!({ "id": "old", "name": "old", "launch_configuration": "web-2020" }),
        ),
        instance(
            "aws_eks_node_group",
            "n",
            &json!({ "id": "c:n", "node_group_name": "n", "launch_template": by_template }),
        ),
    ]);
    let stack = Stack::of(&[("main.tf", &code), ("s.tfstate", &state)]);
    let root = stack.open("", &["s.tfstate"]);
    let (group, nodes, template) =
        ("aws:autoscaling:groupName", "eks:nodegroup-name", "aws:ec2launchtemplate:id");
    let of = |name: &str| {
        format!(
            "attribute main.tf `http_tokens = \"optional\"` of aws_launch_template.{name}, satellite"
        )
    };
    let group_itself = "block main.tf `resource \"aws_autoscaling_group\" \"g\"` of aws_autoscaling_group.g, brought along";
    for (tags, wanted) in [
        (vec![(group, "g")], of("one")),
        (vec![(group, "g"), (template, "lt-1")], of("one")),
        // Of an earlier launch template of the group, or an override of its instance types.
        (vec![(group, "g"), (template, "lt-2")], of("two")),
        (vec![(group, "g"), (template, "lt-gone")], group_itself.to_owned()),
        // EKS makes a template of its own from that of the node group.
        (vec![(nodes, "n"), (template, "lt-of-eks")], of("one")),
        (vec![(group, "old")], of("lc").replace("aws_launch_template", "aws_launch_configuration")),
    ] {
        let mut asked = asked("ec2.instance", "i-1", TOKENS, &[]);
        asked.tags =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(stack.describe(&root, &asked), wanted, "{tags:?}");
    }
}

#[test]
fn the_account_and_the_region_of_another_resource_are_not_those_of_a_setting() {
    let other = "arn:aws:sns:us-east-1:222233334444:x";
    let setting = instance("aws_ebs_encryption_by_default", "x", &json!({ "id": "terraform-1" }));
    let vpc = instance(
        "aws_vpc",
        "v",
        &json!({ "id": "vpc-1", "arn": format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/vpc-1") }),
    );
    let role = |account: &str| {
        let attributes = json!({ "id": account, "arn": format!("arn:aws:iam::{account}:role/x") });
        instance("aws_iam_role", account, &attributes)
    };
    let targets: Vec<Value> = [
        ("aws_cloudwatch_event_target", json!({ "id": "t", "arn": other })),
        (
            "aws_sns_topic_subscription",
            json!({ "id": "s", "arn": other, "owner_id": "222233334444" }),
        ),
        ("aws_cloudformation_stack_set_instance", json!({ "id": "i", "region": "us-east-1" })),
        ("aws_opsworks_stack", json!({ "id": "a", "region": "us-east-1" })),
    ]
    .iter()
    .map(|(kind, attributes)| instance(kind, "other", attributes))
    .collect();
    let placed = "block main.tf `resource \"aws_ebs_encryption_by_default\" \"x\"`";
    let unknown = "not found `aws_ebs_encryption_by_default.x`: its account is not known, because";
    let two = format!("has two for its provider configuration, {ACCOUNT} and 222233334444: name");
    for (name, mut resources, account, region, wanted) in [
        ("own", vec![vpc.clone()], ACCOUNT, "eu-west-1", [placed, ""]),
        ("the account of a target", vec![vpc], "222233334444", "us-east-1", ["not declared", ""]),
        ("nothing of its own", vec![], "222233334444", "us-east-1", [unknown, "does not have it"]),
        (
            "two accounts",
            vec![role(ACCOUNT), role("222233334444")],
            ACCOUNT,
            "eu-west-1",
            [unknown, &two],
        ),
    ] {
        resources.push(setting.clone());
        resources.extend(targets.clone());
        let code = "resource \"aws_ebs_encryption_by_default\" \"x\" {}\n";
        let stack = Stack::of(&[("main.tf", code), ("s.tfstate", &state(&resources))]);
        let root = stack.open("", &["s.tfstate"]);
        let mut asked = asked("ec2.settings", region, &["aws_ebs_encryption_by_default"], &[]);
        (asked.account, asked.region) = (account, region);
        let got = stack.describe(&root, &asked);
        assert!(wanted.iter().all(|part| got.contains(part)), "{name}: {got}");
    }
}
