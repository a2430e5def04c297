//! `s3.bucket.abort_incomplete_uploads` and `s3.bucket.restore_lifecycle`: all rules are sent, or the
//! configuration is deleted.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag, Transition,
    TransitionDefaultMinimumObjectSize, TransitionStorageClass,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after};
use crate::facts::Time;
use crate::facts::s3::lifecycle as facts;
use crate::fixes::{Change, Sent, WriteError};

const PUT: &str = "s3:PutBucketLifecycleConfiguration";
const DELETE: &str = "s3:DeleteBucketLifecycle";

fn broken(error: impl std::fmt::Display) -> WriteError {
    invalid(PUT, &error.to_string())
}

fn number(number: Option<i64>) -> Result<Option<i32>, WriteError> {
    number.map(i32::try_from).transpose().map_err(broken)
}

fn date(time: Option<Time>) -> Result<Option<DateTime>, WriteError> {
    let parse = |time: Time| DateTime::from_str(&time.0, Format::DateTime);
    time.map(parse).transpose().map_err(broken)
}

fn tag(key: &str, value: &str) -> Result<Tag, WriteError> {
    Tag::builder().key(key).value(value).build().map_err(broken)
}

fn filter(filter: facts::LifecycleRuleFilter) -> Result<LifecycleRuleFilter, WriteError> {
    let and = |and: facts::LifecycleRuleAndOperator| {
        let tags = and.tags.iter().map(|(key, value)| tag(key, value));
        let tags = tags.collect::<Result<Vec<Tag>, _>>()?;
        let tags = Some(tags).filter(|tags| !tags.is_empty());
        Ok::<_, WriteError>(
            LifecycleRuleAndOperator::builder()
                .set_prefix(and.prefix)
                .set_tags(tags)
                .set_object_size_greater_than(and.object_size_greater_than)
                .set_object_size_less_than(and.object_size_less_than)
                .build(),
        )
    };
    let one_tag = filter.tag.map(|one| {
        let value = serde_json::to_value(one).map_err(broken)?;
        let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
        tag(text("key").unwrap_or_default(), text("value").unwrap_or_default())
    });
    Ok(LifecycleRuleFilter::builder()
        .set_prefix(filter.prefix)
        .set_tag(one_tag.transpose()?)
        .set_object_size_greater_than(filter.object_size_greater_than)
        .set_object_size_less_than(filter.object_size_less_than)
        .set_and(filter.and.map(and).transpose()?)
        .build())
}

fn rule(rule: facts::LifecycleRule) -> Result<LifecycleRule, WriteError> {
    let expiration = |from: facts::LifecycleExpiration| {
        Ok::<_, WriteError>(
            LifecycleExpiration::builder()
                .set_date(date(from.date)?)
                .set_days(number(from.days)?)
                .set_expired_object_delete_marker(from.expired_object_delete_marker)
                .build(),
        )
    };
    let class =
        |class: Option<String>| class.map(|class| TransitionStorageClass::from(class.as_str()));
    let transition = |from: facts::Transition| {
        Ok::<_, WriteError>(
            Transition::builder()
                .set_date(date(from.date)?)
                .set_days(number(from.days)?)
                .set_storage_class(class(from.storage_class))
                .build(),
        )
    };
    let noncurrent = |from: facts::NoncurrentVersionTransition| {
        Ok::<_, WriteError>(
            NoncurrentVersionTransition::builder()
                .set_noncurrent_days(number(from.noncurrent_days)?)
                .set_newer_noncurrent_versions(number(from.newer_noncurrent_versions)?)
                .set_storage_class(class(from.storage_class))
                .build(),
        )
    };
    let noncurrent_expiration = |from: facts::NoncurrentVersionExpiration| {
        Ok::<_, WriteError>(
            NoncurrentVersionExpiration::builder()
                .set_noncurrent_days(number(from.noncurrent_days)?)
                .set_newer_noncurrent_versions(number(from.newer_noncurrent_versions)?)
                .build(),
        )
    };
    let abort = |from: facts::AbortIncompleteMultipartUpload| {
        let days = number(from.days_after_initiation)?;
        Ok::<_, WriteError>(
            AbortIncompleteMultipartUpload::builder().set_days_after_initiation(days).build(),
        )
    };
    let transitions =
        rule.transitions.into_iter().map(transition).collect::<Result<Vec<_>, _>>()?;
    let noncurrent_transitions = rule
        .noncurrent_version_transitions
        .into_iter()
        .map(noncurrent)
        .collect::<Result<Vec<_>, _>>()?;
    let status = rule.status.ok_or_else(|| broken("a rule without its status"))?;
    // Older rules have a prefix instead of a filter; both together are rejected.
    #[allow(deprecated, reason = "rules are sent as they are")]
    let built = LifecycleRule::builder().set_prefix(rule.prefix);
    built
        .set_id(rule.id)
        .status(ExpirationStatus::from(status.as_str()))
        .set_filter(rule.filter.map(filter).transpose()?)
        .set_expiration(rule.expiration.map(expiration).transpose()?)
        .set_transitions(Some(transitions).filter(|all| !all.is_empty()))
        .set_noncurrent_version_expiration(
            rule.noncurrent_version_expiration.map(noncurrent_expiration).transpose()?,
        )
        .set_noncurrent_version_transitions(
            Some(noncurrent_transitions).filter(|all| !all.is_empty()),
        )
        .set_abort_incomplete_multipart_upload(
            rule.abort_incomplete_multipart_upload.map(abort).transpose()?,
        )
        .build()
        .map_err(broken)
}

/// Sets the rules of the state after the change, or deletes the configuration if there are none then.
pub(in crate::aws::write) async fn write(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let owner = session.account();
    let lifecycle: Option<facts::Lifecycle> = after(change, PUT, "lifecycle")?;
    let Some(lifecycle) = lifecycle.filter(|lifecycle| !lifecycle.rules.is_empty()) else {
        let delete = |s3: aws_sdk_s3::Client| {
            let request = s3.delete_bucket_lifecycle().bucket(&change.resource);
            request.expected_bucket_owner(owner).send()
        };
        return session.bucket(DELETE, change, delete).await;
    };
    let size = lifecycle.transition_default_minimum_object_size;
    let size = size.map(|size| TransitionDefaultMinimumObjectSize::from(size.as_str()));
    let rules = lifecycle.rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let configuration =
        BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(broken)?;
    let put = |s3: aws_sdk_s3::Client| {
        s3.put_bucket_lifecycle_configuration()
            .bucket(&change.resource)
            .expected_bucket_owner(owner)
            .set_transition_default_minimum_object_size(size.clone())
            .lifecycle_configuration(configuration.clone())
            .send()
    };
    session.bucket(PUT, change, put).await
}
