//! Kinds of Amazon EC2 and VPC.

pub(in crate::aws) mod client_vpn_endpoint;
pub(in crate::aws) mod customer_gateway;
pub(in crate::aws) mod instance;
pub(in crate::aws) mod ipam_scope;
pub(in crate::aws) mod network_insights_access_scope;
pub(in crate::aws) mod network_insights_access_scope_analysis;
pub(in crate::aws) mod network_insights_analysis;
pub(in crate::aws) mod network_insights_path;
pub(in crate::aws) mod security_group;
pub(in crate::aws) mod settings;
pub(in crate::aws) mod traffic_mirror_filter;
pub(in crate::aws) mod traffic_mirror_session;
pub(in crate::aws) mod traffic_mirror_target;
pub(in crate::aws) mod transit_gateway;
pub(in crate::aws) mod transit_gateway_attachment;
pub(in crate::aws) mod transit_gateway_multicast_domain;
pub(in crate::aws) mod transit_gateway_route_table;
pub(in crate::aws) mod verified_access_instance;
pub(in crate::aws) mod volume;
pub(in crate::aws) mod vpc_encryption_control;
pub(in crate::aws) mod vpn_connection;
pub(in crate::aws) mod vpn_gateway;

#[cfg(test)]
mod tests_gate;

/// How many resources a page has: the most that EC2 gives.
const PAGE: i32 = 1_000;

/// A collector for a kind that one paged Describe call lists whole: its name, the kind, its shape, the function that reads its facts on
/// demand if it has any, the operation with its settings, and where the resources are in a page.
macro_rules! describe {
    ($collector:ident, $kind:ident, $shape:ty $(, $fact:path)?: $operation:ident $(.$set:ident($($argument:expr),*))* => $page:ident . $($items:tt)+) => {
        /// Reads [`KIND`].
        pub(in crate::aws) struct $collector;

        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &$kind
            }

            fn list<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
            ) -> futures::future::BoxFuture<'a, Result<Vec<$crate::aws::collector::Found>, $crate::aws::failure::Failure>> {
                Box::pin(async move {
                    let call = &$kind.list[0];
                    let client = cx.clients.ec2(&cx.region);
                    let mut pages = $crate::aws::collector::Pages::of(call);
                    let mut found = Vec::new();
                    let mut token = None;
                    loop {
                        let request = client.$operation()$(.$set($($argument),*))*.set_next_token(token);
                        let $page = cx.call(call, request.send()).await?;
                        token = pages.next($page.next_token.clone())?;
                        let items: Option<Vec<_>> = $page.$($items)+;
                        for item in items.into_iter().flatten() {
                            let fields: $shape = $crate::aws::mirror::Mirror::mirror(item);
                            found.push($crate::aws::collector::Found::of(cx, &$kind, &fields)?);
                        }
                        if token.is_none() {
                            return Ok(found);
                        }
                    }
                })
            }

            $(fn fact<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
                found: &'a $crate::aws::collector::Found,
                fact: &'static $crate::facts::FactSpec,
            ) -> $crate::aws::collector::Answer<'a> {
                Box::pin($fact(cx, found, fact))
            })?
        }
    };
}

/// The same for a call that answers everything at once.
macro_rules! describe_once {
    ($collector:ident, $kind:ident, $shape:ty: $operation:ident => $answer:ident . $($items:tt)+) => {
        /// Reads [`KIND`].
        pub(in crate::aws) struct $collector;

        impl $crate::aws::collector::Collector for $collector {
            fn kind(&self) -> &'static $crate::facts::Kind {
                &$kind
            }

            fn list<'a>(
                &'a self,
                cx: &'a $crate::aws::collector::Context,
            ) -> futures::future::BoxFuture<'a, Result<Vec<$crate::aws::collector::Found>, $crate::aws::failure::Failure>> {
                Box::pin(async move {
                    let $answer = cx.call(&$kind.list[0], cx.clients.ec2(&cx.region).$operation().send()).await?;
                    let items: Option<Vec<_>> = $answer.$($items)+;
                    let found = items.into_iter().flatten().map(|item| {
                        let fields: $shape = $crate::aws::mirror::Mirror::mirror(item);
                        $crate::aws::collector::Found::of(cx, &$kind, &fields)
                    });
                    found.collect()
                })
            }
        }
    };
}

use {describe, describe_once};

use crate::aws::mirror::mirror;
