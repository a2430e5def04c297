//! Owns HTTP/1.1 on the wire: reads requests from any stream and writes responses in correct and
//! broken framings.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::response::{Framing, Response};

/// The longest line that is read.
const MAX_LINE: u64 = 64 * 1024;

/// A request as sent.
#[derive(Debug, Default)]
pub struct RawRequest {
    pub method: String,
    /// A path, a URL (of a request to a proxy), or a host and port (of CONNECT).
    pub target: String,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub connection: u64,
    pub tls: bool,
}

impl RawRequest {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    /// The path and query, also of a request to a proxy.
    pub fn path(&self) -> &str {
        let whole = self.target.strip_prefix("http://");
        whole
            .map_or(self.target.as_str(), |rest| rest.find('/').map_or("/", |slash| &rest[slash..]))
    }

    /// The host that the request is for, without a port.
    pub fn host(&self) -> &str {
        let authority = match self.target.strip_prefix("http://") {
            Some(rest) => rest.split(['/', '?']).next().unwrap_or_default(),
            None if self.method == "CONNECT" => &self.target,
            None => self.header("host"),
        };
        authority.split(':').next().unwrap_or_default()
    }
}

/// The next request; `None` when the client has closed the connection.
pub async fn read_request<S: AsyncBufRead + Unpin>(
    stream: &mut S,
) -> io::Result<Option<RawRequest>> {
    let line = read_line(stream).await?;
    if line.is_empty() {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target), Some(_)) = (words.next(), words.next(), words.next()) else {
        return Err(invalid(&format!("invalid request line: {line:?}")));
    };
    let mut request = RawRequest {
        method,
        target,
        headers: read_headers(stream).await?,
        ..RawRequest::default()
    };
    if request.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        request.body = read_chunks(stream).await?;
    } else if let length @ 1.. = request.header("content-length").parse().unwrap_or(0) {
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).await?;
    }
    Ok(Some(request))
}

async fn read_line<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut line = String::new();
    stream.take(MAX_LINE).read_line(&mut line).await?;
    if line.len() as u64 == MAX_LINE { Err(invalid("the line is too long")) } else { Ok(line) }
}

/// Headers up to the empty line after them.
pub async fn read_headers<S: AsyncBufRead + Unpin>(
    stream: &mut S,
) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()))
            }
            None if line.trim_end().is_empty() => return Ok(headers),
            None => return Err(invalid(&format!("invalid header: {line:?}"))),
        }
    }
}

/// A chunked body.
pub async fn read_chunks<S: AsyncBufRead + Unpin>(stream: &mut S) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| invalid(&format!("invalid chunk size: {line:?}")))?;
        if size == 0 {
            read_headers(stream).await?;
            return Ok(body);
        }
        let before = body.len() as u64;
        stream.take(size).read_to_end(&mut body).await?;
        if body.len() as u64 - before < size || !read_line(stream).await?.trim_end().is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Writes a response and returns whether the connection stays open. `head_only` is for HEAD; with
/// `last` the connection is closed after it.
pub async fn write_response<S: AsyncWrite + Unpin>(
    stream: &mut S,
    response: &Response,
    head_only: bool,
    last: bool,
) -> io::Result<bool> {
    let body = &response.body[..];
    let mut out = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    let no_body = matches!(response.status, 204 | 304);
    match response.framing {
        _ if no_body => {}
        Framing::Length => out.push_str(&format!("content-length: {}\r\n", body.len())),
        Framing::LengthTooLong => {
            out.push_str(&format!("content-length: {}\r\n", body.len() + 100))
        }
        Framing::Chunked | Framing::ChunkedWithoutEnd => {
            out.push_str("transfer-encoding: chunked\r\n")
        }
        Framing::Close => {}
    }
    let keep = !last && matches!(response.framing, Framing::Length | Framing::Chunked);
    // A server that breaks off in the middle of a body does not announce it.
    if last || response.framing == Framing::Close {
        out.push_str("connection: close\r\n");
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    match response.framing {
        _ if head_only || no_body => {}
        Framing::Length | Framing::LengthTooLong | Framing::Close => out.extend_from_slice(body),
        Framing::Chunked | Framing::ChunkedWithoutEnd => {
            for chunk in body.chunks(4096) {
                out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                out.extend_from_slice(chunk);
                out.extend_from_slice(b"\r\n");
            }
            if response.framing == Framing::Chunked {
                out.extend_from_slice(b"0\r\n\r\n");
            }
        }
    }
    stream.write_all(&out).await?;
    stream.flush().await?;
    Ok(keep)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}
