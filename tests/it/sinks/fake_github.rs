//! A fake of GitHub's API for code scanning: it takes uploads, processes them as the model of code
//! scanning does, and can be told to answer something else first.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::fake_service::{Answer, FakeService, Received};
use super::model::CodeScanning;

pub const TOKEN: &str = "ghs_kept-between-us-4711";
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A repository `octo/repo` with code scanning.
pub struct FakeGitHub {
    service: FakeService,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    scanning: CodeScanning,
    /// Answers to the next uploads, before any is accepted.
    uploads: VecDeque<Answer>,
    /// Answers to the next questions about an upload.
    statuses: VecDeque<Answer>,
    /// What the last accepted upload became.
    last: Option<Result<(), String>>,
}

impl FakeGitHub {
    pub fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = state.clone();
        let service = FakeService::start(move |request| {
            let mut state = shared.lock().unwrap();
            if request.header("authorization") != format!("Bearer {TOKEN}") {
                return Answer::new(401, r#"{"message":"Bad credentials"}"#);
            }
            let path = "/repos/octo/repo/code-scanning/sarifs";
            match (request.method.as_str(), request.path.strip_prefix(path)) {
                ("POST", Some("")) => state.upload(request),
                ("GET", Some("/id-1")) => state.status(),
                _ => Answer::new(404, r#"{"message":"Not Found"}"#),
            }
        });
        Self { service, state }
    }

    pub fn url(&self) -> String {
        self.service.url()
    }

    /// Answers the next uploads like this.
    pub fn uploads(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().unwrap().uploads.extend(answers);
    }

    /// Answers the next questions about an upload like this.
    pub fn statuses(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().unwrap().statuses.extend(answers);
    }

    pub fn received(&self) -> Vec<Received> {
        self.service.received()
    }

    /// How often something was uploaded, or was to be.
    pub fn posts(&self) -> usize {
        self.received().iter().filter(|request| request.method == "POST").count()
    }

    /// Open alerts: account and resource.
    pub fn open(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.scanning.open.keys().map(|alert| alert.path.clone()).collect()
    }
}

impl State {
    fn upload(&mut self, request: &Received) -> Answer {
        if let Some(answer) = self.uploads.pop_front() {
            return answer;
        }
        let body = request.json();
        let invalid = |text: &str| Answer::new(422, &json!({ "message": text }).to_string());
        if body["commit_sha"] != COMMIT || body["ref"] != "refs/heads/main" {
            return invalid("commit not found");
        }
        let Some(sarif) = decode(&body["sarif"]) else { return invalid("not compressed") };
        self.last = Some(self.scanning.upload(&sarif).map(drop));
        Answer::new(202, &json!({ "id": "id-1", "url": "https://x" }).to_string())
    }

    fn status(&mut self) -> Answer {
        if let Some(answer) = self.statuses.pop_front() {
            return answer;
        }
        let status = match &self.last {
            Some(Ok(())) => json!({ "processing_status": "complete", "errors": null }),
            Some(Err(error)) => json!({ "processing_status": "failed", "errors": [error] }),
            None => return Answer::new(404, ""),
        };
        Answer::new(200, &status.to_string())
    }
}

fn decode(sarif: &Value) -> Option<Value> {
    let compressed = STANDARD.decode(sarif.as_str()?).ok()?;
    let mut text = String::new();
    GzDecoder::new(&compressed[..]).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
