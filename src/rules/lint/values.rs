//! Comparisons of a field with a string that differs only slightly from one of its values, which
//! never match. Strings that are not similar to any value are not reported, as AWS may have added
//! them.

use std::collections::HashMap;
use std::sync::LazyLock;

use rhai::{Expr, Position};

use super::infer::Infer;
use crate::diagnostics::Code;
use crate::facts::fields;
use crate::facts::{self, Kind};
use crate::model::text;

/// Shorter strings are too similar to each other.
const MIN_LENGTH: usize = 4;

/// Field path as in diagnostics (`ec2.instance.state.name`) → its values.
static VALUES: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let of_kind = |kind: &'static Kind| {
        let of_facts = kind.facts.iter().flat_map(|fact| fields::of(&fact.shape, fact.name));
        let all: Vec<fields::Field> =
            fields::of(&kind.shape, "").into_iter().chain(of_facts).collect();
        let with_values = all.into_iter().filter_map(|field| {
            let values: Vec<String> = field.values().into_iter().map(str::to_owned).collect();
            (!values.is_empty())
                .then(|| (format!("{}.{}", kind.name, field.path.replace("[]", "")), values))
        });
        with_values.collect::<Vec<_>>()
    };
    facts::KINDS.iter().copied().flat_map(of_kind).collect()
});

/// The similar value, if the string is not a value itself.
fn meant<'v>(written: &str, values: &'v [String]) -> Option<&'v str> {
    if values.iter().any(|value| value == written) || written.chars().count() < MIN_LENGTH {
        return None;
    }
    let like = |value: &&String| {
        value.eq_ignore_ascii_case(written)
            || strsim::osa_distance(&value.to_lowercase(), &written.to_lowercase()) == 1
    };
    values.iter().find(like).map(String::as_str)
}

/// Whether an expression ends with a field access.
pub(crate) fn ends_in_field(expression: &Expr) -> bool {
    match expression {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => ends_in_field(&parts.rhs),
        Expr::Property(..) | Expr::StringConstant(..) => true,
        _ => false,
    }
}

impl Infer<'_> {
    /// Checks a string that is compared with a field, given by its path in diagnostics.
    pub(crate) fn check_field_value(
        &mut self,
        field: Option<&str>,
        written: &str,
        place: Position,
    ) {
        let Some((field, values)) = field.and_then(|field| VALUES.get_key_value(field)) else {
            return;
        };
        if let Some(meant) = meant(written, values) {
            let message =
                format!("AWS never returns `{}` for `{field}`", text::one_line(written, 60));
            self.report(
                Code::NeverReturned,
                place,
                message,
                Some(format!("did you mean `{meant}`?")),
            );
        }
    }

    /// The same for all strings in an expression: a literal or a list of literals.
    pub(crate) fn check_field_values(&mut self, field: Option<&str>, expression: &Expr) {
        match expression {
            Expr::StringConstant(written, place) => self.check_field_value(field, written, *place),
            Expr::Array(items, _) => {
                items.iter().for_each(|item| self.check_field_values(field, item))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_field_documentation() {
        let of = |field: &str| VALUES.get(field).map(|values| values.join(" "));
        assert_eq!(
            of("ec2.instance.metadata_options.http_tokens").as_deref(),
            Some("required optional")
        );
        assert_eq!(of("s3.bucket.versioning.status").as_deref(), Some("Enabled Suspended"));
        assert_eq!(of("s3.bucket.lifecycle.rules.status").as_deref(), Some("Enabled Disabled"));
        // Fields without a fixed set of values.
        for field in [
            "ec2.security_group.group_name",
            "ec2.security_group.ip_permissions.ip_protocol",
            "ec2.vpc_endpoint.state",
        ] {
            assert_eq!(of(field), None, "{field}");
        }
        assert!(VALUES.len() > 100, "{}", VALUES.len());
    }

    #[test]
    fn only_similar_values_are_suggested() {
        let values = ["enabled", "disabled", "deleting", "tcp"].map(str::to_owned);
        for (written, expected) in [
            ("enabled", None),
            ("Enabled", Some("enabled")),
            ("enbled", Some("enabled")),
            ("deleted", None),
            ("enforced", None),
            ("udp", None),
            ("", None),
        ] {
            assert_eq!(meant(written, &values), expected, "{written}");
        }
    }
}
