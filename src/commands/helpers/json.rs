//! Helpers as JSON, for tools.

use std::io::{self, Write};

use serde::Serialize;

use crate::facts::fields;
use crate::rules::{Helper, ResultShape, TOPICS, Topic, result_shape};

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
    /// The fields of the result, if it is a map with known fields or a list of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Shape>,
}

#[derive(Serialize)]
struct Shape {
    name: &'static str,
    doc: String,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    path: String,
    r#type: String,
    doc: String,
    /// All values that it can have, if that is a fixed set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
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
        result: result_shape(helper.returns()).map(shape),
    }
}

fn shape(shape: &ResultShape) -> Shape {
    let field = |field: fields::Field| Field {
        path: field.path,
        r#type: field.kind,
        doc: field.doc,
        values: field.closed,
    };
    Shape {
        name: shape.name,
        doc: shape.doc(),
        fields: shape.fields().into_iter().map(field).collect(),
    }
}

fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}
