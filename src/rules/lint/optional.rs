//! The fields and facts that can be absent, by the labels that inference gives them.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::facts::{self, fields};
use crate::rules::helpers::SHAPES;

static OPTIONAL: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let of_kind = |kind: &'static facts::Kind| {
        let listed = fields::of(&kind.shape, "");
        let facts = kind.facts.iter().flat_map(|fact| fields::of(&fact.shape, fact.name));
        let optional = listed.into_iter().chain(facts).filter(fields::Field::is_optional);
        let whole = kind.facts.iter().filter(|fact| fact.can_be_absent());
        optional
            .map(|field| format!("{}.{}", kind.name, field.path.replace("[]", "")))
            .chain(whole.map(|fact| format!("{}.{}", kind.name, fact.name)))
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

static SENT: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut all = HashSet::new();
    let mut add = |start: &str, call: &facts::ApiCall| {
        let paths = call.always.iter().chain(call.always_printed);
        // One of several fields is not always the same one.
        let paths = paths.filter(|path| !path.contains('|'));
        all.extend(paths.map(|path| format!("{start}.{}", path.replace("[]", ""))));
    };
    for kind in facts::KINDS {
        kind.list.iter().for_each(|call| add(kind.name, call));
        for fact in kind.facts {
            add(&format!("{}.{}", kind.name, fact.name), &fact.call);
        }
    }
    all
});

/// Whether AWS always sends a field with this label, so that it is unreadable rather than absent.
pub(crate) fn is_sent(label: &str) -> bool {
    SENT.contains(label)
}
