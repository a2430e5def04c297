//! Event notifications.

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;

use super::{FactResult, Mirror, known, mirror};
use crate::facts::ApiCall;
use crate::facts::s3::notification::*;

notification_shapes!(mirror, aws_sdk_s3::types);

pub(super) fn notification(
    call: &ApiCall,
    response: GetBucketNotificationConfigurationOutput,
) -> FactResult {
    let notification = Notification {
        topic_configurations: Mirror::mirror(response.topic_configurations),
        queue_configurations: Mirror::mirror(response.queue_configurations),
        lambda_function_configurations: Mirror::mirror(response.lambda_function_configurations),
        // The element is empty; its presence is the setting.
        event_bridge: response.event_bridge_configuration.is_some(),
    };
    let is_empty = notification.topic_configurations.is_empty()
        && notification.queue_configurations.is_empty()
        && notification.lambda_function_configurations.is_empty()
        && !notification.event_bridge;
    if is_empty { Ok(None) } else { known(call, &notification) }
}
