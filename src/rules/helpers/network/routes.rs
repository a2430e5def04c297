//! Route tables: which one applies to a subnet, and whether it routes to the internet.

use std::rc::Rc;

use rhai::{Array, Dynamic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ROUTE_PREFIX_LISTS;
use super::lists::{self, PrefixLists, certain};
use crate::exposure::{Association, PrefixLists as _, default_routes, is_to_internet_gateway};
use crate::facts::Shape;
use crate::facts::ec2::route_table::{Route, RouteTable};
use crate::facts::ec2::subnet::Subnet;
use crate::model::Cause;
use crate::rules::helpers::arguments::{Scripted, read_fields, script_value};
use crate::rules::helpers::table::{ResultShape, topic};
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::object::Object;

topic! {
    /// These functions evaluate route tables. `route_tables` is `related("ec2.route_table")`.
    ///
    /// Pass prefix lists as the last argument: `route_prefix_lists(route_tables)` with
    /// `needs: ["ec2.managed_prefix_list/entries?"]`. If a route to an internet gateway uses a
    /// prefix list that was not passed or could not be read, the verdict is `unknown`, unless the
    /// known routes alone are enough for the rule to fail.
    "Routes";

    /// Returns the route table that applies to a subnet: the route table associated with it or, if
    /// there is none, the main route table of its VPC. Returns `()` if `route_tables` contains
    /// neither.
    fn route_table_of(subnet: "object", route_tables: "list of object") -> "object?";
    "route_table_of(#{ subnet_id: \"subnet-1\", vpc_id: \"vpc-1\" }, [#{ route_table_id: \"rtb-1\", vpc_id: \"vpc-1\", \
     associations: [#{ main: true }] }]).route_table_id"
        => "\"rtb-1\"";
    |engine, _| engine.register_fn("route_table_of", |subnet: Dynamic, route_tables: Array| -> Scripted<Dynamic> {
        Ok(table_of("route_table_of", &subnet, route_tables)?.map_or(Dynamic::UNIT, |(table, _)| table))
    });

    /// Returns the routes of a route table that send internet traffic to an internet gateway. These
    /// are default routes for IPv4 or IPv6, or routes that together act as a default route because
    /// they cover at least 95 percent of the globally routable addresses. As in AWS, the most
    /// specific route applies, so addresses that have a more specific route to another target are
    /// not counted. Routes whose gateway no longer exists (`blackhole`) do not count. Routes to NAT
    /// gateways and egress-only internet gateways do not count either, because these gateways allow
    /// no inbound connections.
    fn routes_to_internet
        (route_table: "object?") -> "list of internet_route"
        (route_table: "object?", prefix_lists: "list of object") -> "list of internet_route";
    "routes_to_internet(#{ route_table_id: \"rtb-1\", routes: [#{ destination_cidr_block: \"0.0.0.0/0\", gateway_id: \"igw-1\", \
     state: \"active\" }] })"
        => "[#{ destination: \"0.0.0.0/0\", gateway_id: \"igw-1\" }]";
    "routes_to_internet(#{ route_table_id: \"rtb-1\", routes: [#{ destination_cidr_block: \"0.0.0.0/0\", nat_gateway_id: \"nat-1\" }] })"
        => "[]";
    |engine, context| {
        const NAME: &str = "routes_to_internet";
        engine.register_fn(NAME, |table: Dynamic| routes_out(NAME, &table, &PrefixLists::none(NAME)));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |table: Dynamic, lists: Array| {
            routes_out(NAME, &table, &PrefixLists::new(NAME, &cx, lists))
        })
    };

    /// Returns the prefix lists that the routes of these route tables refer to, without duplicates
    /// and in the form that `related("ec2.managed_prefix_list")` returns. The rule must declare
    /// `needs: ["ec2.managed_prefix_list/entries?"]`. If a prefix list or its entries could not be
    /// read, the other functions treat the list as unknown.
    fn route_prefix_lists(route_tables: "list of object") -> "list of object";
    "route_prefix_lists([#{ routes: [#{ destination_prefix_list_id: \"pl-1\", gateway_id: \"igw-1\" }] }]).map(|list| list.entries.len())" => "[2]";
    "route_prefix_lists([#{ routes: [#{ destination_cidr_block: \"0.0.0.0/0\", gateway_id: \"igw-1\" }] }])" => "[]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(ROUTE_PREFIX_LISTS.helper, move |tables: Array| -> Scripted<Array> {
            let expected = "a list of route tables";
            let tables = tables.iter().map(|table| {
                read_fields::<Routes>(ROUTE_PREFIX_LISTS.helper, expected, table, &["routes"])
            });
            let tables = tables.collect::<Scripted<Vec<Routes>>>()?;
            let routes = tables.iter().flat_map(|table| &table.routes);
            lists::with_ids(&cx, routes.filter_map(|route| route.destination_prefix_list_id.as_deref()))
        })
    };

    /// Returns the ranges that a route applies to: its destination, or the entries of its prefix
    /// list. Pass the route's prefix list in `prefix_lists`, for example
    /// `related("ec2.managed_prefix_list", "prefix_list_id", route.destination_prefix_list_id)`;
    /// this requires `"ec2.managed_prefix_list/entries?"` in `needs`. If `prefix_lists` does not
    /// contain the prefix list, the verdict is `unknown`, unless the rule fails even without that
    /// list.
    fn route_destinations(route: "object", prefix_lists: "list of object") -> "list of string";
    "route_destinations(#{ destination_cidr_block: \"10.1.0.0/16\" }, [])" => "[\"10.1.0.0/16\"]";
    "route_destinations(#{ destination_prefix_list_id: \"pl-1\" }, related(\"ec2.managed_prefix_list\"))"
        => "[\"0.0.0.0/1\", \"128.0.0.0/1\"]";
    |engine, context| {
        const NAME: &str = "route_destinations";
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |route: Dynamic, lists: Array| -> Scripted<Array> {
            let destinations = &["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];
            let route: Route = read_fields(NAME, "a route", &route, destinations)?;
            let lists = PrefixLists::new(NAME, &cx, lists);
            let listed = match route.destination_prefix_list_id.as_deref() {
                Some(id) => lists.ranges(id)?.unwrap_or_else(|list| {
                    mark_uncertain(list);
                    Vec::new()
                }),
                None => Vec::new(),
            };
            let own = [route.destination_cidr_block, route.destination_ipv6_cidr_block];
            Ok(own.into_iter().flatten().chain(listed).map(Dynamic::from).collect())
        })
    };

    /// Returns whether a subnet is public, that is, whether `routes_to_internet` returns any routes
    /// for its route table. If `route_tables` does not contain the subnet's route table, the
    /// verdict is `unknown`. VPC Block Public Access is not taken into account; see
    /// `block_public_access_states` of the subnet.
    fn is_public_subnet
        (subnet: "object", route_tables: "list of object") -> "bool"
        (subnet: "object", route_tables: "list of object", prefix_lists: "list of object") -> "bool";
    "is_public_subnet(#{ subnet_id: \"subnet-1\", vpc_id: \"vpc-1\" }, [#{ route_table_id: \"rtb-1\", vpc_id: \"vpc-1\", \
     associations: [#{ subnet_id: \"subnet-1\" }], routes: [#{ destination_cidr_block: \"0.0.0.0/0\", gateway_id: \"igw-1\" }] }])"
        => "true";
    |engine, context| {
        const NAME: &str = "is_public_subnet";
        engine.register_fn(NAME, |subnet: Dynamic, tables: Array| is_public(NAME, &subnet, tables, &PrefixLists::none(NAME)));
        let cx = Rc::clone(context);
        engine.register_fn(NAME, move |subnet: Dynamic, tables: Array, lists: Array| {
            is_public(NAME, &subnet, tables, &PrefixLists::new(NAME, &cx, lists))
        })
    };
}

fn routes_out(helper: &str, table: &Dynamic, lists: &PrefixLists<'_>) -> Scripted<Array> {
    if table.is_unit() {
        return Ok(Array::new());
    }
    let table: RouteTable =
        read_fields(helper, "a route table", table, &["route_table_id", "routes"])?;
    Ok(to_internet(&table.routes, lists)?.into_iter().map(shown).collect())
}

fn is_public(
    helper: &str,
    subnet: &Dynamic,
    tables: Array,
    lists: &PrefixLists<'_>,
) -> Scripted<bool> {
    let mut unread: Vec<Cause> = Vec::new();
    for table in &tables {
        let cause = table.read_lock::<Object>().and_then(|table| table.unreadable("associations"));
        unread.extend(cause.filter(|cause| !unread.contains(cause)));
    }
    if let Some((_, table)) = table_of(helper, subnet, tables)? {
        return Ok(!to_internet(&table.routes, lists)?.is_empty());
    }
    if !unread.is_empty() {
        // It can be one of these.
        return Interrupt::Unreadable(unread).raise();
    }
    let cause = Cause {
        call: "ec2:DescribeRouteTables".to_owned(),
        code: Cause::NOT_COLLECTED.to_owned(),
        message: "the route table of the subnet is not among the route tables of the account"
            .to_owned(),
        denied_by: None,
    };
    Interrupt::Unreadable(vec![cause]).raise()
}

/// The fields that say which route table applies to a subnet, and its routes.
pub(super) const TABLE_FIELDS: &[&str] = &["route_table_id", "vpc_id", "associations", "routes"];
/// The same of the subnet.
pub(super) const SUBNET_FIELDS: &[&str] = &["subnet_id", "vpc_id"];

/// The routes of a route table.
#[derive(Deserialize)]
struct Routes {
    #[serde(default)]
    routes: Vec<Route>,
}

/// What `routes_to_internet` returns.
pub(crate) static INTERNET_ROUTE: ResultShape =
    ResultShape { name: "internet_route", shape: Shape::of::<InternetRoute>() };

/// A route that sends internet traffic to an internet gateway.
#[derive(Serialize, Deserialize, JsonSchema)]
struct InternetRoute {
    /// The destination: a range in CIDR notation, or the id of a prefix list.
    destination: Option<String>,
    /// The internet gateway.
    gateway_id: Option<String>,
}

fn shown(route: &Route) -> Dynamic {
    let ranges =
        route.destination_cidr_block.as_ref().or(route.destination_ipv6_cidr_block.as_ref());
    let destination = ranges.or(route.destination_prefix_list_id.as_ref());
    script_value(&InternetRoute {
        destination: destination.cloned(),
        gateway_id: route.gateway_id.clone(),
    })
}

/// The route table of a subnet, as the script's value and as a Rust value.
fn table_of(
    helper: &str,
    subnet: &Dynamic,
    route_tables: Array,
) -> Scripted<Option<(Dynamic, RouteTable)>> {
    let subnet: Subnet = read_fields(helper, "a subnet", subnet, SUBNET_FIELDS)?;
    let mut main = None;
    for table in route_tables {
        let expected = "a list of route tables, such as related(\"ec2.route_table\")";
        let read: RouteTable = read_fields(helper, expected, &table, TABLE_FIELDS)?;
        match Association::of(&subnet, &read) {
            Some(Association::Own) => return Ok(Some((table, read))),
            Some(Association::Main) => main = Some((table, read)),
            None => {}
        }
    }
    Ok(main)
}

/// The routes to an internet gateway that internet traffic takes.
fn to_internet<'a>(routes: &'a [Route], lists: &PrefixLists<'_>) -> Scripted<Vec<&'a Route>> {
    Ok(certain(default_routes(routes, lists, is_to_internet_gateway)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Verdict;
    use crate::rules::helpers::arguments::script_map;
    use crate::rules::helpers::examples::evaluate;

    fn table(id: &str, associations: Value) -> Dynamic {
        script_map(json!({ "route_table_id": id, "vpc_id": "vpc-1", "associations": associations }))
    }

    #[test]
    fn an_association_takes_precedence_over_the_main_table() {
        let subnet = script_map(json!({ "subnet_id": "subnet-1", "vpc_id": "vpc-1" }));
        let gone =
            json!([{ "subnet_id": "subnet-1", "association_state": { "state": "disassociated" } }]);
        let main = || table("main", json!([{ "main": true }]));
        let own =
            || table("own", json!([{ "subnet_id": "subnet-2" }, { "subnet_id": "subnet-1" }]));
        let other = || {
            script_map(
                json!({ "route_table_id": "other", "vpc_id": "vpc-2", "associations": [{ "main": true }] }),
            )
        };
        for (tables, expected) in [
            (vec![main(), own()], Some("own")),
            (vec![own(), main()], Some("own")),
            (vec![table("gone", gone), main()], Some("main")),
            (vec![other(), main()], Some("main")),
            (vec![other()], None),
        ] {
            let found = table_of("test", &subnet, tables).unwrap();
            assert_eq!(found.map(|(_, table)| table.route_table_id).as_deref(), expected);
        }
    }

    #[test]
    fn only_active_default_routes_to_an_internet_gateway_count() {
        for (routes, expected) in [
            (
                json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active" }]),
                1,
            ),
            (
                json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "blackhole" }]),
                0,
            ),
            (
                json!([{ "destination_cidr_block": "0.0.0.0/0", "gateway_id": "vgw-1", "state": "active" }]),
                0,
            ),
            (
                json!([{ "destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1", "state": "active" }]),
                0,
            ),
            (
                json!([{ "destination_ipv6_cidr_block": "::/0", "egress_only_internet_gateway_id": "eigw-1" }]),
                0,
            ),
            (json!([{ "destination_ipv6_cidr_block": "::/0", "gateway_id": "igw-1" }]), 1),
            (json!([{ "destination_ipv6_cidr_block": "2000::/3", "gateway_id": "igw-1" }]), 1),
            (json!([{ "destination_cidr_block": "203.0.113.0/24", "gateway_id": "igw-1" }]), 0),
            (
                json!([
                    { "destination_cidr_block": "0.0.0.0/1", "gateway_id": "igw-1" },
                    { "destination_cidr_block": "128.0.0.0/1", "gateway_id": "igw-1" },
                ]),
                2,
            ),
            (
                json!([
                    { "destination_cidr_block": "0.0.0.0/1", "gateway_id": "igw-1" },
                    { "destination_cidr_block": "128.0.0.0/1", "nat_gateway_id": "nat-1" },
                ]),
                0,
            ),
        ] {
            let parsed: Vec<Route> = serde_json::from_value(routes.clone()).unwrap();
            assert_eq!(
                to_internet(&parsed, &PrefixLists::none("")).unwrap().len(),
                expected,
                "{routes}"
            );
        }
    }

    #[test]
    fn routes_to_prefix_lists_count_if_the_list_is_available() {
        let out = "#{ destination_prefix_list_id: \"pl-1\", gateway_id: \"igw-1\" }";
        let default = "#{ destination_cidr_block: \"0.0.0.0/0\", gateway_id: \"igw-1\" }";
        let to_nat = "#{ destination_prefix_list_id: \"pl-1\", nat_gateway_id: \"nat-1\" }";
        let all = ", related(\"ec2.managed_prefix_list\")";
        for (routes, lists, expected) in [
            (out.to_owned(), "", Verdict::Unknown),
            (format!("{out}, {default}"), "", Verdict::Pass),
            (out.to_owned(), all, Verdict::Pass),
            (out.to_owned(), ", []", Verdict::Unknown),
            (format!("{out}, {default}"), ", []", Verdict::Pass),
            (to_nat.to_owned(), ", []", Verdict::Skip),
        ] {
            let table = format!(
                "#{{ route_table_id: \"rtb-1\", vpc_id: \"vpc-1\", associations: [#{{ main: true }}], routes: [{routes}] }}"
            );
            for call in [
                format!("!routes_to_internet({table}{lists}).is_empty()"),
                format!(
                    "is_public_subnet(#{{ subnet_id: \"subnet-1\", vpc_id: \"vpc-1\" }}, [{table}]{lists})"
                ),
            ] {
                let outcome = evaluate(&format!("if {call} {{ pass() }} else {{ skip(\"\") }}"));
                assert_eq!(outcome.verdict, expected, "{call}: {outcome:?}");
            }
        }
    }
}
