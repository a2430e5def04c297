//! CloudFormation templates: the line that declares the resource of a stack, or the property of it.
//!
//! Tags of a resource, or saved lists of the resources of stacks, name its stack and logical id
//! ([`stacks`]). The template of a stack is the one that the config names, or the only one that has
//! all its logical ids. In it, [`target`] finds the cause.

#[cfg(test)]
mod choice_tests;
mod document;
mod evidence;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod kinds;
mod responses;
mod stacks;
mod target;
mod template;
mod terraform;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use serde_json::Value;

use super::repository::{MAX_FILE, read_bounded};
use super::{Repository, Source, SourceError, Subject};
use crate::model::{
    AccountId, CodeLine, Globs, Place, PlaceKind, PlaceReason, Placing, ResourceRef, text::one_line,
};

use document::View;
pub(super) use kinds::has_tags_of;
pub(super) use stacks::{Member, Membership, Stack, Stacks, address};
pub(super) use target::{Target, brings, find as find_target};
pub(super) use template::{Lookup, Template, is_at};

/// The largest file with saved responses.
const MAX_RESPONSES: u64 = 256 * 1024 * 1024;
/// How many templates a source has at most.
const MAX_TEMPLATES: usize = 20_000;
/// Endings of templates in a folder.
const ENDINGS: [&str; 4] = ["json", "template", "yaml", "yml"];
/// Names of templates in a message.
const SHOWN: usize = 3;

#[expect(clippy::expect_used, reason = "constant patterns, which a test compiles")]
static RESOURCES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?m)^[\s{]*["']?Resources["']?\s*:"#).expect("valid"));
#[expect(clippy::expect_used, reason = "constant patterns, which a test compiles")]
static TYPE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"["']?\bType["']?\s*:\s*["']?AWS::"#).expect("valid"));

/// The templates of a source, with what is known of their stacks.
#[derive(Debug)]
pub struct Templates {
    templates: Vec<Template>,
    /// Logical id → templates that have it literally.
    by_id: HashMap<Box<str>, Vec<usize>>,
    stacks: Stacks,
    /// The names of the stacks of these templates; `None` for all.
    names: Option<Globs>,
    accounts: Vec<AccountId>,
    problems: Vec<String>,
}

/// Why the template of a stack is not known.
enum NoTemplate {
    /// The stack belongs to other code.
    OtherCode,
    Reason(String),
}

impl Templates {
    /// Reads templates. `templates` are files, folders or patterns, relative to the root of the
    /// repository; `stacks` are patterns for the names of their stacks, `None` for all; `resources` are
    /// files with saved responses of `describe-stack-resources` or `list-stack-resources`, relative to
    /// the root or absolute; `accounts` are the accounts of the stacks, all if it is empty.
    pub fn open(
        repository: &Repository,
        templates: &[String],
        stacks: Option<&Globs>,
        resources: &[PathBuf],
        accounts: &[AccountId],
    ) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        let mut read = Vec::new();
        for (file, is_named) in files(repository, templates)? {
            match read_template(repository, &file, is_named) {
                Ok(template) => read.extend(template),
                Err(problem) => problems.push(problem),
            }
        }
        if read.is_empty() && problems.is_empty() {
            return Err(SourceError::Invalid {
                path: PathBuf::from(templates.join(", ")),
                message: "no tracked file is a CloudFormation template: a template has `Resources` with a `Type` each".to_owned(),
            });
        }
        Ok(Self {
            by_id: index(&read),
            templates: read,
            stacks: saved_stacks(repository, resources, &mut problems),
            names: stacks.cloned(),
            accounts: accounts.to_vec(),
            problems,
        })
    }

    /// Adds what a change set says of the resources of its stack, in the form of a saved response.
    pub fn add_change_set(&mut self, response: &str) {
        let added = self.stacks.add(Path::new("change set"), response);
        self.problems.extend(added.err().map(|problem| format!("change set: {problem}")));
    }

    /// How many templates and resources there are.
    #[cfg(test)]
    fn size(&self) -> (usize, usize) {
        (self.templates.len(), self.templates.iter().map(Template::len).sum())
    }

    fn template_of(
        &self,
        stack: &Stack,
        parents: &[(&Stack, &str)],
    ) -> Result<&Template, NoTemplate> {
        if let Some(names) = &self.names {
            // A nested stack has the name of the outer one with a suffix, and a template of its own.
            let outer = parents.last().map_or(stack, |(outer, _)| outer);
            if !names.matches(&stack.name) && !names.matches(&outer.name) {
                return Err(NoTemplate::OtherCode);
            }
            if let [only] = self.templates.as_slice()
                && names.matches(&stack.name)
            {
                return Ok(only);
            }
        }
        let ids = &stack.logical_ids;
        let has_all = |template: &&Template| {
            let known = |kind: &str| (!kind.is_empty()).then(|| kind.to_owned());
            ids.iter().all(|(id, kind)| {
                template.declares(id, known(kind).as_deref())
                    && match template.look_up(id) {
                        Lookup::Found(found) => stack.can_have(found.kind()),
                        _ => true,
                    }
            })
        };
        let mut candidates: Vec<&Template> = self.candidates(ids).filter(has_all).collect();
        if candidates.is_empty() && stack.is_listed {
            let open = self.templates.iter().filter(|template| template.can_be_part_of(ids));
            candidates.extend(open);
        }
        match candidates.as_slice() {
            [only] => Ok(only),
            [] => Err(self.no_template(stack)),
            several => self.nested_template(several, parents).ok_or_else(|| {
                let files = several.iter().take(SHOWN).map(|template| template.file.as_str());
                let files = files.collect::<Vec<_>>().join(", ");
                let more = several.len().saturating_sub(SHOWN);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                NoTemplate::Reason(format!(
                    "several templates fit stack `{}`: {files}{more}; name the stack of a template with `stack`",
                    one_line(&stack.name, 200)
                ))
            }),
        }
    }

    /// Templates that can have all of these logical ids.
    fn candidates(&self, ids: &BTreeMap<String, String>) -> impl Iterator<Item = &Template> {
        // Those with the rarest id that any template has literally. Other ids come from loops and
        // transforms.
        let literal = ids.keys().filter_map(|id| self.by_id.get(id.as_str()));
        let positions = literal.min_by_key(|positions| positions.len());
        let with_loops = |template: &&Template| template.can_generate();
        let chosen: HashSet<usize> = positions.into_iter().flatten().copied().collect();
        let is_any = positions.is_none();
        self.templates
            .iter()
            .enumerate()
            .filter(move |(position, template)| {
                is_any || chosen.contains(position) || with_loops(template)
            })
            .map(|(_, template)| template)
    }

    fn no_template(&self, stack: &Stack) -> NoTemplate {
        let name = one_line(&stack.name, 200);
        if !stack.is_listed {
            return match self.names {
                Some(_) => NoTemplate::Reason(format!(
                    "no template has a resource of this name of stack `{name}`"
                )),
                None => NoTemplate::OtherCode,
            };
        }
        let missing = |template: &Template| {
            stack.logical_ids.iter().filter(|(id, kind)| !template.declares(id, Some(kind))).count()
        };
        let all = stack.logical_ids.len();
        let counts = self.templates.iter().map(|template| (missing(template), template));
        let closest =
            counts.min_by_key(|(missing, _)| *missing).filter(|(missing, _)| *missing < all);
        match closest {
            Some((missing, template)) => NoTemplate::Reason(format!(
                "no template has all {all} resources of stack `{name}`: {} lacks {missing} of them; if that is its template, name the stack with `stack`",
                template.file
            )),
            None => NoTemplate::Reason(format!("no template has the resources of stack `{name}`")),
        }
    }

    /// Of several templates, the one that the outer stack's template names.
    fn nested_template<'t>(
        &'t self,
        several: &[&'t Template],
        parents: &[(&Stack, &str)],
    ) -> Option<&'t Template> {
        let ((parent, logical_id), around) = parents.split_first()?;
        let outer = self.template_of(parent, around).ok()?;
        let urls = outer.get(logical_id)?.property("TemplateURL")?.value.branches();
        let mut named = urls.into_iter().map(|url| named_template(several, &outer.file, url));
        let first = named.next()??;
        // Which branch of a condition was chosen is not known.
        let is_same =
            |other: Option<&Template>| other.is_some_and(|other| std::ptr::eq(other, first));
        named.all(is_same).then_some(first)
    }

    /// The line of the outer template that contains the stack.
    fn call(&self, member: &Member<'_>) -> Option<CodeLine> {
        let ((parent, logical_id), around) = member.parents.split_first()?;
        let template = self.template_of(parent, around).ok()?;
        let line = template.get(logical_id)?.key.position().line;
        Some(CodeLine { file: template.file.clone(), line })
    }

    fn placed(&self, member: &Member<'_>, subject: &Subject<'_>, is_child: bool) -> Placing {
        let not_found = |reason: String| Placing::NotFound { address: member.address(), reason };
        let template = match self.template_of(&member.stack, &member.parents) {
            Ok(template) => template,
            Err(NoTemplate::OtherCode) => return Placing::NotDeclared,
            Err(NoTemplate::Reason(reason)) => return not_found(reason),
        };
        let target = match template.look_up(&member.logical_id) {
            Lookup::Found(found) if is_child && !brings(found, subject) => {
                return Placing::NotDeclared;
            }
            Lookup::Found(found) if member.is_in_module => {
                Target::whole(found, Some(PlaceReason::BroughtAlong))
            }
            // The only template of the name, in another version than that of the stack.
            Lookup::Found(found) if !member.stack.can_have(found.kind()) => {
                return not_found(format!(
                    "{} has this logical id with the type {}",
                    template.file,
                    one_line(found.kind(), 200)
                ));
            }
            Lookup::Found(found) => find_target(template, found, &member.stack, subject),
            Lookup::Generated(found) => Target::whole(found, Some(PlaceReason::BroughtAlong)),
            Lookup::Ambiguous => {
                return not_found(format!(
                    "{} has several resources that can have this logical id",
                    template.file
                ));
            }
            Lookup::Missing => {
                return not_found(format!("{} does not have this logical id", template.file));
            }
        };
        let own_id = target.declared.id();
        let is_literal = !own_id.contains("${") && !own_id.contains("&{");
        let shown_id = if is_literal { own_id } else { &member.logical_id };
        Placing::Placed(Place {
            file: template.file.clone(),
            line: target.position.line,
            column: target.position.column,
            end_column: target.position.end_column,
            address: address(&member.stack.name, shown_id),
            what: PlaceKind::Template,
            because: if is_child { Some(PlaceReason::BroughtAlong) } else { target.because },
            call: self.call(member),
            value: target.value,
        })
    }
}

impl Source for Templates {
    fn place(&self, subject: &Subject<'_>) -> Placing {
        placing(&self.stacks, &self.accounts, subject, &|member, subject, is_child| {
            self.placed(member, subject, is_child)
        })
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// Places a resource of a stack, or one that a resource of a stack brought along.
pub(super) fn placing(
    stacks: &Stacks,
    accounts: &[AccountId],
    subject: &Subject<'_>,
    placed: &dyn Fn(&Member<'_>, &Subject<'_>, bool) -> Placing,
) -> Placing {
    match stacks.find(subject, accounts) {
        Membership::Member(member) => placed(&member, subject, false),
        Membership::Several(addresses) => Placing::NotFound {
            address: addresses.first().cloned().unwrap_or_default(),
            reason: format!("several stacks have this resource: {}", addresses.join(", ")),
        },
        Membership::None => {
            let Some(parent) = parent(subject) else { return Placing::NotDeclared };
            let of_parent = Subject { resource: &parent, tags: None, ..*subject };
            match stacks.find(&of_parent, accounts) {
                // The evidence is about the resource itself, whose kind decides what it means.
                Membership::Member(member) => placed(&member, subject, true),
                _ => Placing::NotDeclared,
            }
        }
    }
}

/// The resource with which AWS creates others: a VPC has a default security group and a main route
/// table, and an instance has volumes. Only evidence names it.
fn parent(subject: &Subject<'_>) -> Option<ResourceRef> {
    let resource = subject.resource;
    let field = |name: &str| subject.evidence.iter().find_map(|piece| piece.get(name));
    let text = |name: &str| field(name).and_then(Value::as_str).map(str::to_owned);
    let (kind, id) = match &*resource.kind {
        "ec2.security_group" if resource.name.as_deref() == Some("default") => {
            ("ec2.vpc", text("vpc_id")?)
        }
        "ec2.route_table" if field("is_main").and_then(Value::as_bool) == Some(true) => {
            ("ec2.vpc", text("vpc_id")?)
        }
        "ec2.volume" => {
            ("ec2.instance", text("instance_id").filter(|_| field("device").is_some())?)
        }
        _ => return None,
    };
    let region = resource.region.clone();
    Some(ResourceRef { kind: kind.into(), region, id: Some(id.into()), arn: None, name: None })
}

/// Reads saved responses; what cannot be read is a problem.
pub(super) fn saved_stacks(
    repository: &Repository,
    resources: &[PathBuf],
    problems: &mut Vec<String>,
) -> Stacks {
    let mut stacks = Stacks::default();
    for path in resources {
        let text = read_bounded(&repository.root().join(path), MAX_RESPONSES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| SourceError::NotText { path: path.clone() })
        });
        let added = text.map_err(|error| error.to_string()).and_then(|text| {
            stacks.add(path, &text).map_err(|error| format!("{}: {error}", path.display()))
        });
        problems.extend(added.err());
    }
    stacks
}

fn index(templates: &[Template]) -> HashMap<Box<str>, Vec<usize>> {
    let mut by_id: HashMap<Box<str>, Vec<usize>> = HashMap::new();
    for (position, template) in templates.iter().enumerate() {
        for id in template.ids() {
            by_id.entry(id.into()).or_default().push(position);
        }
    }
    by_id
}

/// The template of a file; `None` if it is something else. An error is a sentence. `is_named`: the file
/// itself is named, so it is meant as a template.
fn read_template(
    repository: &Repository,
    file: &str,
    is_named: bool,
) -> Result<Option<Template>, String> {
    let text = match repository.read(Path::new(file)) {
        Ok(text) => text,
        // CloudFormation accepts no template of that size: it is data beside templates.
        Err(SourceError::TooLarge { .. }) if !is_named => return Ok(None),
        Err(error @ SourceError::NotText { .. }) => {
            let bytes = read_bounded(&repository.root().join(file), MAX_FILE).unwrap_or_default();
            let is_meant = is_named || is_like_template(&String::from_utf8_lossy(&bytes));
            return if is_meant { Err(error.to_string()) } else { Ok(None) };
        }
        Err(error) => return Err(error.to_string()),
    };
    // Folders with templates contain other YAML and JSON as well.
    let can_be = text.contains("Resources") && text.contains("::");
    if !can_be && !is_named {
        return Ok(None);
    }
    let is_meant = is_named || is_like_template(&text);
    match Template::parse(file, text) {
        Ok(template) => Ok(template),
        Err(error) if is_meant => Err(format!("{file}:{error}")),
        Err(_) => Ok(None),
    }
}

/// Whether a file that cannot be parsed looks like a template.
fn is_like_template(text: &str) -> bool {
    text.contains("AWSTemplateFormatVersion") || RESOURCES.is_match(text) && TYPE.is_match(text)
}

/// The tracked files that any pattern means, each once, sorted, and whether one names the file itself.
fn files(
    repository: &Repository,
    patterns: &[String],
) -> Result<BTreeMap<String, bool>, SourceError> {
    let tracked = repository.files();
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for pattern in patterns {
        let invalid = |message: String| SourceError::Invalid { path: pattern.into(), message };
        let plain = pattern.trim_start_matches("./").trim_end_matches('/');
        let mut here: Vec<String> = Vec::new();
        let mut is_named = false;
        if let Some(file) = repository.tracked(Path::new(pattern)) {
            here.push(file);
            is_named = true;
        } else if repository.root().join(plain).is_dir() {
            let folder =
                if plain.is_empty() || plain == "." { String::new() } else { format!("{plain}/") };
            let is_in = |file: &&String| {
                let ending = Path::new(file).extension().and_then(|ending| ending.to_str());
                file.starts_with(&folder) && ending.is_some_and(|ending| ENDINGS.contains(&ending))
            };
            here.extend(tracked.iter().filter(is_in).cloned());
        } else {
            let matcher = glob(plain).map_err(&invalid)?;
            here.extend(tracked.iter().filter(|file| matcher.is_match(file)).cloned());
        }
        if here.is_empty() {
            return Err(invalid("no tracked file matches: check the path, which is relative to the root of the repository, and `git add` new files".to_owned()));
        }
        for file in here {
            *found.entry(file).or_default() |= is_named;
        }
    }
    if found.len() > MAX_TEMPLATES {
        return Err(SourceError::Invalid {
            path: PathBuf::from(patterns.join(", ")),
            message: format!(
                "{} files match, more than {MAX_TEMPLATES}: use narrower patterns",
                found.len()
            ),
        });
    }
    Ok(found)
}

/// A pattern in which `*` does not match `/`, and `**` does.
fn glob(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| format!("invalid pattern: {}", error.kind()))
}

/// Of several templates, the one at a URL in the template of the outer stack.
fn named_template<'t>(
    several: &[&'t Template],
    outer: &str,
    url: View<'_>,
) -> Option<&'t Template> {
    let (url, is_substituted) = match url.function() {
        Some(("Sub", text)) => (text.text().or_else(|| text.items().next()?.literal())?, true),
        _ => (url.literal()?, false),
    };
    if is_substituted || url.contains("://") {
        let (path, _) = url.split_once('?').unwrap_or((url, ""));
        let name = path.rsplit('/').next().filter(|name| !name.contains("${"))?;
        let mut same = several.iter().filter(|template| file_name(&template.file) == name);
        return same.next().copied().filter(|_| same.next().is_none());
    }
    let file = joined(outer, url)?;
    several.iter().find(|template| template.file == file).copied()
}

fn file_name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// A path relative to the folder of a file; `None` if it leaves the repository.
fn joined(file: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
