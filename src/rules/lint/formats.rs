//! The formats of strings that AWS or helpers return.

use ipnet::IpNet;
use jiff::Timestamp;

use crate::model::{Region, did_you_mean, text};
use crate::rules::helpers::is_action;

/// How to write an action.
pub(super) const ACTION_HELP: &str = "write the service prefix and the name: `s3:GetObject`";
const PATTERN_HELP: &str = "for a pattern, use `glob_matches(pattern, string)`";

/// The format of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Lowercase,
    Uppercase,
    Action,
    Principal,
    Cidr(Family),
    /// The number of a protocol as a string.
    ProtocolNumber,
    /// The protocol of a security group rule.
    Protocol,
    Region,
    /// An Availability Zone.
    Zone,
    /// An account id, or a name such as `amazon`.
    Owner,
    Account,
    Partition,
    /// The name of a bucket.
    Bucket,
    Time,
    /// An id, which has no wildcards.
    Name,
}

/// The addresses that a range can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Any,
    V4,
    V6,
}

/// The formats of what functions return.
pub(super) const RESULTS: [(&str, Format); 6] = [
    ("region()", Format::Region),
    ("account_id()", Format::Account),
    ("partition()", Format::Partition),
    ("to_lower()", Format::Lowercase),
    ("to_upper()", Format::Uppercase),
    ("arn_account()", Format::Owner),
];

/// The label of what a function returns, if its format is known.
pub(super) fn result_of(function: &str) -> Option<&'static str> {
    let labels = RESULTS.iter().map(|(label, _)| *label);
    labels.into_iter().find(|label| label.strip_suffix("()") == Some(function))
}

/// Kinds with fields of ranges that are IPv4 unless their names say IPv6.
const BY_FAMILY: [&str; 5] =
    ["ec2.security_group.", "ec2.network_acl.", "ec2.subnet.", "ec2.vpc.", "ec2.route_table."];

pub(super) fn format_of(path: &str, declared: Option<&str>) -> Option<Format> {
    let name = path.rsplit('.').next().unwrap_or(path);
    match declared {
        Some("lowercase") => return Some(Format::Lowercase),
        Some("action") => return Some(Format::Action),
        Some("principal") => return Some(Format::Principal),
        _ => {}
    }
    if matches!(path, "ec2.network_acl.entries.protocol" | "acl_opening.protocol") {
        return Some(Format::ProtocolNumber);
    }
    if path == "s3.bucket.name" || name == "target_bucket" {
        return Some(Format::Bucket);
    }
    let is = |end: &str| name == end || name.ends_with(&format!("_{end}"));
    let cidrs = ["cidr", "cidr_ip", "cidr_ipv6", "cidr_block"];
    Some(match name {
        "ip_protocol" => Format::Protocol,
        "availability_zone" => Format::Zone,
        _ if is("owner_id") || is("account_id") => Format::Owner,
        _ if path.starts_with("ec2.") && name.ends_with("_id") => Format::Name,
        _ if cidrs.into_iter().any(is) => Format::Cidr(match name {
            _ if !BY_FAMILY.iter().any(|kind| path.starts_with(kind)) => Family::Any,
            _ if name.contains("ipv6") => Family::V6,
            _ if is("cidr_ip") || is("cidr_block") => Family::V4,
            _ => Family::Any,
        }),
        _ => return None,
    })
}

/// Whether a string has the form of a region: `eu-west-1`.
fn is_region(written: &str) -> bool {
    Region::all_in(written).iter().any(|region| region.as_str() == written)
}

/// Whether a string has the form of an account id.
pub(super) fn is_account(written: &str) -> bool {
    written.len() == 12 && written.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a field never has a value, and what to do, if its format tells.
pub(super) fn malformed(format: Format, path: &str, written: &str) -> Option<(String, String)> {
    let shown = text::one_line(written, 60);
    let help = match format {
        Format::Lowercase | Format::Uppercase => {
            let (other, case) = match format {
                Format::Lowercase => (written.to_lowercase(), "lowercase"),
                _ => (written.to_uppercase(), "uppercase"),
            };
            if other == written {
                return None;
            }
            format!("its values are in {case}: `{}`", text::one_line(&other, 60))
        }
        Format::Region => {
            if written == "global" || is_region(written) {
                return None;
            }
            "a region is an area, a direction and a number: `eu-west-1`".to_owned()
        }
        Format::Zone => {
            let letter = |c: char| c.is_ascii_lowercase();
            // Local Zones and Wavelength Zones have longer names: `us-west-2-lax-1a`.
            let is_zone = written.strip_suffix(letter).is_some_and(is_region);
            if is_zone || written.split('-').count() > 4 {
                return None;
            }
            match is_region(written) {
                true => format!("a zone has a letter after its region: `{shown}a`"),
                false => "a zone is a region and a letter: `eu-west-1a`".to_owned(),
            }
        }
        Format::Owner | Format::Account => {
            let is_number = written.bytes().all(|byte| byte.is_ascii_digit());
            if is_account(written) || written.is_empty() || (format == Format::Owner && !is_number)
            {
                return None;
            }
            "an account id has 12 digits".to_owned()
        }
        Format::Partition => {
            if written == "aws" || written.starts_with("aws-") {
                return None;
            }
            "the partitions are `aws`, `aws-cn`, `aws-us-gov` and others that begin with `aws-`"
                .to_owned()
        }
        Format::Time => {
            if written.parse::<Timestamp>().is_ok() {
                return None;
            }
            "a time is compared as a string, such as `2026-01-31T00:00:00Z`; for an age, use `age_days` or `is_older_than`"
                .to_owned()
        }
        Format::Name | Format::Bucket if written.contains('*') => PATTERN_HELP.to_owned(),
        // AWS omits it without a key.
        Format::Name if written.is_empty() && path.ends_with(".kms_key_id") => {
            "an absent value is `()`: use `is_configured`".to_owned()
        }
        Format::Name => return None,
        Format::Bucket => {
            if !written.starts_with("arn:") {
                return None;
            }
            let name = written.rsplit(':').next().unwrap_or(written);
            format!("it is a name, not an ARN: `{}`", text::one_line(name, 60))
        }
        Format::Protocol => {
            const NAMES: [&str; 4] = ["tcp", "udp", "icmp", "icmpv6"];
            if NAMES.contains(&written) || written.parse::<i64>().is_ok() {
                return None;
            }
            match did_you_mean(&written.to_lowercase(), NAMES) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "write `-1` for all protocols, or a number".to_owned(),
            }
        }
        Format::Action => {
            if is_action(written) {
                return None;
            }
            ACTION_HELP.to_owned()
        }
        Format::Principal => principal_help(written, &shown)?,
        Format::ProtocolNumber => {
            if written.parse::<i64>().is_ok() {
                return None;
            }
            "it is a number: `6` is TCP, `17` is UDP, `-1` is all".to_owned()
        }
        Format::Cidr(family) => {
            let net = written.parse::<IpNet>().ok().filter(|net| net.trunc() == *net);
            match (family, net) {
                (Family::V4, Some(IpNet::V6(_))) => {
                    "it has IPv4 ranges: `0.0.0.0/0`; another field has the IPv6 ranges".to_owned()
                }
                (Family::V6, Some(IpNet::V4(_))) => {
                    "it has IPv6 ranges: `::/0`; another field has the IPv4 ranges".to_owned()
                }
                (_, Some(_)) => return None,
                (_, None) => cidr_help(written),
            }
        }
    };
    Some((format!("`{path}` is never `{shown}`"), help))
}

/// The types of principals.
const PRINCIPALS: [&str; 4] = ["AWS:", "Service:", "Federated:", "CanonicalUser:"];

fn principal_help(written: &str, shown: &str) -> Option<String> {
    if written == "*" || PRINCIPALS.iter().any(|kind| written.starts_with(kind)) {
        return None;
    }
    Some(match PRINCIPALS.iter().find(|kind| written.starts_with(&kind.to_lowercase())) {
        Some(kind) => format!("write the type as `{kind}`"),
        None if written.ends_with(".amazonaws.com") => format!("write `Service:{shown}`"),
        None if written.starts_with("arn:") => format!("write the type, too: `AWS:{shown}`"),
        None => "a principal is `*`, or its type and name: `AWS:111122223333`".to_owned(),
    })
}

/// Whether a pattern, or the start of a string, can match a principal.
pub(super) fn matches_principal(pattern: &str) -> bool {
    let literal = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
    PRINCIPALS.iter().any(|kind| literal.starts_with(kind) || kind.starts_with(literal))
}

pub(super) fn cidr_help(written: &str) -> String {
    match (written.parse::<std::net::IpAddr>(), written.parse::<IpNet>()) {
        (Ok(address), _) if address.is_unspecified() => {
            format!("write the prefix length: `{written}/0`")
        }
        (Ok(std::net::IpAddr::V4(_)), _) => format!("write the prefix length: `{written}/32`"),
        (Ok(std::net::IpAddr::V6(_)), _) => format!("write the prefix length: `{written}/128`"),
        (_, Ok(net)) => format!("write the start of the range: `{}`", net.trunc()),
        _ => "write a range in CIDR notation: `10.0.0.0/8`".to_owned(),
    }
}
