//! Properties of the readers of code that hold for any text.

use std::ops::Range;

use super::read::parsed;
use super::syntax::{Attribute, Block, Expr, Value};
use super::{json, scan};

/// The positions of a block are in the text, for all readers.
pub(crate) fn positions_hold(text: &str) -> Result<(), String> {
    let blocks = [parsed(text), Some(scan::scan(text)), Some(json::read(text).0)];
    blocks.iter().flatten().try_for_each(|file| block_holds(text, file))
}

fn block_holds(text: &str, block: &Block) -> Result<(), String> {
    range_holds(text, &block.header)?;
    let dynamic = block.dynamic.iter().map(|dynamic| &dynamic.for_each);
    dynamic.into_iter().try_for_each(|list| expr_holds(text, list))?;
    block.attributes.iter().try_for_each(|attribute| attribute_holds(text, attribute))?;
    block.blocks.iter().try_for_each(|inner| block_holds(text, inner))
}

fn attribute_holds(text: &str, attribute: &Attribute) -> Result<(), String> {
    range_holds(text, &attribute.key)?;
    expr_holds(text, &attribute.value)
}

fn expr_holds(text: &str, expr: &Expr) -> Result<(), String> {
    range_holds(text, &expr.span)?;
    match &expr.value {
        Value::List(items) => items.iter().try_for_each(|item| expr_holds(text, item)),
        Value::Object(items) => items.iter().try_for_each(|item| attribute_holds(text, item)),
        Value::Literal(_) | Value::Other => Ok(()),
    }
}

fn range_holds(text: &str, range: &Range<usize>) -> Result<(), String> {
    match text.get(range.clone()) {
        Some(_) => Ok(()),
        None => Err(format!("{range:?} is not a range of the text")),
    }
}
