//! What could not be read in a case: facts and fields of resources, and whole lists.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;
use super::place::CaseError;
use crate::facts::{self, Kind, REGION_FIELD, Scope};
use crate::model::{Cause, Region, Resource, Verdict, did_you_mean, text};
use crate::rules::language::meta::Meta;

/// Lists that could not be read: the kind, the region if it is only one, and the cause.
pub(super) type ClosedLists = Vec<(String, Option<Region>, Cause)>;

/// Makes what the case lists in `unreadable` unreadable in its resources, and returns the lists.
pub(super) fn apply(
    meta: &Meta,
    case: &Case,
    scanned: &BTreeSet<Region>,
    resources: &mut [Resource],
) -> Result<ClosedLists, CaseError> {
    let mut closed = Vec::new();
    // What does not exist is reported before what has no effect.
    let mut ineffective = None;
    for (number, what) in case.unreadable.iter().enumerate() {
        let entry = Entry { number, what };
        let (list, region) = match what.split_once('@') {
            Some((list, region)) => (list, Some(region)),
            None => (what.as_str(), None),
        };
        let (of, field) = match list.split_once('/') {
            Some((of, field)) => (of, Some(field)),
            None if list.contains('.') => (list, None),
            None => (meta.kind.name, Some(list)),
        };
        let of = facts::kind(of).ok_or_else(|| {
            let shown = text::one_line(of, 60);
            let message = format!("unknown kind `{shown}` in `unreadable`");
            entry.meant(message, facts::suggest_kind(of))
        })?;
        let region = region.map(|region| region.parse::<Region>()).transpose();
        let region = region.map_err(|invalid| entry.meant(invalid.to_string(), None))?;
        if let Some(region) = &region {
            entry.check_region(of, field, region, scanned)?;
        }
        if let Some(field) = field {
            entry.check_field(of, field)?;
        }
        if let Err(error) = entry.check_effect(meta, case.expect, of, field) {
            ineffective.get_or_insert(error);
            continue;
        }
        match field {
            None => closed.push((of.name.to_owned(), region, cause(of.list_call()))),
            Some(field) => {
                let call = of.fact(field).map_or(of.call_for_field(field), |fact| fact.call.name);
                for one in resources.iter_mut().filter(|one| one.kind == of.name) {
                    hide(of, one, field, cause(call));
                }
            }
        }
    }
    ineffective.map_or(Ok(closed), Err)
}

fn cause(call: &str) -> Cause {
    Cause {
        call: call.to_owned(),
        code: "AccessDenied".to_owned(),
        message: String::new(),
        denied_by: None,
    }
}

/// Makes a fact or a field of a resource unreadable.
fn hide(kind: &Kind, resource: &mut Resource, field: &str, cause: Cause) {
    if kind.fact(field).is_some() {
        resource.facts.remove(field);
    } else if field == REGION_FIELD && kind.field_of_second_call() == Some(field) {
        // As in a scan, a bucket without a known region is in `global`.
        resource.facts.insert(field.to_owned(), Value::Null);
        resource.region = Region::global();
    }
    resource.unreadable.insert(field.to_owned(), cause);
}

/// An entry of `unreadable`.
struct Entry<'a> {
    number: usize,
    what: &'a str,
}

impl Entry<'_> {
    fn error(&self, message: String, help: Option<String>) -> CaseError {
        let at = vec!["unreadable".into(), self.number.into()];
        CaseError { help, ..CaseError::new(at, message) }
    }

    fn meant(&self, message: String, meant: Option<&str>) -> CaseError {
        self.error(message, meant.map(|meant| format!("did you mean `{meant}`?")))
    }

    fn shown(&self) -> String {
        text::one_line(self.what, 100)
    }

    fn check_region(
        &self,
        of: &Kind,
        field: Option<&str>,
        region: &Region,
        scanned: &BTreeSet<Region>,
    ) -> Result<(), CaseError> {
        let what = self.shown();
        if field.is_some() || of.scope != Scope::Regional {
            let message = format!("`{what}`: only lists of regional kinds can have a region");
            return Err(self.error(message, None));
        }
        if region.is_global() {
            let message = format!("`{what}`: `{}` is listed once per region", of.name);
            let help = format!("specify a region, or use `{}` for all scanned regions", of.name);
            return Err(self.error(message, Some(help)));
        }
        match region.doubt().filter(|_| !scanned.contains(region)) {
            Some(doubt) => Err(self.error(format!("`{what}`: {doubt}"), None)),
            None => Ok(()),
        }
    }

    /// The id of a resource is always known, and so is an account itself, except its regions.
    fn check_field(&self, of: &Kind, field: &str) -> Result<(), CaseError> {
        if of.fact(field).is_some() {
            return Ok(());
        }
        let fields = (of.shape.fields)();
        let can_be_unreadable = |name: &str| match of.scope {
            Scope::Account => name == "regions",
            _ => !of.list.is_empty() && name != of.id && fields.iter().any(|field| field == name),
        };
        if can_be_unreadable(field) {
            return Ok(());
        }
        let what = self.shown();
        if fields.iter().any(|name| name == field) {
            return Err(self.error(format!("`{what}` in `unreadable` is always known"), None));
        }
        let of_list = fields.iter().map(String::as_str).filter(|name| can_be_unreadable(name));
        let names = of.facts.iter().map(|fact| fact.name).chain(of_list);
        let meant = did_you_mean(field, names);
        let message =
            format!("`{what}` in `unreadable` is neither a fact nor a field of `{}`", of.name);
        Err(self.meant(message, meant))
    }

    /// A rule is not evaluated for resources that were not listed, and it does not notice what it
    /// does not need.
    fn check_effect(
        &self,
        meta: &Meta,
        expect: Verdict,
        of: &Kind,
        field: Option<&str>,
    ) -> Result<(), CaseError> {
        let (is_own, what) = (of.name == meta.kind.name, self.shown());
        // `fix` is called only for resources that fail.
        let (needs, demand) = match expect {
            Verdict::Fail => (meta.needs_with_fix(), meta.fix_demand()),
            _ => (meta.needs.clone(), meta.decisive_demand()),
        };
        let is_related = needs.related.contains_key(of.name);
        let need = match field.filter(|field| of.fact(field).is_some()) {
            Some(fact) if demand.wants(of.name, fact) => return Ok(()),
            Some(fact) if is_own => fact.to_owned(),
            Some(fact) => format!("{}/{fact}", of.name),
            None if is_related || (is_own && field.is_some()) => return Ok(()),
            None if is_own => {
                let message = format!(
                    "`{what}` in `unreadable` has no effect: a rule is not evaluated if the list of its own kind is unreadable"
                );
                let help = "in a run, every rule on this kind is then `unknown`; specify a fact or a field that the rule reads";
                return Err(self.error(message, Some(help.to_owned())));
            }
            None => of.name.to_owned(),
        };
        let message =
            format!("`{what}` in `unreadable` has no effect, because the rule does not read it");
        Err(self.error(message, Some(format!("add `\"{need}\"` to `needs`, or remove it here"))))
    }
}
