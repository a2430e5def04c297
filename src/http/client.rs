//! The client: sends one request and reads the response, within limits.

use std::path::PathBuf;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use super::error::HttpError;
use super::tls::tls_context;
use super::url::Url;

/// How long a connection can take.
const CONNECT: Duration = Duration::from_secs(15);
/// How long a request can take, with its response.
const ATTEMPT: Duration = Duration::from_secs(120);
/// How much of a response is read.
const MAX_BODY: usize = 1 << 20;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes.
    Post,
}

/// A request. Its address and headers can be secrets, so it has no text form.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Headers, apart from those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON, or nothing.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The header `X-RateLimit-Remaining`.
    pub limit_remaining: Option<String>,
    /// The header `X-RateLimit-Reset`.
    pub limit_reset: Option<String>,
    /// The first mebibyte of the body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the service did what was requested.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends requests, one at a time. `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and `AWS_CA_BUNDLE` are
/// honored. Redirects are not followed, because they would carry secrets to another host.
pub struct Client {
    connector: Connector,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    /// Starts the client.
    pub fn new() -> Result<Self, HttpError> {
        let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
        let tls = tls_context(bundle.map(PathBuf::from).as_deref())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| HttpError::Start { reason: error.to_string() })?;
        let settings =
            HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(ATTEMPT).build();
        let connector = {
            let _context = runtime.enter();
            Connector::builder()
                .connector_settings(settings)
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(Provider::rustls(CryptoMode::AwsLc))
                .tls_context(tls)
                .build()
        };
        Ok(Self { connector, runtime })
    }

    /// Sends a request once.
    pub fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let sent = prepare(request)?;
        let exchange = async { tokio::time::timeout(ATTEMPT, self.exchange(sent)).await };
        let late = HttpError::TimedOut { seconds: ATTEMPT.as_secs() };
        self.runtime.block_on(exchange).unwrap_or(Err(late))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<Response, HttpError> {
        let none = HttpError::without_response;
        let received = self.connector.call(request).await.map_err(|error| none(&error))?;
        let header = |name: &str| received.headers().get(name).map(str::to_owned);
        let mut response = Response {
            status: received.status().as_u16(),
            retry_after: header("retry-after"),
            limit_remaining: header("x-ratelimit-remaining"),
            limit_reset: header("x-ratelimit-reset"),
            body: Vec::new(),
        };
        let mut body = received.into_body();
        while response.body.len() < MAX_BODY
            && let Some(frame) = body.frame().await
        {
            let frame = frame.map_err(|error| none(&*error))?;
            if let Some(data) = frame.data_ref() {
                response.body.extend_from_slice(data);
            }
        }
        response.body.truncate(MAX_BODY);
        Ok(response)
    }
}

fn prepare(request: &Request) -> Result<HttpRequest, HttpError> {
    // The errors contain the address.
    let invalid = |what: &str| HttpError::Request { reason: format!("{what} is not valid") };
    let mut sent = HttpRequest::new(SdkBody::from(request.body.clone()));
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    sent.set_method(method).map_err(|_| invalid("the method"))?;
    sent.set_uri(request.url.as_str()).map_err(|_| invalid("the address"))?;
    let headers = sent.headers_mut();
    let mut set = |name: &'static str, value: String| {
        headers.try_insert(name, value).map(drop).map_err(|_| invalid("a header"))
    };
    set("user-agent", concat!("rolecall/", env!("CARGO_PKG_VERSION")).to_owned())?;
    if request.method == Method::Post {
        set("content-type", "application/json".to_owned())?;
        set("content-length", request.body.len().to_string())?;
    }
    for (name, value) in &request.headers {
        set(name, value.clone())?;
    }
    Ok(sent)
}
