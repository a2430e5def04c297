//! From the address of a state to the block in the code: through module calls, and through `moved`
//! blocks that are not applied yet.

use std::collections::{BTreeSet, VecDeque};

use super::address::{Address, Key, Step};
use super::code::{Code, Declared, FolderId, Moved, is_local_source};
use super::hcl::Expr;

/// How many addresses are tried for one resource.
const MAX_MOVES: usize = 256;

/// A module call on the way to a resource.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The folder that contains it; `None` for `terragrunt.hcl`.
    pub folder: Option<FolderId>,
    /// The block.
    pub declared: &'a Declared,
}

/// Where an address leads.
#[derive(Debug)]
pub struct Found<'a> {
    /// The address as the code has it.
    pub address: Address,
    /// The calls, from the outermost.
    pub calls: Vec<Call<'a>>,
    /// The folder of the module and the block, if the code of the module is there and has it.
    pub block: Option<(FolderId, &'a Declared)>,
}

/// The block of a resource of a state, or at least the call of a module from elsewhere. `None` if the
/// code does not declare it. What `moved` blocks move is where they move it, even if its old address
/// still has a block: that is the block of other instances.
pub fn find(code: &Code, address: Address) -> Option<Found<'_>> {
    let mut seen = BTreeSet::from([address.clone()]);
    let mut waiting = VecDeque::from([address]);
    let (mut with_block, mut without_block) = (None, None);
    while let Some(address) = waiting.pop_front() {
        match as_written(code, &address) {
            Some(found) if found.block.is_some() => with_block = Some(found),
            found => without_block = without_block.or(found),
        }
        for next in moves(code, &address) {
            if seen.len() < MAX_MOVES && seen.insert(next.clone()) {
                waiting.push_back(next);
            }
        }
    }
    with_block.or(without_block)
}

/// The calls that lead to a module, and its folder: `Some(None)` if the code of the module is not
/// there, `None` if one of the calls is not in the code.
pub(super) fn walk<'a>(
    code: &'a Code,
    steps: &[Step],
) -> Option<(Vec<Call<'a>>, Option<FolderId>)> {
    let wrapper = code.wrapper.as_ref();
    let mut calls: Vec<Call<'a>> =
        wrapper.map(|declared| Call { folder: None, declared }).into_iter().collect();
    let mut names: Vec<&str> = Vec::new();
    let mut at = code.root;
    for step in steps {
        // What the code of an unknown module calls is unknown, too.
        let Some(folder) = at else { break };
        let Some(declared) = code.folder(folder)?.calls.get(&*step.name) else {
            // Only the files beside `terragrunt.hcl` are here, and not those of its module.
            if !code.wraps_elsewhere || !names.is_empty() {
                return None;
            }
            at = None;
            break;
        };
        calls.push(Call { folder: Some(folder), declared });
        names.push(&step.name);
        at = code.called(folder, &names);
    }
    Some((calls, at))
}

fn as_written<'a>(code: &'a Code, address: &Address) -> Option<Found<'a>> {
    let resource = address.resource.as_ref()?;
    let (calls, folder) = walk(code, &address.modules)?;
    let block = folder.and_then(|folder| {
        let declared = code.folder(folder)?.resource(&resource.resource_type, &resource.name)?;
        Some((folder, declared))
    });
    // A module that the repository contains has to have the block. One from elsewhere can be installed
    // in another version than the state has.
    let is_found = block.is_some() || calls.iter().any(|call| !is_local(call));
    is_found.then(|| Found { address: address.clone(), calls, block })
}

/// Whether a call is of a module in the same repository.
fn is_local(call: &Call<'_>) -> bool {
    let source = call.declared.attribute("source");
    source.and_then(|(_, source)| source.value.literal()).is_some_and(is_local_source)
}

/// The region of the provider configuration that manages a resource, if it is literal.
pub fn region<'a>(code: &'a Code, found: &Found<'_>) -> Option<&'a str> {
    let (_, declared) = found.block?;
    let mut alias = declared
        .attribute("provider")
        .map_or(Some(""), |(_, provider)| alias_of(&provider.value))?;
    for call in found.calls.iter().rev() {
        alias = match call.declared.attribute("providers") {
            Some((_, passed)) if alias.is_empty() => match passed.value.attribute("aws") {
                Some(passed) => alias_of(&passed.value)?,
                None => "",
            },
            // A module with aliases of its own.
            _ if !alias.is_empty() => return None,
            _ => "",
        };
    }
    code.folder(code.root?)?.regions.get(alias).map(String::as_str)
}

/// The alias in `aws.alias`; empty for `aws`.
fn alias_of(value: &Expr) -> Option<&str> {
    let literal = value.literal().and_then(|text| text.split_once('.').map(|(_, alias)| alias));
    let reference = value.references.first().filter(|reference| reference.root == "aws");
    literal.or_else(|| reference.map(|reference| reference.name.as_deref().unwrap_or_default()))
}

/// The addresses to which `moved` blocks move an address.
fn moves(code: &Code, address: &Address) -> Vec<Address> {
    let mut found = Vec::new();
    for depth in 0..=address.modules.len() {
        let (outer, inner) = address.modules.split_at(depth);
        let Some((_, Some(folder))) = walk(code, outer) else { continue };
        let Some(folder) = code.folder(folder) else { continue };
        let relative = Address { modules: inner.to_vec(), resource: address.resource.clone() };
        for moved in &folder.moved {
            if let Some(next) = apply(moved, &relative) {
                let modules = [outer, &next.modules].concat();
                found.push(Address { modules, resource: next.resource });
            }
        }
    }
    found
}

/// Applies a `moved` block to an address that is relative to the same module.
fn apply(moved: &Moved, address: &Address) -> Option<Address> {
    let (from, to) = (&moved.from, &moved.to);
    match (&from.resource, &to.resource) {
        (Some(old), Some(new)) => {
            let resource = address.resource.as_ref()?;
            let is_same = address.modules == from.modules
                && resource.resource_type == old.resource_type
                && resource.name == old.name;
            let key = moved_key(old.key.as_ref(), new.key.as_ref(), resource.key.as_ref());
            let mut resource = new.clone();
            resource.key = key.filter(|_| is_same)?;
            Some(Address { modules: to.modules.clone(), resource: Some(resource) })
        }
        (None, None) => {
            let (old, outer) = from.modules.split_last()?;
            let (step, rest) = address.modules.get(outer.len()..)?.split_first()?;
            let is_same = address.modules.starts_with(outer) && step.name == old.name;
            let mut modules = to.modules.clone();
            let new = modules.last_mut()?;
            let key = moved_key(old.key.as_ref(), new.key.as_ref(), step.key.as_ref());
            new.key = key.filter(|_| is_same)?;
            modules.extend_from_slice(rest);
            Some(Address { modules, resource: address.resource.clone() })
        }
        _ => None,
    }
}

/// The key after a move: without keys on both sides, all instances move and keep their keys. `None` if
/// the move is not about an instance with this key.
fn moved_key(from: Option<&Key>, to: Option<&Key>, key: Option<&Key>) -> Option<Option<Key>> {
    match (from, to) {
        (None, None) => Some(key.cloned()),
        (from, to) => (from == key).then(|| to.cloned()),
    }
}
