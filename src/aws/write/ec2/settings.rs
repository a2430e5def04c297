//! Actions on `ec2.settings`: one call for each setting of a region.

use aws_sdk_ec2::types::{
    ImageBlockPublicAccessEnabledState, MetadataDefaultHttpTokensState,
    SnapshotBlockPublicAccessState,
};
use serde::Deserialize;

use crate::aws::write::session::{WriteSession, after, rehearsed};
use crate::facts::ec2::settings::{
    EbsEncryptionByDefault, ImageBlockPublicAccess, SnapshotBlockPublicAccess,
};
use crate::fixes::{Change, Sent, WriteError};

const UNBLOCKED: &str = "unblocked";

/// Blocks or unblocks the public sharing of images.
pub(in crate::aws::write) async fn image_sharing(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const ENABLE: &str = "ec2:EnableImageBlockPublicAccess";
    const DISABLE: &str = "ec2:DisableImageBlockPublicAccess";
    let block: ImageBlockPublicAccess = after(change, ENABLE, "image_block_public_access")?;
    let ec2 = session.ec2();
    let result = match block.image_block_public_access_state.as_str() {
        UNBLOCKED => {
            let request = ec2.disable_image_block_public_access().dry_run(dry_run);
            session.send(DISABLE, request.send()).await
        }
        state => {
            let request = ec2
                .enable_image_block_public_access()
                .image_block_public_access_state(ImageBlockPublicAccessEnabledState::from(state))
                .dry_run(dry_run);
            session.send(ENABLE, request.send()).await
        }
    };
    rehearsed(result, dry_run)
}

/// Blocks or unblocks the public sharing of snapshots.
pub(in crate::aws::write) async fn snapshot_sharing(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const ENABLE: &str = "ec2:EnableSnapshotBlockPublicAccess";
    const DISABLE: &str = "ec2:DisableSnapshotBlockPublicAccess";
    let block: SnapshotBlockPublicAccess = after(change, ENABLE, "snapshot_block_public_access")?;
    let ec2 = session.ec2();
    let result = match block.state.as_str() {
        UNBLOCKED => {
            let request = ec2.disable_snapshot_block_public_access().dry_run(dry_run);
            session.send(DISABLE, request.send()).await
        }
        state => {
            let request = ec2
                .enable_snapshot_block_public_access()
                .state(SnapshotBlockPublicAccessState::from(state))
                .dry_run(dry_run);
            session.send(ENABLE, request.send()).await
        }
    };
    rehearsed(result, dry_run)
}

/// Sets whether new volumes are encrypted.
pub(in crate::aws::write) async fn encryption_by_default(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const ENABLE: &str = "ec2:EnableEbsEncryptionByDefault";
    const DISABLE: &str = "ec2:DisableEbsEncryptionByDefault";
    let default: EbsEncryptionByDefault = after(change, ENABLE, "ebs_encryption_by_default")?;
    let ec2 = session.ec2();
    let result = if default.ebs_encryption_by_default {
        let request = ec2.enable_ebs_encryption_by_default().dry_run(dry_run);
        session.send(ENABLE, request.send()).await
    } else {
        let request = ec2.disable_ebs_encryption_by_default().dry_run(dry_run);
        session.send(DISABLE, request.send()).await
    };
    rehearsed(result, dry_run)
}

/// Sets whether new instances require IMDSv2; nothing else of the defaults is sent.
pub(in crate::aws::write) async fn tokens(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    const CALL: &str = "ec2:ModifyInstanceMetadataDefaults";
    #[derive(Deserialize)]
    struct Defaults {
        http_tokens: Option<String>,
    }
    let defaults: Defaults = after(change, CALL, "instance_metadata_defaults")?;
    let tokens = defaults.http_tokens.as_deref().unwrap_or("no-preference");
    let request = session
        .ec2()
        .modify_instance_metadata_defaults()
        .http_tokens(MetadataDefaultHttpTokensState::from(tokens))
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
