//! The fields that can be absent, by the labels that inference gives them.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::facts::{self, fields};
use crate::rules::helpers::SHAPES;

static OPTIONAL: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let of_kind = |kind: &'static facts::Kind| {
        let listed = fields::of(&kind.shape, "");
        let facts = kind.facts.iter().flat_map(|fact| fields::of(&fact.shape, fact.name));
        let optional = listed.into_iter().chain(facts).filter(fields::Field::is_optional);
        optional.map(|field| format!("{}.{}", kind.name, field.path.replace("[]", "")))
    };
    let results = SHAPES.iter().flat_map(|shape| {
        let optional = shape.fields().into_iter().filter(fields::Field::is_optional);
        optional.map(|field| format!("{}.{}", shape.name, field.path.replace("[]", "")))
    });
    facts::KINDS.iter().copied().flat_map(of_kind).chain(results).collect()
});

/// Whether a field with this label, such as `ec2.security_group.ip_permissions.from_port`, can be
/// absent.
pub(crate) fn is_optional(label: &str) -> bool {
    OPTIONAL.contains(label)
}
