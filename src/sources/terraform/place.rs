//! From a finding to the place in the code.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evidence::{self, Content, Direction};
use super::links::{Known, Link, Missing, Target, owner, preferred};
use super::locate::{Located, Selector, locate};
use super::relations::{
    INDEX, LAUNCH_TEMPLATE, LAUNCHED_BY, REFERENCES, Role, WITH_RULES, role_of,
};
use super::root::Root;
use super::state::Instance;
use crate::model::{Arn, BlockPosition, Evidence, KnownValues, Place, PlaceReason, Placing};
use crate::sources::{Source, Subject};

/// A block device of an instance: only those of its own block are about the volume.
const DEVICES: [&str; 2] = ["root_block_device", "ebs_block_device"];

/// Types with the attributes of another type, which rules name.
const SAME_ATTRIBUTES: [(&str, &str); 7] = [
    ("aws_default_network_acl", "aws_network_acl"),
    ("aws_default_route_table", "aws_route_table"),
    ("aws_default_security_group", "aws_security_group"),
    ("aws_default_subnet", "aws_subnet"),
    ("aws_default_vpc", "aws_vpc"),
    ("aws_launch_configuration", "aws_launch_template"),
    ("aws_spot_instance_request", "aws_instance"),
];

/// How many instances that declare one resource are compared: more than one is an error already.
const MAX_DECLARING: usize = 64;
/// How many parts of one resource are compared. A security group has at most 1,000 rules.
const MAX_PARTS: usize = 5_000;
/// How much evidence is searched for ids; reports show 100 pieces.
const MAX_EVIDENCE: usize = 100;
/// How many addresses a reason names.
const MAX_NAMED: usize = 5;

/// What declares the resource of a finding.
enum Own {
    /// Nothing.
    None,
    /// One instance.
    One(Link),
    /// Several, which cannot all be right.
    Several(Vec<u32>),
}

/// What an entry of a rule's list leads to.
enum Entry {
    /// The states have no such resource for it.
    None,
    /// A place.
    At(Box<Located>, Option<PlaceReason>),
    /// The resource is not in the code.
    NotFound(String, String),
}

/// One question, worked out.
struct Question<'a> {
    root: &'a Root,
    target: Target<'a>,
    entries: &'a [String],
    evidence: &'a [Evidence],
    direction: Option<Direction>,
    /// What declares the resource.
    own: Option<Link>,
    /// For an instance: the launch template from which it was launched, if its tags have that.
    launch_template: Option<&'a str>,
    /// For a resource that was created with another one: evidence of which part of it.
    part: Vec<Evidence>,
}

impl Source for Root {
    fn place(&self, subject: &Subject<'_>) -> Placing {
        place(self, subject)
    }

    fn declaration(&self, address: &str) -> Option<Place> {
        Root::declaration(self, address)
    }

    fn leaves_out(&self, address: &str, argument: &str) -> bool {
        Root::leaves_out(self, address, argument)
    }

    fn value(
        &self,
        address: &str,
        blocks: &[BlockPosition],
        argument: &str,
        known: &dyn KnownValues,
    ) -> Option<Value> {
        Root::value(self, address, blocks, argument, known)
    }

    fn list_items(&self, address: &str, argument: &str) -> Option<Vec<String>> {
        Root::list_items(self, address, argument)
    }

    fn local_names(&self, calls: &[String], name: &str) -> Option<Vec<String>> {
        Root::local_names(self, calls, name)
    }

    fn unparsed(&self) -> &[String] {
        &self.code.unparsed
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}

fn place(root: &Root, subject: &Subject<'_>) -> Placing {
    let resource = subject.resource;
    let Some(id) = resource.id.as_deref() else { return Placing::NotDeclared };
    let arn: Option<Arn> = resource.arn.as_deref().and_then(|arn| arn.parse().ok());
    let account = owner(subject.account, arn.as_ref());
    let is_allowed =
        |known: &crate::model::AccountId| known.as_str() == account || known == subject.account;
    if !root.accounts.is_empty() && !root.accounts.iter().any(is_allowed) {
        return Placing::NotDeclared;
    }
    let target = Target { kind: &resource.kind, id, account, region: subject.region };
    let mut question = Question {
        root,
        target,
        entries: subject.terraform,
        evidence: subject.evidence,
        direction: Direction::of(subject.terraform),
        own: None,
        launch_template: subject
            .tags
            .filter(|_| *resource.kind == *"ec2.instance")
            .and_then(|tags| tags.get(LAUNCH_TEMPLATE).map(String::as_str)),
        part: Vec::new(),
    };
    match question.find_own(subject) {
        Own::Several(numbers) => return question.several(&numbers),
        Own::One(link) => question.set_own(link),
        Own::None => {}
    }
    question.answer()
}

impl<'a> Question<'a> {
    fn known(&self, number: u32) -> Option<&'a Known> {
        self.root.links.instance(number)
    }

    fn find_own(&self, subject: &Subject<'_>) -> Own {
        // Settings have no resource of their own: each is declared by itself.
        if self.target.kind == "ec2.settings" {
            return Own::None;
        }
        let links: Vec<Link> = self.root.links.of(&self.target).collect();
        let of_role = |role: Role| links.iter().filter(|link| link.role == role).copied().collect();
        let declaring: Vec<Link> = of_role(Role::Declares);
        let bringing: Vec<Link> = of_role(Role::Brings);
        let mut found = if declaring.is_empty() { bringing } else { declaring };
        found.truncate(MAX_DECLARING);
        if found.is_empty() {
            return self.launched(subject);
        }
        let numbers = self.distinct(found.iter().map(|link| link.instance).collect());
        let states = |numbers: &[u32]| {
            let mut states: Vec<usize> =
                numbers.iter().filter_map(|number| Some(self.known(*number)?.state)).collect();
            states.dedup();
            states.len()
        };
        if states(&numbers) > 1 {
            return Own::Several(numbers);
        }
        let first = preferred(self.nearest(found));
        match self.distinct(first.iter().map(|link| link.instance).collect()).as_slice() {
            [_] => first.first().map_or(Own::None, |link| Own::One(*link)),
            several => Own::Several(several.to_vec()),
        }
    }

    /// Of both sides of a connection, the one in the account and region of the finding.
    fn nearest(&self, links: Vec<Link>) -> Vec<Link> {
        let is_near = |link: &&Link| {
            self.known(link.instance).is_some_and(|known| {
                let scope = &known.instance.scope;
                scope.account.as_deref() == Some(self.target.account)
                    && scope.region.as_deref() == Some(self.target.region.as_str())
            })
        };
        let near: Vec<Link> = links.iter().filter(is_near).copied().collect();
        if near.is_empty() { links } else { near }
    }

    /// The instances without copies: the same address in two states of one lineage, such as a state
    /// and its backup. Of a replaced object and the one that replaces it, both stay.
    fn distinct(&self, numbers: Vec<u32>) -> Vec<u32> {
        let mut kept: Vec<u32> = Vec::new();
        for number in numbers {
            let Some(known) = self.known(number) else { continue };
            let is_copy = |other: &u32| {
                self.known(*other).is_some_and(|other| {
                    let lineages = [known, other].map(|known| {
                        self.root.states.get(known.state).and_then(|state| state.lineage.as_ref())
                    });
                    // `terraform show -json` writes no lineage.
                    let is_same_state = known.state == other.state
                        || lineages[0].zip(lineages[1]).is_none_or(|(one, other)| one == other);
                    is_same_state && known.instance.address() == other.instance.address()
                })
            };
            if !kept.iter().any(is_copy) {
                kept.push(number);
            }
        }
        kept
    }

    /// The resource that launched an instance, by the tags that the service puts on it.
    fn launched(&self, subject: &Subject<'_>) -> Own {
        let Some(tags) = subject.tags.filter(|_| self.target.kind == "ec2.instance") else {
            return Own::None;
        };
        for (tag, resource_type, attribute) in LAUNCHED_BY {
            let Some(value) = tags.get(*tag) else { continue };
            let Some(path) = INDEX.path(attribute) else { continue };
            let cluster = INDEX.path("cluster_name").zip(tags.get("eks:cluster-name"));
            let fits = |instance: &Instance| {
                let is_in_scope =
                    instance.scope.account.as_deref().is_none_or(|a| a == self.target.account)
                        && instance
                            .scope
                            .region
                            .as_deref()
                            .is_none_or(|r| r == self.target.region.as_str());
                let is_in_cluster = cluster.is_none_or(|(path, name)| {
                    instance.values(path).next().is_none_or(|kept| *kept.text == **name)
                });
                is_in_scope
                    && is_in_cluster
                    && instance.values(path).any(|kept| *kept.text == **value)
            };
            let found: Vec<u32> = self
                .root
                .links
                .all_of_type(resource_type)
                .filter(|number| self.known(*number).is_some_and(|known| fits(&known.instance)))
                .collect();
            match self.distinct(found).as_slice() {
                [] => {}
                [number] => return Own::One(Link::brought(*number)),
                several => return Own::Several(several.to_vec()),
            }
        }
        Own::None
    }

    /// One id in several places: which of them is right is not known.
    fn several(&self, numbers: &[u32]) -> Placing {
        let names: Vec<String> = numbers
            .iter()
            .take(MAX_NAMED)
            .filter_map(|number| {
                let known = self.known(*number)?;
                let state = self.root.states.get(known.state)?;
                Some(format!("`{}` in {}", known.instance.address(), state.name))
            })
            .collect();
        let first = numbers.first().and_then(|number| self.known(*number));
        Placing::NotFound {
            address: first.map(|known| known.instance.address().to_string()).unwrap_or_default(),
            reason: format!("more than once: as {}", names.join(" and as ")),
        }
    }

    fn set_own(&mut self, link: Link) {
        self.own = Some(link);
        let Some(known) = self.known(link.instance) else { return };
        // Which of several block devices: the one with the same position in the state.
        let device = INDEX.path("ebs_block_device.device_name");
        if link.path.is_some_and(|path| INDEX.name(path) == "ebs_block_device.volume_id") {
            let names = device.into_iter().flat_map(|path| known.instance.values(path));
            let name =
                names.filter(|kept| kept.item == link.item).map(|kept| kept.text.to_string());
            self.part.extend(name.map(|name| serde_json::json!({ "device_name": name })));
        }
    }

    fn own_reason(&self) -> Option<PlaceReason> {
        self.own.filter(|link| link.role == Role::Brings).map(|_| PlaceReason::BroughtAlong)
    }

    /// The nested block of the instance that the resource was created with: `root_block_device`.
    fn own_device(&self) -> Option<&'static str> {
        let path = INDEX.name(self.own.filter(|link| link.role == Role::Brings)?.path?);
        let first = path.split('.').next()?;
        DEVICES.into_iter().find(|device| *device == first)
    }

    fn answer(&self) -> Placing {
        if let Some(known) = self.own.and_then(|own| self.known(own.instance))
            && known.instance.is_deposed
        {
            let address = known.instance.address().to_string();
            let reason = "replaced; the next apply destroys it".to_owned();
            return Placing::NotFound { address, reason };
        }
        // A block that can have the attribute, but does not.
        let mut without_attribute: Option<Placing> = None;
        let mut is_missing = false;
        for entry in self.entries {
            let mut names = entry.split('.');
            let resource_type = names.next().unwrap_or_default();
            let path: Vec<&str> = names.collect();
            match self.entry(resource_type, &path) {
                Entry::None => {
                    let role = role_of(self.target.kind, resource_type);
                    is_missing |= matches!(role, Some(Role::Configures | Role::Part));
                }
                Entry::NotFound(address, reason) => return Placing::NotFound { address, reason },
                Entry::At(located, because) => {
                    let is_own = because.is_none();
                    let has_attribute = located.has_attribute;
                    let mut place = located.place;
                    place.because = because
                        .or((is_missing && is_own && !has_attribute)
                            .then_some(PlaceReason::Missing));
                    if has_attribute || path.is_empty() {
                        return without_attribute
                            .filter(|_| !has_attribute)
                            .unwrap_or(Placing::Placed(place));
                    }
                    without_attribute.get_or_insert(Placing::Placed(place));
                }
            }
        }
        if let Some(placing) = without_attribute {
            return placing;
        }
        let Some(own) = self.own else { return self.perhaps_elsewhere() };
        let Some(known) = self.known(own.instance) else { return Placing::NotDeclared };
        let path: Vec<&str> = self.own_device().into_iter().collect();
        let address = known.instance.address();
        match locate(&self.root.code, address.clone(), &path, self.selector()) {
            Ok(mut located) => {
                let missing = (!self.entries.is_empty()).then_some(PlaceReason::Missing);
                located.place.because = self.own_reason().or(missing);
                Placing::Placed(located.place)
            }
            Err(reason) => Placing::NotFound { address: address.to_string(), reason },
        }
    }

    /// What has no id of its own, such as a setting of a region, is declared by an instance in the same
    /// account and region. Of an instance whose account or region is not known, it can be neither said
    /// nor excluded that it is this one.
    fn perhaps_elsewhere(&self) -> Placing {
        let types = self.entries.iter().filter_map(|entry| entry.split('.').next());
        let declares = |name: &&str| role_of(self.target.kind, name) == Some(Role::Declares);
        let instances = types.filter(declares).flat_map(|name| self.root.links.all_of_type(name));
        let known = instances.take(MAX_PARTS).filter_map(|number| self.known(number));
        for Known { state, instance } in known {
            let Some(missing) = self.target.missing(instance).filter(|_| !instance.is_deposed)
            else {
                continue;
            };
            let address = instance.address().to_string();
            let state = self.root.states.get(*state).map_or("", |state| &state.name);
            let remedy = match missing {
                Missing::Account => "name its account in `accounts` of the source",
                Missing::Region => "write the region of its provider configuration as a literal",
            };
            let scope = &instance.scope;
            let differ = match missing {
                Missing::Account => &scope.accounts,
                Missing::Region => &scope.regions,
            };
            let missing = missing.name();
            let why = match differ {
                Some([one, other]) => {
                    format!("{state} has two for its provider configuration, {one} and {other}")
                }
                None => format!("{state} does not have it"),
            };
            let reason = format!("its {missing} is not known, because {why}: {remedy}");
            return Placing::NotFound { address, reason };
        }
        Placing::NotDeclared
    }

    fn selector(&self) -> Selector<'_> {
        let evidence = if self.part.is_empty() { self.evidence } else { &self.part };
        Selector { evidence, direction: self.direction, only_literals: false }
    }

    /// Whether the state has the rules of a security group that a path names, and the finding is about
    /// none of them: it was added outside of the code, or by a change that is not in the state yet.
    fn is_elsewhere(&self, known: &Known, path: &[&str]) -> bool {
        let Some(list) = path.first().filter(|first| matches!(**first, "ingress" | "egress"))
        else {
            return false;
        };
        if !WITH_RULES.contains(&&*known.instance.resource_type) {
            return false;
        }
        let mut rules: BTreeMap<u16, Content<'_>> = BTreeMap::new();
        for kept in &known.instance.values {
            let name = INDEX.name(kept.path).strip_prefix(list);
            if let Some(name) = name.and_then(|name| name.strip_prefix('.'))
                && let Some(values) = rules
                    .entry(kept.item)
                    .or_default()
                    .entry(name)
                    .or_insert_with(|| Some(Vec::new()))
            {
                values.push(&*kept.text);
            }
        }
        let rules: Vec<Content<'_>> = rules.into_values().collect();
        !rules.is_empty() && evidence::is_about_others(self.evidence, &rules)
    }

    /// What an entry of the list leads to.
    fn entry(&self, resource_type: &str, path: &[&str]) -> Entry {
        let own = self.own.and_then(|link| Some((link, self.known(link.instance)?)));
        let is_own = |known: &Known| {
            let own = &*known.instance.resource_type;
            own == resource_type || SAME_ATTRIBUTES.contains(&(own, resource_type))
        };
        let (known, because) = match own {
            Some((_, known)) if is_own(known) => {
                let device = path.first().filter(|first| DEVICES.contains(*first));
                if let (Some(named), Some(own)) = (device, self.own_device())
                    && *named != own
                {
                    return Entry::None;
                }
                (known, self.own_reason())
            }
            _ => match self.other_or_same(resource_type) {
                Some(known) => {
                    let is_declared =
                        role_of(self.target.kind, resource_type) == Some(Role::Declares);
                    (known, (!is_declared).then_some(PlaceReason::Satellite))
                }
                None => return Entry::None,
            },
        };
        let address = known.instance.address();
        let only_literals = self.is_elsewhere(known, path);
        let selector = Selector { only_literals, ..self.selector() };
        match locate(&self.root.code, address.clone(), path, selector) {
            Ok(located) => {
                let is_missing = only_literals && !located.has_attribute;
                let because = because.or(is_missing.then_some(PlaceReason::Missing));
                Entry::At(Box::new(located), because)
            }
            Err(reason) => Entry::NotFound(address.to_string(), reason),
        }
    }

    /// The one resource of a type, or of another one with the same attributes.
    fn other_or_same(&self, resource_type: &str) -> Option<&'a Known> {
        self.other(resource_type).or_else(|| {
            let mut same = SAME_ATTRIBUTES.iter().filter(|(_, named)| *named == resource_type);
            same.find_map(|(own, _)| self.other(own))
        })
    }

    /// The one resource of a type that configures the resource of the finding, that the evidence names, or
    /// to which the resource refers.
    fn other(&self, resource_type: &str) -> Option<&'a Known> {
        let links = self.root.links.of(&self.target).filter(|link| {
            self.known(link.instance).is_some_and(|known| {
                *known.instance.resource_type == *resource_type && !known.instance.is_deposed
            })
        });
        let links: Vec<Link> = links.take(MAX_PARTS).collect();
        let (parts, others): (Vec<Link>, Vec<Link>) =
            links.into_iter().partition(|link| link.role == Role::Part);
        let others: Vec<u32> = others.iter().map(|link| link.instance).collect();
        self.only(&others)
            .or_else(|| self.part_of(&parts, self.evidence))
            .or_else(|| self.named(resource_type))
            .or_else(|| self.referred(resource_type))
    }

    /// The resource that the evidence names, or what configures that: the rule of a security group of
    /// the instance, a route of a table that uses the connection.
    fn named(&self, resource_type: &str) -> Option<&'a Known> {
        // These are about the resource of the finding only.
        let role = role_of(self.target.kind, resource_type);
        if matches!(role, Some(Role::Declares | Role::Brings)) {
            return None;
        }
        let rows = INDEX.entry(resource_type).map_or(&[][..], |entry| entry.rows.as_slice());
        self.evidence.iter().take(MAX_EVIDENCE).find_map(|item| {
            evidence::ids(item).into_iter().filter(|id| *id != self.target.id).find_map(|id| {
                rows.iter().find_map(|row| {
                    let target = Target { kind: row.kind, id, ..self.target };
                    let links = self.root.links.of(&target).filter(|link| {
                        link.role == row.role
                            && self.known(link.instance).is_some_and(|known| {
                                *known.instance.resource_type == *resource_type
                                    && !known.instance.is_deposed
                            })
                    });
                    let links: Vec<Link> = links.take(MAX_PARTS).collect();
                    match row.role {
                        Role::Part => self.part_of(&links, std::slice::from_ref(item)),
                        Role::Declares | Role::Configures => {
                            self.only(&links.iter().map(|link| link.instance).collect::<Vec<_>>())
                        }
                        Role::Brings => None,
                    }
                })
            })
        })
    }

    /// The only instance, or one of several that are the same block.
    fn only(&self, numbers: &[u32]) -> Option<&'a Known> {
        let first = self.known(*numbers.first()?)?;
        let is_same = |number: &u32| {
            self.known(*number).is_some_and(|known| same_block(&known.instance, &first.instance))
        };
        numbers.iter().all(is_same).then_some(first)
    }

    /// The part that the evidence is about.
    fn part_of(&self, links: &[Link], evidence: &[Evidence]) -> Option<&'a Known> {
        let known: Vec<(&Link, &'a Known)> =
            links.iter().filter_map(|link| Some((link, self.known(link.instance)?))).collect();
        let named: Vec<u32> = known
            .iter()
            .filter(|(_, known)| {
                let ids = ["id", "arn", "security_group_rule_id"].into_iter().filter_map(|name| {
                    INDEX.path(name).and_then(|path| known.instance.values(path).next())
                });
                let ids: Vec<&str> = ids.map(|kept| &*kept.text).collect();
                evidence::names(evidence, &ids)
            })
            .map(|(link, _)| link.instance)
            .collect();
        if !named.is_empty() {
            // Several are named: the first one in the order of the evidence is not known, any is right.
            return self.known(*named.first()?);
        }
        let contents: Vec<Content<'_>> =
            known.iter().map(|(link, known)| content(link, &known.instance)).collect();
        let selected = evidence::select(evidence, self.direction, &contents, false);
        known.get(selected?).map(|(_, known)| *known)
    }

    /// What the resource itself refers to, such as the launch template of an instance.
    fn referred(&self, resource_type: &str) -> Option<&'a Known> {
        let own = self.known(self.own?.instance)?;
        if let Some(id) = self.launch_template.filter(|_| resource_type == "aws_launch_template") {
            let numbers = self.root.links.of_type(resource_type, id);
            // EKS launches from a copy of the template of a node group.
            if !numbers.is_empty() || *own.instance.resource_type != *"aws_eks_node_group" {
                return self.only(numbers);
            }
        }
        let rows = REFERENCES
            .iter()
            .filter(|(from, _, to)| *from == &*own.instance.resource_type && *to == resource_type);
        let ids = rows
            .filter_map(|(_, path, _)| INDEX.path(path))
            .flat_map(|path| own.instance.values(path));
        let numbers: Vec<u32> = ids
            .flat_map(|kept| self.root.links.of_type(resource_type, &kept.text))
            .copied()
            .collect();
        self.only(&numbers)
    }
}

/// Whether two instances come from one block: of `count`, `for_each`, or a module with these.
fn same_block(a: &Instance, b: &Instance) -> bool {
    let names = |instance: &Instance| -> Vec<Box<str>> {
        instance.modules.iter().map(|step| step.name.clone()).collect()
    };
    a.resource_type == b.resource_type && a.name == b.name && names(a) == names(b)
}

/// The values of an instance that evidence is compared with.
fn content<'a>(link: &Link, instance: &'a Instance) -> Content<'a> {
    let mut content = Content::new();
    for kept in &instance.values {
        // The attribute that names the parent is the same for all parts.
        if Some(kept.path) != link.path {
            let values = content.entry(INDEX.name(kept.path)).or_insert_with(|| Some(Vec::new()));
            if let Some(values) = values {
                values.push(&*kept.text);
            }
        }
    }
    content
}
