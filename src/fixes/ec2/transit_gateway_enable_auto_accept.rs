//! `ec2.transit_gateway.enable_auto_accept`: attachment requests from other accounts are accepted
//! automatically again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, in_state, known_object, owned, text};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The field that it changes.
pub(super) const FACT: &str = "options";

const OPTION: &str = "auto_accept_shared_attachments";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnableAutoAccept {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<EnableAutoAccept>();

/// The effect that the option is `enable` or `disable`.
pub(super) fn set_auto_accept(scene: &Scene<'_>, value: &str) -> Result<Effect, Refusal> {
    owned(scene)?;
    let mut options = known_object(scene, FACT)?;
    match text(&options, OPTION) {
        Some(now) if now == value => return Ok(Effect::default()),
        Some("enable" | "disable") => {}
        _ => return Err(Refusal::new(format!("the value of `{OPTION}` is unknown"))),
    }
    in_state(scene, "transit gateway", "state", "available")?;
    options.insert(OPTION.to_owned(), value.into());
    becomes(scene, FACT, Value::Object(options))
}

/// The option, and the state of the gateway: it is `modifying` until the change is complete.
pub(super) fn accept_state(scene: &Scene<'_>) -> Facts {
    let option = scene.fact(FACT).and_then(|options| options.get(OPTION));
    Facts::from_iter([
        (OPTION.to_owned(), option.cloned().unwrap_or_default()),
        ("state".to_owned(), scene.fact("state").cloned().unwrap_or_default()),
    ])
}

/// The call that sets it.
pub(super) fn modify(target: &WriteTarget<'_>) -> Vec<Write> {
    let call = "ec2:ModifyTransitGateway";
    vec![Write { call, permissions: vec![on_resource(call, "ec2.transit_gateway", target)] }]
}

impl Fix for EnableAutoAccept {
    const NAME: &'static str = "ec2.transit_gateway.enable_auto_accept";
    const KINDS: Kinds = Kinds::One("ec2.transit_gateway");
    const DOC: &'static str =
        "Makes the transit gateway accept attachments of other accounts automatically.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["ec2.transit_gateway.disable_auto_accept"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_auto_accept(scene, "enable")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.transit_gateway.disable_auto_accept", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target)
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        accept_state(scene)
    }
}
