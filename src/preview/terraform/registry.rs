//! Local values of published modules: plans do not have them, but say which module it is.

use std::collections::BTreeMap;

use serde_json::Value;

/// What local values refer to, by the names of module calls and their own.
pub type Locals = BTreeMap<(Vec<String>, String), Vec<String>>;

/// A module of the registry for a security group and its rules.
const GROUP: &str = "terraform-aws-modules/security-group/aws";
const HOSTS: [&str; 2] = ["registry.terraform.io/", "registry.opentofu.org/"];

/// What local values of published modules refer to, as far as they are used for ids.
pub fn locals(root: &Value) -> Locals {
    let mut found = Locals::new();
    let mut open = vec![(Vec::new(), "", root)];
    while let Some((path, source, module)) = open.pop() {
        let calls = module.get("module_calls").and_then(Value::as_object).into_iter().flatten();
        for (name, call) in calls {
            let called = call.get("source").and_then(Value::as_str).unwrap_or_default();
            let mut path = path.clone();
            path.push(name.clone());
            if is_group(called, source) {
                // In all versions, it is the first one that exists.
                let names = [
                    "aws_security_group.this.id",
                    "aws_security_group.this_name_prefix.id",
                    "var.security_group_id",
                ];
                let names = names.map(str::to_owned).to_vec();
                found.insert((path.clone(), "this_sg_id".to_owned()), names);
            }
            open.extend(call.get("module").map(|module| (path, called, module)));
        }
    }
    found
}

/// Whether a source is that of the module, or that in one of its submodules.
fn is_group(source: &str, caller: &str) -> bool {
    let published = |source: &'_ str| -> String {
        HOSTS.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(source).to_owned()
    };
    let in_submodule = || published(caller).starts_with(&format!("{GROUP}//modules/"));
    published(source) == GROUP || matches!(source, "../.." | "../../") && in_submodule()
}
