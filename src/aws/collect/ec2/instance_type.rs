//! `ec2.instance_type`: DescribeInstances tells which types are in use, DescribeInstanceTypes what
//! they are.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, InstanceType};
use futures::future::BoxFuture;

use super::{mirror, pages};
use crate::aws::collector::{Collector, Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::Kind;
use crate::facts::ec2::instance_type::*;

instance_type_shapes!(mirror, aws_sdk_ec2::types);

/// EC2 takes so many values of a filter, and a page has as many types.
const TYPES: usize = 100;

/// Reads [`KIND`].
pub(crate) struct InstanceTypes;

impl Collector for InstanceTypes {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<ListedResource>, Failure>> {
        Box::pin(async move {
            let in_use: Vec<String> = pages!(
                cx, &DESCRIBE_INSTANCES, describe_instances.include_managed_resources(true) => page.reservations.map(|list| {
                    list.into_iter().filter_map(|r| r.instances).flatten().filter_map(|instance| instance.instance_type).collect()
                })
            );
            let in_use: Vec<String> =
                in_use.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let mut found = Vec::new();
            for names in in_use.chunks(TYPES) {
                // A filter, since one name that the region does not know would fail the whole call.
                let filter = Filter::builder()
                    .name("instance-type")
                    .set_values(Some(names.to_vec()))
                    .build();
                let types: Vec<InstanceTypeInfo> = pages!(
                    cx, &KIND.list[0], describe_instance_types.filters(filter.clone()) => page.instance_types
                );
                for fields in types {
                    found.push(ListedResource::of(cx, &KIND, &fields)?);
                }
            }
            Ok(found)
        })
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
