//! Protocols and ports as arguments of helpers.

use rhai::{Expr, Position};

use super::constant::number;
use super::infer::Infer;
use super::origin::Role;
use crate::diagnostics::Code;
use crate::model::text;

/// The names that EC2 has for protocols; all others are numbers.
const NAMES: [&str; 4] = ["tcp", "udp", "icmp", "icmpv6"];

/// The ports of TCP and UDP.
const PORTS: std::ops::RangeInclusive<i64> = 0..=65_535;

/// The helpers that accept a range of ports: the number of the argument with its start, which is
/// followed by its end.
const RANGES: [(&str, usize); 2] = [("internet_openings", 2), ("all_ports_open", 2)];

/// What is wrong with a protocol, and how to fix it.
pub(super) fn unsuitable(role: Role, written: &str) -> Option<(String, String)> {
    let shown = text::one_line(written, 60);
    let lower = written.to_ascii_lowercase();
    let has_ports = matches!(lower.as_str(), "tcp" | "udp" | "6" | "17");
    let is_number = written.parse().is_ok_and(|number: i64| (-1..=255).contains(&number));
    let is_known = is_number || lower == "all" || NAMES.contains(&lower.as_str());
    if is_known && role == Role::PortProtocol && !has_ports {
        let help = "this helper supports only `tcp` and `udp`".to_owned();
        return Some((format!("`{shown}` has no ports"), help));
    }
    if !is_known {
        let close = |name: &&&str| strsim::osa_distance(name, &lower) == 1;
        let help = match NAMES.iter().find(close) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "write `tcp`, `udp`, `icmp`, `icmpv6`, or the number of a protocol".to_owned(),
        };
        return Some((format!("`{shown}` is not a protocol"), help));
    }
    (lower != written).then(|| {
        let help = format!("write `{lower}`, as AWS does");
        (format!("`{shown}` is not in lowercase"), help)
    })
}

/// What is wrong with a port, and how to fix it.
pub(super) fn unsuitable_number(role: Role, number: i64) -> Option<(String, String)> {
    (role == Role::Port && !PORTS.contains(&number)).then(|| {
        let help = "ports are numbers from 0 to 65535".to_owned();
        (format!("`{number}` is not a port"), help)
    })
}

/// The int literals in an expression: a literal, or a list of literals.
pub(super) fn ints(expression: &Expr) -> Vec<(i64, Position)> {
    match expression {
        Expr::Array(items, _) => items.iter().flat_map(ints).collect(),
        Expr::FloatConstant(..) => Vec::new(),
        // Exact for every port, and the sign of any other number stays the same.
        #[allow(clippy::cast_possible_truncation)]
        one => {
            number(one).map(|number| (number as i64, one.start_position())).into_iter().collect()
        }
    }
}

impl Infer<'_> {
    /// Reports a range of ports whose literals are in the wrong order.
    pub(super) fn check_port_range(&mut self, name: &str, arguments: &[Option<&Expr>]) {
        for (_, start) in RANGES.iter().filter(|(helper, _)| *helper == name) {
            let int = |at: usize| match arguments.get(at) {
                Some(Some(one @ (Expr::IntegerConstant(..) | Expr::FnCall(..)))) => {
                    ints(one).first().copied()
                }
                _ => None,
            };
            if let (Some((from, place)), Some((to, _))) = (int(*start), int(start + 1))
                && PORTS.contains(&from)
                && PORTS.contains(&to)
                && from > to
            {
                let message = format!("`{from}` to `{to}` is not a range of ports");
                let help = Some(format!("write the lower port first: `{to}, {from}`"));
                self.report(Code::UnsuitableLiteral, place, message, help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_that_helpers_accept_are_told_from_others() {
        for (written, any, with_ports) in [
            ("tcp", None, None),
            ("udp", None, None),
            ("6", None, None),
            ("icmp", None, Some("this helper supports only `tcp` and `udp`")),
            ("-1", None, Some("this helper supports only `tcp` and `udp`")),
            ("all", None, Some("this helper supports only `tcp` and `udp`")),
            ("50", None, Some("this helper supports only `tcp` and `udp`")),
            ("TCP", Some("write `tcp`, as AWS does"), Some("write `tcp`, as AWS does")),
            ("Udp", Some("write `udp`, as AWS does"), Some("write `udp`, as AWS does")),
            ("tpc", Some("did you mean `tcp`?"), Some("did you mean `tcp`?")),
            (
                "256",
                Some("write `tcp`, `udp`, `icmp`, `icmpv6`, or the number of a protocol"),
                Some("write `tcp`, `udp`, `icmp`, `icmpv6`, or the number of a protocol"),
            ),
        ] {
            for (role, expected) in [(Role::Protocol, any), (Role::PortProtocol, with_ports)] {
                let help = unsuitable(role, written).map(|(_, help)| help);
                assert_eq!(help.as_deref(), expected, "{written} {role:?}");
            }
        }
    }

    #[test]
    fn ports_have_bounds() {
        for (port, is_wrong) in [(-1, true), (0, false), (65_535, false), (65_536, true)] {
            assert_eq!(unsuitable_number(Role::Port, port).is_some(), is_wrong, "{port}");
            assert_eq!(unsuitable_number(Role::Glob, port), None);
        }
    }
}
