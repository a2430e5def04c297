//! The events of the function, and its answers. Version 1; `event-v1.schema.json` next to this
//! file describes the events, and is generated from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::Failure;
use crate::model::{AccountId, describe_serde_error, text};

/// The version of events and answers.
const VERSION: u64 = 1;
/// The number of accounts in a shard, unless the event names one.
const SHARD_SIZE: u16 = 10;

/// What the function is asked to do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(super) enum Event {
    /// Writes the list of accounts of a run, divided into shards.
    Targets(TargetsEvent),
    /// Collects accounts of a run.
    Collect(CollectEvent),
    /// Merges what was collected, evaluates it and writes the reports.
    Report(ReportEvent),
    /// All of it in one invocation, for up to some tens of accounts.
    Scan(ScanEvent),
    /// Plans fixes for the findings of a run.
    Plan(PlanEvent),
}

/// `targets`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsEvent {
    /// The run.
    pub(super) run: RunName,
    /// The number of accounts in a shard.
    #[serde(default = "shard_size")]
    #[schemars(range(min = 1, max = 1000))]
    pub(super) shard_size: u16,
}

/// `collect`. The answer is the next event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CollectEvent {
    /// The run.
    pub(super) run: RunName,
    /// The number of the shard, for the names of files.
    pub(super) shard: u32,
    /// The accounts that are left.
    #[schemars(with = "Vec<String>")]
    pub(super) accounts: Vec<AccountId>,
    /// How many invocations have worked on the shard.
    #[serde(default)]
    pub(super) round: u32,
    /// How many of them, without a break, have not finished any account.
    #[serde(default)]
    pub(super) stalled: u32,
}

/// `report`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportEvent {
    /// The run.
    pub(super) run: RunName,
}

/// `scan`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScanEvent {
    /// The run. By default the id of the request, which is the same when Lambda retries it.
    #[serde(default)]
    pub(super) run: Option<RunName>,
}

/// `plan`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanEvent {
    /// The run. By default that of the newest report.
    #[serde(default)]
    pub(super) run: Option<RunName>,
    /// Whether unsafe fixes of rules that the config allows are planned.
    #[serde(default)]
    pub(super) unsafe_fixes: bool,
}

fn shard_size() -> u16 {
    SHARD_SIZE
}

/// The name of a run, which is part of keys in S3: 1 to 80 letters, digits, `.`, `_` and `-`; not a
/// punctuation character first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"))]
pub(super) struct RunName(String);

impl RunName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RunName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && name.len() <= 80 && name.chars().all(is_valid) {
            return Ok(Self(name));
        }
        Err(format!(
            "`{}` is not a valid name of a run: use 1 to 80 letters, digits, periods, underscores and hyphens, with a letter or digit first",
            text::one_line(&name, 80)
        ))
    }
}

impl Event {
    /// Reads an event.
    pub(super) fn parse(mut payload: Value) -> Result<Self, Failure> {
        let Some(fields) = payload.as_object_mut() else {
            return Err(Failure::event(
                "an event is a JSON object, such as {\"v\":1,\"action\":\"scan\"}",
            ));
        };
        match fields.remove("v") {
            Some(version) if version.as_u64() == Some(VERSION) => {}
            Some(version) => {
                return Err(Failure::event(format!(
                    "version {} of events is not supported: this version of rolecall reads version {VERSION}",
                    text::one_line(&version.to_string(), 40)
                )));
            }
            None => return Err(Failure::event("the event has no version: add \"v\":1")),
        }
        let event: Self = serde_json::from_value(payload).map_err(|error| {
            Failure::event(text::one_line(&describe_serde_error(&error.to_string()), 300))
        })?;
        if let Self::Targets(TargetsEvent { shard_size, .. }) = &event
            && !(1..=1000).contains(shard_size)
        {
            return Err(Failure::event("`shard_size` must be from 1 to 1000"));
        }
        Ok(event)
    }
}

/// What the function answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(super) enum Answer {
    /// To `targets`.
    Targets(TargetsAnswer),
    /// To `collect`.
    Collect(CollectAnswer),
    /// To `report`.
    Report(ReportAnswer),
    /// To `scan`.
    Scan(ReportAnswer),
    /// To `plan`.
    Plan(PlanAnswer),
}

/// The answer to `targets`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TargetsAnswer {
    pub(super) run: RunName,
    /// The bucket of the run.
    pub(super) bucket: String,
    /// The key of the list of shards.
    pub(super) shards: String,
    /// The number of accounts of the run.
    pub(super) accounts: usize,
}

/// The answer to `collect`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CollectAnswer {
    /// What is left, as the next event.
    #[serde(flatten)]
    pub(super) next: CollectEvent,
    /// The number of accounts that this invocation collected.
    pub(super) collected: usize,
    /// The number of accounts that had been collected before.
    pub(super) kept: usize,
    /// The number of accounts that this invocation collected, and of which something could not be read.
    pub(super) incomplete: usize,
}

/// The answer to `report` and `scan`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ReportAnswer {
    pub(super) run: RunName,
    /// The exit code that `rolecall evaluate` would have: 0, 1 or 3.
    pub(super) exit: u8,
    /// The number of accounts of the run.
    pub(super) accounts: usize,
    /// The first accounts that were not collected.
    pub(super) missing: Vec<AccountId>,
    /// The number of accounts that were not collected.
    pub(super) missing_accounts: usize,
    /// The JSON report.
    pub(super) report: String,
    /// The result in one line.
    pub(super) summary: String,
}

/// The answer to `plan`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct PlanAnswer {
    pub(super) run: RunName,
    /// The exit code that `rolecall remediate plan` would have: 0 or 3.
    pub(super) exit: u8,
    /// The plan.
    pub(super) plan: String,
    /// The plan for review.
    pub(super) markdown: String,
    /// The hash of the plan, which an approval names.
    pub(super) hash: String,
    /// The number of changes.
    pub(super) items: usize,
    /// The number of failing findings.
    pub(super) findings: usize,
    /// How many of them the changes settle.
    pub(super) fixable: usize,
    /// How many more unsafe fixes would settle.
    pub(super) hidden: usize,
    /// How many a person must fix.
    pub(super) by_hand: usize,
    /// How many others are not planned.
    pub(super) not_planned: usize,
}

impl Answer {
    /// As JSON, with the version.
    pub(super) fn to_json(&self) -> serde_json::Result<Value> {
        let mut answer = serde_json::to_value(self)?;
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("v".to_owned(), VERSION.into());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;
    use serde_json::json;

    use super::*;

    /// The JSON schema of events.
    fn schema() -> Value {
        let events = [
            ("targets", schema_for!(TargetsEvent)),
            ("collect", schema_for!(CollectEvent)),
            ("report", schema_for!(ReportEvent)),
            ("scan", schema_for!(ScanEvent)),
            ("plan", schema_for!(PlanEvent)),
        ];
        let mut definitions = json!({});
        let variants = events.map(|(action, schema)| {
            let mut schema = schema.to_value();
            let fields = schema.as_object_mut().unwrap();
            fields.remove("$schema");
            if let Some(Value::Object(shared)) = fields.remove("$defs") {
                definitions.as_object_mut().unwrap().extend(shared);
            }
            schema["properties"]["v"] = json!({"const": VERSION});
            schema["properties"]["action"] = json!({"const": action});
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let all = ["v", "action"].map(Value::from).into_iter().chain(required);
            schema["required"] = all.collect();
            schema
        });
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Events of rolecall as a Lambda function, version 1",
            "oneOf": variants,
            "$defs": definitions,
        })
    }

    #[test]
    fn the_schema_is_current() {
        crate::generated::check("src/lambda/event-v1.schema.json", &format!("{:#}\n", schema()));
    }

    #[test]
    fn events_are_read() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let run = || RunName::try_from("2026-11-25".to_owned()).unwrap();
        for (payload, expected) in [
            (
                json!({"v": 1, "action": "targets", "run": "2026-11-25"}),
                Event::Targets(TargetsEvent { run: run(), shard_size: 10 }),
            ),
            (
                json!({"v": 1, "action": "collect", "run": "2026-11-25", "shard": 7, "accounts": ["111122223333"],
                       "round": 2, "stalled": 1}),
                Event::Collect(CollectEvent {
                    run: run(),
                    shard: 7,
                    accounts: vec!["111122223333".parse().unwrap()],
                    round: 2,
                    stalled: 1,
                }),
            ),
            (
                json!({"v": 1, "action": "report", "run": "2026-11-25"}),
                Event::Report(ReportEvent { run: run() }),
            ),
            (json!({"v": 1, "action": "scan"}), Event::Scan(ScanEvent { run: None })),
            (
                json!({"v": 1, "action": "plan"}),
                Event::Plan(PlanEvent { run: None, unsafe_fixes: false }),
            ),
            (
                json!({"v": 1, "action": "plan", "run": "2026-11-25", "unsafe_fixes": true}),
                Event::Plan(PlanEvent { run: Some(run()), unsafe_fixes: true }),
            ),
        ] {
            assert!(schema.is_valid(&payload), "{payload}");
            assert_eq!(Event::parse(payload.clone()).unwrap(), expected, "{payload}");
        }
    }

    #[test]
    fn other_events_are_refused() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let long = "x".repeat(81);
        for (payload, part) in [
            (json!([]), "JSON object"),
            (json!({"action": "scan"}), "add \"v\":1"),
            (json!({"v": 2, "action": "scan"}), "version 2"),
            (json!({"v": "1", "action": "scan"}), "version \"1\""),
            (json!({"v": 1}), "action"),
            (json!({"v": 1, "action": "scna"}), "scna"),
            (json!({"v": 1, "action": "scan", "acounts": []}), "acounts"),
            (json!({"v": 1, "action": "plan", "approved": "sha256:0"}), "approved"),
            (json!({"v": 1, "action": "apply"}), "apply"),
            (json!({"v": 1, "action": "report"}), "run"),
            (json!({"v": 1, "action": "report", "run": "../x"}), "not a valid name of a run"),
            (json!({"v": 1, "action": "report", "run": ""}), "not a valid name of a run"),
            (json!({"v": 1, "action": "report", "run": "-x"}), "not a valid name of a run"),
            (json!({"v": 1, "action": "report", "run": "a/b"}), "not a valid name of a run"),
            (json!({"v": 1, "action": "report", "run": long}), "not a valid name of a run"),
            (json!({"v": 1, "action": "targets", "run": "r", "shard_size": 0}), "from 1 to 1000"),
            (
                json!({"v": 1, "action": "targets", "run": "r", "shard_size": 1001}),
                "from 1 to 1000",
            ),
            (
                json!({"v": 1, "action": "collect", "run": "r", "shard": 1, "accounts": ["1"]}),
                "account",
            ),
            (json!({"v": 1, "action": "collect", "run": "r", "shard": -1, "accounts": []}), "-1"),
        ] {
            // The schema does not know what an account id is.
            assert!(!schema.is_valid(&payload) || part == "account", "{payload}");
            let failure = Event::parse(payload.clone()).unwrap_err();
            assert_eq!(failure.kind(), "Rolecall.Event", "{payload}");
            assert!(failure.to_string().contains(part), "{payload}: {failure}");
        }
    }
}
