//! Which account and region a provider of the configuration has, as `--account` and `--region` say.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use super::error::PreviewError;
use crate::model::{AccountId, Region, text};

/// What an option says of a provider.
pub trait OfProvider: Clone + Display + PartialEq {
    /// The option.
    const OPTION: &'static str;
    /// What it is.
    const NOUN: &'static str;
    /// How its value is written in the help.
    const FORM: &'static str;
    /// What is wrong with a value that is not valid, and what to write.
    const INVALID: (&'static str, &'static str);

    /// The value, if it is valid.
    fn of(written: &str) -> Option<Self>;
}

impl OfProvider for AccountId {
    const OPTION: &'static str = "--account";
    const NOUN: &'static str = "account";
    const FORM: &'static str = "ID";
    const INVALID: (&'static str, &'static str) = ("is not an account id", "use 12 digits");

    fn of(written: &str) -> Option<Self> {
        written.parse().ok()
    }
}

impl OfProvider for Region {
    const OPTION: &'static str = "--region";
    const NOUN: &'static str = "region";
    const FORM: &'static str = "REGION";
    const INVALID: (&'static str, &'static str) =
        ("is not a region", "use a name such as `eu-west-1`");

    fn of(written: &str) -> Option<Self> {
        let region = written.parse::<Self>().ok();
        region.filter(|region| !region.is_global() && region.doubt().is_none())
    }
}

/// An option such as `--account ID` or `--account ALIAS=ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderOption<T> {
    /// The alias of a provider, or its key in the plan; `None`: every other provider.
    pub alias: Option<String>,
    /// What it has.
    pub value: T,
}

/// `--account`.
pub type AccountOption = ProviderOption<AccountId>;
/// `--region`.
pub type RegionOption = ProviderOption<Region>;

impl<T: OfProvider> FromStr for ProviderOption<T> {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let form = T::FORM;
        let (alias, value) = match written.split_once('=') {
            Some(("", _)) => {
                return Err(format!("the alias is missing: use ALIAS={form}, or only {form}"));
            }
            Some((alias, "")) => {
                let (noun, alias) = (T::NOUN, text::one_line(alias, 60));
                return Err(format!(
                    "the {noun} of the provider `{alias}` is missing: use ALIAS={form}"
                ));
            }
            Some((alias, value)) => (Some(alias.to_owned()), value),
            None => (None, written),
        };
        let value = T::of(value).ok_or_else(|| {
            let (what, help) = T::INVALID;
            let value = text::one_line(value, 60);
            format!("`{value}` {what}: {help}, or ALIAS={form} with the alias of a provider")
        })?;
        Ok(Self { alias, value })
    }
}

/// What options say of providers.
#[derive(Debug, Clone)]
pub struct ByProvider<T> {
    by_alias: BTreeMap<String, T>,
    other: Option<T>,
}

/// The accounts of providers.
pub type Accounts = ByProvider<AccountId>;
/// The regions of providers.
pub type Regions = ByProvider<Region>;

impl<T> Default for ByProvider<T> {
    fn default() -> Self {
        Self { by_alias: BTreeMap::new(), other: None }
    }
}

impl<T: OfProvider> ByProvider<T> {
    /// Takes the options; the error says which of them contradict each other.
    pub fn new(options: &[ProviderOption<T>]) -> Result<Self, String> {
        let mut all = Self::default();
        for ProviderOption { alias, value } in options {
            let earlier = match alias {
                Some(alias) => all.by_alias.insert(alias.clone(), value.clone()),
                None => all.other.replace(value.clone()),
            };
            if let Some(earlier) = earlier.filter(|earlier| earlier != value) {
                let (option, noun, form) = (T::OPTION, T::NOUN, T::FORM);
                let (whose, help) = match alias {
                    Some(alias) => (
                        format!("the provider `{}`", text::one_line(alias, 60)),
                        "keep one of them".to_owned(),
                    ),
                    None => (
                        "the providers without an alias".to_owned(),
                        format!("name the provider of one as ALIAS={form}"),
                    ),
                };
                return Err(format!(
                    "{option} names two {noun}s for {whose}, {earlier} and {value}: {help}"
                ));
            }
        }
        Ok(all)
    }

    /// What a provider with this key has: `aws`, `aws.replica`, `module.a:aws.b`.
    pub fn of(&self, key: &str) -> Option<&T> {
        self.named(key).or(self.other.as_ref())
    }

    /// The same, if an option names the provider.
    pub fn named(&self, key: &str) -> Option<&T> {
        let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
        let alias = name.split_once('.').map(|(_, alias)| alias);
        self.by_alias
            .get(key)
            .or_else(|| self.by_alias.get(name))
            .or_else(|| self.by_alias.get(alias?))
    }

    /// What every provider has that is not named.
    pub fn other(&self) -> Option<&T> {
        self.other.as_ref()
    }

    /// Refuses an alias that no provider of the plan has.
    pub fn check<'k>(
        &self,
        keys: impl Iterator<Item = &'k str> + Clone,
    ) -> Result<(), PreviewError> {
        let Some(alias) = self.unmatched(keys.clone()) else { return Ok(()) };
        let mut aliases: Vec<&str> = keys
            .filter_map(|key| key.rsplit(':').next()?.split_once('.'))
            .map(|(_, alias)| alias)
            .collect();
        aliases.sort_unstable();
        aliases.dedup();
        let help = match aliases.as_slice() {
            [] => format!("its providers have no aliases, so use `{} {}`", T::OPTION, T::FORM),
            aliases => {
                let shown: Vec<String> = aliases
                    .iter()
                    .take(5)
                    .map(|alias| format!("`{}`", text::one_line(alias, 60)))
                    .collect();
                format!("use one of its aliases, such as {}", shown.join(", "))
            }
        };
        Err(PreviewError::Account(format!(
            "{} {}={}: the plan has no resource of a provider with this alias: {help}",
            T::OPTION,
            text::one_line(alias, 60),
            T::FORM
        )))
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
        for (wrong, message) in [
            (
                "",
                "`` is not an account id: use 12 digits, or ALIAS=ID with the alias of a provider",
            ),
            ("x", "`x` is not an account id"),
            ("=111122223333", "the alias is missing: use ALIAS=ID, or only ID"),
            ("a=", "the account of the provider `a` is missing: use ALIAS=ID"),
            ("a=1", "`1` is not an account id"),
            ("11112222333", "`11112222333` is not an account id"),
        ] {
            let error = wrong.parse::<AccountOption>().unwrap_err();
            assert!(error.starts_with(message), "{wrong}: {error}");
        }
        let twice: Vec<AccountOption> =
            ["111122223333", "222233334444"].iter().map(|o| o.parse().unwrap()).collect();
        assert_eq!(
            Accounts::new(&twice).unwrap_err(),
            "--account names two accounts for the providers without an alias, 111122223333 and 222233334444: name the provider of one as ALIAS=ID"
        );
    }

    #[test]
    fn regions_are_those_of_providers() {
        let options = ["eu-west-1", "dr=us-east-1"].map(|o| o.parse::<RegionOption>().unwrap());
        let regions = Regions::new(&options).unwrap();
        for (key, expected) in [("aws", "eu-west-1"), ("aws.dr", "us-east-1")] {
            assert_eq!(regions.of(key).map(Region::as_str), Some(expected), "{key}");
        }
        assert_eq!(regions.unmatched(["aws"].into_iter()), Some("dr"));
        for (wrong, message) in [
            ("", "`` is not a region: use a name such as `eu-west-1`, or ALIAS=REGION"),
            ("x y", "`x y` is not a region"),
            ("global", "`global` is not a region"),
            ("=eu-west-1", "the alias is missing: use ALIAS=REGION, or only REGION"),
            ("a=", "the region of the provider `a` is missing: use ALIAS=REGION"),
        ] {
            let error = wrong.parse::<RegionOption>().unwrap_err();
            assert!(error.starts_with(message), "{wrong}: {error}");
        }
        let twice = ["eu-west-1", "us-east-1"].map(|o| o.parse::<RegionOption>().unwrap());
        assert!(Regions::new(&twice).is_err());
    }
}
