//! Cases of actions on EC2 and VPC.

use serde_json::{Value, json};

use super::scenery::{Case, case};

/// A group with two sources for SSH, a port for itself and a wide open outbound rule.
fn group() -> Value {
    json!({
        "group_id": "sg-0a1", "group_name": "bastion", "owner_id": "111122223333",
        "ip_permissions": [
            {
                "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
                "ip_ranges": [
                    { "cidr_ip": "0.0.0.0/0", "description": "temporary" },
                    { "cidr_ip": "192.0.2.0/24", "description": "office" },
                ],
                "ipv6_ranges": [{ "cidr_ipv6": "::/0" }],
            },
            {
                "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
                "user_id_group_pairs": [{ "group_id": "sg-0a1", "user_id": "111122223333" }],
                "prefix_list_ids": [{ "prefix_list_id": "pl-1" }],
            },
            { "ip_protocol": "icmp", "from_port": -1, "to_port": -1, "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
        ],
        "ip_permissions_egress": [
            { "ip_protocol": "-1", "ip_ranges": [{ "cidr_ip": "0.0.0.0/0" }] },
        ],
    })
}

fn ssh(cidr: &str, description: &str) -> Value {
    json!({
        "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": cidr, "description": description,
    })
}

pub(super) fn cases() -> Vec<Case> {
    let revoke = |title, parameters| {
        case(title, "ec2.security_group.revoke", parameters, "ec2.security_group", group())
    };
    vec![
        revoke(
            "only the world's source of a permission",
            json!({ "ingress": [ssh("0.0.0.0/0", "temporary")] }),
        ),
        revoke(
            "everything: permissions that get empty go",
            json!({
                "ingress": [
                    ssh("0.0.0.0/0", "temporary"),
                    ssh("0.0.0.0/0", "temporary"),
                    ssh("192.0.2.0/24", "office"),
                    { "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv6": "0:0::/0" },
                    { "protocol": "tcp", "from_port": 443, "to_port": 443, "prefix_list_id": "pl-1" },
                    {
                        "protocol": "tcp", "from_port": 443, "to_port": 443,
                        "referenced_group": { "group_id": "sg-0a1", "user_id": "111122223333" },
                    },
                    { "protocol": "icmp", "from_port": -1, "to_port": -1, "cidr_ipv4": "0.0.0.0/0" },
                ],
                "egress": [{ "protocol": "-1", "from_port": -1, "to_port": -1, "cidr_ipv4": "0.0.0.0/0" }],
            }),
        ),
        revoke(
            "a rule that is gone",
            json!({ "ingress": [
                { "protocol": "tcp", "from_port": 23, "to_port": 23, "cidr_ipv4": "0.0.0.0/0" },
            ] }),
        ),
        revoke("another description", json!({ "ingress": [ssh("0.0.0.0/0", "forever")] })),
        case(
            "a description that another rule of the permission lacks",
            "ec2.security_group.authorize",
            json!({ "ingress": [
                ssh("198.51.100.0/24", "partner"),
                { "protocol": "udp", "from_port": 53, "to_port": 53, "cidr_ipv4": "10.0.0.0/8" },
            ] }),
            "ec2.security_group",
            group(),
        ),
        case(
            "a rule that is there with another description",
            "ec2.security_group.authorize",
            json!({ "ingress": [ssh("0.0.0.0/0", "again")] }),
            "ec2.security_group",
            group(),
        ),
    ]
}
