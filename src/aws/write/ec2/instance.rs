//! `ec2.instance.require_tokens` and `ec2.instance.make_tokens_optional`. Nothing else of the metadata
//! options is sent, so AWS keeps it.

use aws_sdk_ec2::types::HttpTokensState;
use serde::Deserialize;

use crate::aws::write::error::invalid;
use crate::aws::write::session::{WriteSession, after, rehearsed};
use crate::fixes::{Change, Sent, WriteError};

const CALL: &str = "ec2:ModifyInstanceMetadataOptions";

#[derive(Deserialize)]
struct Options {
    http_tokens: Option<String>,
}

/// Sets whether IMDSv2 is required, as in the state after the change.
pub(in crate::aws::write) async fn set_tokens(
    session: &WriteSession,
    change: &Change,
    dry_run: bool,
) -> Result<Sent, WriteError> {
    let options: Options = after(change, CALL, "metadata_options")?;
    let tokens = options.http_tokens.ok_or_else(|| invalid(CALL, "no `http_tokens`"))?;
    let request = session
        .ec2()
        .modify_instance_metadata_options()
        .instance_id(&change.resource)
        .http_tokens(HttpTokensState::from(tokens.as_str()))
        .dry_run(dry_run);
    rehearsed(session.send(CALL, request.send()).await, dry_run)
}
