//! `ec2.flow_log`: flow logs of VPCs, subnets, network interfaces and transit gateways.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.flow_log",
    doc: "A flow log.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeFlowLogs")
        .element("flowLogSet")
        .paged(1_000)
        .always(&["resource_id", "flow_log_status"])],
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
        /// The id of the monitored resource: a VPC, subnet, network interface, transit gateway or
        /// transit gateway attachment.
        pub resource_id: Option<String>,
        /// `ACCEPT`, `REJECT` or `ALL`.
        pub traffic_type: Option<String>,
        /// `ACTIVE`.
        pub flow_log_status: Option<String>,
        /// When the flow log was created.
        pub creation_time: Option<Time>,
        /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
        pub log_destination_type: Option<String>,
        /// The ARN of the log group, of the bucket and prefix, or of the Firehose stream.
        pub log_destination: Option<String>,
        /// The name of the log group, for CloudWatch Logs.
        pub log_group_name: Option<String>,
        /// `SUCCESS` or `FAILED`.
        pub deliver_logs_status: Option<String>,
        /// Why delivery failed: `Rate limited`, `Access error`, …
        pub deliver_logs_error_message: Option<String>,
        /// The ARN of the IAM role that publishes to CloudWatch Logs.
        pub deliver_logs_permission_arn: Option<String>,
        /// The ARN of the IAM role for cross-account delivery.
        pub deliver_cross_account_role: Option<String>,
        /// The format of a flow log record.
        pub log_format: Option<String>,
        /// The maximum aggregation interval in seconds: 60 or 600.
        pub max_aggregation_interval: Option<i64>,
        /// The destination options, for S3.
        pub destination_options: Option<DestinationOptionsResponse>,
        /// The flow log's tags.
        #[serde(default)]
        pub tags: Tags,
    }

    /// The destination options.
    pub struct DestinationOptionsResponse {
        /// `plain-text` or `parquet`.
        pub file_format: Option<String>,
        /// Whether S3 prefixes are Hive-compatible.
        pub hive_compatible_partitions: Option<bool>,
        /// Whether logs are partitioned per hour.
        pub per_hour_partition: Option<bool>,
    }
}
