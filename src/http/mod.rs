//! HTTP requests to services other than AWS: with TLS, proxies and certificates as for AWS, limits on
//! time and size, and retries. URLs and headers can be secrets, so no error contains them.

mod client;
mod error;
mod retry;
mod tls;
mod url;

pub use client::{Client, Method, Request, Response};
pub use error::HttpError;
pub use retry::Patience;
pub use tls::{TlsError, tls_context};
pub use url::Url;
