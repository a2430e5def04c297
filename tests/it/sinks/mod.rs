//! Services that receive the reports of nights: GitHub code scanning, and chats.

mod fake_github;
mod fake_service;
#[path = "../support/github.rs"]
mod model;
mod notify;
mod upload;
