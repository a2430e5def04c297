//! What stays in a redacted case: words that AWS defines, and values that say nothing about their
//! owner. Everything that is not listed here is replaced.

use std::sync::LazyLock;

use regex::Regex;

use super::words;
use crate::model::Region;

/// A time: a date, and possibly a time of day with an offset.
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
    let time = r"[0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?";
    let offset = "Z|[+-][0-2][0-9]:?[0-5][0-9]| GMT| UTC";
    Regex::new(&format!("^{date}([T ]{time}({offset})?)?$")).ok()
});

/// A number with few digits.
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,10})?$").ok());

/// A number with more digits than a telephone number or an account id may have only if a condition
/// compares it as a number.
static LONG_NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^-?[0-9]{1,15}(\.[0-9]{1,10})?$").ok());

/// The time at which an instance was stopped, as EC2 writes it.
static USER_INITIATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let time = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
    Regex::new(&format!(r"^User initiated( \({time}\))?$")).ok()
});

/// The id of an Availability Zone: `use1-az1`.
static ZONE_ID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(af|ap|ca|cn|eu|il|me|mx|sa|us|ug|usg)(n|s|e|w|c|ne|nw|se|sw)[1-9]-az[1-9][0-9]?$",
    )
    .ok()
});

/// The most digits of a number that identifies nobody.
pub(super) const FEW_DIGITS: usize = 4;

/// Values that AWS defines, wherever they occur.
const VALUES: [&str; 69] = [
    "*",
    "-1",
    "2008-10-17",
    "AES128",
    "AES128-GCM-16",
    "AES256",
    "AES256-GCM-16",
    "AWS",
    "AWS4-HMAC-SHA256",
    "Allow",
    "AmazonProvidedDNS",
    "Deny",
    "GLACIER",
    "POST",
    "REST-HEADER",
    "REST-QUERY-STRING",
    "SHA1",
    "SHA2-256",
    "SHA2-384",
    "SHA2-512",
    "STANDARD",
    "TLSv1",
    "TLSv1.0",
    "TLSv1.1",
    "TLSv1.2",
    "TLSv1.3",
    "accounts.google.com",
    "all",
    "alias",
    "amazon",
    "arn",
    "authenticated-read",
    "aws",
    "aws-exec-read",
    "aws-marketplace",
    "aws:fsx",
    "aws:kms",
    "aws:kms:dsse",
    "bucket-owner-full-control",
    "bucket-owner-read",
    "cognito-identity.amazonaws.com",
    "domain-name",
    "domain-name-servers",
    "false",
    "global",
    "graph.facebook.com",
    "http",
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "http://acs.amazonaws.com/groups/s3/LogDelivery",
    "https",
    "icmp",
    "icmpv6",
    "ikev1",
    "ikev2",
    "local",
    "log-delivery-write",
    "netbios-name-servers",
    "netbios-node-type",
    "ntp-servers",
    "private",
    "public-read",
    "public-read-write",
    "root",
    "tcp",
    "tls",
    "true",
    "udp",
    "www.amazon.com",
];

/// The codes of Local Zones and Wavelength Zones: `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`.
const ZONES: &str = "akl atl ber bkk bna bos bue bom ccu cdg chi cmn cph dal del den dfw dtw ham \
     han hel hnl iah jnb kix lad las lax lim lon los man mci mel mex mia mnl mnz msc msp muc nbo \
     nrt nyc per phl phx pdx qro sea sel sfo slc tpa tpe waw yto";

/// The last words of fields whose values AWS defines.
const FIELDS: [&str; 32] = [
    "actions",
    "allocation_strategy",
    "architecture",
    "architectures",
    "class",
    "code",
    "effect",
    "events",
    "family",
    "format",
    "frequency",
    "hypervisor",
    "lifecycle",
    "mode",
    "modes",
    "operation",
    "optional_fields",
    "origin",
    "permission",
    "permissions",
    "platform",
    "platform_details",
    "protocol",
    "protocols",
    "scope",
    "state",
    "status",
    "support",
    "tenancy",
    "tier",
    "type",
    "types",
];

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The number of digits in a text.
pub(super) fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Whether this is a boolean or a time.
pub(super) fn is_boolean_or_time(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
        || text.eq_ignore_ascii_case("false")
        || matches(&TIME, text)
        || matches(&USER_INITIATED, text)
}

/// Whether this is a number that identifies nobody. Longer ones can be ids or telephone numbers.
pub(super) fn is_number(text: &str) -> bool {
    matches(&NUMBER, text)
        && (digits(text) <= FEW_DIGITS || text.trim_start_matches('-').starts_with("0."))
}

/// Whether this is a number, of a condition that compares numbers.
pub(super) fn is_long_number(text: &str) -> bool {
    matches(&LONG_NUMBER, text)
}

/// Whether AWS defines a value, wherever it occurs.
pub(super) fn is_value(text: &str) -> bool {
    VALUES.contains(&text)
        || is_region(text)
        || is_zone(text)
        || is_service_principal(text)
        || is_endpoint_service(text)
        || words::is_instance_type(text)
        || words::is_managed_alias(text)
}

/// Whether this is a region that rolecall knows.
pub(super) fn is_region(text: &str) -> bool {
    text.parse::<Region>().is_ok_and(|region| region.is_known())
}

/// An Availability Zone, Local Zone or Wavelength Zone, or the id of one.
fn is_zone(text: &str) -> bool {
    if matches(&ZONE_ID, text) {
        return true;
    }
    let Some(region) = Region::of_zone(text).filter(Region::is_known) else { return false };
    let rest = text.strip_prefix(region.as_str()).unwrap_or_default();
    if rest.len() == 1 {
        return true;
    }
    let code = |code: &str| ZONES.split_whitespace().any(|known| known == code);
    match rest.split('-').collect::<Vec<_>>().as_slice() {
        ["", city, number] => code(city) && number.len() <= 2,
        ["", "wl1", city, "wlz", number] => code(city) && number.len() == 1,
        _ => false,
    }
}

/// Whether this is the principal of a service: `s3.amazonaws.com`, `logs.eu-west-1.amazonaws.com`.
fn is_service_principal(text: &str) -> bool {
    let service = text.strip_suffix(".amazonaws.com").or_else(|| {
        text.strip_suffix(".amazonaws.com.cn").or_else(|| text.strip_suffix(".amazonaws.eu"))
    });
    service.is_some_and(|service| {
        let without_region =
            service.rsplit_once('.').filter(|(_, region)| is_region(region)).map(|(name, _)| name);
        words::is_service(without_region.unwrap_or(service))
    })
}

/// Whether this is a service of AWS that VPC endpoints connect to: `com.amazonaws.eu-west-1.s3`.
/// Services of others are `com.amazonaws.vpce.eu-west-1.vpce-svc-…`.
fn is_endpoint_service(text: &str) -> bool {
    let rest = ["com.amazonaws.", "cn.com.amazonaws.", "aws.api.", "aws."]
        .iter()
        .find_map(|before| text.strip_prefix(before));
    rest.and_then(|rest| rest.split_once('.')).is_some_and(|(region, service)| {
        let plain = service.strip_suffix("-fips").unwrap_or(service);
        is_region(region) && (words::is_service(service) || words::is_service(plain))
    })
}

/// Whether AWS defines the values of a field, and this is one of them.
pub(super) fn is_of_field(key: &str, text: &str) -> bool {
    let of_aws = FIELDS.iter().any(|field| {
        key.strip_suffix(field).is_some_and(|before| before.is_empty() || before.ends_with('_'))
    });
    of_aws && words::is_field_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_aws_are_kept() {
        for kept in [
            "s3.amazonaws.com",
            "logging.s3.amazonaws.com",
            "kms.eu-west-1.amazonaws.com",
            "tcp",
            "m5.xlarge",
            "u-12tb1.112xlarge",
            "eu-central-1",
            "eu-central-1b",
            "us-west-2-lax-1a",
            "us-east-1-wl1-bos-wlz-1",
            "use1-az1",
            "us-gov-west-1",
            "com.amazonaws.eu-west-1.s3",
            "com.amazonaws.us-east-1.ecr.api",
            "com.amazonaws.us-east-1.kms-fips",
            "AES256",
            "bucket-owner-full-control",
            "http://acs.amazonaws.com/groups/global/AllUsers",
            "alias/aws/s3",
        ] {
            assert!(is_value(kept), "{kept}");
        }
        for replaced in [
            "jane.doe@acme.example",
            "https://intranet.acme.example/secret",
            "project-hydra",
            "Acme",
            "r-ab12",
            "User initiated by jane.doe",
            "123456789012",
            "198.51.100.77",
            "home/jane.doe/*",
            "ec2-203-0-113-5.eu-central-1.compute.amazonaws.com",
            "CC-1234",
            "ab-team-1",
            "team:Alpha",
            "acme.s3.eu-west-1.amazonaws.com",
            "acme.s3.amazonaws.com",
            "acme-internal.amazonaws.com",
            "s3.acme-west-1.amazonaws.com",
            "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
            "com.amazonaws.us-east-1.acme-billing",
            "com.amazonaws.acme-east-1.s3",
            "aws.acme",
            "acme.small",
            "m5.acme",
            "alias/aws/acme",
            "alias/aws/x",
            "http://acs.amazonaws.com/groups/acme/Payroll",
            "https://acs.amazonaws.com/groups/global/AllUsers/acme",
            "eu-acme-1",
            "us-west-2-acm-1a",
            "mars-west-1",
            "02:42:11:00:00:02",
        ] {
            assert!(!is_value(replaced), "{replaced}");
        }
        assert!(is_of_field("instance_lifecycle", "spot") && is_of_field("state", "available"));
        assert!(is_of_field("platform_details", "Red Hat Enterprise Linux"));
        for (key, value) in [("group_name", "spot"), ("estate", "available"), ("type", "payroll")] {
            assert!(!is_of_field(key, value), "{key}: {value}");
        }
    }

    #[test]
    fn short_numbers_booleans_and_times_are_kept() {
        for kept in ["0", "42", "-1", "1.2", "2555", "0.0416000000"] {
            assert!(is_number(kept), "{kept}");
        }
        for kept in ["true", "False", "2026-01-01", "2026-01-01T00:00:00Z", "User initiated"] {
            assert!(is_boolean_or_time(kept), "{kept}");
        }
        for replaced in [
            "123456789012",
            "4915112345678",
            "5551234567",
            "5551234",
            "47110",
            "0471",
            "555.1234567",
            "٤٧١١٠٨١٥",
            "1e10",
            "2026-13-01",
            "2026-99",
            "User initiated by jane (2026-01-01 00:00:00 GMT)",
            "User initiated (acme)",
            "truely",
        ] {
            assert!(!is_number(replaced) && !is_boolean_or_time(replaced), "{replaced}");
        }
        assert!(is_long_number("86400") && !is_long_number("1234567890123456"));
    }
}
