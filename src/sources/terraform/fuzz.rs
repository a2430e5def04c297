//! Properties of the readers that hold for any input, for the fuzz targets and the property tests.

use serde_json::{Value, json};

use super::code::Code;
use super::evaluate::{MAX_WORK, STEP, evaluated};
use super::{hcl, state};
use crate::model::KnownValues;

/// A state of any content is read or rejected, and is not kept beyond what it consists of.
pub fn terraform_state(bytes: &[u8]) -> Result<(), String> {
    let Ok(state) = state::read(bytes) else { return Ok(()) };
    let kept: usize = state
        .instances
        .iter()
        .map(|instance| instance.values.iter().map(|kept| kept.text.len()).sum::<usize>())
        .sum();
    if kept > bytes.len() * 8 {
        Err(format!("{kept} bytes kept of {}", bytes.len()))
    } else {
        Ok(())
    }
}

/// Code of any content is read, and all positions are in it.
pub fn hcl(text: &str) -> Result<(), String> {
    hcl::fuzz::positions_hold(text)
}

/// About how many bytes a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| STEP + size(item)).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| STEP + name.len() + size(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// How many arguments are evaluated.
const MAX_ARGUMENTS: usize = 50;

/// Arguments in code of any content, which is also that of all modules that it calls, are evaluated or not
/// known: always to the same value, and to none that is large.
pub fn evaluate(text: &str) -> Result<(), String> {
    let code = Code::of_text(text);
    let folder = code.root.and_then(|root| code.folder(root));
    let arguments = folder.into_iter().flat_map(|folder| folder.addresses());
    let arguments = arguments.flat_map(|(address, declared)| {
        let names = declared.block.attributes.iter().map(|argument| argument.name.clone());
        names.map(move |name| (address.clone(), name))
    });
    for (address, name) in arguments.take(MAX_ARGUMENTS) {
        for key in ["", "[0]", "[\"a\"]"] {
            let address = format!("{address}{key}");
            let value = || evaluated(&code, &address, &[], &name, &Something);
            let (first, second) = (value(), value());
            if first != second {
                return Err(format!("`{name}` of {address} is {first:?} and then {second:?}"));
            }
            let size = first.map_or(0, |value| size(&value));
            if size > 2 * MAX_WORK {
                return Err(format!("`{name}` of {address} has {size} bytes"));
            }
        }
    }
    Ok(())
}

/// A plan that knows some values of each type.
struct Something;

impl KnownValues for Something {
    fn attribute(&self, address: &str, name: &str) -> Option<Value> {
        match name {
            "arn" => Some(address.into()),
            "list" => Some(json!(["a", 1, null, { "a": [true] }])),
            "map" => Some(json!({ "a": "b", "b": { "a": 1.5 } })),
            _ => None,
        }
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.attribute("x", name)
    }
}
