//! `ec2.security_group.revoke`: removes rules from a security group. AWS merges the rules with the same
//! protocol and ports into one permission; exactly the named openings are removed, never a whole
//! permission. The call names them by protocol, ports and source, so that the role that
//! writes needs no permission to read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::opening::{Opening, Rules};
use crate::fixes::edit::json;
use crate::fixes::permit::on_resource;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The rules to remove.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Revoke(Rules);

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<Revoke>();

/// The calls for inbound and outbound rules.
fn calls(target: &WriteTarget<'_>) -> [Write; 2] {
    ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"].map(|call| Write {
        call,
        permissions: vec![on_resource(call, "ec2.security_group", target)],
    })
}

impl Fix for Revoke {
    const NAME: &'static str = "ec2.security_group.revoke";
    const KINDS: Kinds = Kinds::One("ec2.security_group");
    const DOC: &'static str =
        "Removes exactly the named rules from the security group; their descriptions must match.";

    const TOUCHES: &'static [&'static str] = &["ip_permissions", "ip_permissions_egress"];
    const UNITES: &'static [&'static str] = &["ingress", "egress"];
    const DRY_RUN: bool = true;
    const SETTLES: u32 = 120;
    const UNDONE_BY: &'static [&'static str] = &["ec2.security_group.authorize"];

    fn checked(self) -> Result<Self, String> {
        self.0.checked().map(Self)
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        self.0.edit(scene, Opening::remove_from)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        match Rules::present(before) {
            // Only what was there is added again.
            Some(rules) => Inverse::Nearly(
                Call::named("ec2.security_group.authorize", json(&rules)),
                "the rules get new ids and lose their tags",
            ),
            None => Inverse::Never("no rule was removed"),
        }
    }

    fn writes(&self, target: &WriteTarget<'_>, before: &Facts) -> Vec<Write> {
        let there = Rules::present(before);
        there.as_ref().unwrap_or(&self.0).in_directions(calls(target))
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        calls(target).into()
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        self.0.state(scene)
    }
}
