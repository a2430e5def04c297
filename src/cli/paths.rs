//! `rolecall paths`.

use std::path::PathBuf;

use clap::Args;

use super::args::Narrowing;
use super::values::ListFormat;
use crate::exposure::Traffic;

/// `rolecall paths`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  $ rolecall paths --snapshot nightly
  $ rolecall paths --snapshot nightly --port tcp/22
  $ rolecall paths --snapshot nightly i-0123456789abcdef0 --port tcp/22
  $ rolecall paths --snapshot nightly --account prod-* --region eu-* --format json

Shows which instances the internet reaches, and by which path: internet gateway, route table, network ACL, security group and \
network interface. For named instances and network interfaces, it also shows what blocks the traffic.

The snapshot must contain what the rule ec2-instance-internet-reachable needs. If it also contains ec2.network_interface, the \
network interfaces of load balancers are shown.

Exit codes:
  0  complete, whether or not something is reachable
  2  could not run, for example because of a usage error
  3  incomplete: something that could be part of a path could not be read")]
pub struct PathsArgs {
    /// Ids of instances and network interfaces [default: all instances, and the network interfaces of
    /// load balancers]
    #[arg(value_name = "ID", value_parser = resource)]
    pub ids: Vec<String>,
    /// Snapshot folder, written by `collect` or `scan --snapshot`
    #[arg(long, help_heading = "Snapshot", value_name = "DIR")]
    pub snapshot: PathBuf,
    /// Only this traffic: tcp/22, udp/8000-8100, icmp or icmpv6 [default: any traffic]
    #[arg(long, help_heading = "Filters", value_name = "PROTOCOL/PORT", value_parser = port)]
    pub port: Option<Port>,
    /// Accounts and regions.
    #[command(flatten)]
    pub narrowing: Narrowing,
    /// Output format
    #[arg(long, help_heading = "Output", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Traffic that a user asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// As written.
    pub text: String,
    /// The protocol and ports.
    pub traffic: Traffic,
}

fn resource(text: &str) -> Result<String, String> {
    let is_id = text.starts_with("i-") || text.starts_with("eni-");
    if is_id && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(text.to_owned());
    }
    Err("use the id of an instance (i-…) or of a network interface (eni-…)".to_owned())
}

fn port(text: &str) -> Result<Port, String> {
    let (name, ports) = match text.split_once('/') {
        Some((name, ports)) => (name, Some(ports)),
        None => (text, None),
    };
    let hint = "use a protocol and a port, for example `tcp/22` or `udp/8000-8100`";
    if ports.is_none() && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        // A port, most likely, although IANA also numbers protocols.
        return Err(match name.parse::<u16>() {
            Ok(port) => format!("missing protocol: use `tcp/{port}` or `udp/{port}`"),
            Err(_) => hint.to_owned(),
        });
    }
    let protocol = crate::exposure::protocol_number(name)
        .filter(|number| (0..=255).contains(number))
        .ok_or(hint)?;
    let last = if matches!(protocol, 1 | 58) { 255 } else { 65_535 };
    let range = match ports {
        None if matches!(protocol, 6 | 17) => return Err(hint.to_owned()),
        None => (0, 65_535),
        Some(_) if !matches!(protocol, 1 | 6 | 17 | 58) => {
            return Err(format!("protocol `{name}` has no ports"));
        }
        Some(ports) => {
            let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
            let number =
                |text: &str| text.parse::<i64>().ok().filter(|one| (0..=last).contains(one));
            match (number(from), number(to)) {
                (Some(from), Some(to)) if from <= to => (from, to),
                _ => return Err(format!("`{ports}` is not a range of ports from 0 to {last}")),
            }
        }
    };
    Ok(Port {
        text: text.to_ascii_lowercase(),
        traffic: Traffic::Ports { protocol, ranges: vec![range] },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_protocols_with_ranges() {
        for (text, expected) in [
            ("tcp/22", Some((6, (22, 22)))),
            ("TCP/22", Some((6, (22, 22)))),
            ("udp/8000-8100", Some((17, (8000, 8100)))),
            ("icmp", Some((1, (0, 65_535)))),
            ("icmp/8", Some((1, (8, 8)))),
            ("icmpv6", Some((58, (0, 65_535)))),
            ("6/22", Some((6, (22, 22)))),
            // A port, not the protocol with that number.
            ("22", None),
            ("47", None),
            ("443", None),
            ("0", None),
            ("99999999999999999999", None),
            ("tcp", None),
            ("tcp/", None),
            ("tcp/70000", None),
            ("tcp/90-80", None),
            ("47/1", None),
            ("-1", None),
            ("ssh", None),
        ] {
            let traffic =
                expected.map(|(protocol, range)| Traffic::Ports { protocol, ranges: vec![range] });
            assert_eq!(port(text).ok().map(|port| port.traffic), traffic, "{text}");
        }
        for (text, message) in [
            ("22", "missing protocol: use `tcp/22` or `udp/22`"),
            ("443", "missing protocol: use `tcp/443` or `udp/443`"),
            ("ssh", "use a protocol and a port, for example `tcp/22` or `udp/8000-8100`"),
        ] {
            assert_eq!(port(text), Err(message.to_owned()));
        }
        assert!(resource("i-0123").is_ok() && resource("eni-1").is_ok());
        assert!(resource("vpc-1").is_err() && resource("i-\u{1b}").is_err());
    }
}
