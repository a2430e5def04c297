//! `ec2.instance`: everything is in the list.

use aws_sdk_ec2::types as sdk;
use futures::future::BoxFuture;

use super::PAGE;
use crate::aws::collector::{Collector, Context, Found, Pages, time};
use crate::aws::failure::Failure;
use crate::facts::Kind;
use crate::facts::ec2::instance::{
    BlockDeviceMapping, EnclaveOptions, GroupIdentifier, IamInstanceProfile, Instance, InstanceNetworkInterface, InstanceState,
    KIND, MetadataOptions, Monitoring, Placement,
};

/// Reads [`KIND`].
pub(in crate::aws) struct Instances;

impl Collector for Instances {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn list<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Vec<Found>, Failure>> {
        Box::pin(list(cx))
    }
}

async fn list(cx: &Context) -> Result<Vec<Found>, Failure> {
    let call = &KIND.list[0];
    let client = cx.clients.ec2(&cx.region);
    let mut pages = Pages::of(call);
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let page = cx.call(call, client.describe_instances().max_results(PAGE).set_next_token(token).send()).await?;
        for reservation in page.reservations.unwrap_or_default() {
            for instance in reservation.instances.unwrap_or_default() {
                found.push(resource(cx, reservation.owner_id.clone(), instance)?);
            }
        }
        token = pages.next(page.next_token)?;
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn resource(cx: &Context, owner_id: Option<String>, instance: sdk::Instance) -> Result<Found, Failure> {
    let id = instance.instance_id.clone().ok_or_else(|| Failure::invalid(KIND.list_call(), "an instance without an id"))?;
    let owner = owner_id.as_deref().unwrap_or(cx.account.as_str());
    let arn = format!("arn:{}:ec2:{}:{owner}:instance/{id}", cx.partition, cx.region);
    let fields = fields(id.clone(), owner_id, instance);
    Found::new(cx, &KIND, id, Some(arn), super::name(&fields.tags), &fields)
}

fn fields(instance_id: String, owner_id: Option<String>, from: sdk::Instance) -> Instance {
    Instance {
        instance_id,
        state: from.state.map(|state| InstanceState { name: state.name.map(|name| name.as_str().to_owned()) }),
        state_transition_reason: from.state_transition_reason.filter(|reason| !reason.is_empty()),
        instance_type: from.instance_type.map(|kind| kind.as_str().to_owned()),
        image_id: from.image_id,
        owner_id,
        launch_time: from.launch_time.and_then(time),
        key_name: from.key_name,
        platform: from.platform.map(|platform| platform.as_str().to_owned()),
        platform_details: from.platform_details,
        architecture: from.architecture.map(|architecture| architecture.as_str().to_owned()),
        instance_lifecycle: from.instance_lifecycle.map(|lifecycle| lifecycle.as_str().to_owned()),
        vpc_id: from.vpc_id,
        subnet_id: from.subnet_id,
        public_ip_address: from.public_ip_address,
        public_dns_name: from.public_dns_name,
        private_ip_address: from.private_ip_address,
        ipv6_address: from.ipv6_address,
        ebs_optimized: from.ebs_optimized,
        source_dest_check: from.source_dest_check,
        iam_instance_profile: from.iam_instance_profile.map(|profile| IamInstanceProfile { arn: profile.arn, id: profile.id }),
        monitoring: from
            .monitoring
            .map(|monitoring| Monitoring { state: monitoring.state.map(|state| state.as_str().to_owned()) }),
        placement: from.placement.map(|placement| Placement {
            availability_zone: placement.availability_zone,
            tenancy: placement.tenancy.map(|tenancy| tenancy.as_str().to_owned()),
        }),
        metadata_options: from.metadata_options.map(metadata_options),
        enclave_options: from.enclave_options.map(|options| EnclaveOptions { enabled: options.enabled }),
        root_device_name: from.root_device_name,
        block_device_mappings: from.block_device_mappings.into_iter().flatten().map(block_device).collect(),
        security_groups: groups(from.security_groups),
        network_interfaces: from.network_interfaces.into_iter().flatten().map(network_interface).collect(),
        tags: super::tags(from.tags),
    }
}

fn metadata_options(from: sdk::InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        state: from.state.map(|state| state.as_str().to_owned()),
        http_tokens: from.http_tokens.map(|tokens| tokens.as_str().to_owned()),
        http_endpoint: from.http_endpoint.map(|endpoint| endpoint.as_str().to_owned()),
        http_put_response_hop_limit: from.http_put_response_hop_limit.map(i64::from),
        http_protocol_ipv6: from.http_protocol_ipv6.map(|protocol| protocol.as_str().to_owned()),
        instance_metadata_tags: from.instance_metadata_tags.map(|tags| tags.as_str().to_owned()),
    }
}

fn block_device(from: sdk::InstanceBlockDeviceMapping) -> BlockDeviceMapping {
    let (volume_id, delete_on_termination) = from.ebs.map_or((None, None), |ebs| (ebs.volume_id, ebs.delete_on_termination));
    BlockDeviceMapping { device_name: from.device_name, volume_id, delete_on_termination }
}

fn groups(from: Option<Vec<sdk::GroupIdentifier>>) -> Vec<GroupIdentifier> {
    let group = |group: sdk::GroupIdentifier| GroupIdentifier { group_id: group.group_id, group_name: group.group_name };
    from.into_iter().flatten().map(group).collect()
}

fn network_interface(from: sdk::InstanceNetworkInterface) -> InstanceNetworkInterface {
    let (public_ip, public_ip_owner_id) =
        from.association.map_or((None, None), |address| (address.public_ip, address.ip_owner_id));
    InstanceNetworkInterface {
        network_interface_id: from.network_interface_id,
        subnet_id: from.subnet_id,
        vpc_id: from.vpc_id,
        interface_type: from.interface_type,
        public_ip,
        public_ip_owner_id,
        private_ip_address: from.private_ip_address,
        ipv6_addresses: from.ipv6_addresses.into_iter().flatten().filter_map(|address| address.ipv6_address).collect(),
        source_dest_check: from.source_dest_check,
        groups: groups(from.groups),
    }
}
