//! The permissions boundary of the roles that a deployer creates: together, what the templates give
//! to these roles. A role that somebody gave more can still do no more than this.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::control_plane::ControlPlane;
use super::deployment::{Deployer, Deployment};
use super::scanning::policy;

impl Deployer {
    /// The boundary of the roles in its account. `target` is the policy of the target role.
    pub fn boundary(&self, target: &Value) -> Value {
        let mut policies = Vec::new();
        if self.deploys.contains(&Deployment::ControlPlane) {
            // Of both modes, so that the mode can be changed.
            let starts = [false, true].map(|single_function| {
                ControlPlane { single_function, ..self.plane.clone() }.scheduler_policy()
            });
            policies.extend([self.plane.function_policy(), self.plane.machine_policy()]);
            policies.extend(starts);
        }
        if self.deploys.contains(&Deployment::TargetRole) {
            policies.push(target.clone());
        }
        union(&policies)
    }
}

/// The statements of several policies, each once, under different ids.
fn union(policies: &[Value]) -> Value {
    let mut statements: Vec<Value> = Vec::new();
    let mut sids = BTreeSet::new();
    let all = policies.iter().filter_map(|policy| policy.get("Statement")?.as_array()).flatten();
    for statement in all {
        let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
        let mut statement = statement.clone();
        if statements.contains(&statement) {
            continue;
        }
        let free = |sid: &String| !sids.contains(sid);
        let number = |number: usize| match number {
            1 => sid.to_owned(),
            number => format!("{sid}{number}"),
        };
        if let Some(sid) = (1..).map(number).find(free) {
            if let Some(statement) = statement.as_object_mut() {
                statement.insert("Sid".to_owned(), json!(sid));
            }
            sids.insert(sid);
        }
        statements.push(statement);
    }
    policy(&statements)
}
