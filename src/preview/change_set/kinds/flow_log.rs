//! `ec2.flow_log`. Everything but the tags of a flow log is what it was created with.

use super::spec::Spec;
use crate::facts::ec2::flow_log::KIND;
use crate::preview::change_set::converter::{Converter, flag, number, text};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

pub const TYPES: &[Spec] = &[Spec::new("AWS::EC2::FlowLog", "ec2.flow_log", flow_log).with(&[
    "DeliverCrossAccountRole",
    "DeliverLogsPermissionArn",
    "DestinationOptions",
    "LogDestination",
    "LogDestinationType",
    "LogFormat",
    "LogGroupName",
    "MaxAggregationInterval",
    "ResourceId",
    "ResourceType",
    "Tags",
    "TrafficType",
])];

fn flow_log(cx: &mut Converter<'_>) {
    let id = cx.own_id(None);
    let mut tree = Tree::object([]);
    let unknown = || Tree::Unknown(Why::Apply);
    // A log group is returned as a destination as well, and the other way around.
    let kind = cx.get("LogDestinationType");
    let is_group = kind.is_empty() || text(kind).as_str() == Some("cloud-watch-logs");
    let unless = |property: &str| match cx.get(property).is_empty() {
        true => ABSENT,
        false => unknown(),
    };
    let group = if is_group || kind.why().is_some() { unless("LogDestination") } else { ABSENT };
    for (property, field, default) in [
        ("ResourceId", "resource_id", unknown()),
        // It is required, except for transit gateways.
        ("TrafficType", "traffic_type", ABSENT),
        ("LogDestinationType", "log_destination_type", "cloud-watch-logs".into()),
        ("LogDestination", "log_destination", unless("LogGroupName")),
        ("LogGroupName", "log_group_name", group),
        ("DeliverLogsPermissionArn", "deliver_logs_permission_arn", ABSENT),
        ("DeliverCrossAccountRole", "deliver_cross_account_role", ABSENT),
        ("LogFormat", "log_format", Tree::Unknown(Why::Default)),
    ] {
        cx.put(&mut tree, (property, field), default, text);
    }
    let interval = ("MaxAggregationInterval", "max_aggregation_interval");
    cx.put(&mut tree, interval, Tree::Unknown(Why::Default), number);
    let options = ("DestinationOptions", "destination_options");
    cx.put(&mut tree, options, unknown(), destination_options);
    cx.put_tags(&mut tree, true);
    if cx.is_created() {
        tree.add(Tree::object([
            ("flow_log_id", id.0.as_str().into()),
            ("flow_log_status", "ACTIVE".into()),
            // Whether delivery works shows only later.
            ("deliver_logs_status", unknown()),
            ("deliver_logs_error_message", ABSENT),
        ]));
    }
    cx.declare(&KIND, id, tree);
}

fn destination_options(block: Attribute<'_>) -> Tree {
    Tree::object([
        ("file_format", text(block.get("FileFormat"))),
        ("hive_compatible_partitions", flag(block.get("HiveCompatiblePartitions")).into()),
        ("per_hour_partition", flag(block.get("PerHourPartition")).into()),
    ])
}
