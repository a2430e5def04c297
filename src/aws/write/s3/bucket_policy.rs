//! `s3.bucket.add_statement` and `s3.bucket.restore_policy`: the whole policy is sent, or deleted.

use crate::aws::write::session::{WriteSession, after};
use crate::facts::PolicyDocument;
use crate::fixes::{Change, Sent, WriteError};

const PUT: &str = "s3:PutBucketPolicy";
const DELETE: &str = "s3:DeleteBucketPolicy";

/// Sets the policy of the state after the change, or deletes it if there is none then.
pub(in crate::aws::write) async fn write(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let owner = session.account();
    let policy: Option<PolicyDocument> = after(change, PUT, "policy")?;
    match policy {
        Some(policy) => {
            let text = policy.document.to_string();
            let put = |s3: aws_sdk_s3::Client| {
                let request = s3.put_bucket_policy().bucket(&change.resource);
                request.expected_bucket_owner(owner).policy(&text).send()
            };
            session.bucket(PUT, change, put).await
        }
        None => {
            let delete = |s3: aws_sdk_s3::Client| {
                let request = s3.delete_bucket_policy().bucket(&change.resource);
                request.expected_bucket_owner(owner).send()
            };
            session.bucket(DELETE, change, delete).await
        }
    }
}
