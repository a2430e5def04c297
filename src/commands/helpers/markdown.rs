//! Helpers as a documentation page.

use std::io::{self, Write};

use crate::rules::{Helper, ResultShape, SHAPES, TOPICS, Topic, result_shape};

/// The whole page.
pub(crate) fn page(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!-- Generated: `cargo xtask generate` writes this page. -->\n\
         # Helpers\n\n\
         This page lists the functions that rules can call in addition to Rhai's own. `rolecall helpers` and `rolecall helpers NAME` print the\n\
         same information for the installed version, and `rolecall helpers --format json` prints it for tools. A `?` marks each\n\
         value that can be `()`. The examples are tested in account 111122223333 and region eu-west-1, with facts collected on\n\
         2026-01-01 and a configuration that trusts organization o-a1b2c3d4e5, account 222233334444 and network 192.0.2.0/24.\n"
    )?;
    for topic in TOPICS {
        let names: Vec<String> =
            topic.helpers.iter().map(|helper| format!("[`{0}`](#{0})", helper.name)).collect();
        writeln!(out, "- {}: {}", topic.title, names.join(", "))?;
    }
    let names: Vec<String> =
        SHAPES.iter().map(|shape| format!("[`{0}`](#{0})", shape.name)).collect();
    writeln!(out, "- [Results](#results): {}", names.join(", "))?;
    TOPICS.iter().try_for_each(|topic| self::topic(topic, out))?;
    writeln!(
        out,
        "\n## Results\n\n\
         Helpers return the following maps. It is an error to misspell a field or to compare a field with a value that the field cannot have."
    )?;
    SHAPES.iter().try_for_each(|shape| {
        writeln!(out, "\n### {}\n", shape.name)?;
        self::shape(shape, out)
    })
}

fn shape(shape: &ResultShape, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n\n| field | type | |\n|---|---|---|", shape.doc())?;
    shape.fields().iter().try_for_each(|field| {
        writeln!(out, "| `{}` | {} | {} |", field.path, field.kind, field.doc.replace('|', "\\|"))
    })
}

fn topic(topic: &Topic, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n\n{}", topic.title, topic.about())?;
    topic.helpers.iter().try_for_each(|helper| {
        writeln!(out)?;
        let link = |shape: &ResultShape, out: &mut dyn Write| {
            writeln!(out, "\nFields: [`{0}`](#{0}).", shape.name)
        };
        describe(helper, &link, out)
    })
}

/// One helper.
pub(crate) fn helper(helper: &Helper, out: &mut dyn Write) -> io::Result<()> {
    let fields = |shape: &ResultShape, out: &mut dyn Write| {
        writeln!(out)?;
        self::shape(shape, out)
    };
    describe(helper, &fields, out)
}

/// How the fields of the result are described.
type DescribeShape<'a> = &'a dyn Fn(&ResultShape, &mut dyn Write) -> io::Result<()>;

fn describe(helper: &Helper, result: DescribeShape<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}\n", helper.name)?;
    helper.usage().try_for_each(|usage| writeln!(out, "- `{usage}`"))?;
    writeln!(out, "\n{}", helper.doc())?;
    if let Some(shape) = result_shape(helper.returns()) {
        result(shape, out)?;
    }
    writeln!(out, "\nExamples:\n")?;
    helper.examples.iter().try_for_each(|example| {
        writeln!(out, "- {} → {}", code(&example.call()), code(example.value))
    })
}

/// A code span; text that contains backticks needs two at each end.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
