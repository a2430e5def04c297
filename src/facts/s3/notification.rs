//! Event notifications of a bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;

/// The event notifications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    /// The notifications to SNS topics.
    #[serde(default)]
    pub topic_configurations: Vec<TopicConfiguration>,
    /// The notifications to SQS queues.
    #[serde(default)]
    pub queue_configurations: Vec<QueueConfiguration>,
    /// The notifications to Lambda functions.
    #[serde(default)]
    pub lambda_function_configurations: Vec<LambdaFunctionConfiguration>,
    /// Whether all events are sent to EventBridge.
    #[serde(default)]
    pub event_bridge: bool,
}

shape! { notification_shapes:
    /// A notification to an SNS topic.
    pub struct TopicConfiguration {
        /// The id of the notification.
        pub id: Option<String>,
        /// The ARN of the topic.
        pub topic_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The filter for objects; if absent, all objects are included.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// A notification to an SQS queue.
    pub struct QueueConfiguration {
        /// The id of the notification.
        pub id: Option<String>,
        /// The ARN of the queue.
        pub queue_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The filter for objects; if absent, all objects are included.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// A notification to a Lambda function.
    pub struct LambdaFunctionConfiguration {
        /// The id of the notification.
        pub id: Option<String>,
        /// The ARN of the function.
        pub lambda_function_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The filter for objects; if absent, all objects are included.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// The filter for the objects of a notification.
    pub struct NotificationConfigurationFilter {
        /// The filter for object keys.
        pub key: Option<S3KeyFilter>,
    }

    /// A filter for object keys.
    pub struct S3KeyFilter {
        /// The conditions, all of which must match.
        #[serde(default)]
        pub filter_rules: Vec<FilterRule>,
    }

    /// One condition on the object key.
    pub struct FilterRule {
        /// `prefix` or `suffix`.
        pub name: Option<String>,
        /// The prefix or suffix.
        pub value: Option<String>,
    }
}
