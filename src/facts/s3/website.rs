//! Static website hosting and CORS configurations of a bucket.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape;

/// Static website hosting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Website {
    /// The redirect for all requests.
    pub redirect_all_requests_to: Option<RedirectAllRequestsTo>,
    /// The index document.
    pub index_document: Option<IndexDocument>,
    /// The error document.
    pub error_document: Option<ErrorDocument>,
    /// The rules for conditional redirects.
    #[serde(default)]
    pub routing_rules: Vec<RoutingRule>,
}

/// A CORS configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cors {
    /// The rules; the first one that matches applies.
    #[serde(default)]
    pub cors_rules: Vec<CorsRule>,
}

shape! { website_shapes:
    /// The redirect for all requests.
    pub struct RedirectAllRequestsTo {
        /// The hostname.
        pub host_name: Option<String>,
        /// `http` or `https`; if absent, that of the original request.
        pub protocol: Option<String>,
    }

    /// The index document.
    pub struct IndexDocument {
        /// The suffix that is appended to requests for a directory: `index.html`.
        pub suffix: Option<String>,
    }

    /// The error document.
    pub struct ErrorDocument {
        /// The object key of the error document.
        pub key: Option<String>,
    }

    /// A conditional redirect.
    pub struct RoutingRule {
        /// The condition; if absent, the rule always applies.
        pub condition: Option<Condition>,
        /// The redirect.
        pub redirect: Option<Redirect>,
    }

    /// The condition of a redirect.
    pub struct Condition {
        /// The HTTP error code.
        pub http_error_code_returned_equals: Option<String>,
        /// The object key prefix.
        pub key_prefix_equals: Option<String>,
    }

    /// The target of a redirect.
    pub struct Redirect {
        /// The hostname; if absent, that of the original request.
        pub host_name: Option<String>,
        /// The HTTP redirect code of the response.
        pub http_redirect_code: Option<String>,
        /// `http` or `https`; if absent, that of the original request.
        pub protocol: Option<String>,
        /// The replacement for the key prefix in the condition.
        pub replace_key_prefix_with: Option<String>,
        /// The replacement for the whole key.
        pub replace_key_with: Option<String>,
    }

    /// One CORS rule.
    pub struct CorsRule {
        /// The rule's id.
        pub id: Option<String>,
        /// The allowed origins; `*` allows all origins.
        #[serde(default)]
        pub allowed_origins: Vec<String>,
        /// The allowed HTTP methods: `GET`, `PUT`, `HEAD`, `POST` or `DELETE`.
        #[serde(default)]
        pub allowed_methods: Vec<String>,
        /// The allowed request headers.
        #[serde(default)]
        pub allowed_headers: Vec<String>,
        /// The response headers that scripts can access.
        #[serde(default)]
        pub expose_headers: Vec<String>,
        /// How long browsers can cache the preflight response, in seconds.
        pub max_age_seconds: Option<i64>,
    }
}
