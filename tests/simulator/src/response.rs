//! Owns the response: its status, body and framing, failures such as a reset connection, and the
//! error format of each service.

use std::time::Duration;

use super::hosts::Service;
use super::request::Request;

/// How the end of a body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// By `Content-Length`.
    #[default]
    Length,
    /// In chunks.
    Chunked,
    /// By the end of the connection.
    Close,
    /// `Content-Length` is 100 bytes more than what is sent before the connection is closed.
    LengthTooLong,
    /// In chunks, and the connection is closed before the last one.
    ChunkedWithoutEnd,
}

#[derive(Debug, Clone, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub framing: Framing,
    /// How long to wait before it, in addition to the latency of all responses.
    pub delay: Duration,
    /// The connection is reset instead of a response.
    pub reset: bool,
    /// The call is not one that is answered here.
    pub unknown_call: bool,
}

impl Response {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), ..Self::default() }
    }

    /// A successful answer in XML. The XML declaration is added.
    pub fn xml(request: &Request, body: &str) -> Self {
        Self::xml_status(request, 200, body)
    }

    fn xml_status(request: &Request, status: u16, body: &str) -> Self {
        let id = request.request_id();
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
        match request.host.service {
            Service::Ec2 => Self::new(status, "text/xml;charset=UTF-8", body)
                .with_header("x-amzn-requestid", &id),
            Service::Sts | Service::Organizations => {
                Self::new(status, "text/xml", body).with_header("x-amzn-requestid", &id)
            }
            Service::S3
            | Service::S3Control
            | Service::S3ExpressControl
            | Service::S3ExpressZonal => Self::new(status, "application/xml", body)
                .with_header("x-amz-request-id", &id)
                .with_header("x-amz-id-2", "aG9zdA==")
                .with_header("server", "AmazonS3"),
        }
    }

    /// A successful answer in JSON.
    pub fn json(request: &Request, body: &serde_json::Value) -> Self {
        Self::new(200, "application/x-amz-json-1.1", body.to_string())
            .with_header("x-amzn-requestid", &request.request_id())
    }

    /// An error as the service writes it. `extra` are more elements of it, which S3 and S3 Control
    /// have.
    pub fn error(
        request: &Request,
        status: u16,
        code: &str,
        message: &str,
        extra: &[(&str, &str)],
    ) -> Self {
        let (id, message) = (request.request_id(), escape(message));
        let extra: String = extra
            .iter()
            .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)))
            .collect();
        let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
        let body = match request.host.service {
            Service::Organizations => {
                let body = serde_json::json!({ "__type": code, "Message": message });
                return Self { status, ..Self::json(request, &body) };
            }
            Service::Ec2 => format!(
                "<Response><Errors><Error>{inner}</Error></Errors><RequestID>{id}</RequestID></Response>"
            ),
            Service::Sts => format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>{inner}</Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>"
            ),
            Service::S3Control => format!(
                "<ErrorResponse><Error>{inner}{extra}</Error><RequestId>{id}</RequestId><HostId>aG9zdA==</HostId></ErrorResponse>"
            ),
            Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
                format!(
                    "<Error>{inner}{extra}<RequestId>{id}</RequestId><HostId>aG9zdA==</HostId></Error>"
                )
            }
        };
        Self::xml_status(request, status, &body)
    }

    /// A denial, with the code that the service has for it.
    pub fn denied(request: &Request, message: &str) -> Self {
        let code = match request.host.service {
            Service::Ec2 => "UnauthorizedOperation",
            Service::Organizations => "AccessDeniedException",
            _ => "AccessDenied",
        };
        let status = if request.host.service == Service::Organizations { 400 } else { 403 };
        Self::error(request, status, code, message, &[])
    }

    /// The error for a call that the service does not have.
    pub fn unknown_call(request: &Request) -> Self {
        let operation = request.operation();
        let (status, code, message) = match request.host.service {
            Service::Ec2 | Service::Sts => {
                let message = format!("The action {operation} is not valid for this web service.");
                (400, "InvalidAction", message)
            }
            Service::Organizations => (400, "UnknownOperationException", String::new()),
            Service::S3Control => {
                let message = "The specified method is not allowed against this resource.";
                (405, "MethodNotAllowed", message.to_owned())
            }
            Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
                let message = "A header you provided implies functionality that is not implemented";
                (501, "NotImplemented", message.to_owned())
            }
        };
        let extra = [("BucketName", request.bucket.as_deref().unwrap_or_default())];
        let extra = if request.bucket.is_some() { &extra[..] } else { &[] };
        Self { unknown_call: true, ..Self::error(request, status, code, &message, extra) }
    }

    /// A throttled call, with the status and code that the service has for it.
    pub fn throttled(request: &Request) -> Self {
        let (status, code) = match request.host.service {
            Service::Ec2 => (503, "RequestLimitExceeded"),
            Service::Sts => (400, "Throttling"),
            Service::Organizations => (400, "TooManyRequestsException"),
            _ => (503, "SlowDown"),
        };
        Self::error(request, status, code, "Please reduce your request rate.", &[])
    }

    /// No response: the client sees a reset connection.
    pub fn reset() -> Self {
        Self { reset: true, ..Self::default() }
    }

    /// No response: the connection stays open, and nothing comes.
    pub fn hang() -> Self {
        Self { delay: Duration::from_secs(24 * 60 * 60), ..Self::default() }
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_framing(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Text as content of an XML element.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
