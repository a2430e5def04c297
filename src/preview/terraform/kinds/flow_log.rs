//! `ec2.flow_log`: `aws_flow_log`.

use super::common::tags_of;
use super::spec::Spec;
use crate::facts::ec2::flow_log::KIND;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("aws_flow_log", flow_log)];

fn flow_log(cx: &mut Converter<'_>) {
    let id = cx.own_id("id");
    let resource =
        ["vpc_id", "subnet_id", "eni_id", "transit_gateway_id", "transit_gateway_attachment_id"]
            .into_iter()
            .find(|name| {
                let value = cx.get(name);
                value.is_set() || value.is_unknown() && cx.has_argument(name)
            });
    let resource = resource.map_or(Tree::Unknown(Why::Apply), |name| cx.link(name));
    let kind = match cx.get("log_destination_type").text() {
        Ok(None) => Tree::from("cloud-watch-logs"),
        other => other.into(),
    };
    let mut tree = fields([
        ("flow_log_id", id.0.as_str().into()),
        ("resource_id", resource),
        // The API requires it, except for transit gateways.
        ("traffic_type", cx.get("traffic_type").text().into()),
        ("log_destination_type", kind),
        ("log_destination", cx.get("log_destination").text().into()),
        ("log_group_name", cx.get("log_group_name").text().into()),
        ("deliver_logs_permission_arn", cx.get("iam_role_arn").text().into()),
        ("deliver_cross_account_role", cx.get("deliver_cross_account_role").text().into()),
        ("log_format", cx.get("log_format").text().into()),
        ("max_aggregation_interval", cx.get("max_aggregation_interval").number().into()),
        ("tags", tags_of(cx)),
    ]);
    if cx.is_created() {
        tree.add(fields([
            ("flow_log_status", "ACTIVE".into()),
            // Whether delivery works shows only later.
            ("deliver_logs_status", Tree::Unknown(Why::Apply)),
            ("deliver_logs_error_message", ABSENT),
        ]));
    }
    cx.declare(&KIND, id, tree);
}
