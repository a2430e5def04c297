//! Recognizes which call a file is the response of: by its declaration, its name, or its content.

use serde_json::{Map, Value};

use super::answers::{
    self, Candidate, FactLocation, Part, candidates, command, locate, operation, place_of_list,
};
use super::cli_error::CliError;
use super::error::{HOW_TO_DECLARE, HOW_TO_NAME, ImportProblem};
use super::names::Name;
use super::place;
use super::source::{Content, DeclaredPart, Source};
use super::want::{ExpectedType, fold, of_fact, of_kind};
use crate::facts::{FactSpec, Kind, outermost};
use crate::model::text;

/// What a file contains.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// The list of a kind.
    List(&'static Kind),
    /// Facts of one response.
    Facts(Facts),
    /// A field of a resource that the list of a kind lacks, and the ids that the name of the file
    /// can mean, with the likeliest first.
    Field(&'static Kind, String, Vec<String>),
}

/// Facts of one response.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The facts.
    pub(super) facts: Vec<&'static FactSpec>,
    /// The resource, if the response is about one.
    pub(super) resource: Option<String>,
    /// The ids that the name of the file can mean, with the likeliest first.
    pub(super) readings: Vec<String>,
    /// Whether the response was declared to be about all resources.
    pub(super) for_all_resources: bool,
}

/// Kinds whose lists have the same key as another kind's, and the ending of their ids, which
/// distinguishes them.
const ENDINGS: [(&str, &str); 1] = [("s3.directory_bucket", "--x-s3")];

/// What the file contains. Several targets are kinds that have such a fact; the resource decides
/// between them.
pub(super) fn recognize(source: &Source, content: &Content) -> Result<Vec<Target>, ImportProblem> {
    match &source.declared {
        Some(_) => declared_target(source, content).map(|target| vec![target]),
        None => recognized_targets(source, content),
    }
}

fn declared_target(source: &Source, content: &Content) -> Result<Target, ImportProblem> {
    let problem = |message: String| Err(ImportProblem::of(&source.shown, message));
    let Some(declared) = &source.declared else { return problem(HOW_TO_DECLARE.to_owned()) };
    let kind = declared.kind;
    let (call, target) = match declared.part {
        DeclaredPart::List => (kind.list.first(), Target::List(kind)),
        DeclaredPart::Fact(fact) => {
            let resource = resource_of(source, kind, content, declared.resource.clone(), &[])?;
            let for_all_resources = declared.resource.is_none();
            (
                Some(&fact.call),
                Target::Facts(Facts {
                    kind,
                    facts: vec![fact],
                    resource,
                    readings: Vec::new(),
                    for_all_resources,
                }),
            )
        }
        DeclaredPart::Field(field) => match declared.resource.clone() {
            Some(resource) => (kind.list.get(1), Target::Field(kind, resource, Vec::new())),
            None => {
                return problem(format!(
                    "missing resource: pass {}/{field}@RESOURCE=FILE",
                    kind.name
                ));
            }
        },
    };
    if let Content::Error(error) = content
        && let DeclaredPart::List | DeclaredPart::Fact(_) = declared.part
    {
        let part = match declared.part {
            DeclaredPart::Fact(fact) => Part::Fact(fact),
            _ => Part::List,
        };
        let candidate = call.map(|call| Candidate { kind, call, part });
        answer_beside(source, error, candidate.as_slice())?;
    }
    if let (Content::Error(error), Some(call)) = (content, call)
        && error.operation.as_ref().is_some_and(|from| from != operation(call))
    {
        return problem(format!("the file contains {}, not from {}", error.shown(), call.name));
    }
    if let Target::Facts(Facts { facts, resource: None, .. }) = &target
        && let Some(fact) = facts.first()
        && needs_resource(kind, fact, content)
    {
        return problem(format!(
            "missing resource: pass {0}/{1}@RESOURCE=FILE",
            kind.name, fact.name
        ));
    }
    Ok(target)
}

fn recognized_targets(source: &Source, content: &Content) -> Result<Vec<Target>, ImportProblem> {
    let name = Name::of(source.path.as_deref());
    let (by_name, resource) = (name.candidates(), name.resource.clone());
    if let Some(other) = &name.other_command {
        return Err(ImportProblem::of(
            &source.shown,
            format!(
                "the file is named after `{}`, an AWS CLI command that rolecall does not use; omit the file, or {HOW_TO_NAME}",
                text::one_line(other, 80)
            ),
        ));
    }
    let (possible, resource): (Vec<Candidate>, Option<String>) = match content {
        Content::Empty => {
            let argument =
                by_name.first().map_or("KIND/FACT@RESOURCE=FILE".to_owned(), Candidate::argument);
            return Err(ImportProblem::of(
                &source.shown,
                format!(
                    "the file is empty: either the command failed, or nothing is configured; in the latter case, pass {argument}"
                ),
            ));
        }
        Content::Error(CliError { operation: None, .. }) => (by_name, resource),
        Content::Error(CliError { operation: Some(from), .. }) => {
            let same = candidates().filter(|one| operation(one.call) == *from).collect::<Vec<_>>();
            let is_named = |one: &Candidate| {
                name.command.as_ref().is_some_and(|name| command(one.call) == *name)
            };
            if !by_name.is_empty() && !same.iter().any(is_named) {
                return Err(ImportProblem::of(
                    &source.shown,
                    format!(
                        "the file contains an error from {from}, but is named after another call"
                    ),
                ));
            }
            (same, resource.filter(|_| !by_name.is_empty()))
        }
        Content::Answer(_) if !by_name.is_empty() => (by_name, resource),
        Content::Answer(answer) => {
            (candidates().filter(|one| looks_like(one, answer)).collect(), None)
        }
    };
    if possible.is_empty() {
        return Err(unknown(source, content));
    }
    if let Content::Error(error) = content {
        answer_beside(source, error, &possible)?;
    }
    let mut targets: Vec<Target> = Vec::new();
    let mut without_resource: Vec<Candidate> = Vec::new();
    for candidate in &possible {
        let kind = candidate.kind;
        let here = || possible.iter().filter(|one| one.kind.name == kind.name);
        match candidate.part {
            Part::List => targets.push(Target::List(kind)),
            // The same call lists the kind; that it was made for a fact must be declared.
            Part::Fact(fact)
                if here().any(|one| {
                    matches!(one.part, Part::List) && one.call.name == fact.call.name
                }) => {}
            Part::Fact(fact) if !has(kind, fact, content) => {}
            Part::Fact(fact) => {
                let named = resource.clone().filter(|_| !is_for_all(kind, fact, content));
                let readings = match &named {
                    Some(_) if resource_in(kind, content).is_none() => name.readings.clone(),
                    _ => Vec::new(),
                };
                let resource = resource_of(source, kind, content, named, &name.readings)?;
                if resource.is_none() && needs_resource(kind, fact, content) {
                    without_resource.push(*candidate);
                } else if let Some(Target::Facts(same)) =
                    targets.iter_mut().find(|target| is_answer_of(target, candidate))
                {
                    same.facts.push(fact);
                } else {
                    targets.push(Target::Facts(Facts {
                        kind,
                        facts: vec![fact],
                        resource,
                        readings,
                        for_all_resources: false,
                    }));
                }
            }
            Part::Field => match &resource {
                Some(resource) => {
                    targets.push(Target::Field(kind, resource.clone(), name.readings.clone()));
                }
                None => without_resource.push(*candidate),
            },
        }
    }
    if let Content::Answer(answer) = content
        && targets.len() > 1
    {
        disambiguate(&mut targets, answer);
    }
    let several_facts = |target: &Target| matches!(target, Target::Facts(facts) if facts.facts.len() > 1 && !facts.facts.iter().all(|fact| fact.call.for_all));
    let is_error = matches!(content, Content::Error(_));
    match targets.as_slice() {
        [] if !without_resource.is_empty() => Err(missing_resource(source, &without_resource)),
        [] => Err(no_known_fact(source, &possible)),
        // An error does not name the attribute that was requested.
        [target] if is_error && several_facts(target) => Err(ambiguous(source, &possible)),
        // `aws s3api get-public-access-block` and `aws s3control get-public-access-block` have the
        // same response, but a bucket's settings are not the account's.
        [_] if !without_resource.is_empty() => Err(ambiguous(source, &possible)),
        [_] => Ok(targets),
        several
            if several
                .iter()
                .all(|target| matches!(target, Target::Facts(Facts { resource: Some(_), .. }))) =>
        {
            Ok(targets)
        }
        _ => Err(ambiguous(source, &possible)),
    }
}

/// The resource of a fact: the one that was passed, or the one that the content names. If they
/// differ, the content is not that of the resource that was passed.
fn resource_of(
    source: &Source,
    kind: &Kind,
    content: &Content,
    passed: Option<String>,
    readings: &[String],
) -> Result<Option<String>, ImportProblem> {
    match (passed, resource_in(kind, content)) {
        (Some(_), Some(named)) if readings.iter().any(|one| one == named) => {
            Ok(Some(named.to_owned()))
        }
        (Some(passed), Some(named)) if passed != named => {
            let by = if source.declared.is_some() { "declaration" } else { "name" };
            let message = format!(
                "the response is for `{}`, but the file's {by} says `{}`",
                text::one_line(named, 100),
                text::one_line(&passed, 100)
            );
            Err(ImportProblem::of(&source.shown, message))
        }
        (passed, named) => Ok(passed.or_else(|| named.map(str::to_owned))),
    }
}

/// The resource that the content names.
fn resource_in<'v>(kind: &Kind, content: &'v Content) -> Option<&'v str> {
    match content {
        Content::Answer(answer) => answers::named_resource(kind, answer),
        Content::Error(error) => error.resource(kind),
        Content::Empty => None,
    }
}

/// Refuses an error that has a field of the response beside it.
fn answer_beside(
    source: &Source,
    error: &CliError,
    possible: &[Candidate],
) -> Result<(), ImportProblem> {
    let is_answer = |(name, _): &&(String, String)| {
        possible.iter().any(|candidate| answers::is_field_of_response(candidate, name))
    };
    match error.details.iter().find(is_answer) {
        Some((name, _)) => {
            let message = error.beside(&format!("`{}`", text::one_line(name, 60)));
            Err(ImportProblem::of(&source.shown, message))
        }
        None => Ok(()),
    }
}

fn is_for_all(kind: &Kind, fact: &FactSpec, content: &Content) -> bool {
    let expected = of_fact(kind, fact);
    match content {
        Content::Answer(answer) => locate(fact, expected, answer)
            .is_ok_and(|location| answers::is_keyed(fact, expected, &location)),
        _ => fact.call.for_all,
    }
}

fn needs_resource(kind: &Kind, fact: &FactSpec, content: &Content) -> bool {
    !kind.list.is_empty() && !is_for_all(kind, fact, content)
}

fn is_answer_of(target: &Target, candidate: &Candidate) -> bool {
    let same = |facts: &Facts| facts.facts.iter().all(|fact| fact.call.name == candidate.call.name);
    matches!(target, Target::Facts(facts) if facts.kind.name == candidate.kind.name && same(facts))
}

/// Whether a response of a fact's call has the fact; a response has one attribute of a resource at a
/// time.
fn has(kind: &Kind, fact: &FactSpec, content: &Content) -> bool {
    let Content::Answer(answer) = content else { return true };
    let alone = fact.call.answer.is_empty() || !fact.call.name.ends_with("Attribute");
    let expected = of_fact(kind, fact);
    match locate(fact, expected, answer) {
        Ok(FactLocation::Missing(_)) => {
            alone
                && matches!(
                    expected,
                    ExpectedType::Object(_) | ExpectedType::Tags | ExpectedType::Policy
                )
        }
        // An error, which conversion will report.
        _ => true,
    }
}

/// Whether the fields of a response match a candidate.
fn looks_like(candidate: &Candidate, answer: &Map<String, Value>) -> bool {
    let array = |name: &str| place::get(answer, name).is_some_and(|(_, value)| value.is_array());
    match candidate.part {
        Part::List => {
            array(place::head(place_of_list(candidate.call)))
                && !is_of_similar_call(candidate, answer)
        }
        Part::Field => false,
        Part::Fact(fact) => {
            let expected = of_fact(candidate.kind, fact);
            // A list of resources for which a fact is true looks the same as the list of the kind.
            if *expected == ExpectedType::Bool && fact.call.for_all {
                return false;
            }
            match locate(fact, expected, answer) {
                Ok(FactLocation::WholeResponse) => expected.object().is_some_and(|object| {
                    let known = |key: &str| answers::is_part(object, key);
                    let beside = |key: &str| {
                        answers::is_metadata(key) || fold(key) == fold(candidate.kind.id)
                    };
                    answer.keys().any(|key| known(key))
                        && answer.keys().all(|key| known(key) || beside(key))
                }),
                Ok(FactLocation::At(_)) => true,
                Ok(FactLocation::Missing(_)) | Err(_) => false,
            }
        }
    }
}

/// Whether a response has the list of a candidate, but with other items: they have unknown fields
/// and lack fields that AWS always sends. `describe-addresses-attribute` returns `Addresses` as well.
fn is_of_similar_call(candidate: &Candidate, answer: &Map<String, Value>) -> bool {
    let Some(object) = of_kind(candidate.kind).object() else { return false };
    let Ok(Some(items)) = place::items(answer, place_of_list(candidate.call)) else { return false };
    let lacks = |item: &Map<String, Value>, path: &&str| {
        place::get(item, outermost(path)).is_none_or(|(_, value)| value.is_null())
    };
    items.iter().take(50).filter_map(|(_, item)| item.as_object()).any(|item| {
        item.keys().any(|key| !object.fields.contains_key(&fold(key)))
            && candidate.call.always.iter().any(|path| lacks(item, path))
    })
}

/// Of several targets that match by a field's name, keeps the one that the items match, if there is
/// exactly one.
fn disambiguate(targets: &mut Vec<Target>, answer: &Map<String, Value>) {
    let score = |target: &Target| -> Option<usize> {
        let (kind, place, expected) = match target {
            Target::List(kind) => (*kind, place_of_list(kind.list.first()?), of_kind(kind)),
            Target::Facts(facts) => {
                let fact = facts.facts.first()?;
                (
                    facts.kind,
                    answers::within_item(answers::pick(fact.call.answer).0).0,
                    of_fact(facts.kind, fact),
                )
            }
            Target::Field(..) => return None,
        };
        let items = place::items(answer, place).ok()??;
        let items: Vec<&Map<String, Value>> =
            items.iter().filter_map(|(_, item)| item.as_object()).take(50).collect();
        let ends = |ending: &str| {
            items.iter().any(|item| {
                answers::named_resource(kind, item).is_some_and(|id| id.ends_with(ending))
            })
        };
        let fits = ENDINGS.iter().all(|(of, ending)| ends(ending) == (*of == kind.name));
        let object = expected.object()?;
        let unknown = items
            .iter()
            .flat_map(|item| item.keys())
            .filter(|key| !object.fields.contains_key(&fold(key)));
        Some(unknown.count() + if fits { 0 } else { 1_000 })
    };
    let scores: Vec<Option<usize>> = targets.iter().map(score).collect();
    let Some(best) = scores.iter().flatten().min().copied() else { return };
    if scores.iter().all(Option::is_some)
        && scores.iter().filter(|score| **score == Some(best)).count() == 1
    {
        let mut scores = scores.into_iter();
        targets.retain(|_| scores.next().flatten() == Some(best));
    }
}

fn forms(of: &[Candidate]) -> String {
    const SHOWN: usize = 8;
    let mut forms: Vec<String> = of.iter().take(SHOWN).map(Candidate::argument).collect();
    if of.len() > SHOWN {
        forms.push("…".to_owned());
    }
    forms.join(", ")
}

fn ambiguous(source: &Source, possible: &[Candidate]) -> ImportProblem {
    ImportProblem::of(
        &source.shown,
        format!("ambiguous response; pass one of: {}", forms(possible)),
    )
}

fn missing_resource(source: &Source, possible: &[Candidate]) -> ImportProblem {
    let message = match possible {
        [one] => format!(
            "the response does not name its resource; name the file `{}.RESOURCE.json`, or pass {}",
            command(one.call),
            forms(possible)
        ),
        _ => format!(
            "the response does not name its resource, and could come from any of several commands; name the file after the command and the resource, or pass one of: {}",
            forms(possible)
        ),
    };
    ImportProblem::of(&source.shown, message)
}

fn no_known_fact(source: &Source, possible: &[Candidate]) -> ImportProblem {
    let facts = possible.iter().filter_map(|one| match one.part {
        Part::Fact(fact) => Some(format!("{}/{}", one.kind.name, fact.name)),
        _ => None,
    });
    let facts: Vec<String> = facts.collect();
    ImportProblem::of(
        &source.shown,
        format!("the response has none of these facts: {}", facts.join(", ")),
    )
}

fn unknown(source: &Source, content: &Content) -> ImportProblem {
    let what = match content {
        Content::Error(CliError { operation: Some(operation), .. }) => {
            format!("rolecall does not use the call `{}`", text::one_line(operation, 100))
        }
        Content::Error(error) => {
            format!(
                "the file contains {}, which does not name the API call that failed",
                error.shown()
            )
        }
        Content::Answer(answer) => {
            let keys: Vec<String> =
                answer.keys().take(5).map(|key| format!("`{}`", text::one_line(key, 60))).collect();
            format!(
                "cannot determine the API call from the file name or from the fields of the response ({})",
                keys.join(", ")
            )
        }
        Content::Empty => "the file is empty".to_owned(),
    };
    ImportProblem::of(&source.shown, format!("{what}; {HOW_TO_NAME}"))
}
