//! Values that are recognized by their format: ids, keys, e-mail addresses and URLs. Their
//! replacements have the same format.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::stand_ins::StandIns;
use super::{keywords, split, words};

/// The formats; longer ones come first. Groups are named after their replacement.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    let pattern = [
        &format!("(?P<uuid>{uuid})"),
        r"(?P<unit>ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})",
        r"(?P<organization>o-[a-z0-9]{10,32})",
        &format!("(?P<id>[a-z0-9-]+-(?:[0-9a-f]{{17}}|[0-9a-f]{{8}}|{uuid}))"),
        r"(?P<root>r-[a-z0-9]{4,32})",
        "(?P<multi>mrk-[0-9a-f]{32})",
        r"(?P<key>A(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA)[A-Z0-9]{6,124})",
        r"(?P<canonical>[0-9a-f]{64})",
        r"(?P<account>[0-9]{12})",
        r"(?P<mac>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})",
        r"(?P<fingerprint>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,31})",
        r"(?P<email>[^\s@:/*?${}]+@[^\s@:/*?${}]+\.[A-Za-z]+)",
        r"(?P<url>(?:https?|s3|ldaps?)://[^\s]+)",
    ];
    Regex::new(&format!("^(?:{})$", pattern.join("|"))).ok()
});

/// What comes before the name of a service that somebody offers to VPC endpoints.
const OFFERED: &str = "com.amazonaws.vpce.";

/// What comes before the id of a CloudFront origin access identity.
pub(super) const ACCESS_IDENTITY: &str = "CloudFront Origin Access Identity ";

impl StandIns<'_> {
    /// The replacement of a value that is recognized by its format.
    pub(super) fn form(&mut self, text: &str) -> Option<String> {
        if let Some(new) = self.arn(text).or_else(|| self.offered(text)) {
            return Some(new);
        }
        if let Some(id) = text.strip_prefix(ACCESS_IDENTITY) {
            return Some(format!("{ACCESS_IDENTITY}{}", self.access_identity(id)));
        }
        let found: Captures<'_> = FORMS.as_ref()?.captures(text)?;
        let group = |name: &str| found.name(name).is_some();
        if group("id") {
            return self.id(text);
        }
        Some(if group("unit") {
            let (before, own) = text.rsplit_once('-').unwrap_or((text, text));
            let root = self.root(before.trim_start_matches("ou-"));
            format!("ou-{root}-{}", self.replaced("unit", own, |number| format!("{number:08}")))
        } else if group("root") {
            format!("r-{}", self.root(text.trim_start_matches("r-")))
        } else if group("account") {
            self.account(text)
        } else if group("uuid") {
            self.uuid(text)
        } else if group("multi") {
            self.replaced("multi", text, |number| format!("mrk-{number:032x}"))
        } else if group("organization") {
            self.replaced("organization", text, |number| format!("o-00{number:08}"))
        } else if group("key") {
            let (prefix, rest) = text.split_at_checked(4)?;
            let width = rest.len();
            self.replaced("key", text, |number| format!("{prefix}{number:0width$}"))
        } else if group("canonical") {
            self.replaced("canonical", text, |number| format!("{number:064x}"))
        } else if group("mac") {
            self.replaced("mac", text, |number| {
                format!("02:00:00:00:{:02x}:{:02x}", number >> 8 & 0xff, number & 0xff)
            })
        } else if group("email") {
            self.replaced("name", text, |number| format!("name-{number}@example.com"))
        } else if group("url") && !keywords::is_value(text) {
            self.url(text)?
        } else if group("fingerprint") {
            self.name(text)
        } else {
            return None;
        })
    }

    fn uuid(&mut self, text: &str) -> String {
        self.replaced("uuid", text, |number| format!("00000000-0000-4000-8000-{number:012x}"))
    }

    /// The id of a resource. Names can end in hexadecimal digits, too, so the prefix must be known.
    fn id(&mut self, text: &str) -> Option<String> {
        let long = text.len().checked_sub(37).and_then(|at| text.split_at_checked(at));
        if let Some((prefix, uuid)) = long
            && words::is_id_prefix(prefix)
        {
            let new = self.uuid(uuid.trim_start_matches('-'));
            return Some(format!("{prefix}-{new}"));
        }
        let (prefix, hex) = text.rsplit_once('-')?;
        if !words::is_id_prefix(prefix) {
            return None;
        }
        let width = hex.len();
        Some(self.replaced("id", text, |number| format!("{prefix}-{number:0width$x}")))
    }

    /// The root of an organization, which is part of the ids of its organizational units.
    fn root(&mut self, root: &str) -> String {
        self.replaced("root", root, |number| format!("{number:04}"))
    }

    /// The beginning of the ids of all organizational units of a root: `ou-ab12-`.
    pub(super) fn unit_prefix(&mut self, text: &str) -> Option<String> {
        let root = text.strip_prefix("ou-")?.strip_suffix('-')?;
        let is_root = (4..=32).contains(&root.len())
            && root.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_root.then(|| format!("ou-{}-", self.root(root)))
    }

    /// The id of a CloudFront origin access identity.
    pub(super) fn access_identity(&mut self, id: &str) -> String {
        let is_id = id.strip_prefix('E').is_some_and(|rest| {
            rest.len() <= 32 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        let width = id.len().saturating_sub(1);
        if is_id {
            self.replaced("identity", id, |number| format!("E{number:0width$}"))
        } else {
            self.part(id)
        }
    }

    /// The name of a service that somebody offers: `com.amazonaws.vpce.eu-west-1.vpce-svc-…`.
    fn offered(&mut self, text: &str) -> Option<String> {
        let (region, id) = text.strip_prefix(OFFERED)?.split_once('.')?;
        let region =
            if keywords::is_region(region) { self.keep(region) } else { self.name(region) };
        Some(format!("{OFFERED}{region}.{}", self.part(id)))
    }

    /// A URL; its scheme stays, and so do a port and the wildcard of an origin.
    fn url(&mut self, text: &str) -> Option<String> {
        let (scheme, rest) = text.split_once("://")?;
        let numbers = keywords::digits(text) <= keywords::FEW_DIGITS;
        let (host, path) = match rest.split_once('/') {
            Some((host, _)) => (host, rest.get(host.len()..)),
            None => (rest, None),
        };
        let is_port =
            |port: &&str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
        let (host, port) = match host.rsplit_once(':').filter(|(_, port)| is_port(port)) {
            Some((host, port)) => (host, format!(":{port}")),
            None => (host, String::new()),
        };
        let host = match host.strip_prefix("*.") {
            _ if host == "*" || keywords::is_value(host) => self.keep(host),
            Some(domain) => format!("*.{}.example.com", self.name(domain)),
            None => match self.address(host) {
                Some(address) => address,
                None => format!("{}.example.com", self.name(host)),
            },
        };
        let mut out = format!("{scheme}://{host}{port}");
        for (piece, slash) in path.into_iter().flat_map(|path| split::pieces(path, &['/'])) {
            out += &self.piece(piece, numbers);
            out += slash;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a value becomes in an otherwise empty case of account 123456789012.
    fn redacted(text: &str) -> String {
        StandIns::new("", &"123456789012".parse().unwrap()).part(text)
    }

    #[test]
    fn ids_keep_their_prefix_only_if_it_is_one_of_aws() {
        for (before, after) in [
            ("vpc-0a1b2c3d", "vpc-00000001"),
            ("tgw-attach-0123456789abcdef0", "tgw-attach-00000000000000001"),
            ("vpce-svc-0123456789abcdef0", "vpce-svc-00000000000000001"),
            ("ipv4pool-ec2-0123456789abcdef0", "ipv4pool-ec2-00000000000000001"),
            ("cvpn-endpoint-0123456789abcdef0", "cvpn-endpoint-00000000000000001"),
            (
                "sfr-12345678-1234-1234-1234-123456789012",
                "sfr-00000000-0000-4000-8000-000000000001",
            ),
            ("acme-payroll-0a1b2c3d", "name-1"),
            ("acme-vpc-0a1b2c3d", "name-1"),
            ("vpc-payroll-0a1b2c3d", "name-1"),
            ("acme-0123456789abcdef0", "name-1"),
            ("acme-12345678-1234-1234-1234-123456789012", "name-1"),
            ("vpc-0A1B2C3D", "name-1"),
            ("ou-ab12-11111111", "ou-0001-00000001"),
            ("o-a1b2c3d4e5", "o-0000000001"),
            ("r-ab12", "r-0001"),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", "mrk-00000000000000000000000000000001"),
            ("AROAEXAMPLEID:jane.doe@acme.example", "AROA000000001:name-1@example.com"),
            ("123456789012", "111122223333"),
            ("999988887777", "222200000001"),
            ("02:42:11:00:00:02", "02:00:00:00:00:01"),
            ("02-42-11-00-00-02", "02:00:00:00:00:01"),
            ("11:22:33:44:55:66:77:88:99:00:11:22:33:44:55:66", "name-1"),
            ("acme-123456789012-logs", "name-1"),
            ("0151/2345/678", "name-1/name-2/name-3"),
            ("2026/01", "name-1/name-2"),
            ("443", "443"),
        ] {
            assert_eq!(redacted(before), after, "{before}");
        }
    }

    #[test]
    fn urls_and_names_of_services_keep_their_format() {
        for (before, after) in [
            ("https://intranet.acme.example/secret", "https://name-1.example.com/name-2"),
            ("http://acme.example:8080", "http://name-1.example.com:8080"),
            ("https://*.acme.example", "https://*.name-1.example.com"),
            ("https://*", "https://*"),
            ("https://52.95.110.77/x", "https://192.31.196.1/name-1"),
            ("https://jane:secret@acme.example", "https://name-1.example.com"),
            ("s3://acme-data/payroll", "s3://name-1.example.com/name-2"),
            (
                "http://acs.amazonaws.com/groups/global/AllUsers",
                "http://acs.amazonaws.com/groups/global/AllUsers",
            ),
            (
                "http://acs.amazonaws.com/groups/acme/Payroll",
                "http://name-1.example.com/name-2/name-3/name-4",
            ),
            (
                "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
                "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000001",
            ),
            ("com.amazonaws.us-east-1.acme-billing", "name-1"),
            ("com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.s3"),
            ("acme-internal.amazonaws.com", "name-1"),
            ("acme.small", "name-1"),
            ("alias/acme-payroll", "alias/name-1"),
            ("alias/aws/s3", "alias/aws/s3"),
            ("alias/aws/x", "alias/aws/name-1"),
            ("*.amazonaws.com", "*.amazonaws.com"),
            ("*@acme.example", "*name-1"),
            ("vpc-*", "vpc-*"),
            ("acme-*", "name-1*"),
            ("ou-ab12-*", "ou-0001-*"),
        ] {
            assert_eq!(redacted(before), after, "{before}");
        }
    }
}
