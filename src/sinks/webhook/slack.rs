//! Messages for Slack, made of blocks. Services with compatible webhooks show the same.
//!
//! Limits: 50 blocks, 150 characters in a header, 3,000 in a section.

use serde_json::{Value, json};

use super::mentions::unmentioned;
use super::news::{Item, News};
use crate::model::text::one_line;

/// How many failures are listed: far fewer blocks than Slack takes.
const LISTED: usize = 20;
/// The longest text of a section.
const SECTION: usize = 2_900;

pub(super) fn message(news: &News, link: Option<&str>) -> Value {
    let headline = format!("rolecall: {}", news.headline());
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": one_line(&headline, 150), "emoji": false },
    })];
    blocks.extend(news.items.iter().take(LISTED).map(|item| section(&line(item))));
    let rest = news.failures().saturating_sub(news.items.len().min(LISTED));
    if rest > 0 && !news.items.is_empty() {
        blocks.push(section(&format!("and {rest} more")));
    }
    if !news.changes.is_empty() {
        blocks.push(section(&escape(&news.changes)));
    }
    if !news.filters.is_empty() {
        blocks.push(section(&format!("only a part was scanned: {}", escape(&news.filters))));
    }
    if !news.unchecked.is_empty() {
        blocks.push(section(&format!(":warning: {}", escape(&news.unchecked))));
    }
    if let Some(link) = link {
        blocks.push(section(&format!("<{}|Report>", escape(link).replace('|', "%7C"))));
    }
    json!({ "text": headline, "blocks": blocks })
}

fn line(item: &Item) -> String {
    format!(
        "*{}*  {}\n{} · {} · {}",
        item.severity,
        escape(&item.title),
        escape(&item.resource),
        escape(&item.account),
        escape(&item.region)
    )
}

/// `verbatim`: Slack looks neither for links nor for names in it.
fn section(text: &str) -> Value {
    let text: String = text.chars().take(SECTION).collect();
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// Text without mentions (`<!channel>`), links, formatting and emoji.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in unmentioned(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push('\''),
            // An invisible character takes their meaning.
            '*' | '_' | '~' => out.extend([c, '\u{2060}']),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::news::tests::{hostile, many};
    use super::*;

    #[test]
    fn the_limits_of_slack_are_kept() {
        let message = message(&many(5_000), Some("https://example.com/report"));
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50, "{}", blocks.len());
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap();
            let limit = if block["type"] == "header" { 150 } else { 3_000 };
            assert!((1..=limit).contains(&text.chars().count()), "{text}");
        }
        assert!(message.to_string().contains("and 4980 more"));
        assert!(message.to_string().contains("<https://example.com/report|Report>"));
    }

    #[test]
    fn names_cannot_mention_or_link() {
        let text = message(&hostile(), None).to_string();
        for bad in ["<!", "<@", "<http", "@channel", "@here", "*bold*", "`"] {
            assert!(!text.contains(bad), "{bad}: {text}");
        }
        assert!(text.contains("&lt;!channel&gt;"), "{text}");
    }
}
