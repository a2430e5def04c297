//! The tags of a resource, and the limits on them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::facts;
use crate::facts::Tags;
use crate::fixes::edit::{becomes, json, known, owned, state_of};
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{Facts, Refusal};
use crate::model::text::one_line;

/// The fact or field with the tags.
pub(super) const FACT: &str = "tags";

/// The number of characters of a key and of a value, and the number of tags of a resource without those
/// of AWS.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;
const MAX_TAGS: usize = 50;

/// The beginning of the keys of AWS.
const RESERVED: &str = "aws:";

/// Checks the keys and values of parameters.
pub(super) fn check<'a>(
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Result<(), String> {
    let mut is_empty = true;
    for (key, value) in tags {
        is_empty = false;
        let shown = shown(key);
        if key.is_empty() {
            return Err("a tag has an empty key".to_owned());
        }
        if key.chars().count() > MAX_KEY {
            return Err(format!("the key `{shown}` has more than {MAX_KEY} characters"));
        }
        if value.chars().count() > MAX_VALUE {
            return Err(format!("the value of `{shown}` has more than {MAX_VALUE} characters"));
        }
        // AWS reserves the prefix in any combination of upper and lower case.
        if key.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED)) {
            return Err(format!("the key `{shown}` is reserved for AWS: it begins with `aws:`"));
        }
        if key.chars().chain(value.chars()).any(char::is_control) {
            return Err(format!("the key or the value of `{shown}` has a control character"));
        }
    }
    if is_empty { Err("name at least one tag in `tags`".to_owned()) } else { Ok(()) }
}

/// The present tags. A resource of another account is refused, and so are tags that were not read.
pub(super) fn present(scene: &Scene<'_>) -> Result<Tags, Refusal> {
    owned(scene)?;
    match known(scene, FACT)? {
        Value::Null => Ok(Tags::new()),
        tags => serde_json::from_value(tags.clone())
            .map_err(|_| Refusal::new(format!("`{FACT}` is invalid"))),
    }
}

/// The effect that the resource has these tags.
pub(super) fn become_tags(scene: &Scene<'_>, tags: &Tags) -> Result<Effect, Refusal> {
    let of_aws = |key: &&String| key.starts_with(RESERVED);
    let own: Vec<&String> = tags.keys().filter(|key| !of_aws(key)).collect();
    let before = present(scene)?;
    let is_more = tags.keys().any(|key| !before.contains_key(key));
    if is_more && own.len() > MAX_TAGS {
        let keys: Vec<String> = own.iter().map(|key| shown(key)).collect();
        return Err(Refusal::new(format!(
            "it would have {} tags, and AWS allows {MAX_TAGS}: {}",
            own.len(),
            keys.join(", ")
        )));
    }
    // A fact is absent without tags, and a field of the list is empty.
    let is_fact = facts::kind(&scene.resource.kind).is_some_and(|kind| kind.fact(FACT).is_some());
    becomes(scene, FACT, if is_fact && tags.is_empty() { Value::Null } else { json(tags) })
}

/// The refusal of a tag that has another value than expected.
pub(super) fn other_value(key: &str, value: &str) -> Refusal {
    Refusal::new(format!("the tag `{}` has the value `{}`", shown(key), shown(value)))
}

/// What of the tags matters for these keys: the tags with them, and those whose keys differ from them
/// only in case, which the conditions of IAM do not tell apart.
pub(super) fn state<'a>(scene: &Scene<'_>, keys: impl Iterator<Item = &'a String>) -> Facts {
    let keys: Vec<&String> = keys.collect();
    let tags = scene.fact(FACT).and_then(Value::as_object).into_iter().flatten();
    let named = tags.filter(|(found, _)| keys.iter().any(|key| key.eq_ignore_ascii_case(found)));
    let named: BTreeMap<&String, &Value> = named.collect();
    state_of(FACT, json(&named))
}

/// The tags of a state.
pub(super) fn of_state(state: &Facts) -> Tags {
    let tags = state.get(FACT).and_then(Value::as_object).into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Untrusted text, shortened.
fn shown(text: &str) -> String {
    one_line(text, 60)
}
