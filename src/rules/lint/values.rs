//! Values that AWS never sends: a comparison of a field with a text that is nearly one of those
//! that the field can have. It would be false for ever, and nothing would say so. A text that is
//! like none of them is left alone: AWS may have learned it since.

use std::collections::HashMap;
use std::sync::LazyLock;

use rhai::{Expr, Position};

use super::infer::Infer;
use crate::diagnostics::Code;
use crate::facts::fields;
use crate::facts::{self, Kind};
use crate::model::text;

/// Shorter texts are too much like each other.
const SHORTEST: usize = 4;

/// Field, as faults name it (`ec2.instance.state.name`) → its values.
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

/// The value that was probably meant; `None` when this is one, or like none.
fn meant<'v>(written: &str, values: &'v [String]) -> Option<&'v str> {
    if values.iter().any(|value| value == written) || written.chars().count() < SHORTEST {
        return None;
    }
    let like = |value: &&String| {
        value.eq_ignore_ascii_case(written)
            || strsim::osa_distance(&value.to_lowercase(), &written.to_lowercase()) == 1
    };
    values.iter().find(like).map(String::as_str)
}

/// Whether the last thing that an expression reads is a field.
pub(crate) fn ends_in_field(expression: &Expr) -> bool {
    match expression {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => ends_in_field(&parts.rhs),
        Expr::Property(..) | Expr::StringConstant(..) => true,
        _ => false,
    }
}

impl Infer<'_> {
    /// A text that stands for a value of a field, which is named as faults name it.
    pub(crate) fn must_be_sent(&mut self, field: Option<&str>, written: &str, place: Position) {
        let Some((field, values)) = field.and_then(|field| VALUES.get_key_value(field)) else {
            return;
        };
        if let Some(meant) = meant(written, values) {
            let message = format!("`{field}` is never `{}`", text::one_line(written, 60));
            self.fault(Code::NeverSent, place, message, Some(format!("AWS writes it `{meant}`")));
        }
    }

    /// The same for every text of an expression: a literal, or a list of them.
    pub(crate) fn each_must_be_sent(&mut self, field: Option<&str>, expression: &Expr) {
        match expression {
            Expr::StringConstant(written, place) => self.must_be_sent(field, written, *place),
            Expr::Array(items, _) => {
                items.iter().for_each(|item| self.each_must_be_sent(field, item))
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_from_the_documentation_of_fields() {
        let of = |field: &str| VALUES.get(field).map(|values| values.join(" "));
        assert_eq!(
            of("ec2.instance.metadata_options.http_tokens").as_deref(),
            Some("required optional")
        );
        assert_eq!(of("s3.bucket.versioning.status").as_deref(), Some("Enabled Suspended"));
        assert_eq!(of("s3.bucket.lifecycle.rules.status").as_deref(), Some("Enabled Disabled"));
        // Open: names, numbers, either way of writing.
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
    fn only_what_is_nearly_a_value_is_taken_for_one() {
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
