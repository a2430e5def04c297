//! `[trust]`: which accounts, principals, networks and services are trusted.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::diagnostics::toml_reader::Item;
use crate::model::{AccountId, OrganizationId, Trust, text};

/// `[trust]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustSettings {
    /// The configured values.
    pub named: Trust,
    /// Whether scanned accounts are trusted as well.
    pub organization_accounts: bool,
}

impl Default for TrustSettings {
    fn default() -> Self {
        Self { named: Trust::default(), organization_accounts: true }
    }
}

impl TrustSettings {
    /// Adds the scanned accounts to the configured values, unless disabled.
    pub fn resolve(&self, scanned: impl IntoIterator<Item = AccountId>) -> Trust {
        let mut trust = self.named.clone();
        if self.organization_accounts {
            trust.accounts.extend(scanned);
        }
        trust
    }
}

/// Reads the section.
pub(super) fn section(item: Item<'_>) -> Option<TrustSettings> {
    let table = item.table("[trust]")?;
    let default = TrustSettings::default();
    let named = Trust {
        organization_id: table
            .get("organization_id")
            .and_then(|item| item.parse::<OrganizationId>()),
        accounts: table
            .get("accounts")
            .map(|item| unique(item, "account ids", |item| item.parse()))
            .unwrap_or_default(),
        services: table
            .get("services")
            .map(|item| unique(item, "service principals", service))
            .unwrap_or_default(),
        canonical_users: table
            .get("canonical_users")
            .map(|item| unique(item, "canonical user ids", canonical_user))
            .unwrap_or_default(),
        origin_access_identities: table
            .get("origin_access_identities")
            .map(|item| unique(item, "origin access identities", origin_access_identity))
            .unwrap_or_default(),
        principal_ids: table
            .get("principal_ids")
            .map(|item| unique(item, "unique ids of users and roles", principal_id))
            .unwrap_or_default(),
        vpcs: table
            .get("vpcs")
            .map(|item| unique(item, "VPC ids", |item| id(item, "VPC id", "vpc-")))
            .unwrap_or_default(),
        vpc_endpoints: table
            .get("vpc_endpoints")
            .map(|item| {
                unique(item, "VPC endpoint ids", |item| id(item, "VPC endpoint id", "vpce-"))
            })
            .unwrap_or_default(),
        networks: table
            .get("networks")
            .map(|item| unique(item, "CIDR ranges", network).into_iter().collect())
            .unwrap_or_default(),
    };
    let flag = table.get("organization_accounts").and_then(|item| item.boolean());
    table.finish();
    Some(TrustSettings {
        named,
        organization_accounts: flag.unwrap_or(default.organization_accounts),
    })
}

/// The items of a list, without duplicates.
fn unique<T: Ord + Clone>(
    item: Item<'_>,
    of: &str,
    read: impl Fn(Item<'_>) -> Option<T>,
) -> BTreeSet<T> {
    let mut values = BTreeSet::new();
    for item in item.list(of) {
        let Some(value) = read(item) else { continue };
        if !values.insert(value) {
            item.report_error(format!(
                "duplicate `{}`",
                text::one_line(item.text().unwrap_or_default(), 60)
            ));
        }
    }
    values
}

fn service(item: Item<'_>) -> Option<String> {
    let name = item.text()?;
    if name.contains('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
    {
        return Some(name.to_owned());
    }
    let message = format!("`{}` is not a valid service principal", text::one_line(name, 60));
    item.report_error_with_help(
        message,
        "use the name as it appears in policies, for example `logging.s3.amazonaws.com`",
    );
    None
}

fn canonical_user(item: Item<'_>) -> Option<String> {
    let written = item.text()?;
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if written.len() == 64 && written.bytes().all(hex) {
        return Some(written.to_owned());
    }
    let message = format!("`{}` is not a valid canonical user id", text::one_line(written, 80));
    item.report_error_with_help(
        message,
        "use the 64 hexadecimal digits that `aws s3api list-buckets --query Owner.ID` prints in the trusted account",
    );
    None
}

fn origin_access_identity(item: Item<'_>) -> Option<String> {
    let written = item.text()?;
    let valid = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    if written.starts_with('E') && written.len() > 4 && written.bytes().all(valid) {
        return Some(written.to_owned());
    }
    let message =
        format!("`{}` is not a valid origin access identity", text::one_line(written, 80));
    item.report_error_with_help(message, "use its id, such as `E2EXAMPLE1ABCD`, not its ARN");
    None
}

fn principal_id(item: Item<'_>) -> Option<String> {
    let written = item.text()?;
    let valid = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let known = written.starts_with("AROA") || written.starts_with("AIDA");
    if known && (16..=128).contains(&written.len()) && written.bytes().all(valid) {
        return Some(written.to_owned());
    }
    let message =
        format!("`{}` is not a valid unique id of a user or role", text::one_line(written, 80));
    item.report_error_with_help(
        message,
        "use an id such as `AROA0123456789EXAMPLE`, as `aws iam get-role` prints it, without `:` and a session name",
    );
    None
}

fn id(item: Item<'_>, what: &str, prefix: &str) -> Option<String> {
    let written = item.text()?;
    let rest = written.strip_prefix(prefix).unwrap_or_default();
    if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Some(written.to_owned());
    }
    let message = format!("`{}` is not a valid {what}", text::one_line(written, 60));
    item.report_error_with_help(message, format!("use an id such as `{prefix}0123456789abcdef0`"));
    None
}

fn network(item: Item<'_>) -> Option<IpNet> {
    let written = item.text()?;
    let shown = text::one_line(written, 60);
    let Ok(network) = written.parse::<IpNet>() else {
        item.report_error_with_help(
            format!("`{shown}` is not a valid CIDR range"),
            "use CIDR notation, such as `192.0.2.0/24`",
        );
        return None;
    };
    if network.prefix_len() == 0 {
        item.report_error_with_help(
            format!("`{shown}` contains all addresses"),
            "list only your own ranges",
        );
        return None;
    }
    if network.trunc() != network {
        item.report_error(format!("`{shown}` has host bits set: use `{}`", network.trunc()));
        return None;
    }
    Some(network)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("rolecall.toml"), text, &|_| None)
            .map_err(|errors| errors.render(false))
    }

    #[test]
    fn errors_have_the_right_position() {
        for (line, expected) in [
            ("organization_id = \"a1b2\"", "use an id such as `o-a1b2c3d4e5`"),
            ("accounts = [\"12345678901\"]", "not a valid account id"),
            ("accounts = [\"111122223333\", \"111122223333\"]", "duplicate `111122223333`"),
            ("networks = [\"192.0.2.1/24\"]", "has host bits set: use `192.0.2.0/24`"),
            ("networks = [\"0.0.0.0/0\"]", "contains all addresses"),
            ("networks = [\"here\"]", "is not a valid CIDR range"),
            ("vpcs = [\"vpce-1\"]", "use an id such as `vpc-0123456789abcdef0`"),
            ("services = [\"Logs\"]", "is not a valid service principal"),
            ("services = [\"cloudtrail\"]", "is not a valid service principal"),
            ("canonical_users = [\"79a59d\"]", "is not a valid canonical user id"),
            ("canonical_users = [\"arn:aws:iam::111122223333:root\"]", "64 hexadecimal digits"),
            (
                "origin_access_identities = [\"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLE\"]",
                "use its id, such as `E2EXAMPLE1ABCD`, not its ARN",
            ),
            ("origin_access_identities = [\"E2EXAMPLE\", \"E2EXAMPLE\"]", "duplicate `E2EXAMPLE`"),
            ("principal_ids = [\"AROAEXAMPLEEXAMPLE:*\"]", "without `:` and a session name"),
            (
                "principal_ids = [\"ASIAEXAMPLEEXAMPLE\"]",
                "is not a valid unique id of a user or role",
            ),
            ("canonical_users = \"x\"", "canonical user ids"),
            ("canonical_user = []", "did you mean `canonical_users`?"),
            ("acounts = []", "did you mean `accounts`?"),
        ] {
            let text = parse(&format!("[trust]\n{line}\n")).unwrap_err();
            assert!(text.contains(expected) && text.contains("rolecall.toml:2:"), "{line}: {text}");
        }
    }

    #[test]
    fn principals_without_an_account_can_be_trusted() {
        let user = "b".repeat(64);
        let text = format!(
            "[trust]\ncanonical_users = [\"{user}\"]\norigin_access_identities = [\"E2EXAMPLE\"]\n\
             principal_ids = [\"AROA0123456789EXAMPLE\"]\nservices = [\"logging.s3.amazonaws.com\"]\n"
        );
        let trust = parse(&text).unwrap().trust.named;
        assert!(trust.canonical_users.contains(&user));
        assert!(trust.origin_access_identities.contains("E2EXAMPLE"));
        assert!(trust.principal_ids.contains("AROA0123456789EXAMPLE"));
        assert!(trust.services.contains("logging.s3.amazonaws.com"));
    }

    #[test]
    fn scanned_accounts_are_trusted_unless_disabled() {
        let scanned = || ["111122223333".parse::<AccountId>().unwrap()];
        let trusted = |text: &str| parse(text).unwrap().trust.resolve(scanned()).accounts;
        assert_eq!(trusted("").len(), 1);
        assert_eq!(trusted("[trust]\naccounts = [\"999900001111\"]").len(), 2);
        assert!(trusted("[trust]\norganization_accounts = false").is_empty());
    }
}
