//! Where an expression is: in which instance of a module, in which block, and in which `for`.

use std::rc::Rc;

use super::super::address::{Address, Key, Step};
use super::super::code::{Code, Declared, FolderId};
use super::super::modules::Found;
use super::value::{Order, Value};

/// An instance of a module.
pub(super) struct Module<'a> {
    pub folder: FolderId,
    /// The calls that lead to it, from the outermost.
    pub steps: Vec<Step>,
    /// The last of these calls; `None` for the root module.
    pub caller: Option<(Rc<Module<'a>>, Own<'a>)>,
}

/// A block with `count` or `for_each`, and the key of the instance, which its arguments refer to.
#[derive(Clone)]
pub(super) struct Own<'a> {
    pub declared: &'a Declared,
    pub key: Option<Key>,
}

/// Where an expression is.
#[derive(Clone)]
pub(super) struct Scope<'a, 's> {
    pub module: Rc<Module<'a>>,
    /// The block that it is in, of a resource or module; `None` for local values and outputs.
    pub own: Option<Rc<Own<'a>>>,
    /// The variables of `for` around it.
    pub bound: Option<&'s Bound<'s>>,
}

/// A variable of `for`.
pub(super) struct Bound<'s> {
    pub name: &'s str,
    pub value: Value,
    pub outer: Option<&'s Bound<'s>>,
}

/// A step into a value.
pub(super) enum Into {
    Name(String),
    Position(usize),
}

impl<'a> Module<'a> {
    /// The root module.
    pub fn root(folder: FolderId) -> Rc<Self> {
        Rc::new(Self { folder, steps: Vec::new(), caller: None })
    }

    /// The module in which a resource is, and its block.
    pub fn of(code: &'a Code, found: &Found<'a>) -> Option<(Rc<Self>, Own<'a>)> {
        let (_, declared) = found.block?;
        let address = &found.address;
        // What calls a module of Terragrunt is not a module.
        let calls: Vec<_> = found.calls.iter().filter(|call| call.folder.is_some()).collect();
        if calls.len() != address.modules.len() {
            return None;
        }
        let mut module = Self::root(code.root?);
        for (call, step) in calls.iter().zip(&address.modules) {
            module = module.call(code, &step.name, call.declared, step.key.clone())?;
        }
        let key = address.resource.as_ref()?.key.clone();
        Some((module, Own { declared, key }))
    }

    /// An instance of a module that is called in this one.
    pub fn call(
        self: &Rc<Self>,
        code: &Code,
        name: &str,
        declared: &'a Declared,
        key: Option<Key>,
    ) -> Option<Rc<Self>> {
        let mut steps = self.steps.clone();
        steps.push(Step { name: name.into(), key: key.clone() });
        let names: Vec<&str> = steps.iter().map(|step| &*step.name).collect();
        let folder = code.called(self.folder, &names)?;
        let caller = Some((Rc::clone(self), Own { declared, key }));
        Some(Rc::new(Self { folder, steps, caller }))
    }

    /// The address of something in the module.
    pub fn address(&self, inner: &str) -> String {
        let module = Address { modules: self.steps.clone(), resource: None }.to_string();
        if module.is_empty() { inner.to_owned() } else { format!("{module}.{inner}") }
    }

    /// Where its local values and outputs are.
    pub fn scope<'s>(self: &Rc<Self>) -> Scope<'a, 's> {
        Scope { module: Rc::clone(self), own: None, bound: None }
    }
}

impl<'s> Scope<'_, 's> {
    /// The value of a variable of a `for` around.
    pub fn bound(&self, name: &str) -> Option<&'s Value> {
        let mut at = self.bound;
        while let Some(bound) = at {
            if bound.name == name {
                return Some(&bound.value);
            }
            at = bound.outer;
        }
        None
    }

    /// The key of the instance.
    pub fn key(&self) -> Option<&Key> {
        self.own.as_ref()?.key.as_ref()
    }
}

/// A part of a value; `None` if it does not have it.
pub(super) fn part<'v>(value: &'v Value, steps: &[Into]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Object(fields), Into::Name(name)) => fields.get(name),
        (Value::List(Order::Tuple | Order::List | Order::Either, items), Into::Position(at)) => {
            items.get(*at)
        }
        _ => None,
    })
}
