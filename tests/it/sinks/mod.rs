//! Services that receive the reports of nights: GitHub code scanning, the GitHub action, and chats.

mod fake_github;
mod fake_service;
#[cfg(unix)]
mod github_action;
#[path = "../support/github.rs"]
mod model;
mod notify;
mod upload;
