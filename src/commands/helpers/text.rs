//! Helpers as text for people.

use std::io::{self, Write};

use crate::rules::{Helper, TOPICS, helpers, result_shape};

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
    writeln!(out, "\n{}", helper.doc())?;
    if let Some(shape) = result_shape(helper.returns()) {
        writeln!(out, "\nFields of `{}` (`?`: can be `()`):", shape.name)?;
        let fields = shape.fields();
        let path = fields.iter().map(|field| field.path.len()).max().unwrap_or(0);
        let kind = fields.iter().map(|field| field.kind.len()).max().unwrap_or(0);
        for field in fields {
            writeln!(out, "  {:path$}  {:kind$}  {}", field.path, field.kind, field.doc)?;
        }
    }
    writeln!(out, "\nExamples:")?;
    helper
        .examples
        .iter()
        .try_for_each(|example| writeln!(out, "  {}\n    → {}", example.call(), example.value))
}
