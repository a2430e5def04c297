//! `ec2.flow_log`: everything is in the list.

use super::{describe_pages, list_only, mirror};
use crate::facts::ec2::flow_log::*;

flow_log_shapes!(mirror, aws_sdk_ec2::types);

list_only! { FlowLogs: FlowLog, describe_pages!(describe_flow_logs => page.flow_logs) }
