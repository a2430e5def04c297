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

/// All pages of a Describe call, as shapes of ours: the context, the call, the operation with its
/// parameters, and where a page has its items.
macro_rules! describe_pages {
    ($cx:expr, $call:expr, $operation:ident $(.$set:ident($($argument:expr),*))* => $page:ident . $($items:tt)+) => {{
        let (cx, call): (&$crate::aws::collector::Context, &$crate::facts::ApiCall) = ($cx, $call);
        let client = cx.clients.ec2();
        let items = cx.all_pages(call, |token| {
            let request = client.$operation()$(.$set($($argument),*))*.max_results(cx.page_size(call)).set_next_token(token);
            async move {
                let $page = cx.call(call, || request.send()).await?;
                let next = $page.next_token.clone();
                let items: Option<Vec<_>> = $page.$($items)+;
                Ok((Some($crate::aws::mirror::Mirror::mirror(items)), next))
            }
        });
        items.await?
    }};
}

/// The items of a Describe call that is not paged; parameters as for [`describe_pages!`].
macro_rules! describe_once {
    ($cx:expr, $call:expr, $operation:ident $(.$set:ident($($argument:expr),*))* => $response:ident . $($items:tt)+) => {{
        let (cx, call): (&$crate::aws::collector::Context, &$crate::facts::ApiCall) = ($cx, $call);
        let request = cx.clients.ec2().$operation()$(.$set($($argument),*))*;
        let $response = cx.call(call, || request.send()).await?;
        let items: Option<Vec<_>> = $response.$($items)+;
        $crate::aws::mirror::Mirror::mirror(items)
    }};
}

/// The collector of a kind whose fields are all in its list: its name, the shape of the kind, and
/// one of the two macros above without the context and the call.
macro_rules! list_only {
    ($collector:ident: $shape:ty, $describe:ident!($($operation:tt)+)) => {
        /// Reads [`KIND`].
        pub(crate) struct $collector;

        #[async_trait::async_trait]
        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &KIND
            }

            async fn list(
                &self,
                cx: &$crate::aws::collector::Context,
            ) -> Result<Vec<$crate::aws::collector::ListedResource>, $crate::aws::failure::Failure> {
                let listed: Vec<$crate::aws::mirror::Received<$shape>> =
                    $describe!(cx, &KIND.list[0], $($operation)+);
                $crate::aws::collector::ListedResource::received(cx, &KIND, &listed)
            }
        }
    };
}

use {describe_once, describe_pages, list_only};

use crate::aws::mirror::mirror;
