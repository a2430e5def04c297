//! The fake as a client sees it through the proxy: connections, TLS, framings, timing and counts.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Estate, FakeAws, Framing, Options, Response};

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection of a client.
pub(super) struct Client {
    stream: BufReader<Box<dyn Stream>>,
    host: String,
    absolute: bool,
}

/// An answer as a client reads it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

pub(super) fn tls(fake: &FakeAws) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(fake.ca_pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

impl Client {
    pub(super) async fn connect(fake: &FakeAws, host: &str) -> io::Result<Self> {
        Self::connect_by(&tls(fake), fake, host).await
    }

    pub(super) async fn connect_by(
        tls: &TlsConnector,
        fake: &FakeAws,
        host: &str,
    ) -> io::Result<Self> {
        let mut stream = TcpStream::connect(fake.address()).await?;
        stream
            .write_all(
                format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n").as_bytes(),
            )
            .await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        if !head.starts_with("HTTP/1.1 200 ") {
            return Err(io::Error::other(head));
        }
        let stream = tls.connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await?;
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            host: host.to_owned(),
            absolute: false,
        })
    }

    /// Without TLS: requests with whole URLs.
    pub(super) async fn plain(fake: &FakeAws, host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(fake.address()).await?;
        Ok(Self { stream: BufReader::new(Box::new(stream)), host: host.to_owned(), absolute: true })
    }

    pub(super) async fn send(
        &mut self,
        method: &str,
        path: &str,
        more: &str,
        body: &str,
    ) -> io::Result<()> {
        let target =
            if self.absolute { format!("http://{}{path}", self.host) } else { path.to_owned() };
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{more}\r\n",
            self.host,
            body.len()
        );
        self.stream.write_all(format!("{head}{body}").as_bytes()).await?;
        self.stream.flush().await
    }

    pub(super) async fn read(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).ok_or(io::ErrorKind::UnexpectedEof)?.parse().unwrap();
        let headers = super::http::read_headers(&mut self.stream).await?;
        let mut answer = Answer { status, headers, body: String::new() };
        answer.body = if answer.header("transfer-encoding") == "chunked" {
            String::from_utf8(super::http::read_chunks(&mut self.stream).await?).unwrap()
        } else if let Ok(length) = answer.header("content-length").parse() {
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await?;
            String::from_utf8(body).unwrap()
        } else {
            let mut body = String::new();
            self.stream.read_to_string(&mut body).await?;
            body
        };
        Ok(answer)
    }

    pub(super) async fn get(&mut self, path: &str, more: &str) -> io::Result<Answer> {
        self.send("GET", path, more, "").await?;
        self.read().await
    }

    /// An operation of a query API: EC2 or STS.
    pub(super) async fn query(&mut self, form: &str, more: &str) -> io::Result<Answer> {
        let more = format!("Content-Type: application/x-www-form-urlencoded\r\n{more}");
        self.send("POST", "/", &more, form).await?;
        self.read().await
    }
}

/// The header of a signature.
pub(super) fn signed(key: &str, region: &str, service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={key}/20240101/{region}/{service}/aws4_request, Signature=0\r\n"
    )
}

pub(super) const ROOT: &str = "s3.us-east-1.amazonaws.com";

#[tokio::test]
async fn answers_in_a_tunnel_and_without_tls() {
    let fake = FakeAws::start(Options { record: true, ..Options::new(Estate::default()) });
    let own = signed("AKIAOWN", "us-east-1", "s3");
    let mut client = Client::connect(&fake, "b000020.s3.us-east-1.amazonaws.com").await.unwrap();
    assert_eq!(client.get("/?versioning", &own).await.unwrap().status, 404);
    let assumed = signed("ASIA100000000000FAKE", "us-east-1", "s3");
    let mut client = Client::connect(&fake, "b000003.s3.us-east-1.amazonaws.com").await.unwrap();
    assert!(client.get("/?versioning", &assumed).await.unwrap().body.contains("Enabled"));
    let mut client = Client::plain(&fake, ROOT).await.unwrap();
    let answer = client.get("/b000003?policy", &assumed).await.unwrap();
    assert!(answer.status == 404 && answer.body.contains("NoSuchBucketPolicy"), "{answer:?}");
    let mut client = Client::connect(&fake, "sts.us-east-1.amazonaws.com").await.unwrap();
    let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A100000000000%3Arole%2Faudit&RoleSessionName=s";
    let answer = client.query(form, &signed("AKIAOWN", "us-east-1", "sts")).await.unwrap();
    assert!(answer.body.contains("<AccessKeyId>ASIA100000000000E"), "{}", answer.body);

    let requests = fake.requests();
    assert!(
        requests[1].is("s3:GetBucketVersioning", "100000000000", "us-east-1") && requests[1].tls
    );
    assert!(requests[2].is("s3:GetBucketPolicy", "100000000000", "us-east-1") && !requests[2].tls);
    assert_eq!(requests[2].bucket.as_deref(), Some("b000003"));
    assert!(requests[3].is("sts:AssumeRole", "123456789012", "us-east-1"));
    assert_eq!(requests[3].role_account(), "100000000000");
    let counts = fake.counts();
    assert_eq!((counts.connections, counts.handshakes, counts.calls), (4, 3, 4));
    assert_eq!(counts.calls_by_name["s3:GetBucketVersioning"], 2);
    assert_eq!(counts.most_in_flight_by_account["100000000000"], 1);
    assert!(counts.hosts.contains(ROOT));
}

#[tokio::test]
async fn refuses_hosts_that_aws_does_not_have() {
    let fake = FakeAws::start(Options::new(Estate::default()));
    for host in ["s3.us-east-9.amazonaws.com", "example.com"] {
        let error = Client::connect(&fake, host).await.err().unwrap();
        assert!(error.to_string().starts_with("HTTP/1.1 502 "), "{error}");
    }
    assert_eq!(fake.unknown_hosts(), ["example.com", "s3.us-east-9.amazonaws.com"]);
    assert_eq!(fake.counts().handshakes, 0);
}

#[tokio::test]
async fn certificates_are_issued_as_on_aws() {
    let fake = FakeAws::start(Options::new(Estate::default()));
    for host in [
        "b000001.s3.us-east-1.amazonaws.com",
        ROOT,
        "111122223333.s3-control.us-east-1.amazonaws.com",
        "ec2.us-east-1.api.aws",
    ] {
        assert!(Client::connect(&fake, host).await.is_ok(), "{host}");
    }
    // A wildcard stands for one label, so the certificate does not cover this host.
    let error = Client::connect(&fake, "b000001.example.com.s3.us-east-1.amazonaws.com")
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("certificate"), "{error}");
    // Another fake has another authority.
    let other = FakeAws::start(Options::new(Estate::default()));
    let error = Client::connect_by(&tls(&other), &fake, ROOT).await.err().unwrap();
    assert!(error.to_string().contains("certificate"), "{error}");
    // The failure is counted when the client's alert arrives.
    wait_for(|| fake.counts().failed_handshakes == 2).await;
    assert_eq!(fake.counts().handshakes, 4);
    assert_eq!(std::fs::read_to_string(fake.ca_pem_path()).unwrap(), fake.ca_pem());
}

#[tokio::test]
async fn tls_sessions_are_resumed() {
    let fake = FakeAws::start(Options::new(Estate::default()));
    let tls = tls(&fake);
    for _ in 0..3 {
        let mut client =
            Client::connect_by(&tls, &fake, "b000010.s3.us-east-1.amazonaws.com").await.unwrap();
        client.get("/?acl", "").await.unwrap();
    }
    assert_eq!((fake.counts().handshakes, fake.counts().resumed), (3, 2));
}

#[tokio::test]
async fn framings_are_written_as_named() {
    let by_path = |request: &super::Request, response: &mut Response| {
        response.body = "0123456789".repeat(1000).into_bytes();
        response.framing = match request.path.as_str() {
            "/1" => Framing::Chunked,
            "/2" => Framing::Close,
            "/3" => Framing::LengthTooLong,
            "/4" => Framing::ChunkedWithoutEnd,
            "/5" => return *response = Response::reset(),
            _ => Framing::Length,
        };
    };
    let fake = FakeAws::start(Options::new(Estate::default()).spoil(by_path));
    let mut client = Client::connect(&fake, ROOT).await.unwrap();
    for path in ["/0", "/1", "/2"] {
        assert_eq!(client.get(path, "").await.unwrap().body.len(), 10_000, "{path}");
    }
    assert!(client.get("/0", "").await.is_err(), "the connection is closed");
    for path in ["/3", "/4"] {
        let mut client = Client::connect(&fake, ROOT).await.unwrap();
        assert_eq!(
            client.get(path, "").await.unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof,
            "{path}"
        );
    }
    let mut client = Client::connect(&fake, ROOT).await.unwrap();
    assert_eq!(client.get("/5", "").await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let mut client = Client::plain(&fake, ROOT).await.unwrap();
    assert_eq!(client.get("/5", "").await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn connections_are_closed_when_idle_and_after_some_requests() {
    let options =
        Options { idle_close: Some(Duration::from_millis(500)), ..Options::new(Estate::default()) };
    let fake = FakeAws::start(Options { max_requests_per_connection: Some(2), ..options });
    let mut client = Client::connect(&fake, ROOT).await.unwrap();
    assert_eq!(client.get("/", "").await.unwrap().header("connection"), "");
    assert_eq!(client.get("/", "").await.unwrap().header("connection"), "close");
    assert!(client.get("/", "").await.is_err());
    let mut client = Client::connect(&fake, ROOT).await.unwrap();
    client.get("/", "").await.unwrap();
    let mut rest = Vec::new();
    assert_eq!(client.stream.read_to_end(&mut rest).await.unwrap(), 0);
    wait_for(|| fake.counts().open == 0).await;
    assert_eq!((fake.counts().idle_closed, fake.counts().most_open), (1, 1));
}

#[tokio::test]
async fn latency_delays_answers_and_calls_overlap() {
    let (latency, connect_latency) = (Duration::from_millis(300), Duration::from_millis(20));
    let fake =
        FakeAws::start(Options { latency, connect_latency, ..Options::new(Estate::default()) });
    let start = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..5 {
        let tls = tls(&fake);
        let connecting = Client::connect_by(&tls, &fake, ROOT).await.unwrap();
        clients.push(connecting);
    }
    assert!(start.elapsed() >= connect_latency * 5);
    let start = Instant::now();
    for client in &mut clients {
        client.send("GET", "/", "", "").await.unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.read().await.unwrap().status, 200);
    }
    assert!(start.elapsed() >= latency);
    assert_eq!(
        (fake.counts().most_in_flight, fake.counts().most_in_flight_by_account["123456789012"]),
        (5, 5)
    );
}

#[tokio::test]
async fn a_client_that_leaves_does_not_count_as_open() {
    let fake = FakeAws::start(
        Options::new(Estate::default()).spoil(|_, response| *response = Response::hang()),
    );
    let mut client = Client::connect(&fake, ROOT).await.unwrap();
    client.send("GET", "/", "", "").await.unwrap();
    wait_for(|| fake.counts().calls == 1).await;
    assert_eq!(fake.counts().open, 1);
    drop(client);
    wait_for(|| fake.counts().open == 0).await;
}

#[tokio::test]
async fn counts_are_served_as_json() {
    let fake = FakeAws::start(Options::new(Estate::default()));
    Client::connect(&fake, ROOT).await.unwrap().get("/", "").await.unwrap();
    let mut stats = Client::plain(&fake, "127.0.0.1").await.unwrap();
    stats.absolute = false;
    let stats: serde_json::Value =
        serde_json::from_str(&stats.get("/__stats", "").await.unwrap().body).unwrap();
    assert_eq!(
        (&stats["connections"], &stats["calls_by_name"]["s3:ListBuckets"]),
        (&1.into(), &1.into())
    );
}

async fn wait_for(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "the condition was not met in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
