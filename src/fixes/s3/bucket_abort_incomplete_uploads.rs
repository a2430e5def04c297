//! `s3.bucket.abort_incomplete_uploads`: adds a lifecycle rule that aborts incomplete multipart uploads.
//! The call sends all rules. The facts contain every field that S3 has today, but the writer must
//! send the rules as S3 returned them immediately before, with the new one at the
//! end, and `transition_default_minimum_object_size` as it was: S3 resets it otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::facts::s3::lifecycle::{
    AbortIncompleteMultipartUpload, Lifecycle, LifecycleRule, LifecycleRuleFilter,
};
use crate::fixes::edit::{becomes, json, known, known_object, state_of, text};
use crate::fixes::permit::on_bucket;
use crate::fixes::policy::WriteTarget;
use crate::fixes::scene::{Effect, Scene};
use crate::fixes::spec::{ActionSpec, Call, Facts, Fix, Inverse, Kinds, Refusal, Write};

/// The fact that it changes.
pub(super) const FACT: &str = "lifecycle";

/// How many rules S3 allows.
const MAX_RULES: usize = 1_000;

/// The id of the rule.
pub(super) const ID: &str = "abort-incomplete-multipart-uploads";

/// The rule.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AbortIncompleteUploads {
    /// The number of days after the upload was initiated.
    days_after_initiation: i64,
}

/// The entry in the table of actions.
pub(in crate::fixes) static SPEC: ActionSpec = ActionSpec::of::<AbortIncompleteUploads>();

impl AbortIncompleteUploads {
    /// For all objects. S3 rejects a configuration in which some rules have a filter and others the
    /// older prefix.
    fn rule(&self, with_filter: bool) -> LifecycleRule {
        let all = Some(String::new());
        let (prefix, filter) = if with_filter {
            let filter = LifecycleRuleFilter {
                prefix: all,
                tag: None,
                object_size_greater_than: None,
                object_size_less_than: None,
                and: None,
            };
            (None, Some(filter))
        } else {
            (all, None)
        };
        LifecycleRule {
            id: Some(ID.to_owned()),
            status: Some("Enabled".to_owned()),
            prefix,
            filter,
            expiration: None,
            transitions: Vec::new(),
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: Vec::new(),
            abort_incomplete_multipart_upload: Some(AbortIncompleteMultipartUpload {
                days_after_initiation: Some(self.days_after_initiation),
            }),
        }
    }
}

/// The lifecycle configuration, in the form in which states are compared.
pub(super) fn known_lifecycle(scene: &Scene<'_>) -> Result<Option<Lifecycle>, Refusal> {
    let lifecycle: Option<Lifecycle> = serde_json::from_value(known(scene, FACT)?.clone())
        .map_err(|_| Refusal::new("`lifecycle` is invalid"))?;
    Ok(lifecycle.map(canonical))
}

/// The lifecycle configuration as the state of an action.
pub(super) fn state(scene: &Scene<'_>) -> Facts {
    let lifecycle = known_lifecycle(scene).map_or(Value::Null, |lifecycle| json(&lifecycle));
    state_of(FACT, lifecycle)
}

/// S3 does not always return what was sent: a filter for all objects can be empty or have an empty
/// prefix. Nor does the order of rules mean anything.
pub(super) fn canonical(mut lifecycle: Lifecycle) -> Lifecycle {
    for filter in lifecycle.rules.iter_mut().filter_map(|rule| rule.filter.as_mut()) {
        let LifecycleRuleFilter {
            prefix: None,
            tag: None,
            object_size_greater_than: None,
            object_size_less_than: None,
            and: None,
        } = filter
        else {
            continue;
        };
        filter.prefix = Some(String::new());
    }
    lifecycle.rules.sort_by(|a, b| a.id.cmp(&b.id));
    lifecycle
}

impl Fix for AbortIncompleteUploads {
    const NAME: &'static str = "s3.bucket.abort_incomplete_uploads";
    const KINDS: Kinds = Kinds::One("s3.bucket");
    const DOC: &'static str = "Adds a lifecycle rule that aborts incomplete multipart uploads, and keeps all other rules.";
    const TOUCHES: &'static [&'static str] = &[FACT];
    const READS: &'static [&'static str] = &["versioning"];
    const DRY_RUN: bool = false;
    const SETTLES: u32 = 300;
    const UNDONE_BY: &'static [&'static str] = &["s3.bucket.restore_lifecycle"];

    fn checked(self) -> Result<Self, String> {
        match self.days_after_initiation {
            1..=3_650 => Ok(self),
            _ => Err("`days_after_initiation` must be 1 to 3650".to_owned()),
        }
    }

    fn after(&self, scene: &Scene<'_>) -> Result<Effect, Refusal> {
        let mut lifecycle = known_lifecycle(scene)?.unwrap_or(Lifecycle {
            rules: Vec::new(),
            transition_default_minimum_object_size: None,
        });
        let with_filter = lifecycle.rules.iter().all(|rule| rule.prefix.is_none());
        let new = self.rule(with_filter);
        if lifecycle.rules.contains(&new) {
            return Ok(Effect::default());
        }
        if text(&known_object(scene, "versioning")?, "mfa_delete") == Some("Enabled") {
            return Err(Refusal::new("S3 rejects lifecycle rules while MFA delete is enabled"));
        }
        if lifecycle.rules.iter().any(|rule| rule.id.as_deref() == Some(ID)) {
            return Err(Refusal::new(format!("another lifecycle rule has the id `{ID}`")));
        }
        if lifecycle.rules.len() >= MAX_RULES {
            return Err(Refusal::new("the lifecycle configuration has 1,000 rules already"));
        }
        lifecycle.rules.push(new);
        // What S3 returns if nothing else was set.
        lifecycle
            .transition_default_minimum_object_size
            .get_or_insert_with(|| "all_storage_classes_128K".to_owned());
        becomes(scene, FACT, json(&canonical(lifecycle)))
    }

    fn state(&self, scene: &Scene<'_>) -> Facts {
        state(scene)
    }

    fn inverse(&self, before: &Facts) -> Inverse {
        let lifecycle = before.get(FACT).unwrap_or(&Value::Null);
        let undo = Call::named("s3.bucket.restore_lifecycle", json!({ FACT: lifecycle }));
        Inverse::Nearly(undo, "aborted uploads are lost")
    }

    fn possible_writes(target: &WriteTarget<'_>) -> Vec<Write> {
        let permissions = vec![on_bucket("s3:PutLifecycleConfiguration", target)];
        vec![Write { call: "s3:PutBucketLifecycleConfiguration", permissions }]
    }
}
