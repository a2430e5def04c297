//! AWS CDK: the line of the program that defines a construct.
//!
//! `cdk synth` writes, for each logical id, the stack trace of the construct that it belongs to. From
//! the stack and logical id of a resource, which `cloudformation` finds, they lead to the first frame
//! in the repository.

mod assembly;
mod frames;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::cloudformation::{
    Lookup, Member, Stacks, Target, Template, address, brings, find_target, placing, saved_stacks,
};
use super::{Repository, Source, SourceError, Subject};
use crate::model::{AccountId, Place, PlaceKind, PlaceReason, Placing, text::one_line};
use assembly::{AssemblyStack, Data, Metadata, NestedTemplate, Reader};
use frames::{Frame, Mapping};

/// The path of a construct, in the metadata of its resource.
const PATH: &str = "aws:cdk:path";
const LOGICAL_ID: &str = "aws:cdk:logicalId";
const CREATION: &str = "aws:cdk:creationStack";
const TEMPLATE: &str = "aws:cdk:templateFile";
const ASSIGNMENT: &str = "aws:cdk:propertyAssignment";
/// What to do about missing stack traces.
const HINT: &str = "run `cdk synth` with `CDK_DEBUG=true`, in the repository";

/// A cloud assembly, usually `cdk.out`.
#[derive(Debug)]
pub struct Assembly {
    stacks: Vec<CdkStack>,
    /// Resources of stacks, as saved.
    saved: Stacks,
    accounts: Vec<AccountId>,
    problems: Vec<String>,
}

#[derive(Debug)]
struct CdkStack {
    stack: AssemblyStack,
    /// The path of a construct → its lines.
    constructs: HashMap<String, Lines>,
}

/// The lines of a construct.
#[derive(Debug, Default)]
struct Lines {
    /// Where it is created.
    creation: Option<Line>,
    /// Where values are added to its properties afterwards, in order.
    assignments: Vec<(String, Line)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    file: String,
    line: u32,
    column: u32,
    end_column: u32,
}

impl Assembly {
    /// Reads the assembly in `folder`, which is relative to the root of the repository or absolute.
    /// `resources` are files with saved responses of `describe-stack-resources` or
    /// `list-stack-resources`; `accounts` are the accounts of the stacks, all if it is empty.
    pub fn open(
        repository: &Repository,
        folder: &Path,
        resources: &[PathBuf],
        accounts: &[AccountId],
    ) -> Result<Self, SourceError> {
        let wanted = repository.root().join(folder);
        let folder =
            fs::canonicalize(&wanted).map_err(|error| SourceError::Io { path: wanted, error })?;
        let mut problems = Vec::new();
        let mut reader = Reader::new(&mut problems);
        reader.assembly(&folder)?;
        let read = reader.stacks;
        let home = folder.parent().and_then(|home| home.strip_prefix(repository.root()).ok());
        let home = home.map(|home| home.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        let home = if home.is_empty() { home } else { format!("{home}/") };
        let mut lines = LineReader::new(repository, &read, &home);
        let with_lines = |stack: AssemblyStack| {
            let constructs = stack.metadata.iter();
            let constructs = constructs.map(|(path, entries)| (path.clone(), lines.of(entries)));
            CdkStack { constructs: constructs.collect(), stack }
        };
        let stacks: Vec<CdkStack> = read.into_iter().map(with_lines).collect();
        let has_lines = stacks.iter().any(|stack| stack.constructs.values().any(Lines::has_any));
        if !has_lines && !stacks.is_empty() {
            let shown = folder.display();
            problems.push(format!("{shown} has no stack trace with a tracked file: {HINT}"));
        }
        let saved = saved_stacks(repository, resources, &mut problems);
        Ok(Self { stacks, saved, accounts: accounts.to_vec(), problems })
    }

    /// Adds what a change set says of the resources of its stack, in the form of a saved response.
    pub fn add_change_set(&mut self, response: &str) {
        let added = self.saved.add(Path::new("change set"), response);
        self.problems.extend(added.err().map(|problem| format!("change set: {problem}")));
    }

    /// The stack of that name in the account and region, and the position of the template.
    fn template_of(
        &self,
        member: &Member<'_>,
        subject: &Subject<'_>,
    ) -> Result<(&CdkStack, &Template), Option<String>> {
        let (stack, nested) = match member.parents.last() {
            Some((outer, _)) => (*outer, true),
            None => (&*member.stack, false),
        };
        let outer = stack.name.as_str();
        // The region of a bucket can be unknown, but not that of its stack.
        let is_regional = !subject.region.is_global() && subject.resource.kind != "s3.bucket";
        let region = stack.region.as_ref().or(is_regional.then_some(subject.region));
        let here: Vec<&CdkStack> = self
            .stacks
            .iter()
            .filter(|found| {
                let stack = &found.stack;
                stack.account.as_ref().is_none_or(|account| account == subject.account)
                    && region.is_none_or(|region| {
                        stack.region.as_ref().is_none_or(|known| known == region)
                    })
            })
            .collect();
        let named: Vec<&CdkStack> =
            here.iter().filter(|found| found.stack.name == outer).copied().collect();
        if let [only] = named.as_slice() {
            let ids = member.parents.iter().rev().map(|(_, id)| *id);
            let template = if nested { only.nested(ids) } else { only.stack.templates.first() };
            return match template {
                Some(found) => Ok((*only, &found.template)),
                None => Err(Some(format!(
                    "the assembly has no template for stack `{}`",
                    one_line(outer, 200)
                ))),
            };
        }
        if named.len() > 1 {
            return Err(Some(format!(
                "the assembly has several stacks `{}`: set their account and region in the app",
                one_line(outer, 200)
            )));
        }
        let mut found =
            here.iter().filter_map(|stack| Some((*stack, &stack.nested_by_name(member)?.template)));
        found.next().filter(|_| found.next().is_none()).ok_or(None)
    }

    fn placed(&self, member: &Member<'_>, subject: &Subject<'_>, is_child: bool) -> Placing {
        let (stack, template) = match self.template_of(member, subject) {
            Ok(found) => found,
            Err(None) => return Placing::NotDeclared,
            Err(Some(reason)) => return Placing::NotFound { address: member.address(), reason },
        };
        let target = match template.look_up(&member.logical_id) {
            Lookup::Found(found) if is_child && !brings(found, subject) => {
                return Placing::NotDeclared;
            }
            Lookup::Found(found) if member.stack.can_have(found.kind()) => {
                find_target(template, found, &member.stack, subject)
            }
            Lookup::Generated(found) => Target::whole(found, Some(PlaceReason::BroughtAlong)),
            Lookup::Found(_) | Lookup::Ambiguous | Lookup::Missing => {
                return Placing::NotFound {
                    address: member.address(),
                    reason: "the assembly does not have this logical id: it is older or newer than the stack".to_owned(),
                };
            }
        };
        let id = target.declared.id();
        let path = stack.path_of(target.declared.metadata(PATH), id);
        let address = match path {
            Some(path) => one_line(path.trim_start_matches('/'), 500),
            None => address(&member.stack.name, id),
        };
        let Some(line) = path.and_then(|path| stack.line(path, &target)) else {
            return Placing::NotFound {
                address,
                reason: format!(
                    "the assembly has no stack trace of it with a tracked file: {HINT}"
                ),
            };
        };
        Placing::Placed(Place {
            file: line.file.clone(),
            line: line.line,
            column: line.column,
            end_column: line.end_column,
            address,
            what: PlaceKind::Construct,
            because: if is_child { Some(PlaceReason::BroughtAlong) } else { target.because },
            call: None,
            value: None,
        })
    }
}

impl Source for Assembly {
    fn place(&self, subject: &Subject<'_>) -> Placing {
        placing(&self.saved, &self.accounts, subject, &|member, subject, is_child| {
            self.placed(member, subject, is_child)
        })
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl CdkStack {
    /// The template of the nested stack that these logical ids lead to, from the outside.
    fn nested<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Option<&NestedTemplate> {
        let mut position = 0;
        for id in ids {
            let is_next = |template: &NestedTemplate| {
                template
                    .parent
                    .as_ref()
                    .is_some_and(|(parent, own)| *parent == position && own == id)
            };
            position = self.stack.templates.iter().position(is_next)?;
        }
        self.stack.templates.get(position)
    }

    /// The line of a construct. The trace of one deep inside of a library can end before it reaches
    /// the program: then it is the line of the construct around it, within the stack.
    fn line(&self, path: &str, target: &Target<'_>) -> Option<&Line> {
        let own = self.constructs.get(path).and_then(|lines| lines.of(target));
        own.or_else(|| {
            let outer =
                std::iter::successors(path.rsplit_once('/'), |(path, _)| path.rsplit_once('/'));
            let outer = outer.map(|(path, _)| path);
            let in_stack = outer.take_while(|path| !path.is_empty() && !self.is_stack(path));
            let of = |path: &str| self.constructs.get(path)?.creation.as_ref();
            in_stack.into_iter().find_map(|path| {
                // A construct has its own resource under one of these names.
                let names =
                    [path.to_owned(), format!("{path}/Resource"), format!("{path}/Default")];
                names.iter().find_map(|path| of(path))
            })
        })
    }

    /// Whether a construct is a stack.
    fn is_stack(&self, path: &str) -> bool {
        let entries = self.stack.metadata.get(path).into_iter().flatten();
        entries.into_iter().any(|entry| entry.kind == TEMPLATE)
    }

    /// The template of a nested stack of which only the name is known: that of the outer stack, its
    /// logical id, possibly cut, and random characters.
    fn nested_by_name(&self, member: &Member<'_>) -> Option<&NestedTemplate> {
        let rest = member.stack.name.strip_prefix(self.stack.name.as_str())?.strip_prefix('-')?;
        let (id, _) = rest.rsplit_once('-')?;
        let mut found = self.stack.templates.iter().filter(|template| {
            let parent = template.parent.as_ref();
            parent.is_some_and(|(_, parent)| parent.starts_with(id))
                && template.template.declares(&member.logical_id, None)
        });
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }

    /// The path of the construct of a resource: from the template, or the only one with its logical
    /// id in the metadata.
    fn path_of(&self, in_template: Option<&str>, logical_id: &str) -> Option<&str> {
        if let Some(path) = in_template {
            let path = format!("/{}", path.trim_start_matches('/'));
            return self.stack.metadata.get_key_value(&path).map(|(path, _)| path.as_str());
        }
        let has_id = |entries: &[Metadata]| {
            entries.iter().any(|entry| {
                entry.kind == LOGICAL_ID
                    && matches!(&entry.data, Some(Data::Text(id)) if id == logical_id)
            })
        };
        let mut found = self.stack.metadata.iter().filter(|(_, entries)| has_id(entries));
        found.next().filter(|_| found.next().is_none()).map(|(path, _)| path.as_str())
    }
}

impl Lines {
    fn has_any(&self) -> bool {
        self.creation.is_some() || !self.assignments.is_empty()
    }

    /// The line of a property, if it was set outside of the constructor, else that of the construct.
    fn of(&self, target: &Target<'_>) -> Option<&Line> {
        let all: Vec<&Line> = self
            .assignments
            .iter()
            .filter(|(name, _)| Some(name.as_str()) == target.property)
            .map(|(_, line)| line)
            .collect();
        let assigned = match (all.as_slice(), target.item) {
            ([only], None) => Some(*only),
            // One assignment for each item of the list, in the same order.
            (all, Some((position, length))) if all.len() == length => all.get(position).copied(),
            _ => None,
        };
        assigned.or(self.creation.as_ref())
    }
}

/// Turns stack traces into lines of the repository.
struct LineReader<'r> {
    repository: &'r Repository,
    tracked: Vec<String>,
    mapping: Mapping,
    /// The lines of files that were read.
    texts: HashMap<String, Option<String>>,
}

impl<'r> LineReader<'r> {
    fn new(repository: &'r Repository, stacks: &[AssemblyStack], home: &str) -> Self {
        let entries = stacks.iter().flat_map(|stack| stack.metadata.values()).flatten();
        let frames = entries.flat_map(traces).flatten();
        let files: BTreeSet<String> =
            frames.filter_map(|text| Some(Frame::parse(text)?.file)).collect();
        let mapping = Mapping::new(files.iter().map(String::as_str), repository, home);
        Self { repository, tracked: repository.files(), mapping, texts: HashMap::new() }
    }

    fn of(&mut self, entries: &[Metadata]) -> Lines {
        // As the CDK CLI does: the trace of the logical id, else the one of the construct.
        let ids = entries.iter().filter(|entry| entry.kind == LOGICAL_ID);
        let ids = ids.filter_map(|entry| entry.trace.as_deref());
        let created = entries.iter().filter(|entry| entry.kind == CREATION);
        let created = created.filter_map(|entry| match &entry.data {
            Some(Data::Frames(frames)) => Some(frames.as_slice()),
            _ => None,
        });
        let traces: Vec<&[String]> = ids.chain(created).collect();
        let creation = traces.into_iter().find_map(|trace| self.line(trace));
        let mut assignments = Vec::new();
        for entry in entries.iter().filter(|entry| entry.kind == ASSIGNMENT) {
            if let Some(Data::Assignment { property, trace }) = &entry.data
                && let Some(line) = self.line(trace)
            {
                assignments.push((property.clone(), line));
            }
        }
        Lines { creation, assignments }
    }

    /// The first frame of a trace that is in a file of the repository. If the file does not have the line
    /// any more, the trace is older than the code, and an outer frame would not be the cause.
    fn line(&mut self, trace: &[String]) -> Option<Line> {
        let mut frames = trace.iter().filter_map(|text| Frame::parse(text));
        let (frame, file) = frames.find_map(|frame| {
            let file = self.mapping.file(&frame, self.repository, &self.tracked)?;
            Some((frame, file))
        })?;
        let text = self
            .texts
            .entry(file.clone())
            .or_insert_with(|| self.repository.read(Path::new(&file)).ok());
        let number = usize::try_from(frame.line).ok()?;
        let line = text.as_deref()?.lines().nth(number.checked_sub(1)?)?;
        let (column, end_column) = columns(line, frame.column);
        Some(Line { file, line: frame.line, column, end_column })
    }
}

/// The columns of a line from `column`, or from its first character, to its end.
fn columns(line: &str, column: Option<u32>) -> (u32, u32) {
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1);
    let end = count(line.trim_end()) + 1;
    let first = end - count(line.trim()).min(end - 1);
    (column.filter(|column| *column < end).unwrap_or(first), end)
}

/// The stack traces of an entry of metadata.
fn traces(entry: &Metadata) -> impl Iterator<Item = &Vec<String>> {
    let in_data = match &entry.data {
        Some(Data::Frames(frames)) if entry.kind == CREATION => Some(frames),
        Some(Data::Assignment { trace, .. }) => Some(trace),
        _ => None,
    };
    entry.trace.iter().chain(in_data)
}
