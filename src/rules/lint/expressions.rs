//! The types of expressions: variables, chains of fields and calls, closures.

use std::hash::{DefaultHasher, Hash, Hasher};

use rhai::{ASTFlags, Expr, FnCallExpr, Position, Stmt};

use super::infer::{Declared, Held, Infer, Key, numbers, param_position};
use super::optional::{is_optional, is_sent};
use super::origin::Origin;
use super::value::Type;
use super::work;
use crate::diagnostics::Code;
use crate::model::{did_you_mean, text};
use crate::rules::language::restrictions::takes_closure;
use crate::rules::language::syntax::ABSENT;
use crate::rules::values::recorder::Place;

impl Infer<'_> {
    /// The type of an expression.
    pub(crate) fn eval(&mut self, expression: &Expr) -> Type {
        work::step();
        self.last_field = None;
        let result = self.expression(expression);
        let has_origin = match expression {
            Expr::Dot(..) | Expr::Index(..) | Expr::Variable(..) | Expr::FnCall(..) => true,
            Expr::Stmt(_) => self.script.closure(expression).is_none(),
            _ => false,
        };
        if !has_origin {
            self.last_field = None;
        }
        if self.emit {
            self.types.learn(expression, &result);
        }
        result
    }

    /// The type of an expression, and where its value comes from.
    pub(crate) fn eval_field(&mut self, expression: &Expr) -> (Type, Option<Origin>) {
        let value = self.eval(expression);
        (value, self.last_field.take())
    }

    fn expression(&mut self, expression: &Expr) -> Type {
        match expression {
            Expr::BoolConstant(..) => Type::Bool,
            Expr::IntegerConstant(..) => Type::Int,
            Expr::FloatConstant(..) => Type::Float,
            Expr::CharConstant(..) => Type::Text,
            Expr::Unit(_) => Type::Nil,
            Expr::StringConstant(text, _) => {
                self.check_interpolation(text, expression.position());
                Type::Text
            }
            Expr::InterpolatedString(parts, _) => {
                for part in parts {
                    let part = self.eval(part);
                    self.escape(&part);
                }
                Type::Text
            }
            Expr::Array(items, _) => Type::list(
                items
                    .iter()
                    .map(|item| self.eval(item))
                    .fold(Type::Never, |all, item| all.join(&item)),
            ),
            Expr::Map(map, _) => {
                let fields: Vec<_> = map
                    .0
                    .iter()
                    .map(|(name, value)| (name.name.to_string(), self.eval(value)))
                    .collect();
                Type::map(fields.into_iter())
            }
            Expr::Variable(variable, _, position) => self.read_variable(variable, *position),
            Expr::FnCall(call, position) => {
                let result = self.call(call, *position);
                self.learn_call(call, result)
            }
            Expr::Dot(parts, flags, _) => {
                let base = self.eval(&parts.lhs);
                let held = self.key_of(&parts.lhs).map(|key| Held { key, whole: true });
                let result = self.follow(base, held, &parts.rhs);
                self.optional_chain(*flags);
                result
            }
            Expr::Index(parts, flags, _) => {
                let base = self.eval(&parts.lhs);
                let held = self.key_of(&parts.lhs).map(|key| Held { key, whole: false });
                let result = self.follow_index(base, held, &parts.rhs, *flags);
                self.optional_chain(*flags);
                result
            }
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                parts.iter().for_each(|part| self.condition(part));
                self.check_logic(parts.iter(), matches!(expression, Expr::And(..)));
                Type::Bool
            }
            Expr::Coalesce(parts, _) => parts
                .iter()
                .map(|part| self.eval(part))
                .fold(Type::Never, |all, part| all.join(&part)),
            Expr::Stmt(block) => match self.script.closure(expression) {
                Some(_) => self.closure(expression, &[], None),
                None => self.block(block.statements()),
            },
            Expr::DynamicConstant(..) => self.closure(expression, &[], None),
            _ => Type::Any,
        }
    }

    /// Keeps the type of a call, also of one inside a chain.
    fn learn_call(&mut self, call: &FnCallExpr, result: Type) -> Type {
        if self.emit {
            self.types.learn(call, &result);
        }
        result
    }

    fn read_variable(
        &mut self,
        variable: &(Option<std::num::NonZeroUsize>, rhai::ImmutableString, rhai::Namespace, u64),
        position: Position,
    ) -> Type {
        if !variable.2.is_empty() {
            return Type::Any;
        }
        match self.variable(&variable.1) {
            Some(known) => {
                known.read = true;
                let key = known.key;
                self.last_field = self.origin(key);
                self.cell(key)
            }
            None => {
                self.unknown_variable(&variable.1, &[], position);
                Type::Any
            }
        }
    }

    pub(crate) fn unknown_variable(&mut self, name: &str, more: &[&str], position: Position) {
        if self.globals.contains(name) {
            return;
        }
        let in_scope = self.variables.get(self.frame..).unwrap_or_default();
        let names = in_scope.iter().map(|variable| variable.name.as_str());
        let meant = did_you_mean(name, names.chain(more.iter().copied())).map(str::to_owned);
        if let Some(meant) = &meant
            && let Some(variable) = self.variable(meant)
        {
            variable.read = true;
        }
        let is_function = self.script.named.iter().any(|function| function.name == name)
            || self.natives.arities(name).is_some();
        let help = match meant {
            _ if is_function => format!("to call the function, write `{name}(…)`"),
            _ if matches!(name, "None" | "NULL" | "Null" | "Nil" | "undefined") => {
                ABSENT.to_owned()
            }
            _ if matches!(name, "True" | "TRUE" | "False" | "FALSE") => {
                format!("write `{}`", name.to_lowercase())
            }
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a function can access only its parameters and its own variables".to_owned(),
        };
        self.report(
            Code::UnknownVariable,
            position,
            format!("unknown variable `{}`", text::one_line(name, 60)),
            Some(help),
        );
    }

    /// A double-quoted string must not contain `${variable}`, which is interpolated only in backticks.
    fn check_interpolation(&mut self, text: &str, position: Position) {
        if !self.emit
            || !self
                .file
                .text
                .get(self.file.offset(position)..)
                .is_some_and(|rest| rest.starts_with('"'))
        {
            return;
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let names = text.split("${").skip(1).filter(|rest| rest.contains('}'));
        let names =
            names.map(|rest| rest.trim_start().split(|c| !is_name(c)).next().unwrap_or_default());
        let Some(name) =
            names.into_iter().find(|name| self.variable(name).is_some()).map(str::to_owned)
        else {
            return;
        };
        if let Some(variable) = self.variable(&name) {
            variable.read = true;
        }
        let help = "write the string in backticks: `… ${x} …`".to_owned();
        self.report(
            Code::MissingInterpolation,
            position,
            format!("`${{{name}…}}` is not interpolated in double quotes"),
            Some(help),
        );
    }

    /// The key of the variable, if the expression is one.
    pub(crate) fn key_of(&mut self, expression: &Expr) -> Option<Key> {
        match expression {
            Expr::Variable(variable, ..) => self.variable(&variable.1).map(|variable| variable.key),
            _ => None,
        }
    }

    /// After `?.` or `?[`, the value may be `()`.
    fn optional_chain(&mut self, flags: ASTFlags) {
        if flags.intersects(ASTFlags::NEGATED) {
            self.last_field = self.last_field.take().map(Origin::uncertain);
        }
    }

    /// The type of what follows a dot. `held`: the variable before it.
    fn follow(&mut self, base: Type, held: Option<Held>, rest: &Expr) -> Type {
        let inside = held.map(|held| Held { whole: false, ..held });
        match rest {
            Expr::Property(property, position) => self.read_field(&base, &property.2, *position),
            Expr::MethodCall(call, position) => {
                let result = self.method(base, held, call, *position);
                self.learn_call(call, result)
            }
            Expr::Dot(parts, flags, _) => {
                let base = self.follow(base, held, &parts.lhs);
                let result = self.follow(base, inside, &parts.rhs);
                self.optional_chain(*flags);
                result
            }
            Expr::Index(parts, flags, _) => {
                let base = self.follow(base, held, &parts.lhs);
                self.follow_index(base, inside, &parts.rhs, *flags)
            }
            other => {
                self.eval(other);
                Type::Any
            }
        }
    }

    /// The type of a field; whether it can be absent is recorded.
    fn read_field(&mut self, base: &Type, name: &str, position: Position) -> Type {
        let value = self.property(base, name, position);
        let absent = match &self.last_field {
            Some(field) => is_optional(&field.path),
            None => matches!(base, Type::Dictionary(_)),
        };
        if self.emit && absent {
            self.optional.extend(Place::of(position));
            if self.last_field.as_ref().is_some_and(|field| is_sent(&field.path)) {
                self.sent.extend(Place::of(position));
            }
        }
        value
    }

    /// The type of an index expression and what follows it.
    fn follow_index(
        &mut self,
        base: Type,
        held: Option<Held>,
        rest: &Expr,
        flags: ASTFlags,
    ) -> Type {
        match rest {
            Expr::Dot(parts, ..) if !flags.intersects(ASTFlags::BREAK) => {
                let item = self.index(&base, &parts.lhs);
                self.follow(item, held, &parts.rhs)
            }
            Expr::Index(parts, inner, _) if !flags.intersects(ASTFlags::BREAK) => {
                let item = self.index(&base, &parts.lhs);
                self.follow_index(item, held, &parts.rhs, *inner)
            }
            index => self.index(&base, index),
        }
    }

    fn index(&mut self, base: &Type, index: &Expr) -> Type {
        if let (Expr::StringConstant(name, position), false) =
            (index, matches!(base, Type::List(_) | Type::Text))
        {
            return self.read_field(base, name, *position);
        }
        let origin = self.last_field.take();
        let by = self.eval(index);
        self.last_field = match (base, &by) {
            (Type::List(_), Type::Int) => origin,
            _ => None,
        };
        self.escape(base);
        self.check_index(base, &by, index.start_position());
        match (base, by) {
            (Type::List(item), Type::Int) => (**item).clone(),
            (Type::Dictionary(value), _) => (**value).clone(),
            (Type::Never, _) => Type::Never,
            _ => Type::Any,
        }
    }

    pub(crate) fn call(&mut self, call: &FnCallExpr, position: Position) -> Type {
        // `x !in list` is parsed as an operator call of `contains`, negated.
        if call.is_operator_call() && call.name != "contains" {
            return self.operator(call, position);
        }
        let name = call.name.as_str();
        let Some(function) = self.script.find(name, call.args.len()) else {
            self.check_call(name, call.args.len(), false, position);
            return self.native(name, None, None, &call.args, position);
        };
        self.reads.calls.insert(function);
        for (number, argument) in call.args.iter().enumerate() {
            let (value, origin) = self.eval_field(argument);
            self.join(Key::Param(function, number), &value);
            self.join_origin(Key::Param(function, number), &value, origin);
        }
        self.last_field = None;
        self.cell(Key::Return(function))
    }

    fn method(
        &mut self,
        base: Type,
        held: Option<Held>,
        call: &FnCallExpr,
        position: Position,
    ) -> Type {
        let name = call.name.as_str();
        let origin = self.last_field.take();
        // A script function receives the value before the dot as `this`.
        if let Some(function) = self.script.find(name, call.args.len()) {
            self.reads.calls.insert(function);
            self.escape(&base);
            self.changes(held, &Type::Any);
            for (number, argument) in call.args.iter().enumerate() {
                let value = self.eval(argument);
                self.join(Key::Param(function, number), &value);
            }
            return Type::Any;
        }
        self.check_call(name, call.args.len() + 1, true, position);
        self.native(name, Some((base, origin)), held, &call.args, position)
    }

    /// The return type of a closure called with arguments of these types. Missing arguments can have
    /// any type. `origin`: where the first argument comes from.
    pub(crate) fn closure(
        &mut self,
        expression: &Expr,
        arguments: &[Type],
        origin: Option<&Origin>,
    ) -> Type {
        let script = self.script;
        if let Expr::StringConstant(name, _) = expression {
            return self.named(name, arguments, origin);
        }
        let Some((function, captured)) = script.closure(expression) else { return Type::Any };
        let mut hasher = DefaultHasher::new();
        (self.site, numbers(expression.position()), function.name.as_str()).hash(&mut hasher);
        let site = hasher.finish();
        let mut declared = Vec::new();
        for variable in captured {
            let key = self.key_of(variable);
            match (variable, key) {
                // An unknown captured variable is usually a typo in one of the closure's parameters.
                (Expr::Variable(unknown, _, position), None) => {
                    let params: Vec<&str> =
                        function.params.iter().skip(captured.len()).map(String::as_str).collect();
                    self.unknown_variable(&unknown.1, &params, *position);
                }
                _ => drop(self.eval(variable)),
            }
            declared.push(key);
        }
        // `list.find(|x| true)` does not read the item on purpose.
        let is_constant =
            matches!(function.body.statements(), [Stmt::Expr(only)] if only.is_constant());
        let (frame, outer) = (self.frame, self.site);
        self.frame = self.variables.len();
        self.site = site;
        for (number, name) in function.params.iter().enumerate() {
            let key = match declared.get(number) {
                Some(Some(key)) => *key,
                Some(None) => {
                    let key = Key::ClosureParam(site, number);
                    self.join(key, &Type::Any);
                    key
                }
                None => {
                    let key = Key::ClosureParam(site, number);
                    let value =
                        arguments.get(number - declared.len()).unwrap_or(&Type::Any).clone();
                    self.join(key, &value);
                    let origin = origin.filter(|_| number == declared.len()).cloned();
                    self.join_origin(key, &value, origin);
                    key
                }
            };
            let own = number.checked_sub(declared.len()).filter(|_| !is_constant).map(|number| {
                (param_position(self.file, expression.start_position(), number), Declared::Param)
            });
            // An unknown variable is probably one of the parameters.
            self.declare(name, key, own.filter(|_| !declared.contains(&None)));
        }
        let result = self.body(function);
        self.leave(self.frame);
        self.frame = frame;
        self.site = outer;
        result
    }

    /// Whether an argument of an array function is the name of a function of the script, which can be
    /// passed instead of a closure.
    pub(crate) fn is_named_function(&self, array_function: &str, argument: &Expr) -> bool {
        // These take the path of a field.
        let takes_path = matches!(array_function, "group_by" | "count_by");
        let Expr::StringConstant(name, _) = argument else { return false };
        takes_closure(array_function)
            && !takes_path
            && self.script.named.iter().any(|function| function.name == name.as_str())
    }

    /// The return type of functions with this name, called as a closure.
    fn named(&mut self, name: &str, arguments: &[Type], origin: Option<&Origin>) -> Type {
        let script = self.script;
        let named = script.named.iter().enumerate().filter(|(_, function)| function.name == name);
        let mut result = Type::Never;
        for (index, function) in named {
            self.reads.calls.insert(index);
            for number in 0..function.params.len() {
                let value = arguments.get(number).unwrap_or(&Type::Any);
                self.join(Key::Param(index, number), value);
                let origin = origin.filter(|_| number == 0).cloned();
                self.join_origin(Key::Param(index, number), value, origin);
            }
            result = result.join(&self.cell(Key::Return(index)));
        }
        self.last_field = None;
        result
    }
}
