//! Which live resource is which logical id of which stack: from the tags that CloudFormation sets,
//! and from saved responses of `aws cloudformation describe-stack-resources` and
//! `list-stack-resources`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::kinds::{Physical, entry_of, has_tags_of, types_of};
use super::responses::{self, Listed, Saved};
use super::terraform::wanted;
use crate::model::{AccountId, Arn, Region, text::one_line};
use crate::sources::Subject;

/// The type of a nested stack.
pub(super) const NESTED: &str = "AWS::CloudFormation::Stack";
/// Resources that CDK adds to stacks and that templates without it do not have.
const CDK_METADATA: &str = "AWS::CDK::Metadata";
/// How many resources saved responses may have.
const MAX_RESOURCES: usize = 1_000_000;

/// Stacks with their resources, as saved.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    stacks: Vec<Stack>,
    resources: Vec<StackResource>,
    /// A physical id, or a part of one → resources.
    by_id: HashMap<Box<str>, Vec<usize>>,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Its name; for a response without it, that of the file.
    pub(crate) name: String,
    account: Option<AccountId>,
    /// Its region, if that is known.
    pub(crate) region: Option<Region>,
    /// All its logical ids with their types, except of resources that come from modules.
    pub(crate) logical_ids: BTreeMap<String, String>,
    /// Whether AWS listed its resources; otherwise only the tags of one resource are known.
    pub(crate) is_listed: bool,
    /// The stack in which it is nested, and its logical id there.
    parent: Option<(usize, String)>,
    /// The kind of the resource whose tags name the stack; only tags do not say its type.
    tagged_kind: Option<Box<str>>,
}

impl Stack {
    /// Whether a type can be that of its resource: `true` if AWS listed the types.
    pub(crate) fn can_have(&self, resource_type: &str) -> bool {
        self.tagged_kind.as_deref().is_none_or(|kind| has_tags_of(kind, resource_type))
    }
}

#[derive(Debug)]
struct StackResource {
    stack: usize,
    logical_id: String,
    resource_type: String,
    /// The logical id of the module that contains it, in the template of the stack.
    module: Option<String>,
}

/// What the stack of a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member<'s> {
    pub(crate) stack: Cow<'s, Stack>,
    /// The logical id in the template of the stack.
    pub(crate) logical_id: String,
    /// Its type, if it is known.
    pub(crate) resource_type: Option<String>,
    /// Whether `logical_id` is that of the module that contains it.
    pub(crate) is_in_module: bool,
    /// The stacks around it, the inner one first, each with the logical id of what is nested in it.
    pub(crate) parents: Vec<(&'s Stack, &'s str)>,
}

impl Member<'_> {
    /// The address in reports.
    pub(crate) fn address(&self) -> String {
        address(&self.stack.name, &self.logical_id)
    }
}

/// The address of a logical id of a stack in reports.
pub(crate) fn address(stack: &str, logical_id: &str) -> String {
    one_line(&format!("{stack}/{logical_id}"), 500)
}

/// Where a resource belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Membership<'s> {
    /// No stack is known.
    None,
    Member(Box<Member<'s>>),
    /// Several stacks claim it.
    Several(Vec<String>),
}

impl Stacks {
    /// Adds the responses of a file. An error says what is wrong and contains nothing of the file; what
    /// could be read counts nevertheless.
    pub(crate) fn add(&mut self, file: &Path, text: &str) -> Result<(), String> {
        let Saved { stacks, is_incomplete } = responses::read(text)?;
        for resources in stacks {
            self.add_response(file, resources)?;
        }
        match is_incomplete {
            true => Err(responses::INCOMPLETE.to_owned()),
            false => Ok(()),
        }
    }

    fn add_response(&mut self, file: &Path, resources: Vec<Listed>) -> Result<(), String> {
        if self.resources.len() + resources.len() > MAX_RESOURCES {
            return Err(format!("more than {MAX_RESOURCES} resources"));
        }
        let file_name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
        // Without ids of stacks, all resources are of one; its account and region are those of ARNs
        // among the physical ids.
        let mut unnamed = None;
        let owners: BTreeSet<(AccountId, Region)> = resources
            .iter()
            .filter(|listed| listed.resource_type.starts_with("AWS::"))
            .filter_map(|listed| owner(&listed.physical_resource_id.as_deref()?.parse().ok()?))
            .collect();
        let owner = owners.first().filter(|_| owners.len() == 1);
        for listed in resources {
            let is_deleted = listed.resource_status.as_deref() == Some("DELETE_COMPLETE");
            if let Some(id) = listed.stack_id.as_deref().filter(|_| is_deleted) {
                let stack = self.stack_of(id, listed.stack_name.as_deref());
                if let Some(stack) = self.stacks.get_mut(stack) {
                    stack.logical_ids.remove(&listed.logical_resource_id);
                }
            }
            let Some(physical) = listed.physical_resource_id.filter(|_| !is_deleted) else {
                continue;
            };
            let stack = match (&listed.stack_id, &unnamed) {
                (Some(id), _) => self.stack_of(id, listed.stack_name.as_deref()),
                (None, Some(stack)) => *stack,
                (None, None) => {
                    let name = file_name.clone().unwrap_or_default();
                    let (account, region) = owner.cloned().unzip();
                    let stack = self.push(name, account, region);
                    unnamed = Some(stack);
                    stack
                }
            };
            let hierarchy = listed.module_info.and_then(|info| info.logical_id_hierarchy);
            let module = hierarchy.and_then(|ids| ids.split('/').next().map(str::to_owned));
            if let Some(known) = self.stacks.get_mut(stack)
                && listed.resource_type != CDK_METADATA
                && module.is_none()
            {
                let id = listed.logical_resource_id.clone();
                known.logical_ids.insert(id, listed.resource_type.clone());
            }
            if listed.resource_type == NESTED {
                let nested = self.stack_of(&physical, None);
                if let Some(nested) = self.stacks.get_mut(nested).filter(|_| nested != stack) {
                    nested.parent = Some((stack, listed.logical_resource_id.clone()));
                }
            }
            let position = self.resources.len();
            for id in ids(&physical) {
                self.by_id.entry(id.into()).or_default().push(position);
            }
            self.resources.push(StackResource {
                stack,
                logical_id: listed.logical_resource_id,
                resource_type: listed.resource_type,
                module,
            });
        }
        Ok(())
    }

    fn push(&mut self, name: String, account: Option<AccountId>, region: Option<Region>) -> usize {
        let logical_ids = BTreeMap::new();
        let stack = Stack {
            name,
            account,
            region,
            logical_ids,
            is_listed: true,
            parent: None,
            tagged_kind: None,
        };
        self.stacks.push(stack);
        self.stacks.len() - 1
    }

    /// The stack with that ARN.
    fn stack_of(&mut self, id: &str, name: Option<&str>) -> usize {
        let (account, region) = id.parse().ok().and_then(|arn| owner(&arn)).unzip();
        let in_id = id.split(":stack/").nth(1).and_then(|rest| rest.split('/').next());
        let name = name.or(in_id).unwrap_or(id);
        let known = self.stacks.iter().position(|stack| {
            stack.name == name && stack.account == account && stack.region == region
        });
        known.unwrap_or_else(|| self.push(name.to_owned(), account, region))
    }

    /// The stack that contains a resource.
    pub(crate) fn find(&self, subject: &Subject<'_>, accounts: &[AccountId]) -> Membership<'_> {
        if !accounts.is_empty() && !accounts.contains(subject.account) {
            return Membership::None;
        }
        let found = self.listed(subject, accounts);
        let stacks: HashSet<usize> = found.iter().map(|resource| resource.stack).collect();
        match found.as_slice() {
            [] => tagged(subject).map_or(Membership::None, |mut member| {
                // The list of the outer stack names the nested one.
                let is_same = |known: &&Stack| {
                    known.name == member.stack.name
                        && known.account == member.stack.account
                        && known.region == member.stack.region
                };
                member.parents = self.parents(self.stacks.iter().find(is_same));
                Membership::Member(member.into())
            }),
            [resource] => Membership::Member(self.member(resource).into()),
            // The same response, saved twice.
            [first, others @ ..]
                if stacks.len() == 1
                    && others.iter().all(|other| other.logical_id == first.logical_id) =>
            {
                Membership::Member(self.member(first).into())
            }
            several => {
                let addresses = several.iter().filter_map(|resource| {
                    Some(address(&self.stacks.get(resource.stack)?.name, &resource.logical_id))
                });
                Membership::Several(addresses.collect())
            }
        }
    }

    fn listed(&self, subject: &Subject<'_>, accounts: &[AccountId]) -> Vec<&StackResource> {
        let resource = subject.resource;
        let mut positions: Vec<usize> = Vec::new();
        let ids = [resource.id.as_deref(), resource.name.as_deref(), resource.arn.as_deref()];
        let account = Some(subject.account.as_str());
        for id in ids.into_iter().flatten().chain(account) {
            positions.extend(self.by_id.get(id).into_iter().flatten());
        }
        positions.sort_unstable();
        positions.dedup();
        let resources = positions.iter().filter_map(|position| self.resources.get(*position));
        let is_it = |found: &&StackResource| {
            let Some(stack) = self.stacks.get(found.stack) else { return false };
            let Some(entry) =
                types_of(&resource.kind).find(|entry| entry.resource_type == found.resource_type)
            else {
                return false;
            };
            let is_other =
                |known: Option<&str>, here: &str| known.is_some_and(|known| known != here);
            // Buckets are listed in all regions, and their own can be unknown.
            let is_regional = !subject.region.is_global() && resource.kind != "s3.bucket";
            if is_other(stack.account.as_ref().map(AccountId::as_str), subject.account.as_str())
                || is_regional
                    && is_other(stack.region.as_ref().map(Region::as_str), subject.region.as_str())
            {
                return false;
            }
            let is_only_account = accounts == [subject.account.clone()];
            match entry.physical {
                Physical::Id => resource.id.as_deref().is_some_and(|id| self.has(found, id)),
                // Names exist in every account, so it must be known whose stack it is.
                Physical::Name => {
                    let id = resource.id.as_deref().filter(|id| is_assigned(id));
                    stack.account.is_some()
                        || is_only_account
                        || id.is_some_and(|id| self.has(found, id))
                }
                // Several types are settings of the same region: the rule says which it reads.
                Physical::Account => {
                    let mut wanted = subject.terraform.iter().flat_map(|entry| wanted(entry));
                    let is_known = stack.account.is_some() && stack.region.is_some();
                    is_known && wanted.any(|wanted| wanted.resource_type == found.resource_type)
                }
            }
        };
        resources.filter(is_it).collect()
    }

    fn has(&self, resource: &StackResource, id: &str) -> bool {
        let positions = self.by_id.get(id).into_iter().flatten();
        positions
            .filter_map(|position| self.resources.get(*position))
            .any(|r| std::ptr::eq(r, resource))
    }

    fn member(&self, resource: &StackResource) -> Member<'_> {
        let stack = self.stacks.get(resource.stack);
        let module = resource.module.clone();
        Member {
            stack: stack.map_or_else(|| Cow::Owned(unlisted("", "")), Cow::Borrowed),
            is_in_module: module.is_some(),
            logical_id: module.unwrap_or_else(|| resource.logical_id.clone()),
            resource_type: Some(resource.resource_type.clone()),
            parents: self.parents(stack),
        }
    }

    /// The stacks around a stack, the inner one first.
    fn parents<'s>(&'s self, stack: Option<&'s Stack>) -> Vec<(&'s Stack, &'s str)> {
        const MAX: usize = 20;
        let of = |stack: &'s Stack| {
            let (position, logical_id) = stack.parent.as_ref()?;
            Some((self.stacks.get(*position)?, logical_id.as_str()))
        };
        let first = stack.and_then(of);
        std::iter::successors(first, |(parent, _)| of(parent)).take(MAX).collect()
    }
}

/// Whether AWS assigned an id, so that it exists once, to a resource whose physical id can be a name.
/// Names of security groups cannot begin with `sg-`.
fn is_assigned(id: &str) -> bool {
    ["sg-", "eipalloc-"].iter().any(|prefix| id.starts_with(prefix))
}

/// The account and region of an ARN that has both.
fn owner(arn: &Arn) -> Option<(AccountId, Region)> {
    Some((arn.account.parse().ok()?, arn.region.parse().ok()?))
}

/// The ids in a physical id: the whole, the parts of a composed one, and the end of an ARN.
fn ids(physical: &str) -> Vec<&str> {
    let mut ids = vec![physical];
    if physical.contains('|') {
        ids.extend(physical.split('|'));
    }
    if physical.starts_with("arn:") {
        ids.extend(physical.rsplit(['/', ':']).next().filter(|id| !id.is_empty()));
    }
    ids
}

fn unlisted(name: &str, logical_id: &str) -> Stack {
    Stack {
        name: name.to_owned(),
        account: None,
        region: None,
        logical_ids: BTreeMap::from([(logical_id.to_owned(), String::new())]),
        is_listed: false,
        parent: None,
        tagged_kind: None,
    }
}

/// What the tags say that CloudFormation sets. Nobody else can set tags that begin with `aws:`.
fn tagged<'s>(subject: &Subject<'_>) -> Option<Member<'s>> {
    let tag = |name: &str| {
        let value = subject.tags?.get(&format!("aws:cloudformation:{name}"));
        value.map(String::as_str).filter(|value| !value.is_empty())
    };
    let (name, logical_id) = (tag("stack-name")?, tag("logical-id")?);
    let mut stack = unlisted(name, logical_id);
    stack.tagged_kind = Some(Box::from(&*subject.resource.kind));
    // A resource of another account that is shared, or the copy of a resource with its tags.
    if let Some((account, region)) = tag("stack-id").and_then(|id| owner(&id.parse().ok()?)) {
        let is_regional = !subject.region.is_global() && subject.resource.kind != "s3.bucket";
        if account != *subject.account || is_regional && region != *subject.region {
            return None;
        }
        (stack.account, stack.region) = (Some(account), Some(region));
    }
    Some(Member {
        stack: Cow::Owned(stack),
        logical_id: logical_id.to_owned(),
        resource_type: None,
        is_in_module: false,
        parents: Vec::new(),
    })
}

/// Whether a resource of that type is what `subject` is, rather than what created it.
pub(crate) fn is_own_type(subject: &Subject<'_>, resource_type: &str) -> bool {
    entry_of(resource_type).is_some_and(|entry| entry.kind == subject.resource.kind)
}
