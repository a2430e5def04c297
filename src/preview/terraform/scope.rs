//! The account and region of a resource: from its provider, its ARN, and what the command line and the
//! snapshot say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::attribute::Attribute;
use super::credentials::Credentials;
use super::plan::{Plan, PlannedResource};
use crate::model::text::one_line;
use crate::model::{AccountId, Region};
use crate::preview::accounts::{Accounts, Regions};
use crate::preview::error::PreviewError;
use crate::preview::item::Location;

/// The key of the default provider of the root module.
const DEFAULT: &str = "aws";

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
    /// By provider: its credentials.
    credentials: BTreeMap<&'p str, Credentials<'p>>,
    /// Those of the default provider.
    default: Credentials<'p>,
    /// In place of a region that is not known.
    open_region: Option<Region>,
}

/// Types whose `arn` is that of something else, such as the topic of a subscription.
const OF_OTHERS: [&str; 2] = ["aws_cloudwatch_event_target", "aws_sns_topic_subscription"];

/// What ARNs say. What types say that are not converted counts only if they all say the same.
#[derive(Default)]
struct Observed {
    account: Seen<AccountId>,
    region: Seen<Region>,
}

struct Seen<T> {
    /// In the ARN of a type that is converted.
    first: Option<T>,
    /// In those of other types.
    others: BTreeSet<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { first: None, others: BTreeSet::new() }
    }
}

impl<T: Clone + Ord> Seen<T> {
    fn add(&mut self, value: Option<T>, is_converted: bool) {
        match is_converted {
            true => self.first = self.first.take().or(value),
            false => self.others.extend(value),
        }
    }

    fn value(&self) -> Option<T> {
        let only = self.others.first().filter(|_| self.others.len() == 1);
        self.first.as_ref().or(only).cloned()
    }
}

impl<'p> Scopes<'p> {
    /// Looks at all resources. `is_converted`: whether this version converts a type.
    pub fn new(plan: &'p Plan, known: &'p Known, is_converted: impl Fn(&str) -> bool) -> Self {
        let mut observed: BTreeMap<&str, Observed> = BTreeMap::new();
        let is_own = |one: &&PlannedResource| {
            one.type_name.starts_with("aws") && !OF_OTHERS.contains(&one.type_name.as_str())
        };
        for resource in plan.resources.iter().filter(is_own) {
            let seen = observed.entry(&resource.provider).or_default();
            for side in [resource.before(), resource.after()] {
                let Ok(Some(arn)) = side.get("arn").text() else { continue };
                let (region, account) = of_arn(arn);
                let is_converted = is_converted(&resource.type_name);
                seen.account.add(account, is_converted);
                // A resource can have a region of its own.
                if side.get("region").is_empty() {
                    seen.region.add(region, is_converted);
                }
            }
        }
        let deferred = plan.deferred.iter().map(|(resource, _)| resource);
        let providers =
            plan.resources.iter().chain(deferred).filter(|one| one.type_name.starts_with("aws"));
        let credentials = providers
            .map(|one| one.provider.as_str())
            .map(|provider| (provider, Credentials::of(plan, provider)))
            .collect();
        let default = Credentials::of(plan, DEFAULT);
        Self { plan, known, observed, credentials, default, open_region: None }
    }

    /// Whether the configuration sets a region of the resource itself that is not known.
    pub fn has_open_region(&self, resource: &PlannedResource) -> bool {
        const REGION: &str = "region";
        let expression = self.plan.expression(resource, REGION);
        resource.after().get(REGION).why().is_some()
            && expression.is_some_and(|one| !self.plan.is_null(&resource.module, one))
    }

    /// The regions that such a resource can be in, as far as something is known of them: those of the
    /// snapshot, and that of the provider.
    pub fn open_regions(&self, resource: &PlannedResource) -> Result<Vec<Region>, PreviewError> {
        let account = self.account(resource, resource.after())?;
        let mut regions = self.known.snapshot.get(&account).cloned().unwrap_or_default();
        regions.retain(|region| !region.is_global());
        match self.region(resource, Attribute::none(), &account) {
            Ok(region) if !regions.contains(&region) => regions.push(region),
            Err(error) if regions.is_empty() => return Err(error),
            _ => {}
        }
        Ok(regions)
    }

    /// Takes a region for one that is not known.
    pub fn set_open_region(&mut self, region: Option<Region>) {
        self.open_region = region;
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
        let own = || {
            let arn = side.get("arn").text().ok().flatten()?;
            of_arn(arn).1
        };
        let is_repeated = self.is_repeated(
            provider,
            &["assume_role", "assume_role_with_web_identity", "allowed_account_ids", "profile"],
        );
        let observed = || self.observed_account(provider).filter(|_| !is_repeated);
        let is_allowed = |account: &AccountId| !is_repeated && self.allows(provider, account);
        // What names no provider is about those that the plan does not identify.
        let other = || {
            let other = self.known.accounts.other().filter(|_| self.is_like_default(provider));
            other.filter(|other| is_allowed(other)).cloned()
        };
        let only = || match self.known.snapshot.keys().collect::<Vec<_>>().as_slice() {
            [only] if self.is_of_the_only_account(provider) => Some((*only).clone()),
            _ => None,
        };
        let named = self.known.accounts.named(provider).cloned();
        named
            .or_else(own)
            .or_else(|| self.configured_account(provider))
            .or_else(observed)
            .or_else(other)
            .or_else(|| self.caller(provider))
            .or_else(|| only().filter(is_allowed))
            .ok_or_else(|| {
                let name = provider.rsplit(':').next().unwrap_or(provider);
                let alias = match name.split_once('.') {
                    Some((_, alias)) => Some(alias),
                    None => Some(provider).filter(|_| provider != DEFAULT),
                };
                let option = alias.map_or("--account ID".to_owned(), |alias| {
                    format!("--account {}=ID", one_line(alias, 60))
                });
                let why = match self.credentials.get(provider).is_some_and(|own| !own.is_empty()) {
                    true => ", since the provider has credentials of its own",
                    false => "",
                };
                PreviewError::Account(format!(
                    "the plan does not say which account `{}` (provider `{}`) belongs to: use `{option}`{why}",
                    one_line(&resource.address, 200),
                    one_line(provider, 100)
                ))
            })
    }

    /// The account in the ARNs of a provider, or of another one with the same credentials.
    fn observed_account(&self, provider: &str) -> Option<AccountId> {
        let account = |provider: &str| self.observed.get(provider)?.account.value();
        let own = self.credentials.get(provider)?;
        let mut others = self.credentials.iter().filter(|(_, other)| own.is_same(other));
        account(provider).or_else(|| others.find_map(|(other, _)| account(other)))
    }

    /// Whether a provider is the default one, or certainly has its credentials.
    fn is_like_default(&self, provider: &str) -> bool {
        let own = || self.credentials.get(provider);
        provider == DEFAULT || own().is_some_and(|own| own.is_same(&self.default))
    }

    /// Whether a provider is of the account of a snapshot that has only one: it has the credentials of
    /// the environment, or those that every provider has.
    fn is_of_the_only_account(&self, provider: &str) -> bool {
        let Some(own) = self.credentials.get(provider) else { return false };
        let is_one = || self.credentials.values().all(|other| own.is_same(other));
        own.is_same(&self.default) && (own.is_empty() || own.role().is_none() && is_one())
    }

    /// Whether the configuration of a provider allows an account.
    fn allows(&self, provider: &str, account: &AccountId) -> bool {
        let ids = self.argument(provider, "allowed_account_ids").and_then(Value::as_array);
        ids.is_none_or(|ids| ids.is_empty() || ids.iter().any(|id| *id == *account.as_str()))
    }

    fn region(
        &self,
        resource: &PlannedResource,
        side: Attribute<'_>,
        account: &AccountId,
    ) -> Result<Region, PreviewError> {
        let provider = resource.provider.as_str();
        if let Some(region) = &self.open_region
            && side.get("region").why().is_some()
        {
            return Ok(region.clone());
        }
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
        let seen = || self.observed.get(provider).filter(|_| !is_repeated);
        let observed = || seen()?.region.value();
        let current = || {
            let data = self.plan.data("aws_region");
            let of_default = data.iter().filter(|_| provider == DEFAULT);
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
        self.argument(provider, argument)?.as_str()
    }

    fn argument(&self, provider: &str, argument: &str) -> Option<&'p Value> {
        self.value_of(self.plan.provider(provider)?.get("expressions")?.get(argument)?)
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
        let role = || {
            let role = self.credentials.get(provider)?.role()?;
            of_arn(self.value_of(role)?.as_str()?).1
        };
        let allowed =
            || match self.argument(provider, "allowed_account_ids")?.as_array()?.as_slice() {
                [one] => one.as_str()?.parse().ok(),
                _ => None,
            };
        role().or_else(allowed)
    }

    /// The account that a data source returned for the default provider.
    fn caller(&self, provider: &str) -> Option<AccountId> {
        if provider != DEFAULT {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    const MAIN: &str = "111122223333";
    const AUDIT: &str = "222233334444";

    fn literal(value: impl Into<Value>) -> Value {
        json!({ "constant_value": value.into() })
    }

    fn refers(name: &str) -> Value {
        json!({ "references": [name] })
    }

    fn role(arn: Value) -> Value {
        json!({ "assume_role": [{ "role_arn": arn }] })
    }

    /// The account of a resource of each provider with configuration, or what to use.
    fn accounts(providers: &Value, of: &str, options: &[&str], snapshot: &[&str]) -> String {
        let all = providers.as_object().unwrap();
        let change =
            json!({ "actions": ["create"], "before": null, "after": { "region": "eu-west-1" } });
        let resource = |(position, _): (usize, _)| {
            json!({
                "address": format!("aws_ebs_encryption_by_default.r{position}"), "mode": "managed",
                "type": "aws_ebs_encryption_by_default", "name": format!("r{position}"), "change": change,
            })
        };
        let configured = |(position, key): (usize, &String)| {
            json!({
                "mode": "managed", "type": "aws_ebs_encryption_by_default", "name": format!("r{position}"),
                "provider_config_key": key,
            })
        };
        let config: serde_json::Map<String, Value> = all
            .iter()
            .map(|(key, expressions)| (key.clone(), json!({ "expressions": expressions })))
            .collect();
        let plan = json!({
            "format_version": "1.2",
            "resource_changes": all.keys().enumerate().map(|(n, key)| resource((n, key))).collect::<Vec<_>>(),
            "variables": { "role": { "value": format!("arn:aws:iam::{AUDIT}:role/tf") }, "id": { "value": AUDIT } },
            "configuration": {
                "provider_config": config,
                "root_module": { "resources": all.keys().enumerate().map(configured).collect::<Vec<_>>() },
            },
        });
        let plan = Plan::new(Path::new("plan.json"), plan).unwrap();
        let options: Vec<_> = options.iter().map(|option| option.parse().unwrap()).collect();
        let known = Known {
            accounts: Accounts::new(&options).unwrap(),
            snapshot: snapshot.iter().map(|id| (id.parse().unwrap(), Vec::new())).collect(),
            ..Known::default()
        };
        let scopes = Scopes::new(&plan, &known, |_| true);
        let resource = plan.resources.iter().find(|one| one.provider == of).unwrap();
        match scopes.of(resource, resource.after()) {
            Ok(location) => location.account.as_str().to_owned(),
            Err(error) => {
                let error = error.to_string();
                let (_, option) = error.rsplit_once("use ").unwrap();
                option.split(',').next().unwrap().to_owned()
            }
        }
    }

    #[test]
    fn an_account_is_not_that_of_a_provider_that_can_be_of_another_one() {
        let audit = |config: Value| json!({ "aws": {}, "aws.audit": config });
        let arn = literal(format!("arn:aws:iam::{AUDIT}:role/tf"));
        let profile = || json!({ "profile": literal("audit") });
        let chain = json!({ "assume_role": [
            { "role_arn": literal(format!("arn:aws:iam::{MAIN}:role/hub")) }, { "role_arn": arn },
        ] });
        let allowed = |ids: &[&str]| json!({ "allowed_account_ids": literal(ids) });
        let ask = "`--account audit=ID`";
        let same = json!({ "aws": profile(), "aws.audit": profile() });
        let templated =
            json!({ "aws": role(refers("var.id")), "aws.audit": role(refers("var.id")) });
        // `--account ID`, and a snapshot of the account only.
        for (what, providers, typed, alone) in [
            ("role", audit(role(arn.clone())), AUDIT, AUDIT),
            ("variable", audit(role(refers("var.role"))), AUDIT, AUDIT),
            ("the last role", audit(chain), AUDIT, AUDIT),
            ("a part of the ARN", audit(role(refers("var.id"))), ask, ask),
            ("local value", audit(role(refers("local.role"))), ask, ask),
            ("no role", audit(role(literal(Value::Null))), MAIN, MAIN),
            ("profile", audit(profile()), ask, ask),
            ("profile only", json!({ "aws.audit": profile() }), ask, ask),
            ("the same profile", same, MAIN, MAIN),
            ("perhaps the same role", templated, ask, ask),
            ("only the region", audit(json!({ "region": literal("eu-west-1") })), MAIN, MAIN),
            ("another account allowed", audit(allowed(&[AUDIT, "333344445555"])), ask, ask),
            ("also this account allowed", audit(allowed(&[AUDIT, MAIN])), MAIN, MAIN),
            (
                "web identity",
                audit(json!({ "assume_role_with_web_identity": [{ "role_arn": arn }] })),
                AUDIT,
                AUDIT,
            ),
        ] {
            let account = |options: &[&str], snapshot: &[&str]| {
                accounts(&providers, "aws.audit", options, snapshot)
            };
            assert_eq!(account(&[MAIN], &[MAIN, AUDIT]), typed, "{what}, --account");
            assert_eq!(account(&[], &[MAIN]), alone, "{what}, alone");
            let named = format!("audit={AUDIT}");
            assert_eq!(account(&[MAIN, &named], &[MAIN, AUDIT]), AUDIT, "{what}, named");
        }
    }

    #[test]
    fn an_account_without_an_alias_is_that_of_the_default_provider() {
        let ask = "`--account ID`";
        let audit = role(refers("var.id"));
        for (what, providers, typed, alone) in [
            ("plain", json!({ "aws": {} }), MAIN, MAIN),
            ("beside a role", json!({ "aws": {}, "aws.audit": audit }), MAIN, MAIN),
            ("profile", json!({ "aws": { "profile": literal("main") } }), MAIN, MAIN),
            (
                "one of two profiles",
                json!({ "aws": { "profile": literal("main") }, "aws.a": { "profile": literal("a") } }),
                MAIN,
                ask,
            ),
            ("role", json!({ "aws": audit }), MAIN, ask),
            (
                "known role",
                json!({ "aws": role(literal(format!("arn:aws:iam::{AUDIT}:role/tf"))) }),
                AUDIT,
                AUDIT,
            ),
        ] {
            assert_eq!(
                accounts(&providers, "aws", &[MAIN], &[MAIN, AUDIT]),
                typed,
                "{what}, --account"
            );
            assert_eq!(accounts(&providers, "aws", &[], &[MAIN]), alone, "{what}, alone");
        }
    }
}
