//! Event notifications of a bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;

/// Who is told about events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    /// SNS topics.
    #[serde(default)]
    pub topic_configurations: Vec<TopicConfiguration>,
    /// SQS queues.
    #[serde(default)]
    pub queue_configurations: Vec<QueueConfiguration>,
    /// Lambda functions.
    #[serde(default)]
    pub lambda_function_configurations: Vec<LambdaFunctionConfiguration>,
    /// Whether all events go to EventBridge as well.
    #[serde(default)]
    pub event_bridge: bool,
}

shape! { notification_shapes:
    /// Events for an SNS topic.
    pub struct TopicConfiguration {
        /// Id of this notification.
        pub id: Option<String>,
        /// ARN of the topic.
        pub topic_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The objects; absent: all.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// Events for an SQS queue.
    pub struct QueueConfiguration {
        /// Id of this notification.
        pub id: Option<String>,
        /// ARN of the queue.
        pub queue_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The objects; absent: all.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// Events for a Lambda function.
    pub struct LambdaFunctionConfiguration {
        /// Id of this notification.
        pub id: Option<String>,
        /// ARN of the function.
        pub lambda_function_arn: Option<String>,
        /// The events: `s3:ObjectCreated:*`, …
        #[serde(default)]
        pub events: Vec<String>,
        /// The objects; absent: all.
        pub filter: Option<NotificationConfigurationFilter>,
    }

    /// The objects that a notification is for.
    pub struct NotificationConfigurationFilter {
        /// Conditions on their keys.
        pub key: Option<S3KeyFilter>,
    }

    /// Conditions on keys.
    pub struct S3KeyFilter {
        /// All of them hold.
        #[serde(default)]
        pub filter_rules: Vec<FilterRule>,
    }

    /// One condition on a key.
    pub struct FilterRule {
        /// `prefix` or `suffix`.
        pub name: Option<String>,
        /// The text that it begins or ends with.
        pub value: Option<String>,
    }
}
