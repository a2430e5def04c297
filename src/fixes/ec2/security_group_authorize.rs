//! `ec2.security_group.authorize`: adds rules to a security group again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::opening::{Opening, Rules};
use crate::fixes::edit::json;
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Origin, Refusal, Write};

/// The rules to add.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Authorize(Rules);

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<Authorize>();

/// The calls for inbound and outbound rules.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"].map(|call| Write {
        call,
        permissions: vec![on_resource(call, "ec2.security_group", target)],
    })
}

impl Fix for Authorize {
    const NAME: &'static str = "ec2.security_group.authorize";
    const KINDS: Kinds = Kinds::One("ec2.security_group");
    const DOC: &'static str = "Adds the named rules to the security group.";
    const ORIGIN: Origin = Origin::Undo;
    const TOUCHES: &'static [&'static str] = &["ip_permissions", "ip_permissions_egress"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.security_group.revoke"];

    fn checked(self) -> Result<Self, String> {
        self.0.checked().map(Self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        self.0.edit(scene, Opening::add_to)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match self.0.absent(before) {
            Some(rules) => Inverse::Action(Call::named("ec2.security_group.revoke", json(&rules))),
            None => Inverse::Never("no rule was added"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, before: &Facts) -> Vec<Write> {
        let missing = self.0.absent(before);
        missing.as_ref().unwrap_or(&self.0).in_directions(calls(target))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        self.0.state(scene)
    }
}
