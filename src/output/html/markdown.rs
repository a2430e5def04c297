//! Documentation of rules: Markdown as HTML. Rules can be anybody's, so markup in their text is shown
//! as text, and only links to web pages stay links.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::markup::escape;
use crate::model::text::is_unprintable;

/// The longest documentation that is rendered, in characters.
const MAX: usize = 30_000;

/// Renders documentation. Its headings are below those of the page.
pub(super) fn render(markdown: &str) -> String {
    let printable: String = markdown
        .chars()
        .take(MAX)
        .map(|c| if is_unprintable(c) && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .collect();
    let mut is_dropped = Vec::new();
    let mut is_code = false;
    let mut events = Vec::new();
    for event in Parser::new_ext(&printable, Options::ENABLE_TABLES) {
        match event {
            // Raw HTML is shown, not interpreted.
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Heading { level, .. }) => events.push(heading(lower(level), "")),
            Event::End(TagEnd::Heading(level)) => events.push(heading(lower(level), "/")),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let good = is_web_page(&dest_url);
                is_dropped.push(!good);
                if good {
                    events.push(opened(&dest_url));
                }
            }
            Event::End(TagEnd::Link) => {
                if is_dropped.pop() == Some(false) {
                    events.push(closed());
                }
            }
            // Nothing is loaded: of an image, its description stays.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(tag @ Tag::CodeBlock(_)) => {
                is_code = true;
                events.push(Event::Start(tag));
            }
            Event::End(TagEnd::CodeBlock) => {
                is_code = false;
                events.push(Event::End(TagEnd::CodeBlock));
            }
            // References are often bare addresses.
            Event::Text(text) if !is_code && is_dropped.is_empty() && is_web_page(&text) => {
                events.extend([opened(&text), Event::Text(text.clone()), closed()]);
            }
            event => events.push(event),
        }
    }
    let mut out = String::with_capacity(printable.len() * 2);
    html::push_html(&mut out, events.into_iter());
    out
}

fn heading(level: u8, slash: &str) -> Event<'static> {
    Event::Html(CowStr::from(format!("<{slash}h{level}>")))
}

/// The section of a rule has a heading of level 3.
fn lower(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => 4,
        HeadingLevel::H3 => 5,
        _ => 6,
    }
}

fn opened(address: &str) -> Event<'static> {
    let address = escape(address);
    Event::Html(CowStr::from(format!("<a href=\"{address}\" rel=\"noopener noreferrer\">")))
}

fn closed() -> Event<'static> {
    Event::Html(CowStr::from("</a>"))
}

/// Whether an address is that of a web page, without spaces and markup.
pub(super) fn is_web_page(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && address.len() <= 1_000
            && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        let html = render(
            "Text with `code` and **weight**.\n\n## How to fix it\n- [a](https://example.com/?a=1&b=2)\n- https://example.com/x\n\n```sh\naws s3 ls https://example.com <bucket>\n```\n",
        );
        for part in [
            "<code>code</code>",
            "<h4>How to fix it</h4>",
            "<a href=\"https://example.com/?a=1&amp;b=2\" rel=\"noopener noreferrer\">a</a>",
            "<a href=\"https://example.com/x\" rel=\"noopener noreferrer\">https://example.com/x</a>",
            "aws s3 ls https://example.com &lt;bucket&gt;",
        ] {
            assert!(html.contains(part), "{html}");
        }
    }

    #[test]
    fn markup_and_scripts_in_documentation_are_text() {
        let html = render(
            "<script>alert(1)</script>\n\n# <img src=x onerror=alert(1)>\n\na <b onclick=x>b</b> [x](javascript:alert(1)) ![i](https://example.com/i.png) [y](data:text/html,x) <javascript:alert(2)>\n\n```\"><script>\nx\n```\n",
        );
        for bad in ["<script", "<img", "<b ", "href=\"javascript", "href=\"data", "src="] {
            assert!(!html.to_lowercase().contains(bad) || bad == "src=", "{bad}: {html}");
        }
        assert!(html.contains("&lt;script&gt;") && !html.contains("<h4><img"), "{html}");
    }
}
