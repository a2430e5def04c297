//! Which account and region a provider of the configuration has, as `--account` and `--region` say.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::model::{AccountId, Region, text};

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

/// `--region REGION`, or `--region ALIAS=REGION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionOption {
    /// The alias of a provider, or its key in the plan; `None`: every other provider.
    pub alias: Option<String>,
    /// The region.
    pub region: Region,
}

impl FromStr for RegionOption {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let (alias, name) = match written.split_once('=') {
            Some((alias, name)) => (Some(alias), name),
            None => (None, written),
        };
        if alias.is_some_and(str::is_empty) {
            return Err("the alias is missing: use ALIAS=REGION, or only the region".to_owned());
        }
        let region = name.parse::<Region>().ok();
        let region = region.filter(|region| !region.is_global() && region.doubt().is_none());
        let region = region.ok_or_else(|| {
            let name = text::one_line(name, 60);
            format!("`{name}` is not a region: use a name such as `eu-west-1`, or ALIAS=REGION with the alias of a provider")
        })?;
        Ok(Self { alias: alias.map(str::to_owned), region })
    }
}

/// The regions of providers.
#[derive(Debug, Default, Clone)]
pub struct Regions(ByProvider<Region>);

impl Regions {
    /// Takes the options; the error says which of them contradict each other.
    pub fn new(options: &[RegionOption]) -> Result<Self, String> {
        let of = |option: &RegionOption| (option.alias.clone(), option.region.clone());
        ByProvider::new(options.iter().map(of), "--region gives two regions").map(Self)
    }

    /// The region of a provider with this key.
    pub fn of(&self, key: &str) -> Option<&Region> {
        self.0.of(key)
    }

    /// An alias that no provider has.
    pub fn unmatched<'k>(&self, keys: impl Iterator<Item = &'k str> + Clone) -> Option<&str> {
        self.0.unmatched(keys)
    }
}

/// The accounts of providers.
#[derive(Debug, Default, Clone)]
pub struct Accounts(ByProvider<AccountId>);

impl Accounts {
    /// Takes the options; the error says which of them contradict each other.
    pub fn new(options: &[AccountOption]) -> Result<Self, String> {
        let of = |option: &AccountOption| (option.alias.clone(), option.account.clone());
        ByProvider::new(options.iter().map(of), "--account gives two accounts").map(Self)
    }

    /// The account of a provider with this key: `aws`, `aws.replica`, `module.a:aws.b`.
    pub fn of(&self, key: &str) -> Option<&AccountId> {
        self.0.of(key)
    }

    /// An alias that no provider has.
    pub fn unmatched<'k>(&self, keys: impl Iterator<Item = &'k str> + Clone) -> Option<&str> {
        self.0.unmatched(keys)
    }

    /// The account of every provider that has no other one.
    pub fn default_account(&self) -> Option<&AccountId> {
        self.0.other.as_ref()
    }
}

/// What options say of providers.
#[derive(Debug, Clone)]
struct ByProvider<T> {
    by_alias: BTreeMap<String, T>,
    other: Option<T>,
}

impl<T> Default for ByProvider<T> {
    fn default() -> Self {
        Self { by_alias: BTreeMap::new(), other: None }
    }
}

impl<T: Clone + PartialEq> ByProvider<T> {
    fn new(
        options: impl Iterator<Item = (Option<String>, T)>,
        contradiction: &str,
    ) -> Result<Self, String> {
        let mut all = Self::default();
        for (alias, value) in options {
            let earlier = match &alias {
                Some(alias) => all.by_alias.insert(alias.clone(), value.clone()),
                None => all.other.replace(value.clone()),
            };
            if earlier.is_some_and(|earlier| earlier != value) {
                let what =
                    alias.as_deref().map_or("providers without an alias".to_owned(), |alias| {
                        format!("provider `{}`", text::one_line(alias, 60))
                    });
                return Err(format!("{contradiction} for {what}"));
            }
        }
        Ok(all)
    }

    fn of(&self, key: &str) -> Option<&T> {
        let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
        let alias = name.split_once('.').map(|(_, alias)| alias);
        self.by_alias
            .get(key)
            .or_else(|| self.by_alias.get(name))
            .or_else(|| self.by_alias.get(alias?))
            .or(self.other.as_ref())
    }

    fn unmatched<'k>(&self, keys: impl Iterator<Item = &'k str> + Clone) -> Option<&str> {
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

    #[test]
    fn regions_are_those_of_providers() {
        let options = ["eu-west-1", "dr=us-east-1"].map(|o| o.parse::<RegionOption>().unwrap());
        let regions = Regions::new(&options).unwrap();
        for (key, expected) in [("aws", "eu-west-1"), ("aws.dr", "us-east-1")] {
            assert_eq!(regions.of(key).map(Region::as_str), Some(expected), "{key}");
        }
        assert_eq!(regions.unmatched(["aws"].into_iter()), Some("dr"));
        for wrong in ["", "x y", "global", "=eu-west-1", "a="] {
            assert!(wrong.parse::<RegionOption>().is_err(), "{wrong}");
        }
        let twice = ["eu-west-1", "us-east-1"].map(|o| o.parse::<RegionOption>().unwrap());
        assert!(Regions::new(&twice).is_err());
    }
}
