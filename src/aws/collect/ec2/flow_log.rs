//! `ec2.flow_log`: everything is in the list.

use super::{describe, mirror};
use crate::facts::ec2::flow_log::*;

flow_log_shapes!(mirror, aws_sdk_ec2::types);

describe! { FlowLogs, KIND, FlowLog: describe_flow_logs => page.flow_logs }
