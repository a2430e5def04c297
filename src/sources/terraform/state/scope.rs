//! The account and the region of the instances of a state.

use std::collections::HashMap;
use std::sync::Arc;

use super::instance::{Instance, Scope};
use crate::model::{AccountId, Arn, Region};
use crate::sources::terraform::relations::{INDEX, Id, RELATIONS, Role};

/// Sets the scope of each instance: from its own attributes, or else from the other instances of the
/// same provider configuration, if they all agree.
pub fn complete(instances: &mut [Instance]) {
    let mut groups: HashMap<u32, Group> = HashMap::new();
    for instance in instances.iter_mut() {
        instance.scope = own(instance);
        let group = groups.entry(instance.provider).or_default();
        group.accounts.add(instance.scope.account.as_ref());
        group.regions.add(instance.scope.region.as_ref());
    }
    for instance in instances {
        let Some(group) = groups.get(&instance.provider) else { continue };
        let scope = &mut instance.scope;
        scope.is_own_account = scope.account.is_some();
        if scope.account.is_none() {
            scope.account = group.accounts.only.clone();
            scope.accounts = group.accounts.differ.clone();
        }
        if scope.region.is_none() {
            scope.region = group.regions.only.clone();
            scope.regions = group.regions.differ.clone();
        }
    }
}

#[derive(Default)]
struct Group {
    accounts: Agreed,
    regions: Agreed,
}

/// The only value, as long as there are not two.
#[derive(Default)]
struct Agreed {
    only: Option<Arc<str>>,
    /// Two that differ.
    differ: Option<[Arc<str>; 2]>,
}

impl Agreed {
    fn add(&mut self, value: Option<&Arc<str>>) {
        let Some(value) = value.filter(|_| self.differ.is_none()) else { return };
        match &self.only {
            None => self.only = Some(Arc::clone(value)),
            Some(known) if known == value => {}
            Some(known) => {
                self.differ = Some([Arc::clone(known), Arc::clone(value)]);
                self.only = None;
            }
        }
    }
}

/// Types, without `aws_`, whose `arn` and `owner_id` are not those of the resource itself, or can be in
/// another account or region than the provider: the target of a rule, the topic of a subscription, a
/// shared mesh, what a delegated administrator creates in the management account.
const OTHER_ARNS: [&str; 9] = [
    "appmesh_",
    "cloudformation_stack_set",
    "cloudtrail",
    "cloudwatch_event_target",
    "lakeformation_",
    "organizations_",
    "outposts_",
    "sns_topic_policy",
    "sns_topic_subscription",
];

/// Types, without `aws_`, whose `region` is not that of the resource itself.
const OTHER_REGIONS: [&str; 5] = [
    "cloudformation_stack_instances",
    "cloudformation_stack_set_instance",
    "config_aggregate_authorization",
    "dx_hosted_connection",
    "opsworks_",
];

/// What the attributes of an instance say.
fn own(instance: &Instance) -> Scope {
    let value = |name: &str| {
        let path = INDEX.path(name)?;
        instance.values(path).next().map(|kept| &*kept.text)
    };
    let is_one_of = |types: &[&str]| {
        instance
            .resource_type
            .strip_prefix("aws_")
            .is_some_and(|name| types.iter().any(|start| name.starts_with(start)))
    };
    let arn: Option<Arn> =
        value("arn").filter(|_| !is_one_of(&OTHER_ARNS)).and_then(|arn| arn.parse().ok());
    let account = |text: &str| text.parse::<AccountId>().is_ok();
    let region = |text: &str| text.parse::<Region>().is_ok_and(|region| !region.is_global());
    let is_identified_by = |id: Id| {
        RELATIONS.iter().any(|row| {
            row.resource_type == &*instance.resource_type
                && row.role == Role::Declares
                && row.id == id
        })
    };
    let accounts = [
        arn.as_ref().map(|arn| arn.account.as_str()),
        value("owner_id").filter(|_| !is_one_of(&OTHER_ARNS)),
        value("aws_account_id"),
        // In other types, it is the account that something is shared with.
        value("account_id").filter(|_| instance.resource_type.starts_with("aws_s3")),
        value("id").filter(|_| is_identified_by(Id::Account)),
    ];
    // The id of several settings of a region is the region. Names of other resources, such as
    // `ci-deploy-1`, can look like one.
    let regions = [
        value("region").filter(|_| !is_one_of(&OTHER_REGIONS)),
        arn.as_ref().map(|arn| arn.region.as_str()),
        value("aws_region"),
        value("id").filter(|_| is_identified_by(Id::Region)),
    ];
    Scope {
        account: accounts.into_iter().flatten().find(|text| account(text)).map(Arc::from),
        accounts: None,
        is_own_account: false,
        regions: None,
        region: regions.into_iter().flatten().find(|text| region(text)).map(Arc::from),
    }
}
