//! What `fn fix` of a rule can propose, as its metadata declares it.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, Position, Stmt};
use serde_json::{Map, Value};

use super::needs::Needs;
use crate::fixes::{self, FixClass};

/// What the function `fix` of a rule can propose.
#[derive(Debug, Clone, PartialEq)]
pub struct FixMeta {
    /// The most automatic class that it returns.
    pub most: FixClass,
    /// The facts and kinds that it reads beyond those that `check` reads.
    pub needs: Needs,
    /// Parameters of `fix` only, with their defaults; `()` for one that must be set.
    pub params: Map<String, Value>,
    /// The names of the actions that it can propose, as the script writes them. Proposing another one
    /// is an error, so that permissions and documentation are complete.
    pub actions: BTreeSet<&'static str>,
    /// Where the metadata declares it.
    pub(crate) position: Position,
}

/// The key `fix` as far as it can be read.
#[derive(Debug)]
pub(crate) struct FixDraft {
    /// The position of its value.
    pub(crate) position: Position,
    pub(crate) most: FixClass,
    pub(crate) needs: Needs,
    /// The entries of `needs` as written.
    pub(crate) need_entries: Vec<(String, Position)>,
    /// Parameters with the positions of their names.
    pub(crate) params: Vec<(String, Position, Value)>,
}

impl FixDraft {
    pub(super) fn into_meta(self, ast: &AST) -> FixMeta {
        let params = self.params.into_iter().map(|(name, _, value)| (name, value)).collect();
        let Self { most, needs, position, .. } = self;
        FixMeta { most, needs, params, actions: proposed_actions(ast), position }
    }
}

/// The same as [`FixMeta::actions`], found in the text of a script that is known to be valid.
pub(crate) fn actions_in_text(script: &str) -> BTreeSet<&'static str> {
    let calls = script.split("action(\"").skip(1);
    let names = calls.filter_map(|rest| rest.split_once('"'));
    names.filter_map(|(name, _)| fixes::action(name)).map(|spec| spec.name).collect()
}

/// The names in the calls of `action("…")`, without unknown ones.
fn proposed_actions(ast: &AST) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    ast.walk(&mut |path: &[ASTNode]| {
        let call = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                call
            }
            _ => return true,
        };
        if let ("action", Some(Expr::StringConstant(name, _))) =
            (call.name.as_str(), call.args.first())
        {
            found.extend(fixes::action(name).map(|spec| spec.name));
        }
        true
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::language::engine::parser;

    #[test]
    fn the_actions_of_a_rule_are_the_literals_in_its_script() {
        let source = r#"
            fn block() { action("s3.bucket.block_public_access") }
            fn fix(bucket, params) {
                let made = [1].map(|n| action("s3.bucket.set_public_access_block", #{}));
                let text = "action(\"tags.add\")";
                if bucket.x { return safe_fix(block()); }
                safe_fix([action("no.such.action"), action(bucket.name), made[0]])
            }"#;
        let ast = parser().compile(source).unwrap();
        assert_eq!(
            proposed_actions(&ast).into_iter().collect::<Vec<_>>(),
            ["s3.bucket.block_public_access", "s3.bucket.set_public_access_block"]
        );
    }
}
