//! What belongs to AWS and is the same for all accounts of a region, such as the entries of AWS's own
//! prefix lists. The first account that reads it reads it for all accounts of the run: there are about
//! twenty such lists in each region, and one call for each would be most of the calls of small
//! accounts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// The owner that EC2 returns for what AWS manages.
pub(super) const OWNER: &str = "AWS";

/// How much is kept. The lists of a region have about 50 KB; what does not fit is read again.
const MOST_BYTES: usize = 8 << 20;

/// Facts of resources of AWS that were read in this run. No account waits for another one: those that
/// need a fact at the same time all read it.
#[derive(Clone, Default)]
pub(super) struct OfAws(Arc<Mutex<Kept>>);

/// As JSON, which takes a tenth of the memory of a [`Value`].
#[derive(Default)]
struct Kept {
    by_arn: HashMap<String, Box<str>>,
    bytes: usize,
}

impl OfAws {
    /// The fact of the resource with this ARN, if an account has read it.
    pub(super) fn known(&self, arn: &str) -> Option<Value> {
        let kept = self.kept();
        kept.by_arn.get(arn).and_then(|json| serde_json::from_str(json).ok())
    }

    /// Keeps what an account has read.
    pub(super) fn keep(&self, arn: &str, fact: &Value) {
        let json = fact.to_string().into_boxed_str();
        let mut kept = self.kept();
        let bytes = kept.bytes.saturating_add(arn.len()).saturating_add(json.len());
        if bytes <= MOST_BYTES && !kept.by_arn.contains_key(arn) {
            kept.bytes = bytes;
            kept.by_arn.insert(arn.to_owned(), json);
        }
    }

    /// The values stay valid even if a thread panicked while it held the lock.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for OfAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfAws").field("facts", &self.kept().by_arn.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fact_is_known_to_all_clones_until_there_is_no_room() {
        let facts = OfAws::default();
        let entries = json!([{ "cidr": "52.92.0.0/20", "description": null }]);
        facts.clone().keep("arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1", &entries);
        assert_eq!(facts.known("arn:aws:ec2:eu-west-1:aws:prefix-list/pl-1"), Some(entries));
        assert_eq!(facts.known("arn:aws:ec2:eu-west-2:aws:prefix-list/pl-1"), None);

        facts.keep("huge", &Value::String("x".repeat(MOST_BYTES)));
        assert_eq!(facts.known("huge"), None);
        facts.keep("small", &json!([]));
        assert_eq!(facts.known("small"), Some(json!([])));
    }
}
