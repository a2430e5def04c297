//! Site-to-Site VPN connections.

use std::rc::Rc;

use rhai::{Dynamic, ImmutableString};
use serde::Deserialize;

use super::arguments::{Scripted, field, is_true, read, text_field};
use super::table::topic;
use crate::rules::values::context::EvalContext;

topic! {
    /// These functions evaluate Site-to-Site VPN connections.
    "VPN connections";

    /// Returns the reason why the options of a tunnel cannot be changed now, for use in `by_hand`,
    /// or `()` if they can be. The tunnel is down for minutes while its options change, so another
    /// tunnel must be up and, if the connection uses BGP, accept routes. The options of a Classic
    /// VPN connection, and of a connection that is not `available`, cannot be changed.
    fn vpn_tunnel_obstacle(connection: "object", tunnel: "object") -> "string?";
    "vpn_tunnel_obstacle(#{ state: \"pending\" }, #{ outside_ip_address: \"192.0.2.1\" })"
        => "\"the connection can be changed only when it is available, but its state is pending\"";
    "vpn_tunnel_obstacle(#{ state: \"available\", vgw_telemetry: [#{ outside_ip_address: \"192.0.2.1\", status: \"UP\" }] }, \
     #{ outside_ip_address: \"192.0.2.1\" })"
        => "\"no other tunnel is up while the options of 192.0.2.1 change\"";
    "vpn_tunnel_obstacle(#{ state: \"available\", options: #{ static_routes_only: true }, \
     vgw_telemetry: [#{ outside_ip_address: \"192.0.2.2\", status: \"UP\" }] }, #{ outside_ip_address: \"192.0.2.1\" })"
        => "()";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn(OBSTACLE, move |connection: Dynamic, tunnel: Dynamic| -> Scripted<Dynamic> {
            let obstacle = obstacle(&cx, &connection, &tunnel)?;
            Ok(obstacle.map_or(Dynamic::UNIT, |reason| ImmutableString::from(reason).into()))
        })
    };
}

const OBSTACLE: &str = "vpn_tunnel_obstacle";

/// The status of a tunnel, as far as it matters.
#[derive(Deserialize)]
struct Telemetry {
    outside_ip_address: Option<String>,
    status: Option<String>,
    accepted_route_count: Option<i64>,
}

fn obstacle(cx: &EvalContext, connection: &Dynamic, tunnel: &Dynamic) -> Scripted<Option<String>> {
    if text_field(cx, connection, "category")?.as_deref() == Some("VPN-Classic") {
        return Ok(Some("the options of a Classic VPN connection cannot be changed".to_owned()));
    }
    let state = text_field(cx, connection, "state")?;
    if state.as_deref() != Some("available") {
        let state = state.as_deref().unwrap_or("unknown");
        return Ok(Some(format!(
            "the connection can be changed only when it is available, but its state is {state}"
        )));
    }
    let Some(address) = text_field(cx, tunnel, "outside_ip_address")? else {
        return Ok(Some("AWS did not return the outside IP address of a tunnel".to_owned()));
    };
    // While the tunnel is down for the change, another one must carry the traffic.
    let telemetry = field(cx, connection, "vgw_telemetry")?;
    let telemetry: Option<Vec<Telemetry>> = read(OBSTACLE, "a VPN connection", &telemetry)?;
    let others = telemetry.into_iter().flatten().filter(|other| {
        other.outside_ip_address.as_deref() != Some(address.as_str())
            && other.status.as_deref() == Some("UP")
    });
    let routes: Vec<i64> = others.map(|other| other.accepted_route_count.unwrap_or(0)).collect();
    if routes.is_empty() {
        return Ok(Some(format!("no other tunnel is up while the options of {address} change")));
    }
    let options = field(cx, connection, "options")?;
    let uses_bgp = !options.is_unit() && !is_true(cx, &options, "static_routes_only")?;
    Ok((uses_bgp && routes.iter().all(|count| *count == 0)).then(|| {
        format!("the other tunnel accepts no routes while the options of {address} change")
    }))
}
