//! `ec2.instance`: everything is in the list, which comes in reservations.

use super::{PAGE, describe, mirror};
use crate::facts::ec2::instance::*;

instance_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    Instances, KIND, Instance:
    describe_instances.max_results(PAGE).include_managed_resources(true) => page.reservations.map(|list| list.into_iter().filter_map(|r| r.instances).flatten().collect())
}
