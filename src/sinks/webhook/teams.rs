//! Messages for Teams: an Adaptive Card, for a workflow that posts what its webhook receives.
//!
//! Texts that come from outside are runs of a `RichTextBlock`, which shows them as they are; a
//! `TextBlock` would interpret Markdown. A message can have 28 KB, and some workflows take less.

use serde_json::{Value, json};

use super::mentions::unmentioned;
use super::news::{Item, News};
use crate::model::Severity;

/// How many failures are listed, if they fit.
const LISTED: usize = 20;
/// How large a message can be.
const MAX: usize = 20_000;

pub(super) fn message(news: &News, link: Option<&str>) -> Value {
    let mut listed = news.items.len().min(LISTED);
    loop {
        let message = with_items(news, listed, link);
        if listed == 0 || message.to_string().len() <= MAX {
            return message;
        }
        listed -= 1;
    }
}

fn with_items(news: &News, listed: usize, link: Option<&str>) -> Value {
    let headline = format!("rolecall: {}", news.headline());
    let mut body = vec![json!({
        "type": "TextBlock", "text": headline, "size": "Large", "weight": "Bolder", "wrap": true,
    })];
    body.extend(news.items.iter().take(listed).map(paragraph));
    let rest = news.failures().saturating_sub(listed);
    if rest > 0 && listed > 0 {
        body.push(rich(vec![run(&format!("and {rest} more"))]));
    }
    if !news.changes.is_empty() {
        body.push(rich(vec![run(&news.changes)]));
    }
    if !news.filters.is_empty() {
        body.push(rich(vec![run("only a part was scanned: "), run(&news.filters)]));
    }
    if !news.unchecked.is_empty() {
        let mut warning = run(&news.unchecked);
        warning["color"] = json!("Warning");
        body.push(rich(vec![warning]));
    }
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": body,
    });
    if let Some(link) = link {
        card["actions"] = json!([{ "type": "Action.OpenUrl", "title": "Report", "url": link }]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

fn paragraph(item: &Item) -> Value {
    let mut severity = run(item.severity.as_str());
    severity["weight"] = json!("Bolder");
    severity["color"] = json!(match item.severity {
        Severity::Critical | Severity::High => "Attention",
        Severity::Medium => "Warning",
        Severity::Low | Severity::Info => "Default",
    });
    let place = format!("\n{} · {} · {}", item.resource, item.account, item.region);
    rich(vec![severity, run(&format!("  {}", item.title)), run(&place)])
}

fn rich(inlines: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines })
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": unmentioned(text) })
}

#[cfg(test)]
mod tests {
    use super::super::news::tests::{hostile, many};
    use super::*;

    #[test]
    fn the_size_is_limited() {
        let mut news = many(5_000);
        for item in &mut news.items {
            item.title = "\u{1F600}".repeat(150);
            item.resource = "\u{1F600}".repeat(100);
        }
        let message = message(&news, Some("https://example.com/report"));
        assert!(message.to_string().len() <= MAX, "{}", message.to_string().len());
        let card = &message["attachments"][0]["content"];
        assert_eq!(card["actions"][0]["url"], "https://example.com/report");
        let body = card["body"].as_array().unwrap();
        assert!(body.len() > 8 && body.len() < 25, "{}", body.len());
        let rest = body[body.len() - 3]["inlines"][0]["text"].as_str().unwrap();
        assert!(rest.starts_with("and ") && rest.ends_with(" more"), "{rest}");
    }

    #[test]
    fn names_are_shown_as_they_are() {
        let message = message(&hostile(), None);
        let body = message["attachments"][0]["content"]["body"].as_array().unwrap();
        for block in &body[1..] {
            assert_eq!(block["type"], "RichTextBlock", "Markdown is not interpreted: {block}");
        }
        assert!(!message.to_string().contains("@channel"), "{message}");
        assert!(message["attachments"][0]["content"]["msteams"]["entities"].is_null());
    }
}
