//! `ec2.network_interface.enable_source_dest_check`: turns source/destination checking on. With a route
//! to the interface, this would cut off what it forwards, so that it is refused then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::network_interface_disable_source_dest_check::{
    DisableSourceDestCheck, FACT, modify, set_check,
};
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnableSourceDestCheck {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<EnableSourceDestCheck>();

/// The id of a route table with a route to the interface, to its instance or to one of its addresses.
fn routed_by<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    let text = |value: &'a Value, field: &str| value.get(field).and_then(Value::as_str);
    let instance = scene.fact("attachment").and_then(|attachment| text(attachment, "instance_id"));
    let addresses = |list: &str, field: &str| -> Vec<&str> {
        let list = scene.fact(list).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|one| text(one, field)).collect()
    };
    let addresses = [
        addresses("private_ip_addresses", "private_ip_address"),
        addresses("ipv6_addresses", "ipv6_address"),
    ]
    .concat();
    let names_it = |route: &Value| {
        let target = |field: &str| route.get(field).and_then(Value::as_str);
        target("network_interface_id") == Some(scene.resource.id.as_str())
            || target("instance_id").is_some_and(|id| instance == Some(id))
            || target("ip_address").is_some_and(|address| addresses.contains(&address))
    };
    let tables = (scene.related)("ec2.route_table").into_iter();
    let mut routed = tables.filter(|table| {
        let routes = table.facts.get("routes").and_then(Value::as_array);
        routes.is_some_and(|routes| routes.iter().any(names_it))
    });
    routed.next().map(|table| table.id.as_str())
}

impl Fix for EnableSourceDestCheck {
    const NAME: &'static str = "ec2.network_interface.enable_source_dest_check";
    const KINDS: Kinds = Kinds::One("ec2.network_interface");
    const DOC: &'static str =
        "Enables source/destination checking, unless a route leads to the interface.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["ec2.route_table"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.network_interface.disable_source_dest_check"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let effect = set_check(scene, true)?;
        match routed_by(scene).filter(|_| effect != Effect::default()) {
            Some(table) => {
                Err(Refusal::new(format!("{table} has a route to the interface or its instance")))
            }
            None => Ok(effect),
        }
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::of(&DisableSourceDestCheck {}))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }
}
