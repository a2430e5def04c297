//! Combines lists and facts. A fact that is in no file is "not collected" for that resource, never
//! "not configured".

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde_json::{Map, Value};

use super::answers::{
    self, failure_status, is_metadata, place_of_list, prefix_of_request, truncation,
};
use super::belongs::{another_region, in_another_region, only_owner};
use super::cli_error::CliError;
use super::convert::{Convert, Ignored};
use super::error::{ImportError, ImportProblem};
use super::imported::{Imported, Request};
use super::names::Name;
use super::place::{self, Place};
use super::recognize::{Facts, Target, recognize};
use super::source::{Content, Source};
use super::want::{aws_name, of_kind};
use crate::facts::s3::bucket::region_of_location;
use crate::facts::{ApiCall, Fact, Kind, REGION_FIELD, Scope};
use crate::model::{Cause, Region, counted, text};

/// A list from the files.
#[derive(Debug, Default)]
pub(super) struct List {
    /// Fields by id, with the file that contains them.
    pub(super) resources: BTreeMap<String, (Map<String, Value>, String)>,
    /// Why the list could not be read: the error of the list call, or the problem of a file.
    pub(super) error: Option<Cause>,
    /// The first file that contains the list or the error.
    pub(super) file: String,
    /// Whether a file contains it; otherwise it has only the resources with imported facts.
    pub(super) listed: bool,
}

impl List {
    /// Adds a resource of which only the id is known.
    pub(super) fn add(&mut self, kind: &Kind, id: &str, file: &str) {
        let fields = Map::from_iter([(kind.id.to_owned(), Value::String(id.to_owned()))]);
        self.resources.insert(id.to_owned(), (fields, file.to_owned()));
    }
}

/// A fact of the imported resources.
#[derive(Debug, Default)]
pub(super) struct ImportedFact {
    /// By resource id, with the file that contains it.
    pub(super) by_id: BTreeMap<String, (Fact<Value>, String)>,
    /// That of all other resources, with the file that contains it.
    pub(super) otherwise: Option<(Fact<Value>, String)>,
    /// The files that are about all resources, each with those that it names: for the others, it says
    /// that the fact is not configured.
    pub(super) whole: Vec<(String, BTreeSet<String>)>,
}

/// Facts in a file that was left out; of several kinds, the resource decides.
#[derive(Debug)]
pub(super) struct Lost {
    /// The facts.
    pub(super) targets: Vec<Facts>,
    /// Why the file was left out.
    pub(super) problem: ImportProblem,
}

/// A region, or why it is not known, with the file.
pub(super) type KnownRegion = (Result<Region, Cause>, String);

pub(super) type FactKey = (&'static str, &'static str);

pub(super) struct Assembly<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) lists: BTreeMap<&'static str, List>,
    pub(super) facts: BTreeMap<FactKey, ImportedFact>,
    /// Regions of buckets, which the list can lack, or why they are not known; with the file.
    pub(super) regions: BTreeMap<(&'static str, String), KnownRegion>,
    pub(super) ignored: BTreeMap<&'static str, Ignored>,
    pub(super) notes: Vec<String>,
    /// Kinds of which something was imported.
    pub(super) used: BTreeSet<&'static str>,
    /// Facts in files that were left out.
    pub(super) lost: Vec<Lost>,
    /// Lists in files of other regions, and why these were left out.
    pub(super) foreign: Vec<(&'static Kind, ImportProblem)>,
    /// Why files were left out.
    pub(super) left_out: Vec<ImportProblem>,
}

/// What is read after all lists.
type Later = (Source, Content, LaterPart);

/// The part of a file that is read after all lists.
enum LaterPart {
    /// Facts.
    Facts(Vec<Facts>),
    /// A field of a resource, with the ids that the name of the file can mean.
    Field(&'static Kind, Readings),
}

/// A resource, and the ids that the name of the file can mean, with the likeliest first.
type Readings = (String, Vec<String>);

pub(super) fn read(request: &Request<'_>, stdin: &mut dyn Read) -> Result<Imported, ImportError> {
    let mut all = Assembly {
        request,
        lists: BTreeMap::new(),
        facts: BTreeMap::new(),
        regions: BTreeMap::new(),
        ignored: BTreeMap::new(),
        notes: Vec::new(),
        used: BTreeSet::new(),
        lost: Vec::new(),
        foreign: Vec::new(),
        left_out: Vec::new(),
    };
    let mut later = Vec::new();
    for written in request.files {
        all.file(written, stdin, &mut later);
    }
    // Facts come after all lists, since the resources decide which kind a fact belongs to. Those that
    // could belong to several kinds are resolved last, so that the order of the files has no effect.
    let (mut clear, several): (Vec<Later>, Vec<Later>) =
        later.into_iter().partition(|(.., part)| match part {
            LaterPart::Facts(targets) => targets.len() < 2,
            LaterPart::Field(..) => true,
        });
    clear.extend(several);
    for (source, content, part) in clear {
        match part {
            LaterPart::Facts(targets) => {
                if let Err(problem) = all.facts(&source, content, targets.clone()) {
                    all.leave_out(vec![targets], problem);
                }
            }
            LaterPart::Field(kind, resource) => {
                match all.field(&source, kind, resource, &content) {
                    Ok(()) => drop(all.used.insert(kind.name)),
                    Err(problem) => all.leave_out(Vec::new(), problem),
                }
            }
        }
    }
    all.finish()
}

impl Assembly<'_> {
    /// Reads a file. If it cannot be used, it is left out.
    fn file(&mut self, written: &str, stdin: &mut dyn Read, later: &mut Vec<Later>) {
        let source = match Source::parse(written) {
            Ok(source) => source,
            Err(problem) => return self.left_out.push(problem.fatal()),
        };
        let (content, targets) = match self.content(&source, stdin).and_then(|content| {
            let targets = recognize(&source, &content)?;
            Ok((content, targets))
        }) {
            Ok(recognized) => recognized,
            Err(problem) => return self.leave_out_source(&source, problem),
        };
        if let Some(message) = another_region(&source, &targets, self.request.region) {
            let problem = ImportProblem::of(&source.shown, message);
            return self.leave_out_region(targets, problem);
        }
        let truncated = match &content {
            Content::Answer(answer) => {
                truncation(answer).map(|reason| ImportProblem::of(&source.shown, reason))
            }
            _ => None,
        };
        let mut facts = Vec::new();
        let mut field = None;
        for target in targets {
            match (truncated.clone(), target) {
                (Some(problem), Target::List(kind)) => self.leave_out_list(kind, problem),
                (Some(problem), Target::Field(..)) => self.leave_out(Vec::new(), problem),
                (Some(problem), Target::Facts(one)) => self.leave_out(vec![vec![one]], problem),
                (None, Target::List(kind)) => match self.list(&source, kind, &content) {
                    Ok(()) => drop(self.used.insert(kind.name)),
                    Err(problem) => self.leave_out_list(kind, problem),
                },
                (None, Target::Field(kind, resource, readings)) => {
                    field = Some(LaterPart::Field(kind, (resource, readings)));
                }
                (None, Target::Facts(one)) => facts.push(one),
            }
        }
        let facts = (!facts.is_empty()).then_some(LaterPart::Facts(facts));
        if let Some(part) = facts.or(field) {
            later.push((source, content, part));
        }
    }

    fn content(&mut self, source: &Source, stdin: &mut dyn Read) -> Result<Content, ImportProblem> {
        let mut content = source.read(stdin)?;
        if let Content::Answer(answer) = &mut content {
            if let Some(status) = failure_status(answer) {
                let message = format!(
                    "the file contains an error with HTTP status {} instead of a response; rerun the command, and save its error with `2>&1`",
                    text::one_line(&status.to_string(), 20)
                );
                return Err(ImportProblem::of(&source.shown, message));
            }
            answer.retain(|key, _| !is_metadata(key));
        }
        if matches!(content, Content::Empty) {
            let silent = |one: &answers::Candidate| one.call.is_silent_if_unset();
            let name = Name::of(source.path.as_deref());
            if source.declared.is_some() {
                content = Content::Answer(Map::new());
            } else if name.candidates().iter().any(silent) {
                self.notes.push(format!(
                    "{} is empty, so rolecall assumes that nothing is configured; a failed command also leaves an empty file, unless its errors are saved with `2>&1`",
                    source.shown
                ));
                content = Content::Answer(Map::new());
            }
        }
        Ok(content)
    }

    fn list(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        content: &Content,
    ) -> Result<(), ImportProblem> {
        let Some(call) = kind.list.first() else { return Ok(()) };
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Error(error) => {
                let list = self.lists.entry(kind.name).or_default();
                if list.listed {
                    return Err(contradiction(
                        source,
                        &format!("{} instead of the list", error.shown()),
                        &list.file,
                    ));
                }
                if list.error.is_none() {
                    list.error = Some(cause(call, error));
                    list.file.clone_from(&source.shown);
                }
                return Ok(());
            }
            Content::Empty => return Err(ImportProblem::of(&source.shown, "the file is empty")),
        };
        if let Some(list) = self.lists.get(kind.name).filter(|list| list.error.is_some()) {
            return Err(contradiction(source, "the list", &list.file));
        }
        if let Some(prefix) = prefix_of_request(answer) {
            let message = format!(
                "incomplete response: `Prefix` limits the response to names that start with `{}`; rerun the AWS CLI command without `--prefix`",
                text::one_line(prefix, 60)
            );
            return Err(ImportProblem::of(&source.shown, message));
        }
        let expected = of_kind(kind);
        let place = place_of_list(call);
        let problem =
            |(at, message): (Place, String)| ImportProblem::at(&source.shown, &at, message);
        let items = place::items(answer, place).map_err(problem)?.ok_or_else(|| {
            ImportProblem::of(&source.shown, source.not_a_response(call.name, place::head(place)))
        })?;
        let shared = shared_fields(call, answer).map_err(problem)?;
        let mut read: BTreeMap<String, (Map<String, Value>, Place)> = BTreeMap::new();
        let (mut elsewhere, mut of_others, mut repeated) = (0_usize, 0_usize, 0_usize);
        let mut convert =
            Convert { file: &source.shown, ignored: self.ignored.entry(kind.name).or_default() };
        for (at, item) in items {
            let Some(Value::Object(mut fields)) = convert.value(expected, item, &at)? else {
                return Err(convert.problem(&at, "expected object".to_owned()));
            };
            for (name, value) in &shared {
                fields.entry(*name).or_insert_with(|| (*value).into());
            }
            let elsewhere_by = |item| in_another_region(kind, item, self.request.region);
            if let Some(message) = item.as_object().and_then(elsewhere_by) {
                return Err(convert.problem(&at, message));
            }
            // A Storage Lens configuration is listed in every region, and belongs to its home region.
            let home = fields.get("home_region").and_then(Value::as_str);
            if home.is_some_and(|home| home != self.request.region.as_str()) {
                elsewhere += 1;
                continue;
            }
            let Some(id) = fields.get(kind.id).and_then(Value::as_str).filter(|id| !id.is_empty())
            else {
                return Err(convert.problem(&at, format!("missing `{}`", aws_name(kind.id))));
            };
            if call.is_of_another_account(&fields, self.request.account) {
                of_others += 1;
                continue;
            }
            let id = id.to_owned();
            match read.get(&id) {
                Some((known, _)) if *known == fields => repeated += 1,
                Some((_, first)) => {
                    let message = format!(
                        "duplicate `{}`: {first} has different values for it; rolecall cannot tell the resources apart, possibly because their ids were redacted",
                        text::one_line(&id, 100)
                    );
                    return Err(convert.problem(&at, message));
                }
                None => drop(read.insert(id, (fields, at))),
            }
        }
        convert.note_ignored(answers::unknown_fields(kind, call, answer));
        if let Some(owner) = only_owner(call, answer, self.request.account) {
            self.notes.push(format!(
                "{}: all resources in {} belong to account {owner}, but are imported for account {}; unless they are shared, check --account",
                kind.name, source.shown, self.request.account
            ));
        }
        if repeated > 0 {
            self.notes.push(format!(
                "{}: ignored {} in {}",
                kind.name,
                counted(repeated, "exact duplicate"),
                source.shown
            ));
        }
        if of_others > 0 {
            self.notes.push(format!(
                "{}: left out {} of other accounts (`{}` also returns such resources)",
                kind.name,
                counted(of_others, "resource"),
                answers::command(call)
            ));
        }
        if elsewhere > 0 {
            self.notes.push(format!(
                "{}: skipped {} with a different home region",
                kind.name,
                counted(elsewhere, "resource")
            ));
        }
        let list = self.lists.entry(kind.name).or_default();
        if !list.listed {
            list.listed = true;
            list.file.clone_from(&source.shown);
        }
        for (id, (fields, at)) in read {
            match list.resources.get(&id) {
                Some((known, file)) if *known != fields => {
                    let message = format!(
                        "duplicate `{}`: {file} has different values for it; keep the newer of the two files, or import different regions one by one with --add",
                        text::one_line(&id, 100)
                    );
                    return Err(ImportProblem::at(&source.shown, &at, message));
                }
                _ => drop(list.resources.insert(id, (fields, source.shown.clone()))),
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        source: &Source,
        kind: &'static Kind,
        (resource, readings): Readings,
        content: &Content,
    ) -> Result<(), ImportProblem> {
        let resource = self.listed_reading(kind, &readings).unwrap_or(resource);
        let problem = |message: String| ImportProblem::of(&source.shown, message);
        let answer = match content {
            Content::Answer(answer) => answer,
            Content::Error(error) => {
                return Err(problem(format!(
                    "the file contains an error ({}) instead of a response; omit the file",
                    error.code
                )));
            }
            Content::Empty => return Err(problem("the file is empty".to_owned())),
        };
        let (place, call) = kind.list.get(1).map_or(("", ""), |call| (call.answer, call.name));
        let region = match place::get(answer, place) {
            None => return Err(problem(format!("missing `{place}`"))),
            Some((_, Value::Null)) => region_of_location(None),
            Some((_, Value::String(constraint))) => region_of_location(Some(constraint)),
            Some(_) => return Err(problem(format!("{place}: expected string"))),
        };
        let region: Region =
            region.parse().map_err(|error: crate::model::InvalidId| problem(error.to_string()))?;
        if region.is_global() {
            return Err(problem(format!("`{region}` is not a valid region")));
        }
        match self.regions.get_mut(&(kind.name, resource.clone())) {
            None => {
                let known = (Ok(region), source.shown.clone());
                self.regions.insert((kind.name, resource), known);
            }
            Some((known, _)) if *known == Ok(region.clone()) => {}
            Some((known, file)) => {
                let problem = two_regions(kind, &resource, &source.shown, file);
                *known = Err(problem.cause(call));
                return Err(problem);
            }
        }
        Ok(())
    }

    /// The likeliest of several ids that is in the list of a kind.
    pub(super) fn listed_reading(&self, kind: &Kind, readings: &[String]) -> Option<String> {
        let list = self.lists.get(kind.name)?;
        readings.iter().find(|id| list.resources.contains_key(*id)).cloned()
    }

    /// The id of the only resource of a kind that is not listed.
    pub(super) fn singleton_id(&self, kind: &Kind) -> String {
        match kind.scope {
            Scope::Global | Scope::Account => self.request.account.to_string(),
            Scope::Regional => self.request.region.to_string(),
        }
    }
}

/// Two files that contradict each other about the region of a resource.
pub(super) fn two_regions(kind: &Kind, id: &str, file: &str, other: &str) -> ImportProblem {
    let message = format!(
        "duplicate `{}/{REGION_FIELD}` of `{}`: {other} has a different value for it; keep the newer of the two files",
        kind.name,
        text::one_line(id, 100)
    );
    ImportProblem::of(file, message)
}

/// The fields of all items that a response contains once, beside the list.
fn shared_fields<'v>(
    call: &ApiCall,
    answer: &'v Map<String, Value>,
) -> Result<Vec<(&'static str, &'v str)>, (Place, String)> {
    let mut found = Vec::new();
    for (name, place) in call.shared {
        match place::find(answer, place, &Place::default())? {
            Some((_, Value::String(value))) if !value.is_empty() => {
                found.push((*name, value.as_str()));
            }
            None | Some((_, Value::String(_))) => {}
            Some((at, _)) => return Err((at, "expected string".to_owned())),
        }
    }
    Ok(found)
}

/// Two files that contradict each other about a list.
fn contradiction(source: &Source, what: &str, other: &str) -> ImportProblem {
    ImportProblem::of(
        &source.shown,
        format!(
            "the file contains {what}, which contradicts {other}: if the two files are from different times, keep the newer one; import different regions one by one with --add"
        ),
    )
}

pub(super) fn cause(call: &ApiCall, error: &CliError) -> Cause {
    Cause::answered(call.name, &error.code, &error.message)
}
