//! `s3.bucket.set_versioning` and `s3.bucket.suspend_versioning`. MFA delete is not sent: only the root
//! user can change it.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after};
use crate::facts::s3::bucket::Versioning;
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "s3:PutBucketVersioning";

/// Sets the status of the state after the change.
pub(in crate::aws::write) async fn put(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let versioning: Versioning = after(change, CALL, "versioning")?;
    let status = versioning.status.ok_or_else(|| invalid(CALL, "versioning cannot be unset"))?;
    let configuration = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::from(status.as_str()))
        .build();
    let put = |s3: aws_sdk_s3::Client| {
        s3.put_bucket_versioning()
            .bucket(&change.resource)
            .expected_bucket_owner(session.account())
            .versioning_configuration(configuration.clone())
            .send()
    };
    session.bucket(CALL, change, put).await
}
