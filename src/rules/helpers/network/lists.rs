//! Prefix lists that a script passes in. Only those that matter are read, so that an unreadable one
//! affects only verdicts that depend on it.

use std::collections::BTreeSet;

use rhai::{Array, Dynamic, EvalAltResult, ImmutableString};
use serde_json::Value;

use crate::exposure::{Family, WithUnknown, family_named};
use crate::model::Cause;
use crate::model::text::one_line;
use crate::rules::helpers::arguments::{Scripted, shown_field};
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::json::{to_json, type_name};
use crate::rules::values::object::Object;

/// The kind of prefix lists.
pub(super) const PREFIX_LIST: &str = "ec2.managed_prefix_list";

/// The prefix lists that a script passes to a helper.
pub(super) struct PrefixLists<'a> {
    lists: Lists,
    helper: &'a str,
    context: Option<&'a EvalContext>,
}

/// Which prefix lists there are.
enum Lists {
    /// The script did not pass any, so that the entries of every list are unknown.
    NotPassed,
    Given(Array),
    /// All of the region. Only those that matter are looked up: there can be thousands.
    OfRegion,
}

impl<'a> PrefixLists<'a> {
    /// Without that argument.
    pub(super) fn none(helper: &'a str) -> Self {
        Self { lists: Lists::NotPassed, helper, context: None }
    }

    /// Uses these lists.
    pub(super) fn new(helper: &'a str, context: &'a EvalContext, given: Array) -> Self {
        Self { lists: Lists::Given(given), helper, context: Some(context) }
    }

    /// Uses the lists in the region of the evaluated resource.
    pub(super) fn of_region(helper: &'a str, context: &'a EvalContext) -> Self {
        Self { lists: Lists::OfRegion, helper, context: Some(context) }
    }

    /// A list, if it is among those of the script or the region.
    fn find(&self, id: &str) -> Scripted<Option<Dynamic>> {
        let found;
        let lists = match (&self.lists, self.context) {
            (Lists::Given(given), _) => given,
            (Lists::OfRegion, Some(context)) => {
                let key = ("prefix_list_id", &Dynamic::from(ImmutableString::from(id)));
                found = context.related_in_part(PREFIX_LIST, Some(key))?;
                &found
            }
            _ => return Ok(None),
        };
        for list in lists {
            if self.field(list, "prefix_list_id")?.as_str() == Some(id) {
                return Ok(Some(list.clone()));
            }
        }
        Ok(None)
    }

    /// The ranges of a list, or why they are unknown.
    fn listed(&self, id: &str) -> Scripted<Result<Vec<String>, Cause>> {
        if let Some(list) = self.find(id)? {
            if let Some(cause) = unreadable_entries(&list) {
                return Ok(Err(cause));
            }
            let entries = self.field(&list, "entries")?;
            let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
            let cidrs =
                entries.iter().filter_map(|entry| entry.get("cidr")?.as_str().map(str::to_owned));
            return Ok(Ok(cidrs.collect()));
        }
        let is_known = matches!(
            (&self.lists, self.context),
            (Lists::Given(_), _) | (Lists::OfRegion, Some(_))
        );
        if !is_known {
            return Ok(Err(not_passed(id, self.helper)));
        }
        let gap = self.context.map(|context| context.list_gap(PREFIX_LIST)).transpose()?.flatten();
        Ok(Err(gap.unwrap_or_else(|| missing(id))))
    }

    /// A field of a list, which is a resource, whose entries are a fact that the rule must declare,
    /// or a map.
    fn field(&self, list: &Dynamic, name: &str) -> Scripted<Value> {
        if let (Some(object), Some(context)) = (list.read_lock::<Object>(), self.context) {
            return to_json(&context.read(&object, name)?);
        }
        match list.as_map_ref() {
            Ok(map) => map.get(name).map_or(Ok(Value::Null), to_json),
            Err(_) => {
                let got = type_name(list);
                let message = format!(
                    "`{}` expects a list of prefix lists, such as `related(\"ec2.managed_prefix_list\")`, got a list of {got}",
                    self.helper
                );
                Interrupt::Broken(message).raise()
            }
        }
    }
}

fn unreadable_entries(list: &Dynamic) -> Option<Cause> {
    list.read_lock::<Object>()?.unreadable("entries")
}

impl crate::exposure::PrefixLists for PrefixLists<'_> {
    type Error = Box<EvalAltResult>;

    fn ranges(&self, id: &str) -> Scripted<Result<Vec<String>, Cause>> {
        self.listed(id)
    }

    fn family(&self, id: &str) -> Scripted<Option<Family>> {
        let (Some(context), Some(list)) = (self.context, self.find(id)?) else { return Ok(None) };
        let name = shown_field(context, &list, "address_family")?;
        Ok(name.as_immutable_string_ref().ok().and_then(|name| family_named(&name)))
    }
}

/// The prefix lists of the region with these ids, without duplicates.
pub(super) fn with_ids<'a>(
    context: &EvalContext,
    ids: impl Iterator<Item = &'a str>,
) -> Scripted<Array> {
    let ids: BTreeSet<&str> = ids.collect();
    let found = ids
        .into_iter()
        .map(|id| context.related_in_part(PREFIX_LIST, Some(("prefix_list_id", &id.into()))));
    found.collect::<Scripted<Vec<Array>>>().map(|found| found.concat())
}

/// Why the entries of a list that is not among the given ones are unknown: another account stopped
/// sharing it, or the script looked up only some lists.
fn missing(id: &str) -> Cause {
    let id = one_line(id, 60);
    let message = format!("prefix list `{id}` is not among the prefix lists of the account");
    Cause::new("ec2:GetManagedPrefixListEntries", Cause::NOT_COLLECTED, &message)
}

/// Why the entries of a list are unknown to a script that passes no lists.
fn not_passed(id: &str, helper: &str) -> Cause {
    let id = one_line(id, 60);
    let message = format!(
        "the rule does not pass prefix list `{id}` to `{helper}`: add the argument `prefix_lists(…)`"
    );
    Cause::new("ec2:GetManagedPrefixListEntries", Cause::NOT_COLLECTED, &message)
}

/// What is known. If it depends on something unknown, it may still be enough for the rule to fail.
pub(super) fn certain<T>(found: WithUnknown<T>) -> T {
    found.unknown.into_iter().for_each(mark_uncertain);
    found.known
}
