//! `ec2.flow_log`: flow logs of VPCs, subnets, interfaces and transit gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The table entry.
pub static KIND: Kind = Kind {
    name: "ec2.flow_log",
    doc: "A flow log.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeFlowLogs").element("flowLogSet").paged(1_000)],
    id: "flow_log_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"),
    name_field: None,
    shape: Shape::of::<FlowLog>(),
    facts: &[],
};

shape! { flow_log_shapes:
    /// What DescribeFlowLogs returns.
    pub struct FlowLog {
        /// The flow log's id.
        pub flow_log_id: String,
        /// What is logged: the id of a VPC, subnet, network interface, transit gateway or its
        /// attachment.
        pub resource_id: Option<String>,
        /// `ACCEPT`, `REJECT` or `ALL`.
        pub traffic_type: Option<String>,
        /// `ACTIVE`.
        pub flow_log_status: Option<String>,
        /// When it was created.
        pub creation_time: Option<Time>,
        /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
        pub log_destination_type: Option<String>,
        /// ARN of the log group, of the bucket with its prefix, or of the delivery stream.
        pub log_destination: Option<String>,
        /// Name of the log group, for CloudWatch Logs.
        pub log_group_name: Option<String>,
        /// `SUCCESS` or `FAILED`.
        pub deliver_logs_status: Option<String>,
        /// Why delivery failed: `Rate limited`, `Access error`, …
        pub deliver_logs_error_message: Option<String>,
        /// The role that writes to CloudWatch Logs.
        pub deliver_logs_permission_arn: Option<String>,
        /// The role that delivers to another account.
        pub deliver_cross_account_role: Option<String>,
        /// The fields of a record.
        pub log_format: Option<String>,
        /// The longest time that one record sums up, in seconds: 60 or 600.
        pub max_aggregation_interval: Option<i64>,
        /// Form of the files, for S3.
        pub destination_options: Option<DestinationOptionsResponse>,
        /// Its tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// Form of the files.
    pub struct DestinationOptionsResponse {
        /// `plain-text` or `parquet`.
        pub file_format: Option<String>,
        /// Whether their prefixes are made for Hive.
        pub hive_compatible_partitions: Option<bool>,
        /// Whether there is a partition for each hour.
        pub per_hour_partition: Option<bool>,
    }
}
