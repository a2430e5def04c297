//! Which account a provider of the configuration belongs to, as `--account` says.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::model::{AccountId, text};

/// `--account ID`, or `--account ALIAS=ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOption {
    /// The alias of a provider, or its key in the plan; `None`: every other provider.
    pub alias: Option<String>,
    /// The account.
    pub account: AccountId,
}

impl FromStr for AccountOption {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let (alias, id) = match written.split_once('=') {
            Some((alias, id)) => (Some(alias), id),
            None => (None, written),
        };
        if alias.is_some_and(str::is_empty) {
            return Err("the alias is missing: use ALIAS=ID, or only the id".to_owned());
        }
        let account = id.parse().map_err(|_| {
            let id = text::one_line(id, 60);
            format!("`{id}` is not an account id: use 12 digits, or ALIAS=ID with the alias of a provider")
        })?;
        Ok(Self { alias: alias.map(str::to_owned), account })
    }
}

/// The accounts of providers.
#[derive(Debug, Default, Clone)]
pub struct Accounts {
    by_alias: BTreeMap<String, AccountId>,
    other: Option<AccountId>,
}

impl Accounts {
    /// Takes the options; the error says which of them contradict each other.
    pub fn new(options: &[AccountOption]) -> Result<Self, String> {
        let mut accounts = Self::default();
        for AccountOption { alias, account } in options {
            let earlier = match alias {
                Some(alias) => accounts.by_alias.insert(alias.clone(), account.clone()),
                None => accounts.other.replace(account.clone()),
            };
            if earlier.is_some_and(|earlier| earlier != *account) {
                let what =
                    alias.as_deref().map_or("providers without an alias".to_owned(), |alias| {
                        format!("provider `{}`", text::one_line(alias, 60))
                    });
                return Err(format!("--account gives two accounts for {what}"));
            }
        }
        Ok(accounts)
    }

    /// The account of a provider with this key: `aws`, `aws.replica`, `module.a:aws.b`.
    pub fn of(&self, key: &str) -> Option<&AccountId> {
        let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
        let alias = name.split_once('.').map(|(_, alias)| alias);
        self.by_alias
            .get(key)
            .or_else(|| self.by_alias.get(name))
            .or_else(|| self.by_alias.get(alias?))
            .or(self.other.as_ref())
    }

    /// Whether `--account ALIAS=ID` names a provider that there is.
    pub fn unmatched<'k>(&self, keys: impl Iterator<Item = &'k str> + Clone) -> Option<&str> {
        let matches = |alias: &str| {
            keys.clone().any(|key| {
                let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
                key == alias
                    || name == alias
                    || name.split_once('.').is_some_and(|(_, of)| of == alias)
            })
        };
        self.by_alias.keys().map(String::as_str).find(|alias| !matches(alias))
    }

    /// The account of every provider that has no other one.
    pub fn default_account(&self) -> Option<&AccountId> {
        self.other.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_and_keys_name_providers() {
        let options = ["111122223333", "prod=222233334444", "module.a:aws.b=333344445555"];
        let options: Vec<AccountOption> = options.iter().map(|o| o.parse().unwrap()).collect();
        let accounts = Accounts::new(&options).unwrap();
        for (key, expected) in [
            ("aws", "111122223333"),
            ("aws.prod", "222233334444"),
            ("module.x:aws.prod", "222233334444"),
            ("module.a:aws.b", "333344445555"),
            ("aws.b", "111122223333"),
        ] {
            assert_eq!(accounts.of(key).map(AccountId::as_str), Some(expected), "{key}");
        }
        assert_eq!(accounts.unmatched(["aws", "aws.prod"].into_iter()), Some("module.a:aws.b"));
        for wrong in ["", "x", "=111122223333", "a=1", "11112222333"] {
            assert!(wrong.parse::<AccountOption>().is_err(), "{wrong}");
        }
        let twice: Vec<AccountOption> =
            ["111122223333", "222233334444"].iter().map(|o| o.parse().unwrap()).collect();
        assert!(Accounts::new(&twice).is_err());
    }
}
