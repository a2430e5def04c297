//! `s3.account.block_public_access` and `s3.account.set_public_access_block`: one call sets all four
//! settings of the account.

use aws_sdk_s3control::types::PublicAccessBlockConfiguration;

use crate::aws::write::session::{WriteSession, after};
use crate::facts::s3::account::PublicAccessBlock;
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "s3control:PutPublicAccessBlock";

/// Sets the settings of the state after the change.
pub(in crate::aws::write) async fn put(
    session: &WriteSession,
    change: &Change,
) -> Result<Sent, WriteError> {
    let block: PublicAccessBlock = after(change, CALL, "public_access_block")?;
    let configuration = PublicAccessBlockConfiguration::builder()
        .block_public_acls(block.block_public_acls)
        .ignore_public_acls(block.ignore_public_acls)
        .block_public_policy(block.block_public_policy)
        .restrict_public_buckets(block.restrict_public_buckets)
        .build();
    let request = session
        .s3control()
        .put_public_access_block()
        .account_id(session.account())
        .public_access_block_configuration(configuration);
    session.send(CALL, request.send()).await
}
