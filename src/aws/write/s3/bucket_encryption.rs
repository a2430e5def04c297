//! `s3.bucket.set_encryption` and `s3.bucket.restore_encryption`: the whole configuration is sent, or
//! deleted.

use aws_sdk_s3::types::{
    BlockedEncryptionTypes, EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after};
use crate::facts::s3::bucket::{Encryption, EncryptionRule};
use crate::fixes::{Change, Sent, WriteError};

const PUT: &str = "s3:PutBucketEncryption";
const DELETE: &str = "s3:DeleteBucketEncryption";

fn rule(rule: EncryptionRule) -> Result<ServerSideEncryptionRule, WriteError> {
    let mut built =
        ServerSideEncryptionRule::builder().set_bucket_key_enabled(rule.bucket_key_enabled);
    if let Some(algorithm) = rule.sse_algorithm {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::from(algorithm.as_str()))
            .set_kms_master_key_id(rule.kms_master_key_id)
            .build();
        let default = default.map_err(|error| invalid(PUT, &error.to_string()))?;
        built = built.apply_server_side_encryption_by_default(default);
    }
    if !rule.blocked_encryption_types.is_empty() {
        let types = rule.blocked_encryption_types.iter();
        let types = types.map(|kind| EncryptionType::from(kind.as_str())).collect();
        let blocked = BlockedEncryptionTypes::builder().set_encryption_type(Some(types)).build();
        built = built.blocked_encryption_types(blocked);
    }
    Ok(built.build())
}

/// Sets the default encryption of the state after the change, or deletes it if there is none then.
pub(in crate::aws::write) async fn write(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let owner = session.account();
    let encryption: Option<Encryption> = after(change, PUT, "encryption")?;
    match encryption {
        Some(encryption) => {
            let rules = encryption.rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
            let configuration =
                ServerSideEncryptionConfiguration::builder().set_rules(Some(rules)).build();
            let configuration = configuration.map_err(|error| invalid(PUT, &error.to_string()))?;
            let put = |s3: aws_sdk_s3::Client| {
                s3.put_bucket_encryption()
                    .bucket(&change.resource)
                    .expected_bucket_owner(owner)
                    .server_side_encryption_configuration(configuration.clone())
                    .send()
            };
            session.bucket(PUT, change, put).await
        }
        None => {
            let delete = |s3: aws_sdk_s3::Client| {
                let request = s3.delete_bucket_encryption().bucket(&change.resource);
                request.expected_bucket_owner(owner).send()
            };
            session.bucket(DELETE, change, delete).await
        }
    }
}
