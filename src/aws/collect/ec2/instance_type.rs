//! `ec2.instance_type`: DescribeInstances returns which types are in use, DescribeInstanceTypes their
//! properties.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, InstanceType};

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::Kind;
use crate::facts::ec2::instance_type::*;

instance_type_shapes!(mirror, aws_sdk_ec2::types);

/// The most values that EC2 accepts in a filter. A page has as many types.
const MAX_FILTER_VALUES: usize = 100;

/// Reads [`KIND`].
pub(crate) struct InstanceTypes;

#[async_trait]
impl Collector for InstanceTypes {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let in_use: Vec<String> = describe_pages!(
            cx, &DESCRIBE_INSTANCES, describe_instances.include_managed_resources(true) => page.reservations.map(|list| {
                list.into_iter().filter_map(|r| r.instances).flatten().filter_map(|instance| instance.instance_type).collect()
            })
        );
        let in_use: Vec<String> = in_use.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut listed: Vec<InstanceTypeInfo> = Vec::new();
        for names in in_use.chunks(MAX_FILTER_VALUES) {
            // A filter, since a name that the region does not know would fail the whole call.
            let filter =
                Filter::builder().name("instance-type").set_values(Some(names.to_vec())).build();
            let types: Vec<InstanceTypeInfo> = describe_pages!(
                cx, &KIND.list[0], describe_instance_types.filters(filter.clone()) => page.instance_types
            );
            listed.extend(types);
        }
        ListedResource::all(cx, &KIND, &listed)
    }
}

impl Mirror<Option<InstanceType>> for String {
    fn mirror(from: Option<InstanceType>) -> Self {
        from.map(Mirror::mirror).unwrap_or_default()
    }
}

impl Mirror<InstanceType> for String {
    fn mirror(from: InstanceType) -> Self {
        from.as_str().to_owned()
    }
}
