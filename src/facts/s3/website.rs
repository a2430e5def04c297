//! What a bucket says to browsers: static website hosting and cross-origin rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;

/// Static website hosting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Website {
    /// Where all requests are sent, for a bucket that only redirects.
    pub redirect_all_requests_to: Option<RedirectAllRequestsTo>,
    /// The page of a folder.
    pub index_document: Option<IndexDocument>,
    /// The page for errors.
    pub error_document: Option<ErrorDocument>,
    /// Redirections for some keys or errors.
    #[serde(default)]
    pub routing_rules: Vec<RoutingRule>,
}

/// Cross-origin rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cors {
    /// The rules; the first that matches counts.
    #[serde(default)]
    pub cors_rules: Vec<CorsRule>,
}

shape! { website_shapes:
    /// Where all requests are sent.
    pub struct RedirectAllRequestsTo {
        /// The host.
        pub host_name: Option<String>,
        /// `http` or `https`; absent: that of the request.
        pub protocol: Option<String>,
    }

    /// The page of a folder.
    pub struct IndexDocument {
        /// What is appended to the folder: `index.html`.
        pub suffix: Option<String>,
    }

    /// The page for errors.
    pub struct ErrorDocument {
        /// Key of the page.
        pub key: Option<String>,
    }

    /// A redirection.
    pub struct RoutingRule {
        /// When it applies; absent: always.
        pub condition: Option<Condition>,
        /// Where the request is sent.
        pub redirect: Option<Redirect>,
    }

    /// When a redirection applies.
    pub struct Condition {
        /// At that HTTP status.
        pub http_error_code_returned_equals: Option<String>,
        /// For keys that begin so.
        pub key_prefix_equals: Option<String>,
    }

    /// Where a request is sent.
    pub struct Redirect {
        /// The host; absent: that of the request.
        pub host_name: Option<String>,
        /// HTTP status of the answer.
        pub http_redirect_code: Option<String>,
        /// `http` or `https`; absent: that of the request.
        pub protocol: Option<String>,
        /// What replaces the prefix of the condition.
        pub replace_key_prefix_with: Option<String>,
        /// What replaces the whole key.
        pub replace_key_with: Option<String>,
    }

    /// One cross-origin rule.
    pub struct CorsRule {
        /// Its id.
        pub id: Option<String>,
        /// Origins from which requests may come; `*` is every one.
        #[serde(default)]
        pub allowed_origins: Vec<String>,
        /// Methods that they may use: `GET`, `PUT`, `HEAD`, `POST`, `DELETE`.
        #[serde(default)]
        pub allowed_methods: Vec<String>,
        /// Headers that they may send.
        #[serde(default)]
        pub allowed_headers: Vec<String>,
        /// Headers of the answer that scripts may read.
        #[serde(default)]
        pub expose_headers: Vec<String>,
        /// For how long browsers may keep the answer to the preflight request.
        pub max_age_seconds: Option<i64>,
    }
}
