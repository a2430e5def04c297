//! A proxy between the program and moto that records every request and can inject faults into
//! responses: what moto never does by itself (deny, throttle, hang, paginate) is done here.
//!
//! It supports as much HTTP/1.1 as the SDK needs: bodies with a length, persistent connections, and
//! requests in both forms, to a server (`AWS_ENDPOINT_URL`) and to a proxy (`HTTP_PROXY`).

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use percent_encoding::percent_decode_str;

use super::moto::{OWN, moto};
use simulator::as_aws;

/// A request of the program.
#[derive(Debug, Clone)]
pub struct Request {
    /// The API call as reports name it: `s3:GetBucketPolicy`.
    pub call: String,
    /// Whose credentials signed it.
    pub account: String,
    /// The region that it is signed for.
    pub region: String,
    /// The bucket in the path.
    pub bucket: Option<String>,
    /// Headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The parameters of the query and of a form in the body.
    pub params: BTreeMap<String, String>,
    /// Whether it was sent to a proxy, with an absolute URL, instead of to a server.
    pub to_proxy: bool,
    method: String,
    path: String,
    body: Vec<u8>,
}

impl Request {
    /// Whether it is this call, by this account, signed for this region.
    pub fn is(&self, call: &str, account: &str, region: &str) -> bool {
        (self.call.as_str(), self.account.as_str(), self.region.as_str()) == (call, account, region)
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// Whether the body contains this text.
    pub fn says(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }

    /// Whether it is this method for this path.
    pub fn is_to(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path.split('?').next() == Some(path)
    }

    /// Whether it deletes something.
    pub fn is_delete(&self) -> bool {
        self.method == "DELETE"
    }

    /// The account of the role that an AssumeRole asks for.
    pub fn role_account(&self) -> &str {
        self.param("RoleArn").split(':').nth(4).unwrap_or_default()
    }
}

/// A response of moto on its way back.
#[derive(Debug, Clone)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

enum Answer {
    Error { status: u16, code: String, message: String },
    Body(String),
    Rewrite(Box<dyn Fn(String) -> String + Send + Sync>),
    Dated(i64),
    Cut,
    Lost,
    Hang,
}

/// Which requests to change, and how.
pub struct Fault {
    when: Box<dyn Fn(&Request) -> bool + Send + Sync>,
    left: AtomicUsize,
    answer: Answer,
}

/// A fault for all requests that `when` accepts; what it does is set by the other methods.
pub struct When(Box<dyn Fn(&Request) -> bool + Send + Sync>);

pub fn when(condition: impl Fn(&Request) -> bool + Send + Sync + 'static) -> When {
    When(Box::new(condition))
}

impl When {
    fn then(self, answer: Answer) -> Fault {
        Fault { when: self.0, left: AtomicUsize::new(usize::MAX), answer }
    }

    /// An error as the service would write it.
    pub fn error(self, status: u16, code: &str, message: &str) -> Fault {
        self.then(Answer::Error { status, code: code.to_owned(), message: message.to_owned() })
    }

    /// A denial.
    pub fn denied(self, message: &str) -> Fault {
        // EC2 has its own code for it; which service it is is known when a request arrives.
        self.error(403, "", message)
    }

    /// A successful response instead of moto's.
    pub fn body(self, body: &str) -> Fault {
        self.then(Answer::Body(body.to_owned()))
    }

    /// moto's response, changed.
    pub fn rewrite(self, change: impl Fn(String) -> String + Send + Sync + 'static) -> Fault {
        self.then(Answer::Rewrite(Box::new(change)))
    }

    /// moto's response from a server whose clock is so many seconds ahead.
    pub fn dated(self, ahead: i64) -> Fault {
        self.then(Answer::Dated(ahead))
    }

    /// The connection is closed without a response.
    pub fn cut(self) -> Fault {
        self.then(Answer::Cut)
    }

    /// moto does what the request asks for, but its response is lost.
    pub fn lost(self) -> Fault {
        self.then(Answer::Lost)
    }

    /// No response is sent.
    pub fn hang(self) -> Fault {
        self.then(Answer::Hang)
    }
}

impl Fault {
    /// Applies only to the first `times` requests.
    pub fn times(self, times: usize) -> Self {
        Self { left: AtomicUsize::new(times), ..self }
    }

    fn takes(&self, request: &Request) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        (self.when)(request)
            && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }
}

/// A running proxy. It ends with the process.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    upstream: SocketAddr,
    faults: Vec<Fault>,
    /// The account of each access key, as returned by AssumeRole.
    keys: Mutex<HashMap<String, String>>,
    requests: Mutex<Vec<Request>>,
}

impl Proxy {
    /// A proxy in front of moto, with faults; the first that matches a request applies.
    pub fn start(faults: Vec<Fault>) -> Self {
        Self::to(moto().address, faults)
    }

    /// A proxy in front of another server.
    pub fn to(upstream: SocketAddr, faults: Vec<Fault>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            upstream,
            faults,
            keys: Mutex::default(),
            requests: Mutex::default(),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = shared.clone();
                // The program may close the connection in the middle of a request; that is not an
                // error.
                thread::spawn(move || drop(state.serve(&client)));
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// How often each call was made.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for request in self.requests() {
            *calls.entry(request.call).or_default() += 1;
        }
        calls
    }
}

impl State {
    fn serve(&self, client: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(client);
        while let Some(request) = self.read_request(&mut reader)? {
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                requests.len()
            };
            let fault = self.faults.iter().find(|fault| fault.takes(&request));
            let response = match fault.map(|fault| &fault.answer) {
                None => self.forward(&request)?,
                Some(Answer::Rewrite(change)) => {
                    let mut response = self.forward(&request)?;
                    response.body = change(String::from_utf8(response.body).unwrap()).into_bytes();
                    response
                }
                Some(Answer::Dated(ahead)) => {
                    let mut response = self.forward(&request)?;
                    response.headers.retain(|(name, _)| name != "date");
                    response.headers.push(("date".to_owned(), http_date(*ahead)));
                    response
                }
                Some(Answer::Body(body)) => {
                    Response { status: 200, headers: Vec::new(), body: body.clone().into_bytes() }
                }
                Some(Answer::Error { status, code, message }) => {
                    error(&request, *status, code, message, number)
                }
                Some(Answer::Cut) => return Ok(()),
                Some(Answer::Lost) => return self.forward(&request).map(drop),
                Some(Answer::Hang) => return reader.read_to_end(&mut Vec::new()).map(drop),
            };
            write_response(client, &response)?;
        }
        Ok(())
    }

    fn read_request(&self, reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default().to_owned(),
            words.next().unwrap_or_default().to_owned(),
        );
        let headers: BTreeMap<String, String> = read_headers(reader)?.into_iter().collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;

        let whole = target.strip_prefix("http://");
        let path = whole
            .map_or(target.as_str(), |rest| rest.find('/').map_or("/", |slash| &rest[slash..]))
            .to_owned();
        let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut params = decode(query);
        if headers
            .get("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        {
            params.extend(decode(&String::from_utf8_lossy(&body)));
        }
        // AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …
        let authorization = headers.get("authorization").map_or("", String::as_str);
        let scope: Vec<&str> = authorization
            .split_once("Credential=")
            .map_or("", |(_, rest)| rest)
            .split('/')
            .collect();
        let part = |index: usize| scope.get(index).copied().unwrap_or_default();
        let account =
            self.keys.lock().unwrap().get(part(0)).cloned().unwrap_or_else(|| OWN.to_owned());
        let bucket = bare.trim_matches('/');
        let bucket =
            (["s3", "s3express"].contains(&part(3)) && !bucket.is_empty() && !bucket.contains('/'))
                .then(|| bucket.to_owned());
        // Services with a JSON protocol have the call in a header:
        // AWSOrganizationsV20161128.ListRoots.
        let named = headers.get("x-amz-target").and_then(|target| target.split_once('.'));
        let call = named.map_or_else(
            || call(part(3), &method, bare, &params),
            |(_, name)| format!("{}:{name}", part(3)),
        );
        Ok(Some(Request {
            call,
            account,
            region: part(2).to_owned(),
            bucket,
            to_proxy: whole.is_some(),
            headers,
            params,
            method,
            path,
            body,
        }))
    }

    fn forward(&self, request: &Request) -> io::Result<Response> {
        let mut upstream = TcpStream::connect(self.upstream)?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
            request.method, request.path, self.upstream
        );
        for (name, value) in &request.headers {
            if !matches!(name.as_str(), "host" | "connection" | "proxy-connection") {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        upstream.write_all(head.as_bytes())?;
        upstream.write_all(b"\r\n")?;
        upstream.write_all(&request.body)?;

        let mut reader = BufReader::new(&upstream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status =
            line.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(500);
        let headers = read_headers(&mut reader)?;
        let mut body = Vec::new();
        reader.read_to_end(&mut body)?;
        if status == 200 {
            let operation = request.call.split_once(':').map_or("", |(_, operation)| operation);
            body = as_aws(operation, body);
        }
        if request.call == "sts:AssumeRole" {
            let text = String::from_utf8_lossy(&body);
            if let Some((_, rest)) = text.split_once("<AccessKeyId>") {
                let key = rest.split('<').next().unwrap_or_default();
                self.keys.lock().unwrap().insert(key.to_owned(), request.role_account().to_owned());
            }
        }
        Ok(Response { status, headers, body })
    }
}

/// The current time plus some seconds.
fn http_date(ahead: i64) -> String {
    let time = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + ahead).unwrap();
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn read_headers<R: BufRead>(reader: &mut R) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(headers) };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn write_response(mut client: &TcpStream, response: &Response) -> io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} Answer\r\ncontent-length: {}\r\n",
        response.status,
        response.body.len()
    );
    for (name, value) in &response.headers {
        if !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    client.write_all(&[head.as_bytes(), &response.body].concat())
}

fn decode(query: &str) -> BTreeMap<String, String> {
    let decoded =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// The name of a call. For S3, it follows from method and subresource.
fn call(service: &str, method: &str, path: &str, params: &BTreeMap<String, String>) -> String {
    if let Some(action) = params.get("Action") {
        return format!("{service}:{action}");
    }
    if path.starts_with("/v20180820/") {
        let known = match path.trim_start_matches("/v20180820/").split('/').collect::<Vec<_>>()[..]
        {
            ["configuration", "publicAccessBlock"] => Some("GetPublicAccessBlock"),
            ["accesspoint"] => Some("ListAccessPoints"),
            ["accesspoint", _] => Some("GetAccessPoint"),
            ["mrap", "instances"] => Some("ListMultiRegionAccessPoints"),
            _ => None,
        };
        let known = known.filter(|_| method == "GET").map(str::to_owned);
        return format!("s3control:{}", known.unwrap_or_else(|| format!("{method} {path}")));
    }
    // Directory buckets have the same operations as buckets, but another signing name.
    let directory = service == "s3express";
    if (method, path) == ("GET", "/") {
        return if directory { "s3express:ListDirectoryBuckets" } else { "s3:ListBuckets" }
            .to_owned();
    }
    let subresources = [
        ("acl", "GetBucketAcl"),
        ("encryption", "GetBucketEncryption"),
        ("lifecycle", "GetBucketLifecycleConfiguration"),
        ("location", "GetBucketLocation"),
        ("logging", "GetBucketLogging"),
        ("object-lock", "GetObjectLockConfiguration"),
        ("ownershipControls", "GetBucketOwnershipControls"),
        ("policy", "GetBucketPolicy"),
        ("policyStatus", "GetBucketPolicyStatus"),
        ("publicAccessBlock", "GetPublicAccessBlock"),
        ("tagging", "GetBucketTagging"),
        ("versioning", "GetBucketVersioning"),
    ];
    let named = subresources.iter().find(|(name, _)| method == "GET" && params.contains_key(*name));
    let of = if directory { "s3express" } else { "s3" };
    named.map_or_else(|| format!("{service}:{method} {path}"), |(_, call)| format!("{of}:{call}"))
}

/// An error in the format of the service, with a unique request id.
fn error(request: &Request, status: u16, code: &str, message: &str, number: usize) -> Response {
    if request.call.starts_with("organizations:") {
        let code = if code.is_empty() { "AccessDeniedException" } else { code };
        let body = serde_json::json!({ "__type": code, "Message": message }).to_string();
        let kind = "application/x-amz-json-1.1".to_owned();
        return Response {
            status,
            headers: vec![("content-type".to_owned(), kind)],
            body: body.into_bytes(),
        };
    }
    let ec2 = request.call.starts_with("ec2:");
    let code = match code {
        "" if ec2 => "UnauthorizedOperation",
        "" => "AccessDenied",
        code => code,
    };
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    let id = format!("request-{}-{number}", std::process::id());
    let body = if ec2 {
        format!(
            "<Response><Errors><Error>{inner}</Error></Errors><RequestID>{id}</RequestID></Response>"
        )
    } else if request.call.starts_with("s3:") || request.call.starts_with("s3express:") {
        format!("<Error>{inner}<RequestId>{id}</RequestId><HostId>host</HostId></Error>")
    } else {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{id}</RequestId></ErrorResponse>"
        )
    };
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    Response {
        status,
        headers: vec![("content-type".to_owned(), "text/xml".to_owned())],
        body: body.into_bytes(),
    }
}
