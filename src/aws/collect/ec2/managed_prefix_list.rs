//! `ec2.managed_prefix_list`: the list, then the entries of each prefix list, both in pages of 100
//! at most.

use super::{describe, mirror, pages};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::facts::ApiCall;
use crate::facts::ec2::managed_prefix_list::*;

managed_prefix_list_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    ManagedPrefixLists, KIND, ManagedPrefixList, each(entries):
    describe_managed_prefix_lists => page.prefix_lists
}

/// Of AWS's own lists too: what was not asked for must not read as absent.
async fn entries(
    cx: &Context,
    list: &ListedResource,
    call: &ApiCall,
) -> Result<Vec<PrefixListEntry>, Failure> {
    Ok(pages!(cx, call, get_managed_prefix_list_entries.prefix_list_id(&list.id) => page.entries))
}
