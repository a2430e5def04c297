//! The account and region of a resource: from its provider, its ARN, and what the command line and the
//! snapshot say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::Attribute;
use super::plan::{Plan, PlannedResource};
use crate::model::text::one_line;
use crate::model::{AccountId, Region};
use crate::preview::accounts::{Accounts, Regions};
use crate::preview::error::PreviewError;
use crate::preview::item::Location;

/// What is known of accounts and regions besides the plan.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The accounts of the command line.
    pub accounts: Accounts,
    /// The regions of the command line.
    pub regions: Regions,
    /// The accounts of the snapshot, with their regions.
    pub snapshot: BTreeMap<AccountId, Vec<Region>>,
}

/// The accounts and regions of the providers of a plan.
pub struct Scopes<'p> {
    plan: &'p Plan,
    known: &'p Known,
    /// By provider: what the ARNs of its resources say.
    observed: BTreeMap<&'p str, Observed>,
}

#[derive(Default)]
struct Observed {
    account: Option<AccountId>,
    region: Option<Region>,
}

impl<'p> Scopes<'p> {
    /// Looks at all resources.
    pub fn new(plan: &'p Plan, known: &'p Known) -> Self {
        let mut observed: BTreeMap<&str, Observed> = BTreeMap::new();
        for resource in plan.resources.iter().filter(|one| one.type_name.starts_with("aws")) {
            let seen = observed.entry(&resource.provider).or_default();
            for side in [resource.before(), resource.after()] {
                let Ok(Some(arn)) = side.get("arn").text() else { continue };
                let (region, account) = of_arn(arn);
                seen.account = seen.account.take().or(account);
                // A resource can have a region of its own.
                if side.get("region").is_empty() {
                    seen.region = seen.region.take().or(region);
                }
            }
        }
        Self { plan, known, observed }
    }

    /// The account and region of a resource; the region of what has none is that of its provider.
    pub fn of(
        &self,
        resource: &PlannedResource,
        side: Attribute<'_>,
    ) -> Result<Location, PreviewError> {
        let account = self.account(resource, side)?;
        let region = self.region(resource, side, &account)?;
        Ok(Location { account, region })
    }

    fn account(
        &self,
        resource: &PlannedResource,
        side: Attribute<'_>,
    ) -> Result<AccountId, PreviewError> {
        let provider = resource.provider.as_str();
        let explicit = self.known.accounts.of(provider).cloned();
        let own = || {
            let arn = side.get("arn").text().ok().flatten()?;
            of_arn(arn).1
        };
        let is_repeated =
            self.is_repeated(provider, &["assume_role", "allowed_account_ids", "profile"]);
        let observed = || self.observed.get(provider).and_then(|seen| seen.account.clone());
        let observed = || observed().filter(|_| !is_repeated);
        let only = || match self.known.snapshot.len() {
            1 if !is_repeated => self.known.snapshot.keys().next().cloned(),
            _ => None,
        };
        explicit
            .or_else(own)
            .or_else(|| self.configured_account(provider))
            .or_else(observed)
            .or_else(|| self.caller(provider))
            .or_else(only)
            .ok_or_else(|| {
                let alias = provider.split_once('.').map(|(_, alias)| alias);
                let option = alias.map_or("--account ID".to_owned(), |alias| {
                    format!("--account {}=ID", one_line(alias, 60))
                });
                PreviewError::Account(format!(
                    "the plan does not say which account `{}` (provider `{}`) belongs to: use `{option}`",
                    one_line(&resource.address, 200),
                    one_line(provider, 100)
                ))
            })
    }

    fn region(
        &self,
        resource: &PlannedResource,
        side: Attribute<'_>,
        account: &AccountId,
    ) -> Result<Region, PreviewError> {
        let provider = resource.provider.as_str();
        let own = || {
            let text = |name: &str| side.get(name).text().ok().flatten();
            let named = text("region").and_then(|region| region.parse().ok());
            let of_arn = || of_arn(text("arn")?).0;
            // A zone is its region and a letter.
            let of_zone = || {
                let zone = text("availability_zone")?;
                let region = zone.strip_suffix(|last: char| last.is_ascii_lowercase())?;
                region.parse::<Region>().ok().filter(|region| region.doubt().is_none())
            };
            named.or_else(of_arn).or_else(of_zone)
        };
        let typed = || self.known.regions.of(provider).cloned();
        let configured = || self.configured(provider, "region")?.parse().ok();
        let is_repeated = self.is_repeated(provider, &["region", "profile"]);
        let observed = || self.observed.get(provider).and_then(|seen| seen.region.clone());
        let observed = || observed().filter(|_| !is_repeated);
        let current = || {
            let data = self.plan.data("aws_region");
            let of_default = data.iter().filter(|_| provider == "aws");
            let name = |values: &Value| {
                let text = |name: &str| values.get(name).and_then(Value::as_str);
                text("region").or_else(|| text("name"))?.parse().ok()
            };
            of_default.filter_map(|(_, values)| name(values)).next()
        };
        let only = || match self.known.snapshot.get(account).map(Vec::as_slice) {
            Some([region]) if !is_repeated => Some(region.clone()),
            _ => None,
        };
        let region: Option<Region> = own()
            .or_else(configured)
            .or_else(observed)
            .or_else(current)
            .or_else(typed)
            .or_else(only);
        region.filter(|region| !region.is_global()).ok_or_else(|| {
            let alias = provider.rsplit(':').next().and_then(|name| name.split_once('.'));
            let option = alias.map_or("--region REGION".to_owned(), |(_, alias)| {
                format!("--region {}=REGION", one_line(alias, 60))
            });
            PreviewError::Account(format!(
                "the plan does not say which region `{}` (provider `{}`) is in: use `{option}`",
                one_line(&resource.address, 200),
                one_line(provider, 100)
            ))
        })
    }

    /// Whether arguments of a provider differ between its instances: OpenTofu has `for_each` for
    /// providers, and a plan does not say which instance a resource is of.
    fn is_repeated(&self, provider: &str, arguments: &[&str]) -> bool {
        fn has_each(expression: &Value) -> bool {
            match expression {
                Value::String(name) => name.starts_with("each."),
                Value::Array(items) => items.iter().any(has_each),
                Value::Object(fields) => {
                    // What is known is not an expression.
                    fields.iter().any(|(name, value)| name != "constant_value" && has_each(value))
                }
                _ => false,
            }
        }
        let config = self.plan.provider(provider).and_then(|config| config.get("expressions"));
        config.is_some_and(|all| {
            arguments.iter().any(|argument| all.get(argument).is_some_and(has_each))
        })
    }

    /// An argument of a provider, if it is a literal or a variable.
    fn configured(&self, provider: &str, argument: &str) -> Option<&'p str> {
        let expression = self.plan.provider(provider)?.get("expressions")?.get(argument)?;
        self.value_of(expression)?.as_str()
    }

    fn value_of(&self, expression: &'p Value) -> Option<&'p Value> {
        if let Some(value) = expression.get("constant_value") {
            return Some(value);
        }
        let references = expression.get("references").and_then(Value::as_array)?;
        // Only a variable by itself is its value; a longer expression could be anything.
        let [Value::String(name)] = references.as_slice() else { return None };
        self.plan.variable(name.strip_prefix("var.")?)
    }

    /// The account that the configuration of a provider names.
    fn configured_account(&self, provider: &str) -> Option<AccountId> {
        let expressions = self.plan.provider(provider)?.get("expressions")?;
        let role = || {
            let role = expressions.get("assume_role")?.get(0)?.get("role_arn")?;
            of_arn(self.value_of(role)?.as_str()?).1
        };
        let allowed =
            || match self.value_of(expressions.get("allowed_account_ids")?)?.as_array()?.as_slice()
            {
                [one] => one.as_str()?.parse().ok(),
                _ => None,
            };
        role().or_else(allowed)
    }

    /// The account that a data source returned for the default provider.
    fn caller(&self, provider: &str) -> Option<AccountId> {
        if provider != "aws" {
            return None;
        }
        let data = self.plan.data("aws_caller_identity");
        let mut ids = data.iter().filter_map(|(_, values)| values.get("account_id")?.as_str());
        let first = ids.next()?;
        // Data sources do not say which provider they are of.
        if ids.any(|id| id != first) {
            return None;
        }
        first.parse().ok()
    }
}

/// The region and the account in an ARN.
fn of_arn(arn: &str) -> (Option<Region>, Option<AccountId>) {
    let mut parts = arn.splitn(6, ':').skip(3);
    let region = parts.next().filter(|region| !region.is_empty());
    let account = parts.next();
    (
        region.and_then(|region| region.parse().ok()),
        account.and_then(|account| account.parse().ok()),
    )
}
