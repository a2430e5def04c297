//! Strings that a field is compared with and never has, and checks for `()` of what is always there.

use rhai::{Expr, Position};

use super::domain::{self, Problem};
use super::infer::Infer;
use super::origin::{Origin, ParamUse, Role};
use super::protocols::ints;
use super::roles;
use crate::diagnostics::Code;

/// The arguments of helpers that are more than any string or number: helper, number of the argument,
/// role.
const ROLES: [(&str, usize, Role); 38] = [
    ("allows_action", 1, Role::Action),
    ("allows_service", 2, Role::Action),
    ("iam_covers_action", 1, Role::Action),
    ("is_world", 0, Role::Cidr),
    ("cidr_width", 0, Role::Cidr),
    ("cidr_contains", 0, Role::Cidr),
    ("cidr_contains", 1, Role::Cidr),
    ("cidr_union", 0, Role::Cidr),
    ("is_private_cidr", 0, Role::Cidr),
    ("is_public_cidr", 0, Role::Cidr),
    ("is_trusted_network", 0, Role::Cidr),
    ("glob_matches", 0, Role::Glob),
    ("glob_matches", 1, Role::Text),
    ("regex_matches", 0, Role::Regex),
    ("regex_matches", 1, Role::Text),
    ("has_tag", 1, Role::Text),
    ("tag_matches", 1, Role::Text),
    ("tag_matches", 2, Role::Glob),
    ("has_matching_tag", 1, Role::Tag),
    ("vpc_endpoint_exemption", 2, Role::Tag),
    ("nacl_internet_openings", 1, Role::Direction),
    ("nacl_internet_openings", 2, Role::Protocol),
    ("nacl_internet_openings", 3, Role::Port),
    ("internet_openings", 1, Role::Protocol),
    ("internet_openings", 2, Role::Port),
    ("internet_openings", 3, Role::Port),
    ("internet_openings_ipv4", 1, Role::Protocol),
    ("internet_openings_ipv4", 2, Role::Port),
    ("internet_openings_ipv6", 1, Role::Protocol),
    ("internet_openings_ipv6", 2, Role::Port),
    ("is_open_to_internet", 1, Role::Protocol),
    ("is_open_to_internet", 2, Role::Port),
    ("open_ports", 1, Role::PortProtocol),
    ("open_ports", 2, Role::Port),
    ("all_ports_open", 1, Role::PortProtocol),
    ("all_ports_open", 2, Role::Port),
    ("all_ports_open", 3, Role::Port),
    ("world_ports", 1, Role::PortProtocol),
];

/// The string literals in an expression: a literal, or a list of literals.
pub(super) fn literals(expression: &Expr) -> Vec<(&str, Position)> {
    match expression {
        Expr::StringConstant(written, place) => vec![(written.as_str(), *place)],
        Expr::Array(items, _) => items.iter().flat_map(literals).collect(),
        _ => Vec::new(),
    }
}

/// What a parameter of a rule can be, as far as its uses tell. Returns what is wrong with a value, or
/// with an item of a list, and that value as it is written.
pub(crate) fn invalid_param(
    used: &ParamUse,
    value: &serde_json::Value,
) -> Option<(String, Problem)> {
    match value {
        serde_json::Value::String(written) => {
            let problem = match used {
                ParamUse::Field(path) => domain::never(path, written),
                // Helpers accept protocols in capitals.
                ParamUse::Argument(role @ (Role::Protocol | Role::PortProtocol)) => {
                    domain::unsuitable(*role, &written.to_ascii_lowercase())
                }
                ParamUse::Argument(role) => domain::unsuitable(*role, written),
            };
            problem.map(|problem| (format!("{written:?}"), problem))
        }
        serde_json::Value::Number(number) => match used {
            ParamUse::Argument(role) => domain::unsuitable_number(*role, number.as_i64()?)
                .map(|problem| (number.to_string(), problem)),
            ParamUse::Field(_) => None,
        },
        serde_json::Value::Array(items) => items.iter().find_map(|item| invalid_param(used, item)),
        _ => None,
    }
}

impl Infer<'_> {
    fn report_problem(&mut self, code: Code, place: Position, problem: Problem) {
        self.report(code, place, problem.message, problem.help);
    }

    /// Checks a string that is compared with a field.
    pub(crate) fn check_field_value(
        &mut self,
        field: Option<&Origin>,
        written: &str,
        place: Position,
    ) {
        if let Some(problem) = field.and_then(|field| domain::never(&field.path, written)) {
            self.report_problem(Code::NeverReturned, place, problem);
        }
    }

    /// The same for all strings in an expression: a literal or a list of literals.
    pub(crate) fn check_field_values(&mut self, field: Option<&Origin>, expression: &Expr) {
        for (written, place) in literals(expression) {
            self.check_field_value(field, written, place);
        }
    }

    /// Checks two values that are compared for equality.
    pub(crate) fn check_compared(
        &mut self,
        (first, a): (Option<&Origin>, &Expr),
        (second, b): (Option<&Origin>, &Expr),
    ) {
        self.check_field_values(first, b);
        self.check_field_values(second, a);
        if let (Some(first), Some(second)) = (first, second) {
            self.compare_with_param(first, second);
            self.compare_with_param(second, first);
            self.check_ids(first, second, a.start_position());
        }
    }

    /// Checks a value that is searched in a list with a known origin.
    pub(crate) fn check_contained(
        &mut self,
        list: &Origin,
        asked: Option<&Origin>,
        expression: Option<&Expr>,
        place: Position,
    ) {
        if let Some(expression) = expression {
            self.check_field_values(Some(list), expression);
        }
        if let Some(asked) = asked {
            self.compare_with_param(list, asked);
            self.compare_with_param(asked, list);
            self.check_ids(asked, list, place);
        }
    }

    fn compare_with_param(&mut self, param: &Origin, field: &Origin) {
        if let (Some(name), None) = (param.as_param(), field.as_param())
            && !field.is_quotient()
        {
            self.uses.insert((name.to_owned(), ParamUse::Field(field.path.clone())));
        }
    }

    /// Checks the literals among the arguments of a helper. `None`: the value before the dot, which
    /// is not a literal.
    pub(crate) fn check_roles(
        &mut self,
        name: &str,
        arguments: &[Option<&Expr>],
        origins: &[Option<&Origin>],
    ) {
        self.check_port_range(name, arguments);
        for (_, number, role) in
            ROLES.iter().chain(&roles::ROLES).filter(|(helper, ..)| *helper == name)
        {
            if let Some(argument) = arguments.get(*number).copied().flatten() {
                for (written, place) in literals(argument) {
                    if let Some(problem) = domain::unsuitable(*role, written) {
                        self.report_problem(Code::UnsuitableLiteral, place, problem);
                    }
                }
                for (written, place) in ints(argument) {
                    if let Some(problem) = domain::unsuitable_number(*role, written) {
                        self.report_problem(Code::UnsuitableLiteral, place, problem);
                    }
                }
            }
            if let Some(Some(param)) =
                origins.get(*number).map(|origin| origin.and_then(Origin::as_param))
                && *role != Role::Text
            {
                self.uses.insert((param.to_owned(), ParamUse::Argument(*role)));
            }
        }
    }

    /// Reports a check for `()` of what is always there. `check`: how it is written.
    pub(crate) fn check_always_there(
        &mut self,
        checked: Option<&Expr>,
        origin: Option<&Origin>,
        check: &str,
        place: Position,
    ) {
        if let Some((function, is_list)) =
            checked.filter(|_| self.emit).and_then(|checked| self.always_returned(checked))
        {
            let help = match is_list {
                true => "check whether the list is empty: `list.is_empty()`",
                false => "compare what it returns: `rolecall helpers NAME` shows what that can be",
            };
            let message = format!("`{function}` never returns `()`, so `{check}` checks nothing");
            self.report(Code::AlwaysThere, place, message, Some(help.to_owned()));
            return;
        }
        let Some(origin) = origin.filter(|origin| origin.certain) else { return };
        let params = &self.draft.params;
        let is_param =
            |name| params.iter().any(|(known, _, default)| known == name && !default.is_null());
        let is_there = match origin.as_param() {
            Some(name) => is_param(name),
            None => domain::is_required(&origin.path),
        };
        if is_there {
            let help = match origin.path.as_str() {
                path if path.ends_with(".versioning") => {
                    "check what it contains: `versioning.status == \"Enabled\"`".to_owned()
                }
                _ => "check what it contains: compare its value, use `is_empty()` for a list, or check a field that has a `?` in `rolecall facts`".to_owned(),
            };
            let message = format!("`{}` is never `()`, so `{check}` checks nothing", origin.path);
            self.report(Code::AlwaysThere, place, message, Some(help));
        }
    }

    /// Checks the defaults of parameters, and what variants set, which only their use restricts.
    pub(crate) fn check_defaults(&mut self) {
        let draft = self.draft;
        let uses = self.uses.clone();
        let of_fix = draft.fix.iter().flat_map(|fix| &fix.params);
        let of_variants = draft.variants.iter().flat_map(|variant| &variant.params);
        for (name, position, default) in draft.params.iter().chain(of_variants).chain(of_fix) {
            for (_, used) in uses.iter().filter(|(param, _)| param == name) {
                let Some((written, problem)) = invalid_param(used, default) else { continue };
                // The literal follows the name.
                let start = self.file.offset(*position);
                let rest = self.file.text.get(start..).unwrap_or_default();
                let place =
                    rest.find(&written).map_or(*position, |at| self.file.position(start + at));
                self.report_problem(used.code(), place, problem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::helpers;

    #[test]
    fn roles_are_of_parameters_of_helpers() {
        for (name, number, role) in ROLES {
            let helper = helpers::helpers().find(|helper| helper.name == name).unwrap();
            let wanted = if role == Role::Port { "int" } else { "string" };
            let mut params =
                helper.signatures.iter().filter_map(|signature| signature.params.get(number));
            assert!(params.any(|param| param.kind.contains(wanted)), "{name} {number} {role:?}");
        }
    }
}
