//! Helpers as text for people.

use std::io::{self, Write};

use crate::rules::{Helper, TOPICS, helpers};

/// One line per helper, by topic.
pub(crate) fn list(out: &mut dyn Write) -> io::Result<()> {
    let width = helpers().map(|helper| helper.name.len()).max().unwrap_or(0);
    for topic in TOPICS {
        writeln!(out, "{}", topic.title.to_uppercase())?;
        for helper in topic.helpers {
            writeln!(out, "  {:width$}  {}", helper.name, helper.summary())?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "`rolecall helpers NAME` shows a helper with its parameters, edge cases and examples."
    )
}

/// Everything about one helper.
pub(crate) fn helper(helper: &Helper, out: &mut dyn Write) -> io::Result<()> {
    helper.usage().try_for_each(|usage| writeln!(out, "{usage}"))?;
    writeln!(out, "\n{}\n\nExamples:", helper.doc())?;
    helper
        .examples
        .iter()
        .try_for_each(|example| writeln!(out, "  {}\n    → {}", example.call(), example.value))
}
