//! The outcome of one resource with its record: what each rule read, in order.

use std::sync::Arc;
use std::thread;

use super::account::about;
use super::evaluation::{EvaluateError, Evaluation};
use crate::facts;
use crate::model::{AccountId, ResourceRef, did_you_mean, text};
use crate::rules::Observed;
use crate::rules::STACK_SIZE;
use crate::rules::SelectedRule;
use crate::rules::{Trace, Tracer};
use crate::snapshot::{AccountSnapshot, Collected, ManifestTarget, Reader};

/// Of several resources so many are named.
const SHOWN: usize = 20;

/// One resource and what the rules on its kind say of it.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The account.
    pub target: ManifestTarget,
    /// The time of collection.
    pub collected_at: String,
    /// The resource.
    pub resource: ResourceRef,
    /// The selected rules on its kind, sorted by id.
    pub rules: Vec<(Arc<SelectedRule>, Trace)>,
}

/// One resource, what one rule says of it, and what that depends on.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The account.
    pub account: AccountId,
    /// The resource.
    pub resource: ResourceRef,
    /// The outcome.
    pub trace: Trace,
    /// What a case needs for the same, cut down to what was read; then with all of each field.
    pub observed: [Observed; 2],
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// No resource is called that.
    #[error("no resource of the snapshot has the ARN, the id or the name `{wanted}`{hint}")]
    NotFound {
        /// What was asked for.
        wanted: String,
        /// What was meant, or which accounts could not be looked at.
        hint: String,
    },
    /// Several resources are called that.
    #[error(
        "several resources are called `{wanted}`; name one by its ARN, or narrow by --account, --region or --rule:\n  {list}"
    )]
    Several {
        /// What was asked for.
        wanted: String,
        /// One line for each.
        list: String,
    },
    /// None of the selected rules is on that kind.
    #[error("no selected rule evaluates {kind}{hint}")]
    NoRule {
        /// The kind.
        kind: &'static str,
        /// What the rules evaluate instead.
        hint: String,
    },
    /// The snapshot or the rules.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// What is done with one rule and one resource, both by position.
type Work<'a, T> = &'a (dyn Fn(&Tracer, usize, usize) -> Option<T> + Sync);

/// One resource, and what came of each rule on its kind.
struct Evaluated<T> {
    target: ManifestTarget,
    collected_at: String,
    resource: ResourceRef,
    rules: Vec<(Arc<SelectedRule>, T)>,
}

/// A resource that may be meant.
struct Match {
    target: ManifestTarget,
    resource: ResourceRef,
    exact: bool,
}

impl Evaluation {
    /// Evaluates the resource that is called `wanted` by the selected rules on its kind, with a
    /// record.
    pub fn trace(&self, reader: &Reader, wanted: &str) -> Result<Traced, TraceError> {
        let work = |tracer: &Tracer, rule, resource| Some(tracer.trace(rule, resource));
        let Evaluated { target, collected_at, resource, rules } =
            self.evaluate_one(reader, wanted, &work)?;
        Ok(Traced { target, collected_at, resource, rules })
    }

    /// Evaluates the resource that is called `wanted` by the first selected rule on its kind, and
    /// keeps what that depends on.
    pub fn watch(&self, reader: &Reader, wanted: &str) -> Result<Watched, TraceError> {
        let work = |tracer: &Tracer, rule, resource| tracer.observe(rule, resource);
        let Evaluated { target, resource, rules, .. } = self.evaluate_one(reader, wanted, &work)?;
        let (_, (trace, observed)) = rules.into_iter().next().ok_or(EvaluateError::Stopped)?;
        Ok(Watched { account: target.account, resource, trace, observed })
    }

    fn evaluate_one<T: Send>(
        &self,
        reader: &Reader,
        wanted: &str,
        work: Work<'_, T>,
    ) -> Result<Evaluated<T>, TraceError> {
        let found = self.find(reader, wanted)?;
        let kind = facts::kind(&found.resource.kind).map_or("its kind", |kind| kind.name);
        let rules: Vec<_> = self
            .rules
            .iter()
            .filter(|selected| selected.rule.meta.kind.name == kind)
            .cloned()
            .collect();
        if rules.is_empty() {
            let mut kinds: Vec<_> =
                self.rules.iter().map(|selected| selected.rule.meta.kind.name).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let hint = if kinds.len() > 5 {
                String::new()
            } else {
                format!("; those that are selected evaluate {}", kinds.join(", "))
            };
            return Err(TraceError::NoRule { kind, hint });
        }
        let Collected::Whole(snapshot) =
            reader.account(&found.target.account).map_err(EvaluateError::from)?
        else {
            return Err(EvaluateError::Stopped.into());
        };
        let collected_at = snapshot.header.collected_at.clone();
        let traces = thread::scope(|scope| {
            let here = || self.on_this_thread(&rules, *snapshot, &found, work);
            let thread = thread::Builder::new().stack_size(STACK_SIZE).name("trace".to_owned());
            let started = thread.spawn_scoped(scope, here).map_err(EvaluateError::Thread)?;
            started.join().map_err(|_| EvaluateError::Stopped)?
        })?;
        Ok(Evaluated {
            target: found.target,
            collected_at,
            resource: found.resource,
            rules: rules.into_iter().zip(traces).collect(),
        })
    }

    fn on_this_thread<T>(
        &self,
        rules: &[Arc<SelectedRule>],
        snapshot: AccountSnapshot,
        found: &Match,
        work: Work<'_, T>,
    ) -> Result<Vec<T>, EvaluateError> {
        let mut tracer = Tracer::new(rules).map_err(EvaluateError::Rule)?;
        let (facts, _) = self.view(&found.target.account, snapshot);
        let is_it = |about: ResourceRef| about == found.resource;
        let position = facts
            .resources
            .iter()
            .position(|resource| is_it(about(resource)))
            .ok_or(EvaluateError::Stopped)?;
        tracer.enter(facts);
        (0..rules.len())
            .map(|rule| work(&tracer, rule, position).ok_or(EvaluateError::Stopped))
            .collect()
    }

    /// The one resource that is called so. Those of kinds that no selected rule evaluates count only
    /// if there is no other.
    fn find(&self, reader: &Reader, wanted: &str) -> Result<Match, TraceError> {
        let (mut matches, mut close, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
        for target in self.accounts(reader) {
            let snapshot = match reader.account(&target.account).map_err(EvaluateError::from)? {
                Collected::Whole(snapshot) => snapshot,
                Collected::Missing(_) => {
                    unseen.push(target.account.to_string());
                    continue;
                }
            };
            let in_sight = |region: &crate::model::Region| {
                self.regions.as_ref().is_none_or(|globs| globs.matches(region.as_str()))
            };
            let resources: Vec<_> =
                snapshot.resources.iter().filter(|resource| in_sight(&resource.region)).collect();
            for resource in &resources {
                let exact = resource.id == wanted || resource.arn.as_deref() == Some(wanted);
                if exact || resource.name.as_deref() == Some(wanted) {
                    matches.push(Match {
                        target: target.clone(),
                        resource: about(resource),
                        exact,
                    });
                }
            }
            let names = resources
                .iter()
                .flat_map(|one| [Some(one.id.as_str()), one.arn.as_deref(), one.name.as_deref()]);
            close.extend(did_you_mean(wanted, names.flatten()).map(str::to_owned));
        }
        let evaluated = |found: &Match| {
            self.rules.iter().any(|selected| selected.rule.meta.kind.name == found.resource.kind)
        };
        let exact = matches.iter().any(|found| found.exact);
        matches.retain(|found| found.exact || !exact);
        if matches.iter().any(evaluated) {
            matches.retain(evaluated);
        }
        let shown = text::one_line(wanted, 200);
        match (matches.len(), matches.pop()) {
            (1, Some(found)) => Ok(found),
            (0, _) | (_, None) => {
                let meant = did_you_mean(wanted, close.iter().map(String::as_str));
                let hint = match (meant, unseen.is_empty()) {
                    (Some(meant), _) => format!(", did you mean `{}`?", text::one_line(meant, 200)),
                    (None, true) => String::new(),
                    (None, false) => format!("; nothing is known of {}", unseen.join(", ")),
                };
                Err(TraceError::NotFound { wanted: shown, hint })
            }
            (several, Some(last)) => {
                matches.push(last);
                let mut lines: Vec<String> = matches.iter().take(SHOWN).map(described).collect();
                lines.extend((several > SHOWN).then(|| format!("… and {} more", several - SHOWN)));
                Err(TraceError::Several { wanted: shown, list: lines.join("\n  ") })
            }
        }
    }
}

fn described(found: &Match) -> String {
    let about = &found.resource;
    let who = about.arn.as_deref().or(about.id.as_deref()).unwrap_or_default();
    format!(
        "{} {} in account {}, {}",
        about.kind,
        text::one_line(who, 200),
        found.target.account,
        about.region
    )
}
