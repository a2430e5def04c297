//! `[trust]`: whom the site trusts.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::reader::Item;
use crate::model::{AccountId, OrganizationId, Trust, text};

/// What `[trust]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustSettings {
    /// What is named.
    pub named: Trust,
    /// Whether the accounts that are scanned are trusted as well.
    pub organization_accounts: bool,
}

impl Default for TrustSettings {
    fn default() -> Self {
        Self { named: Trust::default(), organization_accounts: true }
    }
}

impl TrustSettings {
    /// All that is trusted where `scanned` are the accounts of the site.
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
            .map(|item| each(item, "account ids", |item| item.parse()))
            .unwrap_or_default(),
        services: table
            .get("services")
            .map(|item| each(item, "service principals", service))
            .unwrap_or_default(),
        vpcs: table
            .get("vpcs")
            .map(|item| each(item, "VPC ids", |item| id(item, "vpc-")))
            .unwrap_or_default(),
        vpc_endpoints: table
            .get("vpc_endpoints")
            .map(|item| each(item, "VPC endpoint ids", |item| id(item, "vpce-")))
            .unwrap_or_default(),
        networks: table
            .get("networks")
            .map(|item| each(item, "ranges", network).into_iter().collect())
            .unwrap_or_default(),
    };
    let flag = table.get("organization_accounts").and_then(|item| item.flag());
    table.finish();
    Some(TrustSettings {
        named,
        organization_accounts: flag.unwrap_or(default.organization_accounts),
    })
}

/// The items of a list, each once.
fn each<T: Ord + Clone>(
    item: Item<'_>,
    of: &str,
    read: impl Fn(Item<'_>) -> Option<T>,
) -> BTreeSet<T> {
    let mut values = BTreeSet::new();
    for item in item.list(of) {
        let Some(value) = read(item) else { continue };
        if !values.insert(value) {
            item.fault(format!(
                "`{}` stands here twice",
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
    let message = format!("`{}` is no service principal", text::one_line(name, 60));
    item.fault_help(message, "write it as policies do: \"logging.s3.amazonaws.com\"");
    None
}

fn id(item: Item<'_>, prefix: &str) -> Option<String> {
    let written = item.text()?;
    let rest = written.strip_prefix(prefix).unwrap_or_default();
    if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Some(written.to_owned());
    }
    let message = format!("`{}` is no id of that kind", text::one_line(written, 60));
    item.fault_help(message, format!("ids look like {prefix}0123456789abcdef0"));
    None
}

fn network(item: Item<'_>) -> Option<IpNet> {
    let written = item.text()?;
    let shown = text::one_line(written, 60);
    let Ok(network) = written.parse::<IpNet>() else {
        item.fault_help(
            format!("`{shown}` is no range of addresses"),
            "write it in CIDR notation: \"192.0.2.0/24\"",
        );
        return None;
    };
    if network.prefix_len() == 0 {
        item.fault(format!("`{shown}` is everybody"));
        return None;
    }
    if network.trunc() != network {
        item.fault_help(
            format!("`{shown}` has bits behind its prefix"),
            format!("the range is {}", network.trunc()),
        );
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
            .map_err(|faults| faults.render(false))
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        for (line, expected) in [
            ("organization_id = \"a1b2\"", "an organization's id such as `o-a1b2c3d4e5`"),
            ("accounts = [\"12345678901\"]", "not a 12-digit account id"),
            ("accounts = [\"111122223333\", \"111122223333\"]", "stands here twice"),
            ("networks = [\"192.0.2.1/24\"]", "the range is 192.0.2.0/24"),
            ("networks = [\"0.0.0.0/0\"]", "is everybody"),
            ("networks = [\"here\"]", "is no range of addresses"),
            ("vpcs = [\"vpce-1\"]", "ids look like vpc-"),
            ("services = [\"Logs\"]", "is no service principal"),
            ("acounts = []", "did you mean `accounts`?"),
        ] {
            let text = parse(&format!("[trust]\n{line}\n")).unwrap_err();
            assert!(text.contains(expected) && text.contains("rolecall.toml:2:"), "{line}: {text}");
        }
    }

    #[test]
    fn scanned_accounts_are_trusted_unless_the_site_says_no() {
        let scanned = || ["111122223333".parse::<AccountId>().unwrap()];
        let trusted = |text: &str| parse(text).unwrap().trust.resolve(scanned()).accounts;
        assert_eq!(trusted("").len(), 1);
        assert_eq!(trusted("[trust]\naccounts = [\"999900001111\"]").len(), 2);
        assert!(trusted("[trust]\norganization_accounts = false").is_empty());
    }
}
