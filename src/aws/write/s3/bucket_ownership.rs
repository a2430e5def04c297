//! `s3.bucket.set_ownership` and `s3.bucket.restore_ownership`.

use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after};
use crate::facts::s3::bucket;
use crate::fixes::{Change, Sent, WriteError};

const PUT: &str = "s3:PutBucketOwnershipControls";
const DELETE: &str = "s3:DeleteBucketOwnershipControls";

/// Sets the ownership of the state after the change, or deletes it if there is none then.
pub(in crate::aws::write) async fn write(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let owner = session.account();
    let controls: Option<bucket::OwnershipControls> = after(change, PUT, "ownership_controls")?;
    match controls {
        Some(controls) => {
            let ownership = ObjectOwnership::from(controls.object_ownership.as_str());
            let invalid = |error: aws_smithy_types::error::operation::BuildError| {
                invalid(PUT, &error.to_string())
            };
            let rule = OwnershipControlsRule::builder().object_ownership(ownership).build();
            let controls = OwnershipControls::builder().rules(rule.map_err(invalid)?).build();
            let controls = controls.map_err(invalid)?;
            let put = |s3: aws_sdk_s3::Client| {
                s3.put_bucket_ownership_controls()
                    .bucket(&change.resource)
                    .expected_bucket_owner(owner)
                    .ownership_controls(controls.clone())
                    .send()
            };
            session.bucket(PUT, change, put).await
        }
        None => {
            let delete = |s3: aws_sdk_s3::Client| {
                let request = s3.delete_bucket_ownership_controls().bucket(&change.resource);
                request.expected_bucket_owner(owner).send()
            };
            session.bucket(DELETE, change, delete).await
        }
    }
}
