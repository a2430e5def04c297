//! The settings of a region.

use serde_json::{Value, json};

use super::Place;

/// The calls that return them.
pub(super) const CALLS: [&str; 9] = [
    "GetEbsEncryptionByDefault",
    "GetEbsDefaultKmsKeyId",
    "GetSnapshotBlockPublicAccessState",
    "GetImageBlockPublicAccessState",
    "GetInstanceMetadataDefaults",
    "GetSerialConsoleAccessStatus",
    "GetAllowedImagesSettings",
    "DescribeAccountAttributes",
    "DescribeVpcBlockPublicAccessOptions",
];

/// The answer to one of these calls.
pub(super) fn answer(place: &Place<'_>, call: &str) -> Option<Value> {
    let mut draw = place.draw(call, 0);
    Some(match call {
        "GetEbsEncryptionByDefault" => {
            json!({ "ebsEncryptionByDefault": draw.pick(&[true, true, false]), "sseType": "sse-ebs" })
        }
        "GetEbsDefaultKmsKeyId" => json!({ "kmsKeyId": "alias/aws/ebs" }),
        "GetSnapshotBlockPublicAccessState" => {
            let states = ["block-all-sharing", "unblocked", "block-new-sharing"];
            json!({ "state": draw.pick(&states), "managedBy": "account" })
        }
        "GetImageBlockPublicAccessState" => {
            let states = ["block-new-sharing", "unblocked"];
            json!({ "imageBlockPublicAccessState": draw.pick(&states), "managedBy": "account" })
        }
        "GetInstanceMetadataDefaults" => {
            let tokens = draw.pick(&[Some("required"), Some("optional"), None]);
            json!({ "accountLevel": { "httpTokens": tokens, "managedBy": "account" } })
        }
        "GetSerialConsoleAccessStatus" => {
            json!({ "serialConsoleAccessEnabled": draw.one_in(4), "managedBy": "account" })
        }
        "GetAllowedImagesSettings" => json!({ "state": "disabled", "managedBy": "account" }),
        "DescribeAccountAttributes" => json!({ "accountAttributeSet": [{
            "attributeName": "supported-platforms",
            "attributeValueSet": [{ "attributeValue": "VPC" }],
        }] }),
        "DescribeVpcBlockPublicAccessOptions" => {
            let mode = draw.pick(&["off", "block-bidirectional", "block-ingress"]);
            let state = if mode == "off" { "default-state" } else { "update-complete" };
            json!({ "vpcBlockPublicAccessOptions": {
                "awsAccountId": place.owner, "awsRegion": place.region, "state": state,
                "internetGatewayBlockMode": mode,
            } })
        }
        _ => return None,
    })
}
