//! `ec2.transit_gateway_route_table`: the tables are listed, their routes are searched table by
//! table.

use aws_sdk_ec2::types::Filter;

use super::{describe, mirror};
use crate::aws::collector::{Context, ListedResource};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::aws::paging::Pages;
use crate::facts::ApiCall;
use crate::facts::ec2::transit_gateway_route_table::*;

transit_gateway_route_table_shapes!(mirror, aws_sdk_ec2::types);

describe! {
    TransitGatewayRouteTables, KIND, TransitGatewayRouteTable, each(routes):
    describe_transit_gateway_route_tables => page.transit_gateway_route_tables
}

/// AWS refuses a search without a filter; these two states are all that it searches.
async fn routes(cx: &Context, table: &ListedResource, call: &ApiCall) -> Result<Routes, Failure> {
    let states = Filter::builder().name("state").values("active").values("blackhole").build();
    let client = cx.clients.ec2(&cx.region);
    let search = client
        .search_transit_gateway_routes()
        .transit_gateway_route_table_id(&table.id)
        .filters(states);
    let mut pages = Pages::of(call);
    let mut found = Routes { routes: Vec::new(), additional_routes_available: false };
    let mut token = None;
    loop {
        let page = cx
            .call(call, search.clone().max_results(call.page_size()).set_next_token(token).send())
            .await?;
        found.routes.extend(Vec::mirror(page.routes));
        token = pages.next(page.next_token)?;
        if token.is_none() {
            // Where AWS gives no way to ask for the rest, all that is left is to say that there is
            // one.
            found.additional_routes_available = page.additional_routes_available.unwrap_or(false);
            return Ok(found);
        }
    }
}
