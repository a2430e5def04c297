//! `ec2.instance.make_tokens_optional`: allows IMDSv1 for an instance again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, known, known_object, state_of, text};
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The field that it changes.
pub(super) const FACT: &str = "metadata_options";

/// It has no parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MakeTokensOptional {}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<MakeTokensOptional>();

/// Whether the instance is stopped, or about to be. A change is then pending until it starts, but the
/// options are already the new ones.
fn is_stopped(scene: &Scene<'_>) -> bool {
    let name = scene.fact("state").and_then(|state| state.get("name")).and_then(Value::as_str);
    matches!(name, Some("stopping" | "stopped"))
}

/// The options, without the state of the last change unless AWS is still applying it.
pub(super) fn settled_options(scene: &Scene<'_>) -> Facts {
    let mut value = scene.fact(FACT).cloned().unwrap_or_default();
    if let Value::Object(options) = &mut value
        && (text(options, "state") == Some("applied") || is_stopped(scene))
    {
        options.shift_remove("state");
    }
    state_of(FACT, value)
}

/// The effect that `http_tokens` gets this value. A pending change of a running instance is left
/// alone: its result is not known yet.
pub(super) fn set_tokens(scene: &Scene<'_>, tokens: &str) -> Result<Effect, Refusal> {
    let mut options = known_object(scene, FACT)?;
    if let Some(state) = text(&options, "state").filter(|state| *state != "applied")
        && !is_stopped(scene)
    {
        return Err(Refusal::new(format!("a change of its metadata options is {state}")));
    }
    let Some(now) = text(&options, "http_tokens") else {
        return Err(Refusal::new("AWS did not return `http_tokens`"));
    };
    if now == tokens {
        return Ok(Effect::default());
    }
    let state = known(scene, "state")?.get("name").and_then(Value::as_str);
    if let Some(state @ ("shutting-down" | "terminated")) = state {
        return Err(Refusal::new(format!("the instance is {state}")));
    }
    options.insert("http_tokens".to_owned(), tokens.into());
    if !is_stopped(scene) {
        options.insert("state".to_owned(), "applied".into());
    }
    becomes(scene, FACT, Value::Object(options))
}

/// The call that changes `HttpTokens` from one value to the other.
pub(super) fn modify(target: &WriteTarget<'_>, from: &str, to: &str) -> Vec<Write> {
    let permission = on_resource("ec2:ModifyInstanceMetadataOptions", "ec2.instance", target)
        .when("ec2:MetadataHttpTokens", from)
        .when("ec2:Attribute/HttpTokens", to);
    vec![Write { call: "ec2:ModifyInstanceMetadataOptions", permissions: vec![permission] }]
}

impl Fix for MakeTokensOptional {
    const NAME: &'static str = "ec2.instance.make_tokens_optional";
    const KINDS: Kinds = Kinds::One("ec2.instance");
    const DOC: &'static str = "Allows IMDSv1 for the instance.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["state"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["ec2.instance.require_tokens"];

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        set_tokens(scene, "optional")
    }

    fn inverse(&self, _: &Facts) -> Inverse {
        Inverse::Action(Call::named("ec2.instance.require_tokens", Value::Null))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        modify(target, "required", "optional")
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        settled_options(scene)
    }
}
