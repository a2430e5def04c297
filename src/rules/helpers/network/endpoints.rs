//! VPC endpoints: whether a VPC reaches an AWS service through one.

use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString, Map};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lists::{PREFIX_LIST, PrefixLists, certain};
use super::routes::{SUBNET_FIELDS, TABLE_FIELDS};
use crate::exposure::{Association, default_routes};
use crate::facts::Shape;
use crate::facts::ec2::route_table::RouteTable;
use crate::facts::ec2::subnet::Subnet;
use crate::model::Cause;
use crate::rules::helpers::arguments::{
    Scripted, optional_text, read_fields, script_map, shown_field,
};
use crate::rules::helpers::table::{LookUp, ResultShape, topic};
use crate::rules::helpers::texts;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::type_name;
use crate::rules::values::object::Object;

topic! {
    /// These functions evaluate whether a VPC reaches an AWS service through a VPC endpoint.
    /// `service` is the part of the endpoint service name after the region: `ecr.api` for
    /// `com.amazonaws.eu-west-1.ecr.api`. Only endpoints for the service in the VPC's own region
    /// count.
    ///
    /// An endpoint is usable if its state is `available` or `pending`. The state matters because
    /// AWS lists deleted and rejected endpoints for a while. If no endpoint is usable, but AWS reports
    /// the state `partial` or none of one, the verdict is `unknown`.
    "VPC endpoints";

    /// Returns the reason why a VPC does not need its own endpoints, for use in `skip`, or `()` if
    /// the VPC needs its own endpoints. A VPC does not need endpoints if another account shares it
    /// and manages its endpoints, if it is being deleted, if it is the default VPC and
    /// `skip_default_vpcs` is `true`, or if one of its tags matches `exempt_tags`, as in
    /// `has_matching_tag`.
    fn vpc_endpoint_exemption(vpc: "object", skip_default_vpcs: "bool", exempt_tags: "list of string") -> "string?";
    "vpc_endpoint_exemption(#{ owner_id: \"222233334444\" }, false, [])" => "\"owned by account 222233334444, which shares the VPC\"";
    "vpc_endpoint_exemption(#{ tags: #{ Env: \"test\" } }, false, [\"Env=*\"])" => "\"exempted by tag (exempt_tags)\"";
    "vpc_endpoint_exemption(#{ owner_id: \"111122223333\", is_default: true }, false, [])" => "()";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("vpc_endpoint_exemption", move |vpc: Dynamic, skip_default_vpcs: bool, exempt_tags: Array| {
            let reader = Reader { helper: "vpc_endpoint_exemption", context: &cx };
            Ok::<_, Box<rhai::EvalAltResult>>(match exemption(&reader, &vpc, skip_default_vpcs, &exempt_tags)? {
                Some(reason) => Dynamic::from(ImmutableString::from(reason)),
                None => Dynamic::UNIT,
            })
        })
    };

    /// Checks whether a VPC has a usable interface endpoint for a service, or for the FIPS variant
    /// of the service. If `require_private_dns` is `true`, only endpoints with private DNS count.
    /// The evidence lists the endpoints that do not qualify.
    ///
    /// The rule must declare `needs: ["ec2.vpc_endpoint"]`.
    fn interface_endpoint_coverage(vpc: "object", service: "string", require_private_dns: "bool") -> "coverage";
    "interface_endpoint_coverage(#{ vpc_id: \"vpc-1\" }, \"ssm\", false)" => "#{ problem: (), evidence: [] }";
    "interface_endpoint_coverage(#{ vpc_id: \"vpc-1\" }, \"ssm\", true).problem"
        => "\"the interface endpoint for `ssm` has no private DNS\"";
    "interface_endpoint_coverage(#{ vpc_id: \"vpc-1\" }, \"ecr.api\", false).problem"
        => "\"no interface endpoint for `ecr.api`\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(INTERFACE.helper, move |vpc: Dynamic, service: &str, private_dns: bool| {
            interface(&Reader { helper: INTERFACE.helper, context: &cx }, &vpc, service, private_dns).map(result)
        })
    };

    /// Checks whether a VPC reaches a service (`s3` or `dynamodb`) through a gateway endpoint. The
    /// VPC reaches the service if the route table of every subnet that has a default route is
    /// associated with a usable gateway endpoint. A default route is a route for `0.0.0.0/0`,
    /// `::/0` or `2000::/3`, or a set of routes whose ranges or prefix lists together cover the
    /// internet (see Routes). Default routes to firewall endpoints count, because the firewall
    /// forwards the traffic. Default routes to peering connections do not count, because the
    /// traffic ends in the other VPC. A subnet without a default route does not need the endpoint,
    /// because the subnet reaches nothing outside the VPC. For an IPv6-only subnet, an endpoint whose IP
    /// address type is `ipv4` does not count, because it has no routes for IPv6. An interface endpoint whose private DNS
    /// applies to the whole VPC covers all subnets. If the result depends on a prefix list whose
    /// entries are unknown, the verdict is `unknown`.
    ///
    /// The evidence lists the subnets that are not covered, or the endpoints that do not qualify. A
    /// subnet whose route table is unknown counts as not covered.
    ///
    /// The rule must declare `needs: ["ec2.vpc_endpoint", "ec2.subnet", "ec2.route_table",
    /// "ec2.managed_prefix_list/entries?"]`.
    fn gateway_endpoint_coverage(vpc: "object", service: "string") -> "coverage";
    "gateway_endpoint_coverage(#{ vpc_id: \"vpc-1\" }, \"s3\")"
        => "#{ problem: \"1 subnet reaches `s3` without the gateway endpoint\", evidence: [#{ subnet_id: \"subnet-1\", route_table_id: \"rtb-1\" }] }";
    "gateway_endpoint_coverage(#{ vpc_id: \"vpc-1\" }, \"dynamodb\").problem" => "\"no gateway endpoint for `dynamodb`\"";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(GATEWAY.helper, move |vpc: Dynamic, service: &str| {
            gateway(&Reader { helper: GATEWAY.helper, context: &cx }, &vpc, service).map(result)
        })
    };
}

const ENDPOINTS: &str = "ec2.vpc_endpoint";
/// The fields of an endpoint that show whether it serves a service to the whole VPC.
const DECISIVE: [&str; 5] =
    ["dns_options", "private_dns_enabled", "service_name", "state", "vpc_endpoint_type"];
const SUBNETS: &str = "ec2.subnet";
const ROUTE_TABLES: &str = "ec2.route_table";

pub(crate) const INTERFACE: LookUp =
    LookUp { helper: "interface_endpoint_coverage", kinds: &[ENDPOINTS], returns_resources: false };
pub(crate) const GATEWAY: LookUp = LookUp {
    helper: "gateway_endpoint_coverage",
    kinds: &[ENDPOINTS, SUBNETS, ROUTE_TABLES, PREFIX_LIST],
    returns_resources: false,
};

/// Reads fields as a script does, so that reads are recorded.
struct Reader<'a> {
    helper: &'static str,
    context: &'a EvalContext,
}

impl Reader<'_> {
    /// A field of a resource or of a map.
    fn get(&self, value: &Dynamic, name: &str) -> Scripted<Dynamic> {
        if let Some(object) = value.read_lock::<Object>() {
            return self.context.read(&object, name);
        }
        match value.as_map_ref() {
            Ok(map) => Ok(map.get(name).cloned().unwrap_or(Dynamic::UNIT)),
            Err(_) => {
                let got = type_name(value);
                Interrupt::Broken(format!("`{}` expects a VPC, got {got}", self.helper)).raise()
            }
        }
    }

    fn text(&self, value: &Dynamic, name: &str) -> Scripted<ImmutableString> {
        Ok(optional_text(self.helper, &self.get(value, name)?)?.unwrap_or_default())
    }

    fn is_true(&self, value: &Dynamic, name: &str) -> Scripted<bool> {
        Ok(self.get(value, name)?.as_bool().unwrap_or(false))
    }

    /// Fields and their values, for evidence, which may be unreadable.
    fn fields(&self, value: &Dynamic, names: &[&str]) -> Scripted<Dynamic> {
        let field = |name: &&str| Ok(((*name).into(), shown_field(self.context, value, name)?));
        Ok(Dynamic::from_map(names.iter().map(field).collect::<Scripted<Map>>()?))
    }

    /// Resources of another kind in a VPC.
    fn of_vpc(&self, kind: &str, vpc: &Dynamic) -> Scripted<Array> {
        self.context.related(kind, Some(("vpc_id", &self.get(vpc, "vpc_id")?)))
    }

    /// The endpoints in a VPC that are certain, with what is read to find one that is enough.
    fn known_endpoints(&self, vpc: &Dynamic) -> Scripted<Array> {
        let vpc = self.get(vpc, "vpc_id")?;
        let mut found = self.context.known_related(ENDPOINTS, Some(("vpc_id", &vpc)))?;
        found.retain(|endpoint| {
            let endpoint = endpoint.read_lock::<Object>();
            endpoint.is_some_and(|one| DECISIVE.iter().all(|field| one.unreadable(field).is_none()))
        });
        Ok(found)
    }

    /// The end of the names of a service's endpoints. The part before the region differs by
    /// partition: `com.amazonaws`, `cn.com.amazonaws`, …
    fn suffix(&self, service: &str) -> Scripted<String> {
        self.context.record(|recorder| recorder.seen.region = true);
        Ok(format!(".{}.{service}", self.context.current()?.region))
    }

    fn is_usable(&self, endpoint: &Dynamic) -> Scripted<bool> {
        // AWS documents the states in lower case, but returns some with a capital letter.
        let state = self.text(endpoint, "state")?;
        Ok(["available", "pending"].iter().any(|usable| state.eq_ignore_ascii_case(usable)))
    }

    /// The verdict is `unknown` if it is not known of one of the endpoints whether it is usable.
    fn require_states(&self, endpoints: &[Dynamic]) -> Scripted<()> {
        for endpoint in endpoints {
            let state = self.text(endpoint, "state")?;
            if state.is_empty() || state.eq_ignore_ascii_case("partial") {
                let id = self.text(endpoint, "vpc_endpoint_id")?;
                let reason = match state.is_empty() {
                    true => format!("AWS did not report the state of {id}"),
                    false => format!("AWS reports the state {state} of {id}"),
                };
                return Interrupt::Unreadable(vec![Cause::by_rule(&reason)]).raise();
            }
        }
        Ok(())
    }

    fn filter(
        &self,
        items: &[Dynamic],
        keep: impl Fn(&Dynamic) -> Scripted<bool>,
    ) -> Scripted<Array> {
        let mut kept = Array::new();
        for item in items {
            if keep(item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    }
}

/// What the coverage helpers return.
pub(crate) static COVERAGE: ResultShape =
    ResultShape { name: "coverage", shape: Shape::of::<Coverage>() };

/// Whether a VPC reaches a service through an endpoint.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Coverage {
    /// The message for `fail`, or `()` if there is no problem.
    problem: Option<String>,
    /// The evidence for `fail`: a list of maps whose keys depend on the problem.
    evidence: Vec<serde_json::Value>,
}

/// What is wrong, and the evidence.
type Problem = Option<(String, Array)>;

fn result(problem: Problem) -> Dynamic {
    let (problem, evidence) = match problem {
        Some((problem, evidence)) => (Dynamic::from(ImmutableString::from(problem)), evidence),
        None => (Dynamic::UNIT, Array::new()),
    };
    let evidence = Dynamic::from_array(evidence);
    Dynamic::from_map([("problem".into(), problem), ("evidence".into(), evidence)].into())
}

fn exemption(
    reader: &Reader<'_>,
    vpc: &Dynamic,
    skip_default: bool,
    exempt_tags: &Array,
) -> Scripted<Option<String>> {
    let owner = reader.text(vpc, "owner_id")?;
    if !owner.is_empty() {
        reader.context.record(|recorder| recorder.seen.account = true);
        if owner != reader.context.view()?.facts.account.as_str() {
            return Ok(Some(format!("owned by account {owner}, which shares the VPC")));
        }
    }
    if reader.text(vpc, "state")? == "deleting" {
        return Ok(Some("the VPC is being deleted".to_owned()));
    }
    if skip_default && reader.is_true(vpc, "is_default")? {
        return Ok(Some("default VPC (skip_default_vpcs)".to_owned()));
    }
    if exempt_tags.is_empty() {
        return Ok(None);
    }
    let tags = reader.get(vpc, "tags")?;
    let exempt = texts::matching_tag(reader.helper, &tags, exempt_tags)?;
    Ok(exempt.then(|| "exempted by tag (exempt_tags)".to_owned()))
}

fn interface(
    reader: &Reader<'_>,
    vpc: &Dynamic,
    service: &str,
    private_dns: bool,
) -> Scripted<Problem> {
    let suffix = reader.suffix(service)?;
    let fips = format!("{suffix}-fips");
    let is_of_service = |endpoint: &Dynamic| {
        if reader.text(endpoint, "vpc_endpoint_type")? != "Interface" {
            return Ok(false);
        }
        let name = reader.text(endpoint, "service_name")?;
        Ok(name.ends_with(&suffix) || name.ends_with(&fips))
    };
    // One is enough, so others may be unknown.
    for endpoint in &reader.known_endpoints(vpc)? {
        if is_of_service(endpoint)?
            && reader.is_usable(endpoint)?
            && (!private_dns || reader.is_true(endpoint, "private_dns_enabled")?)
        {
            return Ok(None);
        }
    }
    let endpoints = reader.filter(&reader.of_vpc(ENDPOINTS, vpc)?, is_of_service)?;
    if endpoints.is_empty() {
        return Ok(Some((format!("no interface endpoint for `{service}`"), Array::new())));
    }
    let usable = reader.filter(&endpoints, |endpoint| reader.is_usable(endpoint))?;
    let problem = if usable.is_empty() {
        reader.require_states(&endpoints)?;
        format!("no interface endpoint for `{service}` is available")
    } else if private_dns
        && reader
            .filter(&usable, |endpoint| reader.is_true(endpoint, "private_dns_enabled"))?
            .is_empty()
    {
        format!("the interface endpoint for `{service}` has no private DNS")
    } else {
        return Ok(None);
    };
    let shown = [
        "vpc_endpoint_id",
        "service_name",
        "state",
        "failure_reason",
        "last_error",
        "private_dns_enabled",
    ];
    let evidence = endpoints.iter().map(|endpoint| reader.fields(endpoint, &shown));
    Ok(Some((problem, evidence.collect::<Scripted<Array>>()?)))
}

fn gateway(reader: &Reader<'_>, vpc: &Dynamic, service: &str) -> Scripted<Problem> {
    let suffix = reader.suffix(service)?;
    let is_of_service =
        |endpoint: &Dynamic| Ok(reader.text(endpoint, "service_name")?.ends_with(&suffix));
    // One for the whole VPC is enough, so others may be unknown.
    for endpoint in &reader.known_endpoints(vpc)? {
        if is_of_service(endpoint)?
            && reader.is_usable(endpoint)?
            && serves_whole_vpc(reader, endpoint)?
        {
            return Ok(None);
        }
    }
    let endpoints = reader.filter(&reader.of_vpc(ENDPOINTS, vpc)?, is_of_service)?;
    let usable = reader.filter(&endpoints, |endpoint| reader.is_usable(endpoint))?;
    for endpoint in &usable {
        if serves_whole_vpc(reader, endpoint)? {
            return Ok(None);
        }
    }
    let gateways = reader
        .filter(&usable, |endpoint| Ok(reader.text(endpoint, "vpc_endpoint_type")? == "Gateway"))?;
    if gateways.is_empty() {
        reader.require_states(&endpoints)?;
        let shown = ["vpc_endpoint_id", "vpc_endpoint_type", "state", "private_dns_enabled"];
        let evidence = endpoints.iter().map(|endpoint| reader.fields(endpoint, &shown));
        let problem = format!("no gateway endpoint for `{service}`");
        return Ok(Some((problem, evidence.collect::<Scripted<Array>>()?)));
    }

    let mut covered = Vec::new();
    for gateway in &gateways {
        let tables = reader.get(gateway, "route_table_ids")?.into_array().unwrap_or_default();
        let ids = tables.into_iter().filter_map(|id| id.into_immutable_string().ok());
        covered.extend(ids.map(|id| (id, gateway)));
    }
    let tables = reader.of_vpc(ROUTE_TABLES, vpc)?;
    let tables =
        tables.iter().map(|table| read_fields(reader.helper, "a route table", table, TABLE_FIELDS));
    let tables = tables.collect::<Scripted<Vec<RouteTable>>>()?;
    let lists = PrefixLists::of_region(reader.helper, reader.context);
    let (mut past, mut unknown) = (Array::new(), Array::new());
    for resource in reader.of_vpc(SUBNETS, vpc)? {
        let subnet: Subnet = read_fields(reader.helper, "subnets", &resource, SUBNET_FIELDS)?;
        let mut all = tables.iter().map(|table| (Association::of(&subnet, table), table));
        let own = all.clone().find(|(association, _)| *association == Some(Association::Own));
        let table =
            own.or_else(|| all.rfind(|(association, _)| *association == Some(Association::Main)));
        match table {
            None => unknown.push(script_map(json!({ "subnet_id": subnet.subnet_id }))),
            Some((_, table)) => {
                let mut is_covered = false;
                for (id, gateway) in &covered {
                    is_covered |= *id == table.route_table_id && leads(reader, gateway, &resource)?;
                }
                if !is_covered && has_default_route(table, &lists)? {
                    past.push(script_map(json!({
                        "subnet_id": subnet.subnet_id,
                        "route_table_id": table.route_table_id,
                    })));
                }
            }
        }
    }
    let count = |subnets: &Array, one: &str, several: &str| match subnets.len() {
        1 => format!("1 subnet {one}"),
        number => format!("{number} subnets {several}"),
    };
    Ok(if !past.is_empty() {
        let problem = format!(
            "{} `{service}` without the gateway endpoint",
            count(&past, "reaches", "reach")
        );
        Some((problem, past))
    } else if !unknown.is_empty() {
        Some((count(&unknown, "has no known route table", "have no known route table"), unknown))
    } else {
        None
    })
}

/// Whether a gateway endpoint has routes for the addresses that a subnet uses: one of the type `ipv4`
/// has none for IPv6.
fn leads(reader: &Reader<'_>, gateway: &Dynamic, subnet: &Dynamic) -> Scripted<bool> {
    Ok(!reader.is_true(subnet, "ipv6_native")?
        || !reader.text(gateway, "ip_address_type")?.eq_ignore_ascii_case("ipv4"))
}

/// An interface endpoint, unless its private DNS is only for resolver endpoints.
fn serves_whole_vpc(reader: &Reader<'_>, endpoint: &Dynamic) -> Scripted<bool> {
    if reader.text(endpoint, "vpc_endpoint_type")? != "Interface"
        || !reader.is_true(endpoint, "private_dns_enabled")?
    {
        return Ok(false);
    }
    let options = reader.get(endpoint, "dns_options")?;
    Ok(options.is_unit()
        || !reader.is_true(&options, "private_dns_only_for_inbound_resolver_endpoint")?)
}

/// Whether a route table sends internet traffic out of the VPC. Traffic over a peering connection
/// cannot leave the other VPC. A route to a gateway endpoint goes to the service itself: its
/// destination is always a prefix list. A route for a range to an endpoint is one to a firewall or
/// another Gateway Load Balancer, which sends the traffic on; AWS allows no prefix list there.
fn has_default_route(table: &RouteTable, lists: &PrefixLists<'_>) -> Scripted<bool> {
    let found = default_routes(&table.routes, lists, |route| {
        let gateway = route.gateway_id.as_deref().unwrap_or_default();
        route.state.as_deref() != Some("blackhole")
            && route.vpc_peering_connection_id.is_none()
            && gateway != "local"
            && !(gateway.starts_with("vpce-") && route.destination_prefix_list_id.is_some())
    })?;
    Ok(!certain(found).is_empty())
}
