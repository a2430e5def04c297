//! Prefix lists that a script passes in. Only those that matter are read, so that an unreadable one
//! affects only verdicts that depend on it.

use rhai::{Array, Dynamic};
use serde_json::Value;

use crate::model::Cause;

use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::json::{to_json, type_name};
use crate::rules::values::object::Object;

/// The kind of prefix lists.
pub(super) const PREFIX_LIST: &str = "ec2.managed_prefix_list";

/// The prefix lists that a script passes to a helper.
pub(super) struct PrefixLists<'a> {
    /// `None`: the script did not pass any, so that the entries of every list are unknown.
    given: Option<Array>,
    helper: &'a str,
    context: Option<&'a EvalContext>,
}

impl<'a> PrefixLists<'a> {
    /// Without that argument.
    pub(super) fn none(helper: &'a str) -> Self {
        Self { given: None, helper, context: None }
    }

    /// Uses these lists.
    pub(super) fn new(helper: &'a str, context: &'a EvalContext, given: Array) -> Self {
        Self { given: Some(given), helper, context: Some(context) }
    }

    /// The ranges of a list, or why they are unknown.
    pub(super) fn ranges(&self, id: &str) -> Scripted<Result<Vec<String>, Unavailable>> {
        let Some(given) = &self.given else {
            return Ok(Err(Unavailable::not_passed(id, self.helper)));
        };
        for list in given {
            if self.field(list, "prefix_list_id")?.as_str() == Some(id) {
                if let Some(cause) = unreadable_entries(list) {
                    return Ok(Err(Unavailable(cause)));
                }
                let entries = self.field(list, "entries")?;
                let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
                let cidrs = entries
                    .iter()
                    .filter_map(|entry| entry.get("cidr")?.as_str().map(str::to_owned));
                return Ok(Ok(cidrs.collect()));
            }
        }
        let gap = self.context.map(|context| context.list_gap(PREFIX_LIST)).transpose()?.flatten();
        Ok(Err(gap.map_or_else(|| Unavailable::missing(id), Unavailable)))
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

/// Why the entries of a prefix list, or a range, are unknown. It may contain any address.
#[derive(Debug, Clone)]
pub(super) struct Unavailable(Cause);

impl Unavailable {
    /// A list that is not among the given ones: another account stopped sharing it, or the script
    /// looked up only some lists.
    fn missing(id: &str) -> Self {
        Self(Cause {
            call: "ec2:GetManagedPrefixListEntries".to_owned(),
            code: Cause::NOT_COLLECTED.to_owned(),
            message: format!(
                "prefix list `{}` is not among the prefix lists of the account",
                crate::model::text::one_line(id, 60)
            ),
            denied_by: None,
        })
    }

    /// A list of a script that passes no lists.
    fn not_passed(id: &str, helper: &str) -> Self {
        let id = crate::model::text::one_line(id, 60);
        Self(Cause {
            call: "ec2:GetManagedPrefixListEntries".to_owned(),
            code: Cause::NOT_COLLECTED.to_owned(),
            message: format!(
                "the rule does not pass prefix list `{id}` to `{helper}`: add the argument `prefix_lists(…)`"
            ),
            denied_by: None,
        })
    }

    /// An address range that is not one, so it may be any.
    pub(super) fn malformed(call: &str, range: &str) -> Self {
        let shown = crate::model::text::one_line(range, 60);
        let message = format!("`{shown}` is not a valid address range");
        Self(Cause::new(call, Cause::INVALID_RESPONSE, &message))
    }

    /// The result depends on the list. What else is known may be enough for the rule to fail.
    pub(super) fn mark_uncertain(&self) {
        mark_uncertain(self.0.clone());
    }
}
