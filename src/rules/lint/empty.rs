//! What conditions say about lists that may be empty, and what functions and cases of `switch` say
//! about the values that they checked.

use rhai::{Expr, FnCallExpr, SwitchCasesCollection};

use super::constant::{number, swapped};
use super::literal::Literal;
use super::parts::{FIRST, Paths, meet};
use super::paths::{Segment, segments};
use super::state::{Reader, State};

/// The list whose length has this path.
pub(super) fn list_of_length(path: &str) -> Option<&str> {
    path.strip_suffix(".len()").or_else(|| path.strip_suffix(".len"))
}

impl Reader<'_> {
    /// The lists that are not empty if a call has this result.
    pub(super) fn first_items(
        &self,
        call: &FnCallExpr,
        receiver: Option<&[Segment<'_>]>,
        holds: bool,
        state: &State,
    ) -> Paths {
        let name = call.name.as_str();
        let list = match (receiver, call.args.first()) {
            (Some(receiver), _) => state.path_of(receiver),
            (None, Some(first)) => state.path(first),
            (None, None) => None,
        };
        let list = match (name, &call.args[..]) {
            ("is_empty", _) if !holds => list,
            ("some" | "contains", _) if holds => list,
            ("all" | "none", _) if !holds => list,
            ("==" | "!=" | "<" | "<=" | ">" | ">=", [a, b]) => {
                [(a, b, name), (b, a, swapped(name))].into_iter().find_map(
                    |(length, limit, operator)| {
                        let path = self.list_of(length, state)?;
                        let if_empty = number(limit).and_then(|limit| {
                            let (zero, limit) = (Literal::Number(0.0), Literal::Number(limit));
                            Literal::compare(operator, &zero, &limit)
                        });
                        (if_empty != Some(holds)).then_some(path)
                    },
                )
            }
            _ => None,
        };
        list.map(|path| format!("{path}{FIRST}")).into_iter().collect()
    }

    /// What it says that a value is not `()`: a function of the script that returned something may
    /// have checked its arguments.
    pub(super) fn if_some(&self, value: &Expr, state: &State) -> Paths {
        match value {
            Expr::Variable(variable, ..) => {
                let known = state.variables.get(variable.1.as_str());
                known.map(|known| known.some.clone()).unwrap_or_default()
            }
            Expr::FnCall(call, _) if self.script.find(&call.name, call.args.len()).is_some() => {
                let given = call.args.iter().filter_map(|argument| state.path(argument));
                given.map(|path| format!("{path}*")).collect()
            }
            _ => Paths::new(),
        }
    }

    /// The list of which an expression is the length.
    pub(super) fn list_of(&self, length: &Expr, state: &State) -> Option<String> {
        match segments(length).as_slice() {
            [Segment::First(Expr::FnCall(call, _))] if call.name == "len" => {
                state.path(call.args.first()?)
            }
            _ => list_of_length(&state.path(length)?).map(str::to_owned),
        }
    }

    /// What is known in a case of `switch`, since the conditions of the same values in the cases
    /// before it did not hold.
    pub(super) fn before_case(
        &self,
        cases: &SwitchCasesCollection,
        at: usize,
        state: &State,
    ) -> Paths {
        let lists = cases.cases.values().filter(|list| list.blocks.contains(&at));
        let known = lists.map(|list| {
            let before = list.blocks.iter().take_while(|case| **case != at);
            let conditions = before.filter_map(|case| cases.expressions.get(*case));
            conditions.flat_map(|case| self.facts(&case.lhs, false, state)).collect()
        });
        known.reduce(|all: Paths, one| meet(&all, &one)).unwrap_or_default()
    }
}
