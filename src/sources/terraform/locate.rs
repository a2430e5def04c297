//! From a block or an attribute of the code to a [`Place`]: in the file itself, or for a module from
//! elsewhere, at the call in the repository.

use std::collections::BTreeSet;
use std::ops::Range;

use super::address::Address;
use super::around;
use super::code::{Code, Declared, FolderId, OF_MODULE, TERRAGRUNT};
use super::evidence::{self, Content, Direction};
use super::hcl::{Attribute, Block, Dynamic, Expr, Reference, Value};
use super::modules::{self, Call, Found};
use crate::model::{CodeLine, Evidence, Place, PlaceKind};

/// How far variables and locals are followed.
const MAX_STEPS: usize = 32;

/// What selects one of several nested blocks.
#[derive(Debug, Clone, Copy)]
pub struct Selector<'a> {
    /// The evidence of the finding.
    pub evidence: &'a [Evidence],
    /// The direction of traffic that the rule is about.
    pub direction: Option<Direction>,
    /// Whether only blocks count whose values are literals, because those of expressions are known
    /// to be others.
    pub only_literals: bool,
}

impl Selector<'_> {
    /// Of several blocks with their values, the one that the finding is about.
    fn select<T>(self, all: Vec<(Content<'_>, T)>) -> Option<T> {
        let is_possible =
            |content: &Content<'_>| !(self.only_literals && evidence::is_open(content));
        let (contents, mut hits): (Vec<Content<'_>>, Vec<T>) =
            all.into_iter().filter(|(content, _)| is_possible(content)).unzip();
        let selected = evidence::select(self.evidence, self.direction, &contents, true)?;
        (selected < hits.len()).then(|| hits.swap_remove(selected))
    }
}

/// A place, and whether it is that of the attribute that was asked for.
#[derive(Debug)]
pub struct Located {
    /// The place.
    pub place: Place,
    /// Whether the attribute was found, or what sets it in a module from elsewhere.
    pub has_attribute: bool,
}

/// Where the code declares the resource at an address. The error says why it is not found.
pub fn locate(
    code: &Code,
    address: Address,
    path: &[&str],
    selector: Selector<'_>,
) -> Result<Located, String> {
    let Some(found) = modules::find(code, address) else {
        let why = match (code.is_included, code.problems.first()) {
            (true, _) => format!("; `{TERRAGRUNT}` does not name its module: {OF_MODULE}"),
            (false, Some(_)) => ", some of which could not be read".to_owned(),
            (false, None) if !code.unparsed.is_empty() => ", some of which is not valid".to_owned(),
            (false, None) => String::new(),
        };
        return Err(format!("not found in the code{why}"));
    };
    let attribute = found.block.and_then(|(_, declared)| find(declared, path, selector));
    if let Some((_, declared)) = found.block
        && let Some(located) = in_repository(code, &found, declared, attribute.as_ref())
    {
        return Ok(located);
    }
    at_call(code, &found, attribute.as_ref(), path)
        .ok_or_else(|| "in a file that is not part of the repository".to_owned())
}

/// What a path leads to in a block.
struct Hit<'a> {
    /// The number of the file.
    file: usize,
    /// From the name of the attribute to the end of its value, or the header of a nested block.
    span: Range<usize>,
    /// The value; `None` for a block.
    value: Option<&'a Expr>,
    /// The last name of the path.
    name: &'a str,
    /// The `dynamic` blocks around it.
    dynamic: Vec<&'a Dynamic>,
}

/// The place in the file of the block itself, if the file is part of the repository.
fn in_repository(
    code: &Code,
    found: &Found<'_>,
    declared: &Declared,
    attribute: Option<&Hit<'_>>,
) -> Option<Located> {
    let (file, span, what) = match attribute {
        Some(hit) => (hit.file, &hit.span, PlaceKind::Attribute),
        None => (declared.file, &declared.block.header, PlaceKind::Block),
    };
    let value = attribute.and_then(|hit| hit.value);
    let mut place = place(code, found, file, span, what, value)?;
    place.call = found.calls.iter().rev().find_map(|call| line_of(code, call));
    Some(Located { place, has_attribute: attribute.is_some() })
}

/// The place at the innermost call that is part of the repository.
fn at_call(
    code: &Code,
    found: &Found<'_>,
    attribute: Option<&Hit<'_>>,
    path: &[&str],
) -> Option<Located> {
    let position = found.calls.iter().rposition(|call| line_of(code, call).is_some())?;
    let (outer, inner) = found.calls.split_at_checked(position + 1)?;
    let call = outer.last()?;
    let setter = attribute.zip(found.block).map(|(hit, (folder, declared))| {
        (hit, folder, declared, setter(code, folder, hit, call, inner))
    });
    if let Some((hit, folder, declared, Setter::Argument(file, argument))) = setter {
        // What the attribute gets unchanged, and what Terraform does not ignore then.
        let is_ignored = around::ignores(declared.blocks().map(|(_, block)| block), path);
        let value = passed(code, folder, hit, call, inner)
            .filter(|value| std::ptr::eq(*value, &argument.value) && !is_ignored)
            .filter(|_| is_generated(hit));
        let span = argument.key.start..argument.value.span.end;
        let mut place = place(code, found, file, &span, PlaceKind::Argument, value)?;
        place.call =
            line_of(code, call).filter(|call| call.line != place.line || call.file != place.file);
        return Some(Located { place, has_attribute: true });
    }
    // The module sets it, by something else than one argument.
    let has_attribute = matches!(setter, Some((_, _, _, Setter::Other)));
    let declared = call.declared;
    let place = place(code, found, declared.file, &declared.block.header, PlaceKind::Call, None)?;
    Some(Located { place, has_attribute })
}

/// Whether the blocks around an attribute are generated for sure: by a list that is not empty, or
/// because the attribute has a value of what they iterate over.
fn is_generated(hit: &Hit<'_>) -> bool {
    let reads = |iterator: &str| {
        hit.value.is_some_and(|value| value.references.iter().any(|read| read.root == iterator))
    };
    hit.dynamic.iter().all(|dynamic| dynamic.is_certain() || reads(&dynamic.iterator))
}

fn place(
    code: &Code,
    found: &Found<'_>,
    file: usize,
    span: &Range<usize>,
    what: PlaceKind,
    value: Option<&Expr>,
) -> Option<Place> {
    let file = code.file(file)?;
    let position = file.position(span);
    Some(Place {
        file: file.tracked.clone()?,
        line: position.line,
        column: position.column,
        end_column: position.end_column,
        address: found.address.to_string(),
        what,
        because: None,
        call: None,
        value: value.filter(|value| value.is_literal()).map(|value| file.bytes(&value.span)),
    })
}

/// The line of a call, if its file is part of the repository.
fn line_of(code: &Code, call: &Call<'_>) -> Option<CodeLine> {
    let file = code.file(call.declared.file)?;
    let line = file.position(&call.declared.block.header).line;
    Some(CodeLine { file: file.tracked.clone()?, line })
}

/// What a path leads to in a resource.
fn find<'a>(declared: &'a Declared, path: &[&'a str], selector: Selector<'_>) -> Option<Hit<'a>> {
    let first = path.first()?;
    // Blocks of an override file replace all of their type.
    declared
        .blocks()
        .find(|(_, block)| {
            block.attribute(first).is_some() || block.of_kind(first).next().is_some()
        })
        .and_then(|(file, block)| in_block(file, block, path, selector))
}

fn in_block<'a>(
    file: usize,
    block: &'a Block,
    path: &[&'a str],
    selector: Selector<'_>,
) -> Option<Hit<'a>> {
    let (first, rest) = path.split_first()?;
    if let Some(attribute) = block.attribute(first) {
        return in_attribute(file, attribute, rest, selector);
    }
    // A `dynamic` block over an empty list is not generated.
    let is_generated = |block: &&Block| !block.dynamic.as_ref().is_some_and(Dynamic::is_empty);
    let blocks: Vec<&Block> = block.of_kind(first).filter(is_generated).collect();
    let hits = blocks
        .into_iter()
        .filter_map(|block| {
            let mut hit = match rest.is_empty() {
                true => Hit {
                    file,
                    span: block.header.clone(),
                    value: None,
                    name: first,
                    dynamic: Vec::new(),
                },
                false => in_block(file, block, rest, selector)?,
            };
            hit.dynamic.extend(&block.dynamic);
            Some((content(&block.attributes), hit))
        })
        .collect();
    selector.select(hits)
}

/// The rest of a path in the value of an attribute: an object, or a list of objects.
fn in_attribute<'a>(
    file: usize,
    attribute: &'a Attribute,
    rest: &[&'a str],
    selector: Selector<'_>,
) -> Option<Hit<'a>> {
    let whole = Hit {
        file,
        span: attribute.key.start..attribute.value.span.end,
        value: Some(&attribute.value),
        name: &attribute.name,
        dynamic: Vec::new(),
    };
    let objects: Vec<&Expr> = match &attribute.value.value {
        Value::List(items) if items.iter().all(|item| matches!(item.value, Value::Object(_))) => {
            items.iter().collect()
        }
        Value::Object(_) => vec![&attribute.value],
        // An expression that gives the whole structure.
        Value::Other => return Some(whole).filter(|_| !selector.only_literals),
        Value::Literal(_) | Value::List(_) => return rest.is_empty().then_some(whole),
    };
    let is_list = matches!(attribute.value.value, Value::List(_));
    if rest.is_empty() && (!is_list || objects.is_empty()) {
        return Some(whole);
    }
    let hits = objects
        .into_iter()
        .filter_map(|object| {
            let hit = match rest.split_first() {
                None => Hit {
                    file,
                    span: object.span.clone(),
                    value: Some(object),
                    name: &attribute.name,
                    dynamic: Vec::new(),
                },
                Some((name, rest)) => in_attribute(file, object.attribute(name)?, rest, selector)?,
            };
            let content = match &object.value {
                Value::Object(items) => content(items),
                _ => Content::new(),
            };
            Some((content, hit))
        })
        .collect();
    selector.select(hits)
}

fn content(attributes: &[Attribute]) -> Content<'_> {
    let values = attributes.iter().map(|item| (item.name.as_str(), item.value.literals()));
    values.collect()
}

/// What sets an attribute, or generates a block, of a module from elsewhere.
enum Setter<'a> {
    /// An argument of the call, in a file.
    Argument(usize, &'a Attribute),
    /// The default of a variable that no call passes.
    Default,
    /// A literal in the module, several arguments, or a resource.
    Other,
}

/// What sets an attribute: an argument of the call if the expression reads one variable of the module,
/// and that is passed on from call to call. A block is generated by what its `dynamic` iterates over.
fn setter<'a>(
    code: &'a Code,
    folder: FolderId,
    hit: &Hit<'_>,
    call: &Call<'a>,
    inner: &[Call<'a>],
) -> Setter<'a> {
    let value = hit.value.or_else(|| hit.dynamic.first().map(|dynamic| &dynamic.for_each));
    let variable = value.and_then(|value| only_variable(code, folder, value, &hit.dynamic));
    let Some(mut variable) = variable else { return Setter::Other };
    for call in inner.iter().rev() {
        let Some((_, passed)) = call.declared.attribute(&variable.name) else {
            return Setter::Default;
        };
        let next = call.folder.and_then(|folder| only_variable(code, folder, &passed.value, &[]));
        let Some(mut next) = next else { return Setter::Other };
        next.keys.extend(variable.keys);
        variable = next;
    }
    if hit.value.is_some() {
        variable.keys.insert(hit.name.to_owned());
    }
    let Some((file, argument)) = call.declared.attribute(&variable.name) else {
        return Setter::Default;
    };
    // `versioning = { enabled = false }`: the key, if the expression reads one of them.
    if let Value::Object(items) = &argument.value.value {
        let mut read = items.iter().filter(|item| variable.keys.contains(&item.name));
        if let (Some(item), None) = (read.next(), read.next()) {
            return Setter::Argument(file, item);
        }
    }
    Setter::Argument(file, argument)
}

/// The value in a call that an attribute gets unchanged: from expression to expression, there is
/// nothing but references.
fn passed<'a>(
    code: &'a Code,
    folder: FolderId,
    hit: &Hit<'a>,
    call: &Call<'a>,
    inner: &[Call<'a>],
) -> Option<&'a Expr> {
    let start = Step { value: hit.value?, key: None };
    let mut step = start.to_variable(code, folder, &hit.dynamic)?;
    for call in inner.iter().rev() {
        let (_, argument) = call.declared.attribute(step.name)?;
        let next = Step { value: &argument.value, key: step.key }.into_object();
        step = next.to_variable(code, call.folder?, &[])?;
    }
    let (_, argument) = call.declared.attribute(step.name)?;
    let end = Step { value: &argument.value, key: step.key }.into_object();
    end.key.is_none().then_some(end.value)
}

/// An expression on the way to the value of an attribute.
#[derive(Clone, Copy)]
struct Step<'a> {
    value: &'a Expr,
    /// The key of the value, if the attribute has only that.
    key: Option<&'a str>,
}

/// A variable of a module that has the value of an attribute, possibly under a key.
struct Passed<'a> {
    name: &'a str,
    key: Option<&'a str>,
}

impl<'a> Step<'a> {
    /// The value of the key, if it is written here.
    fn into_object(self) -> Self {
        let item = self.key.and_then(|key| self.value.attribute(key));
        item.map_or(self, |item| Self { value: &item.value, key: None })
    }

    /// The variable with this value, through locals and `dynamic` blocks.
    fn to_variable(
        mut self,
        code: &'a Code,
        folder: FolderId,
        dynamic: &[&'a Dynamic],
    ) -> Option<Passed<'a>> {
        let folder = code.folder(folder)?;
        for _ in 0..MAX_STEPS {
            let reference = self.value.references.first().filter(|_| self.value.is_reference)?;
            let (name, key) = (reference.name.as_deref()?, reference.key.as_deref());
            // The key of a key is not followed.
            let key = match (key, self.key) {
                (Some(_), Some(_)) => return None,
                (inner, outer) => inner.or(outer),
            };
            let value = match reference.root.as_str() {
                "var" => return Some(Passed { name, key }),
                "local" => &folder.locals.get(name)?.value,
                root => {
                    let around = dynamic.iter().find(|dynamic| dynamic.iterator == root)?;
                    match &around.for_each.value {
                        _ if name != "value" => return None,
                        Value::List(items) => items.first().filter(|_| items.len() == 1)?,
                        _ => &around.for_each,
                    }
                }
            };
            self = Step { value, key }.into_object();
        }
        None
    }
}

/// A variable that an expression reads, and the keys that it reads of it.
#[derive(Debug, Default)]
struct Variable {
    name: String,
    keys: BTreeSet<String>,
}

/// The only variable of the module that an expression reads, through locals and `dynamic` blocks. `None` as
/// well if it reads something else than variables, such as `each`, a data source or another resource.
fn only_variable(
    code: &Code,
    folder: FolderId,
    value: &Expr,
    dynamic: &[&Dynamic],
) -> Option<Variable> {
    let folder = code.folder(folder)?;
    let mut found = Variable::default();
    let mut waiting: Vec<&Reference> = value.references.iter().collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(reference) = waiting.pop() {
        let name = reference.name.as_deref().unwrap_or_default();
        let further = match reference.root.as_str() {
            "var" => {
                if !found.name.is_empty() && found.name != name {
                    return None;
                }
                name.clone_into(&mut found.name);
                found.keys.extend(reference.key.clone());
                None
            }
            "local" => {
                folder.locals.get_key_value(name).map(|(name, local)| (name.as_str(), &local.value))
            }
            root => {
                let of_block = dynamic.iter().find(|dynamic| dynamic.iterator == root);
                if of_block.is_none() && is_other_source(reference) {
                    return None;
                }
                found.keys.extend(reference.key.clone().filter(|_| name == "value"));
                of_block.map(|dynamic| (dynamic.iterator.as_str(), &dynamic.for_each))
            }
        };
        if let Some((name, value)) = further
            && !seen.contains(&name)
            && seen.len() < MAX_STEPS
        {
            seen.push(name);
            waiting.extend(&value.references);
        }
    }
    (!found.name.is_empty()).then_some(found)
}

/// Whether a reference has a value that no variable has: of an iteration, a data source, the output of a
/// module, or a resource. Other names are those of `for` expressions.
fn is_other_source(reference: &Reference) -> bool {
    let root = reference.root.as_str();
    // An index hides the attribute of `aws_instance.a[0].id`.
    let is_resource = root.starts_with("aws_") || root.contains('_') && reference.key.is_some();
    reference.name.is_some() && (is_resource || matches!(root, "each" | "data" | "module"))
}
