//! Helpers as JSON, for tools.

use std::io::{self, Write};

use serde::Serialize;

use crate::rules::{Helper, TOPICS, Topic};

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    topic: &'static str,
    signatures: Vec<Signature>,
    /// The first paragraph of `doc`, on one line.
    summary: String,
    /// Markdown.
    doc: String,
    examples: Vec<Example>,
}

#[derive(Serialize)]
struct Signature {
    text: String,
    params: Vec<Param>,
    returns: &'static str,
}

#[derive(Serialize)]
struct Param {
    name: &'static str,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Example {
    call: String,
    gives: &'static str,
}

/// All helpers, as a list.
pub(crate) fn all(out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<Shown> = TOPICS
        .iter()
        .flat_map(|topic| topic.helpers.iter().map(|helper| shown(topic, helper)))
        .collect();
    write(&all, out)
}

/// One helper.
pub(crate) fn one(topic: &Topic, helper: &'static Helper, out: &mut dyn Write) -> io::Result<()> {
    write(&shown(topic, helper), out)
}

fn shown(topic: &Topic, helper: &'static Helper) -> Shown {
    let signature = |(signature, text): (&'static crate::rules::Signature, String)| Signature {
        text,
        params: signature
            .params
            .iter()
            .map(|param| Param { name: param.name, r#type: param.kind })
            .collect(),
        returns: signature.returns,
    };
    Shown {
        name: helper.name,
        topic: topic.title,
        signatures: helper.signatures.iter().zip(helper.usage()).map(signature).collect(),
        summary: helper.summary(),
        doc: helper.doc(),
        examples: helper
            .examples
            .iter()
            .map(|example| Example { call: example.call(), gives: example.value })
            .collect(),
    }
}

fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
