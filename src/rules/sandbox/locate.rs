//! Where a script was when it exceeded a limit: the engine replaces the position of such an error by
//! that of the outermost call, which is not in the script. So the script runs again, with a debugger
//! that remembers the last statement or call. An evaluation is the same each time.

use std::cell::Cell;
use std::rc::Rc;

use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{ASTNode, Engine, Expr, Position};

/// The last position of the current run.
pub(super) type Last = Rc<Cell<Position>>;

/// Makes the engine remember each statement and call before it evaluates it.
// Rhai marks the debugging API as deprecated because it is unstable, not because it will be
// removed.
#[allow(deprecated)]
pub(super) fn remember(engine: &mut Engine, last: &Last) {
    let last = last.clone();
    engine.register_debugger(
        |_, debugger| debugger,
        move |_, event, node, _, position| {
            let is_part = matches!(
                node,
                ASTNode::Expr(expression)
                    if !matches!(
                        expression,
                        Expr::FnCall(..) | Expr::MethodCall(..) | Expr::Dot(..) | Expr::Index(..)
                    )
            );
            // Other events are at the end of a function.
            if matches!(event, DebuggerEvent::Step) && !is_part && !position.is_none() {
                last.set(position);
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}
