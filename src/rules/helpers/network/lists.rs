//! Prefix lists as a script hands them over. Only those that matter are read, so that an unreadable
//! one makes nothing unknown that does not depend on it.

use rhai::{Array, Dynamic};
use serde_json::Value;

use crate::model::Cause;

use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::{Interrupt, mark_uncertain};
use crate::rules::values::json::to_json;
use crate::rules::values::object::Object;

/// The prefix lists that a script gives to a helper.
pub(super) struct PrefixLists<'a> {
    /// `None`: prefix lists do not count.
    given: Option<Array>,
    helper: &'a str,
    context: Option<&'a EvalContext>,
}

impl<'a> PrefixLists<'a> {
    /// Prefix lists do not count.
    pub(super) fn none() -> Self {
        Self { given: None, helper: "", context: None }
    }

    /// These count.
    pub(super) fn new(helper: &'a str, context: &'a EvalContext, given: Array) -> Self {
        Self { given: Some(given), helper, context: Some(context) }
    }

    /// The ranges of a list; `None` when it is not among the given ones.
    pub(super) fn ranges(&self, id: &str) -> Scripted<Option<Vec<String>>> {
        let Some(given) = &self.given else { return Ok(Some(Vec::new())) };
        for list in given {
            if self.field(list, "prefix_list_id")?.as_str() == Some(id) {
                let entries = self.field(list, "entries")?;
                let entries = entries.as_array().map(Vec::as_slice).unwrap_or_default();
                let cidrs = entries
                    .iter()
                    .filter_map(|entry| entry.get("cidr")?.as_str().map(str::to_owned));
                return Ok(Some(cidrs.collect()));
            }
        }
        Ok(None)
    }

    /// Something hangs on a list that is not among the given ones: shared by another account that
    /// took it back, or left out by a look-up of some lists only. Who is in it cannot be told. What
    /// else is known may be enough for the rule to fail.
    pub(super) fn mark_uncertain(&self, id: &str) {
        mark_uncertain(Cause {
            call: "ec2:GetManagedPrefixListEntries".to_owned(),
            code: Cause::NOT_COLLECTED.to_owned(),
            message: format!(
                "the prefix list {} is not among those of the account",
                crate::model::text::one_line(id, 60)
            ),
            denied_by: None,
        });
    }

    /// A field of a list: of a resource, where the entries are a fact that the rule must have
    /// declared, or of a map.
    fn field(&self, list: &Dynamic, name: &str) -> Scripted<Value> {
        if let (Some(object), Some(context)) = (list.read_lock::<Object>(), self.context) {
            return Ok(to_json(&context.read(&object, name)?, 0));
        }
        match list.as_map_ref() {
            Ok(map) => Ok(map.get(name).map_or(Value::Null, |value| to_json(value, 0))),
            Err(got) => {
                let message = format!(
                    "`{}` wants prefix lists such as related(\"ec2.managed_prefix_list\"), got a list of {got}",
                    self.helper
                );
                Interrupt::Broken(message).raise()
            }
        }
    }
}
