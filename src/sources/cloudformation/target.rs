//! What in a template is the cause of a failure: the property of the resource, a resource that
//! configures it, or the resource itself.

use std::ops::Range;

use super::document::{Entry, Position, View, plain_name};
use super::evidence;
use super::kinds::{LAUNCHES, SATELLITES, Satellite};
use super::stacks::{Stack, is_own_type};
use super::template::{Declared, Template};
use super::terraform::{Wanted, wanted};
use crate::model::{Evidence, PlaceReason};
use crate::sources::Subject;

const INSTANCE: &str = "AWS::EC2::Instance";
const LAUNCH_TEMPLATE: &str = "AWS::EC2::LaunchTemplate";
const LAUNCH_CONFIGURATION: &str = "AWS::AutoScaling::LaunchConfiguration";

/// Satellites that are entries of a list, so that one with other values is another entry.
const ENTRIES: [&str; 4] = [
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
];

/// Properties with the rules of a security group.
const RULES: [&str; 2] = ["securitygroupingress", "securitygroupegress"];

/// A place in a template.
pub(crate) struct Target<'t> {
    /// The resource that contains it.
    pub(crate) declared: Declared<'t>,
    /// Where it is in the file.
    pub(crate) position: Position,
    /// The property that contains it.
    pub(crate) property: Option<&'t str>,
    /// Why it is not in the resource itself.
    pub(crate) because: Option<PlaceReason>,
    /// The position in the list that is the value of the property, and the length of that.
    pub(crate) item: Option<(usize, usize)>,
    /// The range of bytes of a literal value that is the cause.
    pub(crate) value: Option<Range<usize>>,
}

impl<'t> Target<'t> {
    /// The resource as a whole.
    pub(crate) fn whole(declared: Declared<'t>, because: Option<PlaceReason>) -> Self {
        let position = declared.key.position();
        Self { declared, position, property: None, because, item: None, value: None }
    }
}

/// Names of root devices.
const ROOT_DEVICES: [&str; 3] = ["/dev/xvda", "/dev/sda1", "/dev/sda"];

/// Whether a resource brings the one of the question along, whose evidence names it: of volumes, an
/// instance has those of its root device and of its list. Others can have been attached by hand.
pub(crate) fn brings(declared: Declared<'_>, subject: &Subject<'_>) -> bool {
    if *subject.resource.kind != *"ec2.volume" {
        return true;
    }
    let mut devices = subject.evidence.iter().filter_map(|piece| piece.get("device")?.as_str());
    let Some(device) = devices.next() else { return false };
    let listed = declared.property("BlockDeviceMappings").map(|entry| entry.value.all_items());
    let is_it = |item: &View<'_>| {
        let name = item.get_plain("devicename").and_then(|entry| entry.value.literal());
        name == Some(device)
    };
    ROOT_DEVICES.contains(&device) || listed.iter().flatten().any(is_it)
}

/// What a path of properties leads to.
struct Reached<'t> {
    /// How many steps exist.
    depth: usize,
    /// Whether all steps exist.
    is_whole: bool,
    first: Entry<'t>,
    last: Entry<'t>,
    /// The item of the last list that the evidence is about.
    item: Option<View<'t>>,
}

impl<'t> Reached<'t> {
    fn target(self, declared: Declared<'t>, because: Option<PlaceReason>) -> Target<'t> {
        let items = self.first.value.all_items();
        let index =
            self.item.and_then(|item| items.iter().position(|other| other.id() == item.id()));
        Target {
            declared,
            position: self.item.map_or_else(|| self.last.position(), View::position),
            property: self.first.key.text(),
            because,
            item: index.map(|index| (index, items.len())),
            value: self.last.value.literal_range().filter(|_| self.is_whole && self.item.is_none()),
        }
    }
}

/// What decides, among everything that an entry of the rule's `terraform` could mean.
struct Candidate<'t> {
    /// The map that evidence is compared with.
    view: View<'t>,
    target: Target<'t>,
}

/// The cause of a failure of the resource that `declared` declares in a stack.
pub(crate) fn find<'t>(
    template: &'t Template,
    declared: Declared<'t>,
    stack: &Stack,
    subject: &Subject<'_>,
) -> Target<'t> {
    if !is_own_type(subject, declared.kind()) {
        return created(template, declared, subject);
    }
    let mut is_missing = false;
    for entry in subject.terraform {
        let found = wanted(entry);
        let is_own =
            |wanted: &Wanted| wanted.resource_type == declared.kind() && wanted.path.is_empty();
        if found.iter().any(is_own) {
            break;
        }
        if let Some(found) = by_entry(template, declared, stack, subject, &found) {
            return found;
        }
        // That the resource does not have an attribute does not mean that a block is missing.
        let terraform_type = entry.split('.').next().unwrap_or(entry);
        let is_of_own = wanted(terraform_type).iter().any(is_own);
        let configures = |wanted: &Wanted| {
            wanted.resource_type == declared.kind()
                || SATELLITES.iter().any(|row| {
                    row.resource_type == wanted.resource_type && row.of == declared.kind()
                })
        };
        is_missing |= !is_of_own && found.iter().any(configures);
    }
    Target::whole(declared, is_missing.then_some(PlaceReason::Missing))
}

fn by_entry<'t>(
    template: &'t Template,
    own: Declared<'t>,
    stack: &Stack,
    subject: &Subject<'_>,
    wanted: &[Wanted],
) -> Option<Target<'t>> {
    let mut candidates: Vec<Candidate<'t>> = Vec::new();
    let mut in_own: Option<Target<'t>> = None;
    for wanted in wanted {
        if wanted.resource_type == own.kind() {
            let Some(reached) = follow(own, &wanted.path, subject) else { continue };
            if reached.item.is_some() {
                return Some(reached.target(own, None));
            }
            if RULES.iter().any(|rules| wanted.path == [*rules])
                && is_about_others(reached.last.value, subject)
            {
                continue;
            }
            in_own.get_or_insert_with(|| reached.target(own, None));
        } else {
            let found = satellites(template, own, subject, wanted.resource_type);
            for found in in_stack(found, stack) {
                let Some(view) = found.properties() else { continue };
                if ENTRIES.contains(&found.kind()) && !evidence::can_be(view, subject.evidence) {
                    continue;
                }
                let target = in_satellite(found, &wanted.path, subject);
                candidates.push(Candidate { view, target });
            }
        }
    }
    let views: Vec<View<'t>> = candidates.iter().map(|candidate| candidate.view).collect();
    if let Some(picked) = evidence::pick(&views, subject.evidence) {
        let picked = candidates.into_iter().find(|candidate| candidate.view.id() == picked.id());
        return picked.map(|candidate| candidate.target);
    }
    if in_own.is_some() {
        return in_own;
    }
    let mut candidates = candidates.into_iter();
    if let (Some(only), None) = (candidates.next(), candidates.next()) {
        let is_entry = ENTRIES.contains(&only.target.declared.kind());
        return match is_entry && !evidence::is_likely(only.view, subject.evidence) {
            true => Some(Target::whole(own, None)),
            false => Some(only.target),
        };
    }
    // Options that an instance takes from its launch template.
    let of_instance = wanted.iter().filter(|wanted| wanted.resource_type == INSTANCE);
    let found = of_instance.filter(|wanted| !wanted.path.is_empty()).find_map(|wanted| {
        in_launch(template, own, &wanted.path, subject).filter(|(_, is_there)| *is_there)
    });
    found.map(|(target, _)| target)
}

/// Whether a list contains only rules with other values than those that evidence is about, which were
/// added by hand then.
fn is_about_others(list: View<'_>, subject: &Subject<'_>) -> bool {
    let items = list.all_items();
    list.is_list()
        && items.iter().all(|item| item.is_map() && item.function().is_none())
        && !items.iter().any(|item| evidence::can_be(*item, subject.evidence))
}

fn in_satellite<'t>(found: Declared<'t>, path: &[String], subject: &Subject<'_>) -> Target<'t> {
    let because = Some(PlaceReason::Satellite);
    let document = ["policydocument".to_owned()];
    // A policy as a whole is the statement that the evidence is about.
    let in_document = || {
        follow(found, &document, subject)
            .filter(|reached| path.is_empty() && reached.item.is_some())
    };
    match follow(found, path, subject).or_else(in_document) {
        Some(reached) => reached.target(found, because),
        None => Target::whole(found, because),
    }
}

/// Follows a path of properties as far as it exists.
fn follow<'t>(
    declared: Declared<'t>,
    path: &[String],
    subject: &Subject<'_>,
) -> Option<Reached<'t>> {
    let mut current = declared.properties()?;
    let mut reached: Option<Reached<'t>> = None;
    for step in path {
        let mut maps = maps(current, subject.evidence);
        match evidence::pick(&maps, subject.evidence) {
            Some(picked) => maps = vec![picked],
            // The only map is not the cause if the condition chose the branch without one.
            None if is_optional(current) => break,
            None => {}
        }
        // A property with `AWS::NoValue` is not set.
        let is_set = |entry: &Entry<'t>| !entry.value.branches().is_empty();
        let mut found = maps.into_iter().filter_map(|map| map.get_plain(step)).filter(is_set);
        let (Some(entry), None) = (found.next(), found.next()) else { break };
        current = entry.value;
        reached = Some(Reached {
            depth: reached.as_ref().map_or(1, |reached| reached.depth + 1),
            is_whole: false,
            first: reached.map_or(entry, |reached| reached.first),
            last: entry,
            item: None,
        });
    }
    let mut reached = reached?;
    reached.is_whole = reached.depth == path.len();
    if reached.is_whole {
        let value = reached.last.value;
        let is_policy = value.is_map() && value.get("Statement").is_some();
        reached.item = match is_policy {
            true => evidence::statement(value, subject.evidence),
            false => evidence::pick(&maps_of_list(value), subject.evidence),
        };
    }
    Some(reached)
}

/// The maps in which the next step of a path can be: the value itself, or the items of a list.
fn maps<'t>(value: View<'t>, evidence: &[Evidence]) -> Vec<View<'t>> {
    let branches = value.branches().into_iter().filter(|branch| branch.is_map());
    let items = maps_of_list(value).into_iter();
    branches.chain(items.filter(|item| !evidence::is_other(*item, evidence))).collect()
}

/// Whether a condition can remove a value, or an item of the list that it is.
fn is_optional(value: View<'_>) -> bool {
    value.is_optional() || value.branches().into_iter().flat_map(View::items).any(View::is_optional)
}

fn maps_of_list(value: View<'_>) -> Vec<View<'_>> {
    value.all_items().into_iter().filter(|item| item.is_map()).collect()
}

/// The resources of a type that configure `own`.
fn satellites<'t>(
    template: &'t Template,
    own: Declared<'t>,
    subject: &Subject<'_>,
    resource_type: &str,
) -> Vec<Declared<'t>> {
    let rows: Vec<&Satellite> = SATELLITES
        .iter()
        .filter(|row| row.resource_type == resource_type && row.of == own.kind())
        .collect();
    let refers = |found: &Declared<'t>| {
        rows.iter().any(|row| {
            let value = found.property(row.property).map(|entry| entry.value);
            value.is_some_and(|value| {
                value.branches().into_iter().any(|value| names(value, own, subject))
            })
        })
    };
    template.of_type(resource_type).filter(refers).collect()
}

/// Those that the stack has, if it has any: others have a condition that does not hold.
fn in_stack<'t>(all: Vec<Declared<'t>>, stack: &Stack) -> Vec<Declared<'t>> {
    let is_in = |found: &Declared<'t>| stack.logical_ids.contains_key(found.id());
    match all.iter().any(is_in) && stack.is_listed {
        true => all.into_iter().filter(is_in).collect(),
        false => all,
    }
}

/// Whether a value is a reference to `own`, its id, or the name that the template gives it.
fn names(value: View<'_>, own: Declared<'_>, subject: &Subject<'_>) -> bool {
    if let Some(reference) = value.reference()
        && reference == own.id()
    {
        return true;
    }
    if let Some(literal) = value.literal() {
        let resource = subject.resource;
        let known = [resource.id.as_deref(), resource.name.as_deref()];
        return known.contains(&Some(literal));
    }
    let name = super::kinds::entry_of(own.kind()).and_then(|entry| own.property(entry.name?));
    name.is_some_and(|name| name.value.is_same(value))
}

/// A resource that another one created, such as an instance of an Auto Scaling group.
fn created<'t>(template: &'t Template, creator: Declared<'t>, subject: &Subject<'_>) -> Target<'t> {
    let because = Some(PlaceReason::BroughtAlong);
    let all = subject.terraform.iter().flat_map(|entry| wanted(entry));
    for wanted in all.filter(|wanted| !wanted.path.is_empty()) {
        // In the creator itself: the volumes of an instance.
        if wanted.resource_type == creator.kind()
            && let Some(reached) = follow(creator, &wanted.path, subject)
        {
            return reached.target(creator, because);
        }
        let path = match wanted.resource_type {
            INSTANCE => &wanted.path[..],
            LAUNCH_TEMPLATE => wanted.path.get(1..).unwrap_or_default(),
            _ => continue,
        };
        if let Some((target, _)) = in_launch(template, creator, path, subject) {
            return Target { because, ..target };
        }
    }
    Target::whole(creator, because)
}

/// The only launch template or launch configuration to which the template gives that name.
fn launch_by_name<'t>(template: &'t Template, name: View<'t>) -> Option<Declared<'t>> {
    let of = |kind: &'static str, property: &'static str| {
        let has_name = move |found: &Declared<'t>| {
            found.property(property).is_some_and(|own| own.value.is_same(name))
        };
        template.of_type(kind).filter(has_name)
    };
    let mut found = of(LAUNCH_TEMPLATE, "LaunchTemplateName")
        .chain(of(LAUNCH_CONFIGURATION, "LaunchConfigurationName"));
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// A property of the launch template or launch configuration of a resource, and whether it is there
/// rather than the template as a whole.
fn in_launch<'t>(
    template: &'t Template,
    declared: Declared<'t>,
    path: &[String],
    subject: &Subject<'_>,
) -> Option<(Target<'t>, bool)> {
    let because = Some(PlaceReason::Satellite);
    let launch =
        LAUNCHES.iter().filter(|(kind, _)| *kind == declared.kind()).find_map(|(_, steps)| {
            let steps: Vec<String> = steps.iter().map(|step| plain_name(step)).collect();
            let reached = follow(declared, &steps, subject).filter(|reached| reached.is_whole)?;
            let value = reached.last.value;
            let id = ["LaunchTemplateId", "LaunchTemplateName", "Id", "Name"];
            let id = id.iter().find_map(|key| value.value(key)).unwrap_or(value);
            let referred = id.reference().and_then(|reference| template.get(reference));
            referred.or_else(|| launch_by_name(template, id))
        })?;
    let mut steps = Vec::new();
    let mut path = path.to_vec();
    match launch.kind() {
        LAUNCH_TEMPLATE => {
            steps.push(plain_name("LaunchTemplateData"));
            // A boolean of an instance, and a map here.
            if path == ["monitoring"] {
                path.push(plain_name("Enabled"));
            }
        }
        LAUNCH_CONFIGURATION => path = in_configuration(path),
        _ => return None,
    }
    let around = steps.len();
    steps.append(&mut path);
    match follow(launch, &steps, subject) {
        Some(reached) => {
            let is_there = reached.depth > around;
            Some((reached.target(launch, because), is_there))
        }
        None => Some((Target::whole(launch, because), false)),
    }
}

/// The path of a property of an instance or a launch template in a launch configuration, which has other
/// names.
fn in_configuration(path: Vec<String>) -> Vec<String> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let own = match names.as_slice() {
        ["networkinterfaces", "associatepublicipaddress"] => "AssociatePublicIpAddress",
        ["monitoring"] | ["monitoring", "enabled"] => "InstanceMonitoring",
        ["placement", "tenancy"] | ["tenancy"] => "PlacementTenancy",
        ["securitygroupids"] | ["networkinterfaces", "groups"] => "SecurityGroups",
        _ => return path,
    };
    vec![plain_name(own)]
}
