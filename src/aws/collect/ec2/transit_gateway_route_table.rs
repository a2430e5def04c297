//! `ec2.transit_gateway_route_table`: the tables are listed; their routes are a search per table.

use async_trait::async_trait;
use aws_sdk_ec2::types::Filter;

use super::{describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::transit_gateway_route_table::*;
use crate::facts::{ApiCall, FactSpec, Kind};

transit_gateway_route_table_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct TransitGatewayRouteTables;

#[async_trait]
impl Collector for TransitGatewayRouteTables {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let listed: Vec<TransitGatewayRouteTable> = describe_pages!(cx, &KIND.list[0], describe_transit_gateway_route_tables => page.transit_gateway_route_tables);
        ListedResource::all(cx, &KIND, &listed)
    }

    async fn fact(
        &self,
        cx: &Context,
        table: &ListedResource,
        fact: &'static FactSpec,
    ) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "routes" => known(call, &routes(cx, table, call).await?),
            _ => Err(no_collector(fact)),
        }
    }
}

/// AWS rejects a search without a filter; these two states are all that can be searched. A page has the
/// largest size, 1,000 routes, without asking for it.
async fn routes(cx: &Context, table: &ListedResource, call: &ApiCall) -> Result<Routes, Failure> {
    let states = Filter::builder().name("state").values("active").values("blackhole").build();
    let search = cx
        .clients
        .ec2()
        .search_transit_gateway_routes()
        .transit_gateway_route_table_id(&table.id)
        .filters(states);
    let pages = cx.all_pages(call, |token| {
        let request = search.clone().set_next_token(token);
        async move {
            let page = cx.call(call, || request.send()).await?;
            let next = page.next_token.clone();
            Ok((Some(vec![page]), next))
        }
    });
    let pages = pages.await?;
    // Where AWS offers no token for the rest, all we can do is record that there is more.
    let additional_routes_available =
        pages.last().and_then(|page| page.additional_routes_available).unwrap_or(false);
    let routes = pages.into_iter().flat_map(|page| Vec::mirror(page.routes)).collect();
    Ok(Routes { routes, additional_routes_available })
}
