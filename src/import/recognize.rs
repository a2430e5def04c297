//! Which call a file is the answer of: what was said of it, else its name, else what is in it.

use std::path::Path;

use serde_json::{Map, Value};

use super::answers::{
    self, Candidate, Kept, Part, candidates, command, kept, operation, place_of_list,
};
use super::error::{Fault, HOW_TO_SAY};
use super::place;
use super::source::{Content, SaidPart, Source};
use super::want::{Want, fold, of_fact, of_kind};
use crate::facts::{FactSpec, Kind};
use crate::model::text;

/// What a file is.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// The list of a kind.
    List(&'static Kind),
    /// Facts that one answer has.
    Facts(Facts),
    /// What the list of a kind leaves out of a resource.
    Field(&'static Kind, String),
}

/// Facts that one answer has.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The kind.
    pub(super) kind: &'static Kind,
    /// The facts.
    pub(super) facts: Vec<&'static FactSpec>,
    /// The resource, where the answer is about one.
    pub(super) resource: Option<String>,
    /// Whether it was said that the answer is about all resources.
    pub(super) of_all: bool,
}

/// The kinds whose lists share a key with that of another kind, and how the ids end that tell them
/// apart.
const ENDINGS: [(&str, &str); 1] = [("s3.directory_bucket", "--x-s3")];

/// What the file is. Several answers: kinds that have such a fact, of which the resource will tell
/// which one it is.
pub(super) fn recognize(source: &Source, content: &Content) -> Result<Vec<Target>, Fault> {
    match &source.said {
        Some(_) => said(source, content).map(|target| vec![target]),
        None => found(source, content),
    }
}

fn said(source: &Source, content: &Content) -> Result<Target, Fault> {
    let fault = |message: String| Err(Fault::of(&source.shown, message));
    let Some(said) = &source.said else { return fault(HOW_TO_SAY.to_owned()) };
    let kind = said.kind;
    let (call, target) = match said.part {
        SaidPart::List => (kind.list.first(), Target::List(kind)),
        SaidPart::Fact(fact) => {
            let about = resource_of(kind, content, said.resource.clone());
            let of_all = said.resource.is_none();
            (
                Some(&fact.call),
                Target::Facts(Facts { kind, facts: vec![fact], resource: about, of_all }),
            )
        }
        SaidPart::Field(field) => match said.resource.clone() {
            Some(resource) => (kind.list.get(1), Target::Field(kind, resource)),
            None => {
                return fault(format!(
                    "of which resource? say {}/{field}@RESOURCE=FILE",
                    kind.name
                ));
            }
        },
    };
    if let (Content::Refused(refused), Some(call)) = (content, call)
        && refused.operation != operation(call)
    {
        return fault(format!("is an error of {}, not of {}", refused.operation, call.name));
    }
    if let Target::Facts(Facts { facts, resource: None, .. }) = &target
        && let Some(fact) = facts.first()
        && needs_resource(kind, fact, content)
    {
        return fault(format!(
            "of which resource? say {0}/{1}@RESOURCE=FILE",
            kind.name, fact.name
        ));
    }
    Ok(target)
}

fn found(source: &Source, content: &Content) -> Result<Vec<Target>, Fault> {
    let (name, resource) = named(source.path.as_deref());
    let by_name: Vec<Candidate> = candidates().filter(|one| command(one.call) == name).collect();
    let (possible, resource): (Vec<Candidate>, Option<String>) = match content {
        Content::Empty => {
            let say = by_name.first().map_or("KIND/FACT@RESOURCE=FILE".to_owned(), Candidate::form);
            return Err(Fault::of(
                &source.shown,
                format!(
                    "is empty: either the command failed, or nothing is configured and the CLI printed nothing; in that case say {say}"
                ),
            ));
        }
        Content::Refused(refused) => {
            let same = candidates()
                .filter(|one| operation(one.call) == refused.operation)
                .collect::<Vec<_>>();
            if !by_name.is_empty() && !same.iter().any(|one| command(one.call) == name) {
                return Err(Fault::of(
                    &source.shown,
                    format!(
                        "is an error of {}, which is not the call of its name",
                        refused.operation
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
    let mut targets: Vec<Target> = Vec::new();
    let mut without_resource: Vec<Candidate> = Vec::new();
    for candidate in &possible {
        let kind = candidate.kind;
        let here = || possible.iter().filter(|one| one.kind.name == kind.name);
        match candidate.part {
            Part::List => targets.push(Target::List(kind)),
            // The same call lists the kind; that it was asked for another reason has to be said.
            Part::Fact(fact)
                if here().any(|one| {
                    matches!(one.part, Part::List) && one.call.name == fact.call.name
                }) => {}
            Part::Fact(fact) if !has(kind, fact, content) => {}
            Part::Fact(fact) => {
                let about = resource_of(
                    kind,
                    content,
                    resource.clone().filter(|_| !is_for_all(kind, fact, content)),
                );
                if about.is_none() && needs_resource(kind, fact, content) {
                    without_resource.push(*candidate);
                } else if let Some(Target::Facts(same)) =
                    targets.iter_mut().find(|target| is_answer_of(target, candidate))
                {
                    same.facts.push(fact);
                } else {
                    targets.push(Target::Facts(Facts {
                        kind,
                        facts: vec![fact],
                        resource: about,
                        of_all: false,
                    }));
                }
            }
            Part::Field => match &resource {
                Some(resource) => targets.push(Target::Field(kind, resource.clone())),
                None => without_resource.push(*candidate),
            },
        }
    }
    if let Content::Answer(answer) = content
        && targets.len() > 1
    {
        tell_apart(&mut targets, answer);
    }
    let several_facts = |target: &Target| matches!(target, Target::Facts(facts) if facts.facts.len() > 1 && !facts.facts.iter().all(|fact| fact.call.for_all));
    let refused = matches!(content, Content::Refused(_));
    match targets.as_slice() {
        [] if !without_resource.is_empty() => Err(of_which_resource(source, &without_resource)),
        [] => Err(says_nothing(source, &possible)),
        // An error does not say which attribute was asked for.
        [target] if refused && several_facts(target) => Err(ambiguous(source, &possible)),
        // `aws s3api get-public-access-block` and `aws s3control get-public-access-block` answer
        // alike: a bucket's settings are not the account's.
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

/// The command and the resource in a file's name: `get-bucket-policy.BUCKET.json`. Names of buckets
/// have dots.
fn named(path: Option<&Path>) -> (String, Option<String>) {
    let name = path.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let name = [".json", ".txt"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    match name.split_once('.') {
        Some((command, resource)) if !resource.is_empty() => {
            (command.to_owned(), Some(resource.to_owned()))
        }
        _ => (name.trim_end_matches('.').to_owned(), None),
    }
}

/// The resource that a fact is of: the one that was named, the one that the answer names, or the
/// only one there is.
fn resource_of(kind: &Kind, content: &Content, named: Option<String>) -> Option<String> {
    named.or_else(|| match content {
        Content::Answer(answer) => answers::named_resource(kind, answer).map(str::to_owned),
        _ => None,
    })
}

fn is_for_all(kind: &Kind, fact: &FactSpec, content: &Content) -> bool {
    let want = of_fact(kind, fact);
    match content {
        Content::Answer(answer) => {
            kept(fact, want, answer).is_ok_and(|kept| answers::is_keyed(fact, want, &kept))
        }
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

/// Whether an answer that should have a fact has it: the attributes of a resource come one at a
/// time.
fn has(kind: &Kind, fact: &FactSpec, content: &Content) -> bool {
    let Content::Answer(answer) = content else { return true };
    let alone = fact.call.answer.is_empty() || !fact.call.name.ends_with("Attribute");
    let want = of_fact(kind, fact);
    match kept(fact, want, answer) {
        Ok(Kept::Nowhere(_)) => alone && matches!(want, Want::Object(_) | Want::Map | Want::Policy),
        // A fault, which conversion will name.
        _ => true,
    }
}

/// Whether an answer, by its fields alone, could be that one.
fn looks_like(candidate: &Candidate, answer: &Map<String, Value>) -> bool {
    let array = |name: &str| place::get(answer, name).is_some_and(|(_, value)| value.is_array());
    match candidate.part {
        Part::List => array(place::head(place_of_list(candidate.call))),
        Part::Field => false,
        Part::Fact(fact) => {
            let want = of_fact(candidate.kind, fact);
            // A list of ids that means "yes" does not look like anything but that list.
            if *want == Want::Bool && fact.call.for_all {
                return false;
            }
            match kept(fact, want, answer) {
                Ok(Kept::Whole) => want.object().is_some_and(|object| {
                    let known = |key: &str| {
                        object.fields.contains_key(&fold(key))
                            || object
                                .elsewhere
                                .iter()
                                .any(|(_, place)| place::begins_with(place, key))
                    };
                    let beside = |key: &str| {
                        answers::is_metadata(key) || fold(key) == fold(candidate.kind.id)
                    };
                    answer.keys().any(|key| known(key))
                        && answer.keys().all(|key| known(key) || beside(key))
                }),
                Ok(Kept::There(_)) => true,
                Ok(Kept::Nowhere(_)) | Err(_) => false,
            }
        }
    }
}

/// Of several targets that the name of a field fits, keeps the one that the items fit, if it is
/// one.
fn tell_apart(targets: &mut Vec<Target>, answer: &Map<String, Value>) {
    let score = |target: &Target| -> Option<usize> {
        let (kind, place, want) = match target {
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
        let object = want.object()?;
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
    let mut forms: Vec<String> = of.iter().take(SHOWN).map(Candidate::form).collect();
    if of.len() > SHOWN {
        forms.push("…".to_owned());
    }
    forms.join(", ")
}

fn ambiguous(source: &Source, possible: &[Candidate]) -> Fault {
    Fault::of(&source.shown, format!("could be several things; say which: {}", forms(possible)))
}

fn of_which_resource(source: &Source, possible: &[Candidate]) -> Fault {
    let example = possible
        .first()
        .map_or_else(String::new, |one| format!("{}.RESOURCE.json", command(one.call)));
    Fault::of(
        &source.shown,
        format!(
            "does not say which resource it is about; name it {example}, or say which: {}",
            forms(possible)
        ),
    )
}

fn says_nothing(source: &Source, possible: &[Candidate]) -> Fault {
    let facts = possible.iter().filter_map(|one| match one.part {
        Part::Fact(fact) => Some(format!("{}/{}", one.kind.name, fact.name)),
        _ => None,
    });
    let facts: Vec<String> = facts.collect();
    Fault::of(
        &source.shown,
        format!("the answer has none of what rolecall reads there: {}", facts.join(", ")),
    )
}

fn unknown(source: &Source, content: &Content) -> Fault {
    let what = match content {
        Content::Refused(refused) => {
            format!("rolecall does not make the call {}", refused.operation)
        }
        Content::Answer(answer) => {
            let keys: Vec<String> =
                answer.keys().take(5).map(|key| format!("`{}`", text::one_line(key, 60))).collect();
            format!(
                "neither its name nor its fields ({}) tell which call it answers",
                keys.join(", ")
            )
        }
        Content::Empty => "is empty".to_owned(),
    };
    Fault::of(&source.shown, format!("{what}: {HOW_TO_SAY}"))
}
