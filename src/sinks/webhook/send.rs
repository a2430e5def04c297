//! Sends a message to a webhook. Its address is a secret: anyone who has it can post.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::{Client, HttpError, Method, Patience, Request, Url};
use crate::model::text::one_line;

/// How often a message is sent.
const ATTEMPTS: u32 = 5;

/// Why a message was not posted. It does not contain the address.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There was no response.
    #[error("the webhook: {0}")]
    Http(#[from] HttpError),
    /// The service refused it.
    #[error("the webhook refused the message (status {status}{message}): {advice}", message = with_colon(message))]
    Refused {
        /// The status code.
        status: u16,
        /// The service's message.
        message: String,
        /// What to do.
        advice: &'static str,
    },
}

fn with_colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// Sends a message. A message without a response may have been posted, so it is not sent again.
pub fn send(url: &Url, message: &Value, timeout: Duration) -> Result<(), WebhookError> {
    let body = message.to_string().into_bytes();
    let request = Request { method: Method::Post, url: url.clone(), headers: Vec::new(), body };
    let until = Instant::now() + timeout;
    let patience = Patience { attempts: ATTEMPTS, until, repeats_unanswered: false };
    let response = Client::new()?.send_patiently(&request, patience, &|_| false)?.response;
    if response.is_success() {
        return Ok(());
    }
    let advice = match response.status {
        400 => {
            "the service does not accept this kind of message: check that --to is the kind of chat"
        }
        401 | 403 | 404 | 410 => {
            "the webhook does not exist anymore, or the channel does not take messages: create a new webhook, and set the variable to its address"
        }
        413 => "the message is too large for the service: use --min-severity",
        429 => "the service limits the number of messages: run the same command again later",
        500..=599 => "the service has a problem: run the same command again later",
        _ => "check that the variable contains the address of a webhook",
    };
    let message = one_line(&url.remove_from(&response.text()), 200);
    Err(WebhookError::Refused { status: response.status, message, advice })
}
