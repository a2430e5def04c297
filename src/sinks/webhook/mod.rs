//! Messages to a chat: what is new, as a service for Slack or Teams takes it, sent to a webhook.
//!
//! A chat has other readers than a report, and is kept elsewhere: a message has numbers, and the
//! names of rules, resources and accounts, but neither messages of findings nor evidence.

mod mentions;
mod news;
mod send;
mod slack;
mod teams;

pub use news::News;
pub use send::send;

use serde_json::Value;

/// A kind of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chat {
    /// Slack, or a service with compatible webhooks.
    Slack,
    /// Microsoft Teams, by a workflow with a webhook.
    Teams,
}

impl Chat {
    /// The chat that a host belongs to, if that is known.
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let is = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        let teams =
            ["logic.azure.com", "logic.azure.us", "webhook.office.com", "powerplatform.com"];
        match () {
            () if is("slack.com") || is("slack-gov.com") => Some(Self::Slack),
            () if teams.into_iter().any(is) => Some(Self::Teams),
            () => None,
        }
    }

    /// The message.
    pub fn message(self, news: &News, link: Option<&str>) -> Value {
        match self {
            Self::Slack => slack::message(news, link),
            Self::Teams => teams::message(news, link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_tell_the_chat() {
        for (host, chat) in [
            ("hooks.slack.com", Some(Chat::Slack)),
            ("HOOKS.SLACK-GOV.COM", Some(Chat::Slack)),
            ("prod-1.westeurope.logic.azure.com", Some(Chat::Teams)),
            ("x.environment.api.powerplatform.com", Some(Chat::Teams)),
            ("evilslack.com", None),
            ("chat.example.com", None),
        ] {
            assert_eq!(Chat::of_host(host), chat, "{host}");
        }
    }
}
