//! Owns the connection to another server behind the fake: requests are passed on as that server
//! expects them, with the bucket in the path.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tokio::time::timeout;

use super::Backend;
use super::hosts::Service;
use super::http::{RawRequest, read_chunks, read_headers};
use super::moto_responses::as_aws;
use super::request::{Request, Style};
use super::response::{Framing, Response};

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server that answers instead of AWS, for example moto.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    /// The accounts of the keys that AssumeRole gave.
    keys: Mutex<HashMap<String, String>>,
    regions: Mutex<HashMap<String, String>>,
}

impl Upstream {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, keys: Mutex::default(), regions: Mutex::default() }
    }

    fn forward(&self, request: &Request, path: &str) -> Response {
        let sent = block_in_place(|| {
            Handle::current().block_on(timeout(TIMEOUT, self.send(request, path)))
        });
        match sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(response) => response,
            Err(error) => Response::new(
                502,
                "text/plain",
                format!("the upstream server did not answer: {error}\n"),
            ),
        }
    }

    async fn send(&self, request: &Request, path: &str) -> io::Result<Response> {
        let mut stream = BufReader::new(TcpStream::connect(self.address).await?);
        let mut head = format!(
            "{} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            request.method,
            upstream_host(request)
        );
        for (name, value) in &request.headers {
            if !matches!(
                name.as_str(),
                "host" | "connection" | "proxy-connection" | "content-length" | "transfer-encoding"
            ) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&request.body).await?;

        let mut line = String::new();
        tokio::io::AsyncBufReadExt::read_line(&mut stream, &mut line).await?;
        let status = line.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::other(format!("invalid status line: {line:?}")))?;
        let raw = RawRequest { headers: read_headers(&mut stream).await?, ..RawRequest::default() };
        let mut body = Vec::new();
        if request.method == "HEAD" {
            // It has a length, but no body.
        } else if raw.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            body = read_chunks(&mut stream).await?;
        } else if let Ok(length) = raw.header("content-length").parse::<usize>() {
            body.resize(length, 0);
            stream.read_exact(&mut body).await?;
        } else {
            stream.read_to_end(&mut body).await?;
        }
        let mut headers = raw.headers;
        headers.retain(|(name, _)| {
            !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding")
        });
        Ok(Response { status, headers, body, framing: Framing::Length, ..Response::default() })
    }
}

impl Backend for Upstream {
    fn answer(&self, request: &Request) -> Response {
        let mut response = self.forward(request, &upstream_path(request));
        if response.status == 200 {
            response.body = as_aws(request.operation(), response.body);
        }
        if request.call == "sts:AssumeRole"
            && let Some(key) = element(&response.text(), "AccessKeyId")
        {
            self.keys.lock().unwrap().insert(key, request.role_account().to_owned());
        }
        response
    }

    fn bucket_region(&self, request: &Request) -> Option<String> {
        let bucket = request.bucket.as_deref().filter(|_| request.host.service == Service::S3)?;
        if let Some(region) = self.regions.lock().unwrap().get(bucket) {
            return Some(region.clone());
        }
        let question = Request { method: "GET".to_owned(), body: Vec::new(), ..request.clone() };
        let response = self.forward(&question, &format!("/{bucket}?location"));
        let region = match element(&response.text(), "LocationConstraint") {
            _ if response.status != 200 => return None,
            Some(region) if !region.is_empty() => region,
            _ => "us-east-1".to_owned(),
        };
        self.regions.lock().unwrap().insert(bucket.to_owned(), region.clone());
        Some(region)
    }

    fn account_of_key(&self, key: &str) -> Option<String> {
        self.keys.lock().unwrap().get(key).cloned()
    }
}

/// The service's plain host in the request's region, without a bucket, FIPS or dual-stack: the
/// upstream server knows no others.
fn upstream_host(request: &Request) -> String {
    let host = &request.host;
    match host.service {
        Service::S3 | Service::S3ExpressControl | Service::S3ExpressZonal => {
            host.s3_endpoint(&host.region)
        }
        Service::S3Control => {
            let account = host.account.as_deref().unwrap_or_default();
            format!("{account}.s3-control.{}.{}", host.region, host.partition.suffix)
        }
        service => format!("{}.{}.{}", service.signing_name(), host.region, host.partition.suffix),
    }
}

fn upstream_path(request: &Request) -> String {
    match (&request.bucket, request.style) {
        (Some(bucket), Style::Virtual) => format!("/{bucket}{}", request.path),
        _ => request.path.clone(),
    }
}

/// The content of the first element of that name, whatever its attributes.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}"))?;
    let (tag, rest) = rest.split_once('>')?;
    let content = if tag.ends_with('/') { "" } else { rest.split('<').next().unwrap_or_default() };
    Some(content.trim().to_owned())
}
