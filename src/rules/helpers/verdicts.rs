//! The verdict of a rule on a resource.

use rhai::Dynamic;
use serde_json::Value;

use super::arguments::Scripted;
use super::table::topic;
use crate::model::Verdict;

use crate::rules::values::json::evidence_json;
use crate::rules::values::tracking;
use crate::rules::values::verdict::VerdictValue;

/// How much evidence is kept; the rest is dropped, with a note.
const MAX_EVIDENCE: usize = 100;
const MAX_EVIDENCE_BYTES: usize = 64 << 10;

topic! {
    /// Every path through `check` must return one of these verdicts; anything else is an error.
    "Verdicts";

    /// The resource complies with the rule.
    fn pass() -> "verdict";
    "if account_id() == \"111122223333\" { pass() } else { skip(\"another account\") }" => "pass()";
    |engine, _| engine.register_fn("pass", || said(Verdict::Pass, "", Vec::new()));

    /// The resource violates the rule. The message briefly states how, without naming the resource:
    /// reports show the resource's name next to the message.
    ///
    /// The evidence contains the details that are needed to fix the problem: a string, a map, or a
    /// list of strings and maps with one item for each problem. At most 100 items and 64 KB are
    /// kept.
    fn fail(message: "string") -> "verdict" (message: "string", evidence: "any") -> "verdict";
    "fail(`port ${22} is open`)" => "fail(\"port 22 is open\")";
    "fail(\"open\", #{ port: 22, cidr: () })" => "fail(\"open\", [#{ port: 22 }])";
    |engine, _| {
        engine.register_fn("fail", |message: &str| said(Verdict::Fail, message, Vec::new()));
        engine.register_fn("fail", |message: &str, evidence: Dynamic| -> Scripted<VerdictValue> {
            Ok(said(Verdict::Fail, message, bounded(&evidence)?))
        })
    };

    /// The rule does not apply to this resource. The reason states why.
    fn skip(reason: "string") -> "verdict";
    "skip(`is ${\"terminated\"}`)" => "skip(\"is terminated\")";
    |engine, _| engine.register_fn("skip", |reason: &str| said(Verdict::Skip, reason, Vec::new()));

    /// The facts do not show whether the resource complies. The reason states what is missing. Use
    /// this verdict only if AWS does not return what the rule needs; if a fact or list could not be
    /// read, the verdict is set to `unknown` automatically. An `unknown` verdict makes the run
    /// incomplete (exit code 3), which an `[[accepted_gap]]` cannot change, and an open alert for
    /// the resource stays open.
    fn unknown(reason: "string") -> "verdict";
    "unknown(\"AWS does not report when it was stopped\")" => "unknown(\"AWS does not report when it was stopped\")";
    |engine, _| engine.register_fn("unknown", |reason: &str| said(Verdict::Unknown, reason, Vec::new()));
}

fn said(verdict: Verdict, message: &str, evidence: Vec<Value>) -> VerdictValue {
    VerdictValue { verdict, message: message.to_owned(), evidence }
}

/// Evidence as JSON: one item, or a list of items, cut to the size limit of reports.
fn bounded(evidence: &Dynamic) -> Scripted<Vec<Value>> {
    let mut pieces = match tracking::without_tracking(|| evidence_json(evidence))? {
        Value::Array(pieces) => pieces,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let total = pieces.len();
    pieces.truncate(MAX_EVIDENCE);
    let mut bytes = 0;
    let fits = pieces.iter().take_while(|piece| {
        bytes += piece.to_string().len();
        bytes <= MAX_EVIDENCE_BYTES
    });
    let kept = fits.count();
    pieces.truncate(kept);
    if kept < total {
        pieces.push(Value::String(format!("… and {} more", total - kept)));
    }
    Ok(pieces)
}
