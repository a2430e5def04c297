//! Inventories, request metrics and Intelligent-Tiering archives.

use aws_sdk_s3::types as sdk;

use super::{Mirror, mirror};
use crate::facts::s3::exports::*;

exports_shapes!(mirror, aws_sdk_s3::types);

/// S3 and Storage Lens use the same elements, with different types.
macro_rules! report_encryption {
    ($($from:ty)+) => {
        $(
            impl Mirror<Option<$from>> for Option<ReportEncryption> {
                fn mirror(from: Option<$from>) -> Self {
                    from.map(|from| ReportEncryption { sses3: from.sses3.is_some(), ssekms: Mirror::mirror(from.ssekms) })
                }
            }
        )+
    };
}

report_encryption! { sdk::InventoryEncryption aws_sdk_s3control::types::StorageLensDataExportEncryption }

impl Mirror<Option<sdk::MetricsFilter>> for Option<MetricsFilter> {
    fn mirror(from: Option<sdk::MetricsFilter>) -> Self {
        let none = MetricsFilter::default();
        from.map(|from| match from {
            sdk::MetricsFilter::Prefix(prefix) => MetricsFilter { prefix: Some(prefix), ..none },
            sdk::MetricsFilter::Tag(tag) => {
                MetricsFilter { tag: Mirror::mirror(Some(tag)), ..none }
            }
            sdk::MetricsFilter::AccessPointArn(arn) => {
                MetricsFilter { access_point_arn: Some(arn), ..none }
            }
            sdk::MetricsFilter::And(and) => {
                MetricsFilter { and: Mirror::mirror(Some(and)), ..none }
            }
            _ => none,
        })
    }
}
