//! Helpers as a documentation page.

use std::io::{self, Write};

use crate::rules::{Helper, TOPICS, Topic};

/// The whole page.
pub(crate) fn page(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!-- Generated: `cargo xtask generate` writes this page. -->\n\
         # Helpers\n\n\
         This page lists the functions that rules can call in addition to Rhai's own. `rolecall helpers` and `rolecall helpers NAME` print the\n\
         same information for the installed version, and `rolecall helpers --format json` prints it for tools. `?` marks values that can be\n\
         `()`. Tests run the examples in the account 111122223333 and the region eu-west-1, with facts collected on 2026-01-01 and a\n\
         configuration that trusts the organization o-a1b2c3d4e5, the account 222233334444 and the network 192.0.2.0/24.\n"
    )?;
    for topic in TOPICS {
        let names: Vec<String> =
            topic.helpers.iter().map(|helper| format!("[`{0}`](#{0})", helper.name)).collect();
        writeln!(out, "- {}: {}", topic.title, names.join(", "))?;
    }
    TOPICS.iter().try_for_each(|topic| self::topic(topic, out))
}

fn topic(topic: &Topic, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n\n{}", topic.title, topic.about())?;
    topic.helpers.iter().try_for_each(|helper| {
        writeln!(out)?;
        self::helper(helper, out)
    })
}

/// One helper.
pub(crate) fn helper(helper: &Helper, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}\n", helper.name)?;
    helper.usage().try_for_each(|usage| writeln!(out, "- `{usage}`"))?;
    writeln!(out, "\n{}\n\nExamples:\n", helper.doc())?;
    helper.examples.iter().try_for_each(|example| {
        writeln!(out, "- {} → {}", code(&example.call()), code(example.value))
    })
}

/// A code span; text that contains backticks needs two at each end.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
