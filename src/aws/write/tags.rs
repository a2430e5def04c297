//! `tags.add`, `tags.set` and `tags.remove`: only the tags that differ between the states are sent.

use aws_sdk_ec2::types::Tag;

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after, after_first, in_state, rehearsed};
use crate::facts::Tags;
use crate::fixes::{Change, Sent, WriteError};

const CREATE: &str = "ec2:CreateTags";
const DELETE: &str = "ec2:DeleteTags";
const TAG: &str = "s3control:TagResource";
const UNTAG: &str = "s3control:UntagResource";

/// Writes the tags that are new or have another value after the change, and deletes those that are
/// only there before it.
pub(super) async fn write(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let before: Option<Tags> = in_state(&change.before, CREATE, "tags")?;
    let after: Option<Tags> = after(change, CREATE, "tags")?;
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let created: Tags = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let deleted: Tags = before.into_iter().filter(|(key, _)| !after.contains_key(key)).collect();
    match change.kind.as_str() {
        "s3.bucket" if dry_run => Err(invalid(TAG, "the call has no dry run")),
        "s3.bucket" => of_bucket(session, change, created, deleted).await,
        _ => of_ec2(session, change, created, deleted, dry_run).await,
    }
}

async fn of_ec2(
    session: &WriteSession,
    change: &Change,
    created: Tags,
    deleted: Tags,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let list = |tags: Tags| {
        let tags =
            tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        Some(tags.collect::<Vec<_>>())
    };
    let ec2 = session.ec2();
    let mut sent = None;
    if !created.is_empty() {
        let request = ec2.create_tags().resources(&change.resource).set_tags(list(created));
        let result = session.send(CREATE, request.dry_run(dry_run).send()).await;
        sent = Some(rehearsed(result, dry_run)?);
    }
    // With the value, AWS deletes a tag only if it still has this value.
    if !deleted.is_empty() {
        let request = ec2.delete_tags().resources(&change.resource).set_tags(list(deleted));
        let result = session.send(DELETE, request.dry_run(dry_run).send()).await;
        sent = Some(after_first(sent.is_some() && !dry_run, rehearsed(result, dry_run))?);
    }
    sent.ok_or_else(|| invalid(CREATE, "no tags to change"))
}

async fn of_bucket(
    session: &WriteSession,
    change: &Change,
    created: Tags,
    deleted: Tags,
) -> Result<Sent, WriteError> {
    let arn = format!("arn:{}:s3:::{}", change.partition, change.resource);
    let client = session.s3control();
    let mut sent = None;
    if !created.is_empty() {
        let mut tags = Vec::with_capacity(created.len());
        for (key, value) in created {
            let tag = aws_sdk_s3control::types::Tag::builder().key(key).value(value).build();
            tags.push(tag.map_err(|error| invalid(TAG, &error.to_string()))?);
        }
        let request = client.tag_resource().account_id(session.account()).resource_arn(&arn);
        sent = Some(session.send(TAG, request.set_tags(Some(tags)).send()).await?);
    }
    if !deleted.is_empty() {
        let request = client.untag_resource().account_id(session.account()).resource_arn(&arn);
        let keys = deleted.into_keys().collect();
        let result = session.send(UNTAG, request.set_tag_keys(Some(keys)).send()).await;
        sent = Some(after_first(sent.is_some(), result)?);
    }
    sent.ok_or_else(|| invalid(TAG, "no tags to change"))
}
