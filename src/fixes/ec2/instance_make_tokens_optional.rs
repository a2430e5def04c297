//! `ec2.instance.make_tokens_optional`: allows IMDSv1 for an instance again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fixes::edit::{becomes, known, known_object, text};
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

/// The effect that `http_tokens` gets this value. A pending change is left alone: its result is not
/// known yet.
pub(super) fn set_tokens(scene: &Scene<'_>, tokens: &str) -> Result<Effect, Refusal> {
    let mut options = known_object(scene, FACT)?;
    if let Some(state) = text(&options, "state").filter(|state| *state != "applied") {
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
    options.insert("state".to_owned(), "applied".into());
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
}
