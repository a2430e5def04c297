//! Kinds of Amazon EC2 and VPC.

pub(crate) mod address;
pub(crate) mod capacity_reservation;
pub(crate) mod carrier_gateway;
pub(crate) mod client_vpn_endpoint;
pub(crate) mod customer_gateway;
pub(crate) mod dhcp_options;
pub(crate) mod egress_only_internet_gateway;
pub(crate) mod fleet;
pub(crate) mod flow_log;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod instance_type;
pub(crate) mod internet_gateway;
pub(crate) mod ipam_scope;
pub(crate) mod key_pair;
pub(crate) mod launch_template;
pub(crate) mod managed_prefix_list;
pub(crate) mod nat_gateway;
pub(crate) mod network_acl;
pub(crate) mod network_insights_access_scope;
pub(crate) mod network_insights_access_scope_analysis;
pub(crate) mod network_insights_analysis;
pub(crate) mod network_insights_path;
pub(crate) mod network_interface;
pub(crate) mod reserved_instances;
pub(crate) mod route_table;
pub(crate) mod security_group;
pub(crate) mod settings;
pub(crate) mod snapshot;
pub(crate) mod spot_fleet_request;
pub(crate) mod subnet;
pub(crate) mod traffic_mirror_filter;
pub(crate) mod traffic_mirror_session;
pub(crate) mod traffic_mirror_target;
pub(crate) mod transit_gateway;
pub(crate) mod transit_gateway_attachment;
pub(crate) mod transit_gateway_multicast_domain;
pub(crate) mod transit_gateway_route_table;
pub(crate) mod verified_access_instance;
pub(crate) mod volume;
pub(crate) mod vpc;
pub(crate) mod vpc_encryption_control;
pub(crate) mod vpc_endpoint;
pub(crate) mod vpc_endpoint_service;
pub(crate) mod vpc_peering_connection;
pub(crate) mod vpn_connection;
pub(crate) mod vpn_gateway;

#[cfg(test)]
mod tests;

/// Every page of a list, of the call's page size: the context, the call, the operation with its
/// settings, and where the items are in a page. They arrive as shapes of ours; a page that fails
/// fails the whole.
macro_rules! pages {
    ($cx:expr, $call:expr, $operation:ident $(.$set:ident($($argument:expr),*))* => $page:ident . $($items:tt)+) => {{
        let (cx, call): (&$crate::aws::collector::Context, &$crate::facts::ApiCall) = ($cx, $call);
        let client = cx.clients.ec2(&cx.region);
        let mut pages = $crate::aws::paging::Pages::of(call);
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let request = client.$operation()$(.$set($($argument),*))*.max_results(call.page_size()).set_next_token(token);
            let $page = cx.call(call, request.send()).await?;
            token = pages.next($page.next_token.clone())?;
            let items: Option<Vec<_>> = $page.$($items)+;
            all.extend(items.into_iter().flatten().map($crate::aws::mirror::Mirror::mirror));
            if token.is_none() {
                break all;
            }
        }
    }};
}

/// The answer of a list that is not paged, like [`pages!`].
macro_rules! page {
    ($cx:expr, $call:expr, $operation:ident $(.$set:ident($($argument:expr),*))* => $page:ident . $($items:tt)+) => {{
        let (cx, call): (&$crate::aws::collector::Context, &$crate::facts::ApiCall) = ($cx, $call);
        let request = cx.clients.ec2(&cx.region).$operation()$(.$set($($argument),*))*;
        let $page = cx.call(call, request.send()).await?;
        let items: Option<Vec<_>> = $page.$($items)+;
        items.into_iter().flatten().map($crate::aws::mirror::Mirror::mirror).collect::<Vec<_>>()
    }};
}

/// A collector for a kind that one paged Describe call lists whole: its name, the kind, its shape,
/// the operation with its settings, and where the resources are in a page. Facts beyond the list
/// are named after the functions that read them: `each(…)` for a call per resource, `all(…)` for
/// calls that answer for all resources of the list. `found(…)` names a function that a resource
/// goes through once it is found.
macro_rules! describe {
    ($($collection:tt)+) => {
        $crate::aws::collect::ec2::collector! { pages $($collection)+ }
    };
}

/// Like [`describe!`], for a call that is not paged.
macro_rules! describe_once {
    ($($collection:tt)+) => {
        $crate::aws::collect::ec2::collector! { page $($collection)+ }
    };
}

macro_rules! collector {
    (
        $list:ident $collector:ident, $kind:ident, $shape:ty
        $(, each($($each:ident),+))? $(, all($($all:ident),+))? $(, found($found:ident))?:
        $($operation:tt)+
    ) => {
        /// Reads [`KIND`].
        pub(crate) struct $collector;

        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &$kind
            }

            fn list<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
            ) -> futures::future::BoxFuture<'a, Result<Vec<$crate::aws::collector::ListedResource>, $crate::aws::failure::Failure>> {
                Box::pin(async move {
                    let call = &$kind.list[0];
                    let listed: Vec<$shape> = $crate::aws::collect::ec2::$list!(cx, call, $($operation)+);
                    let found = listed.into_iter().map(|fields| $crate::aws::collector::ListedResource::of(cx, &$kind, &fields));
                    found$(.map(|found| found.map($found)))?.collect()
                })
            }

            $(fn fact<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
                found: &'a $crate::aws::collector::ListedResource,
                fact: &'static $crate::facts::FactSpec,
            ) -> $crate::aws::collector::Answer<'a> {
                Box::pin(async move {
                    let call = &fact.call;
                    match fact.name {
                        $(stringify!($each) => $crate::aws::collector::known(call, &$each(cx, found, call).await?),)+
                        _ => Err($crate::aws::collector::no_collector(fact)),
                    }
                })
            })?

            $(fn batch_fact<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
                fact: &'static $crate::facts::FactSpec,
            ) -> $crate::aws::collector::BatchFactFuture<'a> {
                Box::pin(async move {
                    match fact.name {
                        $(stringify!($all) => $all(cx, &fact.call).await,)+
                        _ => Err($crate::aws::collector::no_collector(fact)),
                    }
                })
            })?
        }
    };
}

use {collector, describe, describe_once, page, pages};

use crate::aws::mirror::mirror;
