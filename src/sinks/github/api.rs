//! The REST API: uploads a file, and asks whether it was processed.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::advice::{self, Meaning};
use super::place::{CommitId, GitRef, RepositoryName, Token};
use crate::http::{Client, HttpError, Method, Patience, Request, Response, Url};
use crate::model::text::one_line;

/// How often a request is sent.
const ATTEMPTS: u32 = 8;
/// The first wait before asking whether a file was processed; it grows.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait before asking again.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Why a file is not in code scanning.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There was no response.
    #[error("GitHub: {0}")]
    Http(#[from] HttpError),
    /// GitHub refused it.
    #[error("GitHub refused the upload (status {status}{message}): {advice}{limit}", message = with_colon(message), limit = limit(too_long))]
    Refused {
        /// The status code.
        status: u16,
        /// GitHub's message.
        message: String,
        /// What to do.
        advice: String,
        /// How long GitHub asks to wait.
        too_long: Option<Duration>,
        /// Whether the repository has no code scanning.
        is_disabled: bool,
        /// Whether other files would be refused, too.
        for_all: bool,
    },
    /// The response does not make sense.
    #[error("GitHub accepted the file, but its response has no valid id: check --api-url")]
    NoId,
}

impl UploadError {
    /// Whether other files would be refused, too.
    pub fn is_for_all(&self) -> bool {
        match self {
            Self::Http(_) | Self::NoId => true,
            Self::Refused { for_all, .. } => *for_all,
        }
    }

    /// Whether the repository has no code scanning.
    pub fn is_disabled(&self) -> bool {
        matches!(self, Self::Refused { is_disabled: true, .. })
    }
}

fn with_colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn limit(wait: &Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| {
        format!("; GitHub asks to wait for {} s, which is longer than --timeout", wait.as_secs())
    })
}

/// What became of an accepted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Processing {
    /// Its results are stored.
    Complete,
    /// GitHub rejected it, or parts of it.
    Failed(Vec<String>),
    /// GitHub was not done in time.
    Pending,
}

/// What is uploaded, and for which commit.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// The commit.
    pub commit: &'a CommitId,
    /// The ref.
    pub git_ref: &'a GitRef,
    /// The compressed file.
    pub payload: &'a str,
}

/// Code scanning of a repository.
pub struct GitHub {
    client: Client,
    token: Token,
    repository: RepositoryName,
    sarifs: Url,
}

impl GitHub {
    /// The repository at the address of an API.
    pub fn new(api: &Url, repository: RepositoryName, token: Token) -> Result<Self, HttpError> {
        let sarifs = api.join(&format!("repos/{repository}/code-scanning/sarifs"));
        Ok(Self { client: Client::new()?, token, repository, sarifs })
    }

    /// Uploads a file; returns the id by which GitHub knows it.
    pub fn upload(&self, upload: Upload<'_>, until: Instant) -> Result<String, UploadError> {
        #[derive(Serialize)]
        struct Body<'a> {
            commit_sha: String,
            r#ref: String,
            sarif: &'a str,
            tool_name: &'a str,
        }
        #[derive(Deserialize)]
        struct Accepted {
            id: String,
        }
        let body = Body {
            commit_sha: upload.commit.to_string(),
            r#ref: upload.git_ref.to_string(),
            sarif: upload.payload,
            tool_name: "rolecall",
        };
        let body = serde_json::to_vec(&body)
            .map_err(|error| HttpError::Request { reason: error.to_string() })?;
        // Results replace those of their category, so a file can be sent twice.
        let response = self.send(Method::Post, self.sarifs.clone(), body, until)?;
        let accepted: Option<Accepted> = serde_json::from_slice(&response.body).ok();
        let id = accepted.map(|accepted| accepted.id).filter(|id| {
            let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
            (1..=100).contains(&id.len()) && id.chars().all(good)
        });
        id.ok_or(UploadError::NoId)
    }

    /// Waits until a file was processed.
    pub fn wait(&self, id: &str, until: Instant) -> Result<Processing, UploadError> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Status {
            processing_status: String,
            errors: Option<Vec<String>>,
        }
        let mut wait = FIRST_WAIT;
        loop {
            if Instant::now() + wait > until {
                return Ok(Processing::Pending);
            }
            std::thread::sleep(wait);
            wait = (wait * 3 / 2).min(LONGEST_WAIT);
            let status = match self.send(Method::Get, self.sarifs.join(id), Vec::new(), until) {
                Ok(response) => serde_json::from_slice(&response.body).unwrap_or_default(),
                // GitHub may not know the file yet, just after it was accepted.
                Err(UploadError::Refused { status: 404, .. }) => Status::default(),
                Err(error) => return Err(error),
            };
            match status.processing_status.as_str() {
                "complete" => return Ok(Processing::Complete),
                "failed" => {
                    let errors = status.errors.unwrap_or_default();
                    let shown = errors.iter().take(10).map(|error| self.shown(error)).collect();
                    return Ok(Processing::Failed(shown));
                }
                _ => {}
            }
        }
    }

    /// A text of GitHub, for people.
    fn shown(&self, text: &str) -> String {
        one_line(&self.token.remove_from(text), 400)
    }

    fn send(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        until: Instant,
    ) -> Result<Response, UploadError> {
        let headers = vec![
            ("authorization", self.token.header()),
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", "2022-11-28".to_owned()),
        ];
        let request = Request { method, url, headers, body };
        let patience = Patience { attempts: ATTEMPTS, until, repeats_unanswered: true };
        let sent = self.client.send_patiently(&request, patience, &advice::is_limit)?;
        let response = sent.response;
        if response.is_success() {
            return Ok(response);
        }
        let (meaning, advice) = advice::advice(&response, &self.repository);
        Err(UploadError::Refused {
            status: response.status,
            message: self.shown(&advice::message(&response)),
            advice,
            too_long: sent.too_long,
            is_disabled: meaning == Meaning::Disabled,
            for_all: meaning != Meaning::File,
        })
    }
}
