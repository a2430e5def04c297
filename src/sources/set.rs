//! All sources of a run, and which of their answers counts.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::repository::Repository;
use super::source::{Source, SourceError, Subject};
use crate::model::{AccountId, BlockPosition, KnownValues, Place, PlaceReason, Placing, text};

/// What a source is made of. Two sources of the same kind that declare the same resource contradict
/// each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A Terraform root.
    Terraform,
    /// CloudFormation templates.
    CloudFormation,
    /// The output of CDK.
    Cdk,
    /// Tags that name the code.
    Tags,
}

impl SourceKind {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
            Self::Cdk => "CDK",
            Self::Tags => "tags",
        }
    }
}

/// A source of a run.
struct Member {
    kind: SourceKind,
    /// What the user calls it: a folder or a pattern.
    name: String,
    /// The accounts whose resources it can declare; empty: all.
    accounts: Vec<AccountId>,
    /// `None` if it could not be read at all.
    source: Option<Box<dyn Source>>,
    problems: Vec<String>,
}

impl Member {
    fn concerns(&self, account: &AccountId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }

    /// What could not be read of it, in sentences.
    fn shown_problems(&self) -> impl Iterator<Item = String> {
        let name = format!("{} `{}`", self.kind.name(), text::one_line(&self.name, 100));
        let problems = self.problems.iter();
        problems.map(move |problem| format!("{name}: {}", text::one_line(problem, 500)))
    }
}

/// Whether a place is only the block of the resource, or of the one that brought it along, because its
/// source does not declare the setting. Another root can do that.
fn is_only_owner(place: &Place) -> bool {
    matches!(place.because, Some(PlaceReason::Missing | PlaceReason::BroughtAlong))
}

/// Whether two kinds of sources have evidence of their own: a state has the id of what Terraform manages,
/// and the tags of a stack stay on what was taken out of it. Traces of Yor are in the code of the others.
fn are_rivals(one: SourceKind, other: SourceKind) -> bool {
    let is_stack = |kind| matches!(kind, SourceKind::CloudFormation | SourceKind::Cdk);
    one == SourceKind::Terraform && is_stack(other)
        || is_stack(one) && other == SourceKind::Terraform
}

/// Which of two places counts.
enum Stronger {
    First,
    Second,
}

/// Of the places of two rival sources, the one that counts; `None` if they contradict each other. What
/// only brought the resource along does not declare it, and a setting can be declared elsewhere.
fn stronger(first: &Place, second: &Place) -> Option<Stronger> {
    use PlaceReason::{BroughtAlong, Missing, Satellite};
    match (first.because, second.because) {
        (Some(BroughtAlong), Some(BroughtAlong)) => None,
        (Some(BroughtAlong), _) | (Some(Missing), Some(Satellite)) => Some(Stronger::Second),
        (_, Some(BroughtAlong)) | (Some(Satellite), Some(Missing)) => Some(Stronger::First),
        _ => None,
    }
}

/// What is known of the place of a resource that two sources declare.
fn contradiction(one: &Member, other: &Member, known: &Place) -> Placing {
    let advice = match one.kind == other.kind {
        true => "",
        false => "; if a stack does not have it any more, leave the stack out with `stack`",
    };
    let reason = format!(
        "both {} and {} declare it{advice}",
        text::one_line(&one.name, 100),
        text::one_line(&other.name, 100)
    );
    Placing::NotFound { address: known.address.clone(), reason }
}

/// The sources of a run, in the order in which they are asked.
pub struct Sources {
    repository: Repository,
    members: Vec<Member>,
    /// Files of answers, and whether git tracks them.
    tracked: Mutex<HashMap<String, bool>>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        f.debug_struct("Sources").field("members", &names).finish_non_exhaustive()
    }
}

impl Sources {
    /// No sources yet.
    pub fn new(repository: Repository) -> Self {
        Self { repository, members: Vec::new(), tracked: Mutex::default() }
    }

    /// The repository of all sources.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Adds a source, or why it could not be read. `accounts` are those whose resources it can
    /// declare; empty: all.
    pub fn add(
        &mut self,
        kind: SourceKind,
        name: String,
        accounts: Vec<AccountId>,
        source: Result<Box<dyn Source>, SourceError>,
    ) {
        let problems = match &source {
            Ok(source) => source.problems().to_vec(),
            Err(error) => vec![error.to_string()],
        };
        self.members.push(Member { kind, name, accounts, source: source.ok(), problems });
    }

    /// The place of a failure: the first one that a source knows. Without any, the first reason why
    /// it was not found.
    pub fn place(&self, subject: &Subject<'_>) -> Placing {
        let members = self.members.iter().filter(|member| member.concerns(subject.account));
        let mut first: Option<(&Member, Place)> = None;
        let mut missing: Option<Placing> = None;
        for member in members {
            // Of another kind, only what configures the resource counts, if that is missing so far, unless
            // both have evidence of their own.
            let other = first.as_ref().filter(|(other, _)| other.kind != member.kind);
            if other.is_some_and(|(other, known)| {
                !is_only_owner(known) && !are_rivals(other.kind, member.kind)
            }) {
                continue;
            }
            let Some(source) = &member.source else { continue };
            match (source.place(subject), &first) {
                (Placing::Placed(place), Some((known_by, known)))
                    if other.is_some() && are_rivals(known_by.kind, member.kind) =>
                {
                    match stronger(known, &place) {
                        Some(Stronger::First) => {}
                        Some(Stronger::Second) => first = Some((member, place)),
                        None => return contradiction(known_by, member, known),
                    }
                }
                (Placing::Placed(place), Some(_))
                    if other.is_some() && place.because != Some(PlaceReason::Satellite) => {}
                (Placing::NotDeclared, _) => {}
                (other @ Placing::NotFound { .. }, _) => missing = missing.or(Some(other)),
                (Placing::Placed(place), None) => first = Some((member, place)),
                (Placing::Placed(place), Some((_, known)))
                    if (&known.file, &known.address) == (&place.file, &place.address)
                        || is_only_owner(&place) && !is_only_owner(known) => {}
                (Placing::Placed(place), Some((_, known)))
                    if is_only_owner(known) && !is_only_owner(&place) =>
                {
                    first = Some((member, place));
                }
                (Placing::Placed(_), Some((other, known))) => {
                    return contradiction(other, member, known);
                }
            }
        }
        match first {
            Some((_, place)) => self.in_repository(place),
            None => missing.unwrap_or(Placing::NotDeclared),
        }
    }

    /// The place, if git tracks its file: code hosts cannot show others.
    fn in_repository(&self, mut place: Place) -> Placing {
        if !self.is_tracked(&place.file) {
            let reason = format!("git does not track {}", text::one_line(&place.file, 200));
            return Placing::NotFound { address: place.address, reason };
        }
        place.call = place.call.filter(|call| self.is_tracked(&call.file));
        Placing::Placed(place)
    }

    /// Whether git tracks a file, given as in a place.
    pub fn is_tracked(&self, file: &str) -> bool {
        let mut tracked = self.tracked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tracked.get(file) {
            return *known;
        }
        let is_tracked = self.repository.tracked(Path::new(file)).as_deref() == Some(file);
        tracked.insert(file.to_owned(), is_tracked);
        is_tracked
    }

    /// The line that declares a resource in the code of a plan; see [`Source::declaration`].
    pub fn declaration(&self, address: &str) -> Option<Place> {
        let mut sources = self.members.iter().filter_map(|member| member.source.as_ref());
        let place = sources.find_map(|source| source.declaration(address))?;
        match self.in_repository(place) {
            Placing::Placed(place) => Some(place),
            _ => None,
        }
    }

    /// Whether the code of a plan leaves out an argument; see [`Source::leaves_out`].
    pub fn leaves_out(&self, address: &str, argument: &str) -> bool {
        let mut sources = self.members.iter().filter_map(|member| member.source.as_ref());
        sources.any(|source| source.leaves_out(address, argument))
    }

    /// The value of an argument in the code of a plan; see [`Source::value`].
    pub fn value(
        &self,
        address: &str,
        blocks: &[BlockPosition],
        argument: &str,
        known: &dyn KnownValues,
    ) -> Option<Value> {
        let mut sources = self.members.iter().filter_map(|member| member.source.as_ref());
        sources.find_map(|source| source.value(address, blocks, argument, known))
    }

    /// What a list argument has; see [`Source::list_items`].
    pub fn list_items(&self, address: &str, argument: &str) -> Option<Vec<String>> {
        let mut sources = self.members.iter().filter_map(|member| member.source.as_ref());
        sources.find_map(|source| source.list_items(address, argument))
    }

    /// What a local value refers to; see [`Source::local_names`].
    pub fn local_names(&self, calls: &[String], name: &str) -> Option<Vec<String>> {
        let mut sources = self.members.iter().filter_map(|member| member.source.as_ref());
        sources.find_map(|source| source.local_names(calls, name))
    }

    /// The files that are not valid; see [`Source::unparsed`].
    pub fn unparsed(&self) -> impl Iterator<Item = &String> {
        let sources = self.members.iter().filter_map(|member| member.source.as_ref());
        sources.flat_map(|source| source.unparsed())
    }

    /// What could not be read, in sentences.
    pub fn problems(&self) -> Vec<String> {
        self.members.iter().flat_map(Member::shown_problems).collect()
    }

    /// Whether something could not be read of a source that can declare resources of an account: what
    /// has no place may have one.
    pub fn is_incomplete(&self, account: &AccountId) -> bool {
        self.problem(account).is_some()
    }

    /// The first thing that could not be read of these sources, in a sentence.
    pub fn problem(&self, account: &AccountId) -> Option<String> {
        let mut members = self.members.iter().filter(|member| member.concerns(account));
        members.find_map(|member| member.shown_problems().next())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::{PlaceKind, Region, ResourceRef};

    /// Answers with a fixed place, or a reason.
    struct Fixed(Placing, Vec<String>);

    impl Source for Fixed {
        fn place(&self, _: &Subject<'_>) -> Placing {
            self.0.clone()
        }

        fn problems(&self) -> &[String] {
            &self.1
        }
    }

    fn at(file: &str, address: &str) -> Placing {
        Placing::Placed(Place {
            file: file.to_owned(),
            line: 1,
            column: 1,
            end_column: 2,
            address: address.to_owned(),
            what: PlaceKind::Block,
            because: None,
            call: None,
            value: None,
        })
    }

    fn missing(reason: &str) -> Placing {
        Placing::NotFound { address: "aws_vpc.a".to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn the_first_source_that_knows_a_place_is_right() {
        use SourceKind::{Cdk, CloudFormation, Tags, Terraform};
        let folder = tempfile::tempdir().unwrap();
        for file in ["a.tf", "b.tf"] {
            fs::write(folder.path().join(file), "x").unwrap();
        }
        let (a, b) = (at("a.tf", "aws_vpc.a"), at("b.tf", "aws_vpc.b"));
        let none = Placing::NotDeclared;
        let mut owner = a.clone();
        if let Placing::Placed(place) = &mut owner {
            place.because = Some(PlaceReason::Missing);
        }
        let mut brought = b.clone();
        if let Placing::Placed(place) = &mut brought {
            place.because = Some(PlaceReason::BroughtAlong);
        }
        let mut setting = b.clone();
        if let Placing::Placed(place) = &mut setting {
            place.because = Some(PlaceReason::Satellite);
        }
        for (name, members, wanted) in [
            ("no source", vec![], none.clone()),
            ("not declared", vec![(Terraform, none.clone())], none.clone()),
            ("second", vec![(Terraform, none.clone()), (Terraform, b.clone())], b.clone()),
            ("first", vec![(Terraform, a.clone()), (Tags, b.clone())], a.clone()),
            ("same", vec![(Terraform, a.clone()), (Terraform, a.clone())], a.clone()),
            (
                "contradiction",
                vec![(Terraform, a.clone()), (Terraform, b.clone())],
                missing("both source 0 and source 1 declare it"),
            ),
            (
                "a stack that does not have it any more, and a state",
                vec![(CloudFormation, owner.clone()), (Terraform, b.clone())],
                missing(
                    "both source 0 and source 1 declare it; if a stack does not have it any more, leave the stack out with `stack`",
                ),
            ),
            (
                "a state, and a stack that does not have it any more",
                vec![(Terraform, a.clone()), (Cdk, b.clone())],
                missing(
                    "both source 0 and source 1 declare it; if a stack does not have it any more, leave the stack out with `stack`",
                ),
            ),
            (
                "a setting of what a stack has",
                vec![(CloudFormation, owner.clone()), (Terraform, setting.clone())],
                setting.clone(),
            ),
            (
                "what a stack has, and a setting of it",
                vec![(Terraform, setting.clone()), (CloudFormation, owner.clone())],
                setting.clone(),
            ),
            (
                "brought along by a stack, and adopted",
                vec![(CloudFormation, brought), (Terraform, a.clone())],
                a.clone(),
            ),
            (
                "templates that CDK wrote",
                vec![(CloudFormation, a.clone()), (Cdk, b.clone())],
                a.clone(),
            ),
            (
                "a setting in another root",
                vec![(Terraform, owner.clone()), (Terraform, b.clone())],
                b.clone(),
            ),
            (
                "a setting in the first root",
                vec![(Terraform, b.clone()), (Terraform, owner.clone())],
                b.clone(),
            ),
            (
                "a setting in a source of another kind",
                vec![(Tags, owner.clone()), (Terraform, setting.clone())],
                setting.clone(),
            ),
            (
                "no setting in a source of another kind",
                vec![(Tags, owner.clone()), (Terraform, b.clone())],
                owner.clone(),
            ),
            ("found after missing", vec![(Terraform, missing("x")), (Tags, b.clone())], b.clone()),
            ("missing", vec![(Terraform, none.clone()), (Tags, missing("x"))], missing("x")),
            (
                "untracked",
                vec![(Terraform, at("c.tf", "aws_vpc.a"))],
                missing("git does not track c.tf"),
            ),
            (
                "outside",
                vec![(Terraform, at("../x/a.tf", "aws_vpc.a"))],
                missing("git does not track ../x/a.tf"),
            ),
            (
                "not normal",
                vec![(Terraform, at("./a.tf", "aws_vpc.a"))],
                missing("git does not track ./a.tf"),
            ),
        ] {
            let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
            let mut sources = Sources::new(repository);
            for (index, (kind, answer)) in members.into_iter().enumerate() {
                let source: Box<dyn Source> = Box::new(Fixed(answer, Vec::new()));
                sources.add(kind, format!("source {index}"), Vec::new(), Ok(source));
            }
            let account: AccountId = "111122223333".parse().unwrap();
            let region = Region::global();
            let resource = ResourceRef {
                kind: "ec2.vpc".into(),
                region: region.clone(),
                id: Some("vpc-1".into()),
                arn: None,
                name: None,
            };
            let subject = Subject {
                account: &account,
                region: &region,
                resource: &resource,
                tags: None,
                terraform: &[],
                evidence: &[],
            };
            assert_eq!(sources.place(&subject), wanted, "{name}");
        }
    }

    #[test]
    fn a_source_of_other_accounts_is_neither_asked_nor_incomplete() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::open(folder.path(), Some(folder.path())).unwrap();
        let mut sources = Sources::new(repository);
        let (own, other) = ("111122223333".parse().unwrap(), "444455556666".parse().unwrap());
        let problem = vec!["cannot read prod.tfstate".to_owned()];
        let source: Box<dyn Source> = Box::new(Fixed(missing("x"), problem));
        sources.add(SourceKind::Terraform, "envs/prod".to_owned(), vec![own], Ok(source));
        assert!(sources.is_incomplete(&"111122223333".parse().unwrap()));
        assert!(!sources.is_incomplete(&other));
        assert_eq!(sources.problems(), ["Terraform `envs/prod`: cannot read prod.tfstate"]);
    }
}
