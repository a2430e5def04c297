//! `ec2.settings`: one resource per region, without a list call; one call per setting.

use async_trait::async_trait;

use super::{describe_once, describe_pages, mirror};
use crate::aws::collector::{Collector, Context, FactResult, ListedResource, known, no_collector};
use crate::aws::failure::Failure;
use crate::aws::mirror::Mirror;
use crate::facts::ec2::settings::*;
use crate::facts::{ApiCall, FactSpec, Kind};

settings_shapes!(mirror, aws_sdk_ec2::types);

/// Reads [`KIND`].
pub(crate) struct RegionSettings;

#[async_trait]
impl Collector for RegionSettings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    async fn list(&self, cx: &Context) -> Result<Vec<ListedResource>, Failure> {
        let settings = Settings { region_name: cx.region.to_string() };
        ListedResource::all(cx, &KIND, &[settings])
    }

    async fn fact(&self, cx: &Context, _: &ListedResource, fact: &'static FactSpec) -> FactResult {
        let call = &fact.call;
        match fact.name {
            "account_attributes" => known(call, &account_attributes(cx, call).await?),
            "allowed_images_settings" => known(call, &allowed_images_settings(cx, call).await?),
            "ebs_default_kms_key_id" => known(call, &ebs_default_kms_key_id(cx, call).await?),
            "ebs_encryption_by_default" => known(call, &ebs_encryption_by_default(cx, call).await?),
            "image_block_public_access" => known(call, &image_block_public_access(cx, call).await?),
            "instance_metadata_defaults" => {
                known(call, &instance_metadata_defaults(cx, call).await?)
            }
            "serial_console_access" => known(call, &serial_console_access(cx, call).await?),
            "snapshot_block_public_access" => {
                known(call, &snapshot_block_public_access(cx, call).await?)
            }
            "vpc_block_public_access_exclusions" => {
                known(call, &vpc_block_public_access_exclusions(cx, call).await?)
            }
            "vpc_block_public_access_options" => {
                known(call, &vpc_block_public_access_options(cx, call).await?)
            }
            _ => Err(no_collector(fact)),
        }
    }
}

/// The response of a call without parameters.
macro_rules! get {
    ($cx:ident, $call:ident, $operation:ident) => {
        $cx.call($call, || $cx.clients.ec2().$operation().send()).await?
    };
}

/// A value that the response must have: a setting that AWS does not return is not off, but unknown.
fn required<T>(call: &ApiCall, value: Option<T>, name: &str) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::invalid(call.name, &format!("no {name} in the response")))
}

async fn account_attributes(
    cx: &Context,
    call: &ApiCall,
) -> Result<Vec<AccountAttribute>, Failure> {
    Ok(describe_once!(cx, call, describe_account_attributes => response.account_attributes))
}

async fn allowed_images_settings(
    cx: &Context,
    call: &ApiCall,
) -> Result<AllowedImagesSettings, Failure> {
    let response = get!(cx, call, get_allowed_images_settings);
    Ok(AllowedImagesSettings {
        state: required(call, response.state, "State")?,
        image_criteria: Mirror::mirror(response.image_criteria),
        managed_by: Mirror::mirror(response.managed_by),
    })
}

async fn ebs_default_kms_key_id(
    cx: &Context,
    call: &ApiCall,
) -> Result<EbsDefaultKmsKeyId, Failure> {
    let response = get!(cx, call, get_ebs_default_kms_key_id);
    Ok(EbsDefaultKmsKeyId { kms_key_id: required(call, response.kms_key_id, "KmsKeyId")? })
}

async fn ebs_encryption_by_default(
    cx: &Context,
    call: &ApiCall,
) -> Result<EbsEncryptionByDefault, Failure> {
    let response = get!(cx, call, get_ebs_encryption_by_default);
    let on = required(call, response.ebs_encryption_by_default, "EbsEncryptionByDefault")?;
    Ok(EbsEncryptionByDefault { ebs_encryption_by_default: on })
}

async fn image_block_public_access(
    cx: &Context,
    call: &ApiCall,
) -> Result<ImageBlockPublicAccess, Failure> {
    let response = get!(cx, call, get_image_block_public_access_state);
    let state =
        required(call, response.image_block_public_access_state, "ImageBlockPublicAccessState")?;
    Ok(ImageBlockPublicAccess {
        image_block_public_access_state: state,
        managed_by: Mirror::mirror(response.managed_by),
    })
}

async fn instance_metadata_defaults(
    cx: &Context,
    call: &ApiCall,
) -> Result<InstanceMetadataDefaultsResponse, Failure> {
    let response = get!(cx, call, get_instance_metadata_defaults);
    // If nothing was ever set, no default has a value.
    let nothing = || aws_sdk_ec2::types::InstanceMetadataDefaultsResponse::builder().build();
    Ok(Mirror::mirror(response.account_level.unwrap_or_else(nothing)))
}

async fn serial_console_access(
    cx: &Context,
    call: &ApiCall,
) -> Result<SerialConsoleAccess, Failure> {
    let response = get!(cx, call, get_serial_console_access_status);
    let on = required(call, response.serial_console_access_enabled, "SerialConsoleAccessEnabled")?;
    Ok(SerialConsoleAccess {
        serial_console_access_enabled: on,
        managed_by: Mirror::mirror(response.managed_by),
    })
}

async fn snapshot_block_public_access(
    cx: &Context,
    call: &ApiCall,
) -> Result<SnapshotBlockPublicAccess, Failure> {
    let response = get!(cx, call, get_snapshot_block_public_access_state);
    let state = required(call, response.state, "State")?.as_str().to_owned();
    Ok(SnapshotBlockPublicAccess { state, managed_by: Mirror::mirror(response.managed_by) })
}

async fn vpc_block_public_access_exclusions(
    cx: &Context,
    call: &ApiCall,
) -> Result<Vec<VpcBlockPublicAccessExclusion>, Failure> {
    let exclusions = describe_pages!(
        cx, call, describe_vpc_block_public_access_exclusions => page.vpc_block_public_access_exclusions
    );
    Ok(exclusions)
}

async fn vpc_block_public_access_options(
    cx: &Context,
    call: &ApiCall,
) -> Result<VpcBlockPublicAccessOptions, Failure> {
    let response = get!(cx, call, describe_vpc_block_public_access_options);
    Ok(Mirror::mirror(required(
        call,
        response.vpc_block_public_access_options,
        "VpcBlockPublicAccessOptions",
    )?))
}
