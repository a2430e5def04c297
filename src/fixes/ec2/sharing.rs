//! The permission of all AWS accounts on images and snapshots.

use serde_json::{Value, json};

use crate::fixes::edit::{all_become, known, known_list, owned, sorted};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{Facts, Refusal};

fn is_group_all(permission: &Value) -> bool {
    permission.get("group").and_then(Value::as_str) == Some("all")
}

/// The effect that a list of permissions contains the group `all` or not.
pub(super) fn set_group_all(
    scene: &Scene<'_>,
    fact: &str,
    public: bool,
) -> Result<Effect, Refusal> {
    owned(scene)?;
    let mut permissions = known_list(scene, fact)?;
    known(scene, "public")?;
    if permissions.iter().any(is_group_all) == public {
        return Ok(Effect::default());
    }
    if public {
        permissions.push(json!({ "group": "all" }));
    } else {
        permissions.retain(|permission| !is_group_all(permission));
    }
    all_become(scene, [(fact, Value::Array(permissions)), ("public", public.into())])
}

/// The permissions, whose order means nothing, and whether AWS reports the resource as public.
pub(super) fn shared_state(scene: &Scene<'_>, fact: &str) -> Facts {
    let of = |name: &str| scene.resource.facts.get(name).cloned().unwrap_or_default();
    Facts::from_iter([(fact.to_owned(), sorted(&of(fact))), ("public".to_owned(), of("public"))])
}
