//! Chains of fields, indexes and calls, part by part, and their source: `p.ranges[0].from_port`.

use rhai::{ASTFlags, Expr, FnCallExpr, Position};

/// A part of a chain.
pub(crate) enum Segment<'e> {
    /// What the chain starts with.
    First(&'e Expr),
    /// A field, and whether it follows `?.`.
    Property(&'e str, Position, bool),
    /// A field or key in brackets, `["public"]`, and whether it follows `?`.
    Key(&'e str, Position, bool),
    /// An index, and whether it follows `?`.
    Index(&'e Expr, bool),
    /// A call, and whether it follows `?.`.
    Method(&'e FnCallExpr, bool),
}

/// The parts of a chain, in the order of the source.
pub(crate) fn segments(chain: &Expr) -> Vec<Segment<'_>> {
    let mut all = Vec::new();
    match chain {
        Expr::Dot(parts, flags, _) => {
            all.extend(segments(&parts.lhs));
            follow(&parts.rhs, is_safe(*flags), &mut all);
        }
        Expr::Index(parts, flags, _) => {
            all.extend(segments(&parts.lhs));
            index(&parts.rhs, *flags, &mut all);
        }
        other => all.push(Segment::First(other)),
    }
    all
}

/// Whether a dot is written as `?.`.
fn is_safe(flags: ASTFlags) -> bool {
    flags.intersects(ASTFlags::NEGATED)
}

/// What follows a dot.
fn follow<'e>(rest: &'e Expr, safe: bool, all: &mut Vec<Segment<'e>>) {
    match rest {
        Expr::Property(property, position) => {
            all.push(Segment::Property(&property.2, *position, safe));
        }
        Expr::MethodCall(call, _) => all.push(Segment::Method(call, safe)),
        Expr::Dot(parts, flags, _) => {
            follow(&parts.lhs, safe, all);
            follow(&parts.rhs, is_safe(*flags), all);
        }
        Expr::Index(parts, flags, _) => {
            follow(&parts.lhs, safe, all);
            index(&parts.rhs, *flags, all);
        }
        other => all.push(Segment::Index(other, safe)),
    }
}

/// What is in brackets, and what follows them.
fn index<'e>(rest: &'e Expr, flags: ASTFlags, all: &mut Vec<Segment<'e>>) {
    let goes_on = !flags.intersects(ASTFlags::BREAK);
    match rest {
        Expr::Dot(parts, inner, _) if goes_on => {
            key(&parts.lhs, is_safe(flags), all);
            follow(&parts.rhs, is_safe(*inner), all);
        }
        Expr::Index(parts, inner, _) if goes_on => {
            key(&parts.lhs, is_safe(flags), all);
            index(&parts.rhs, *inner, all);
        }
        other => key(other, is_safe(flags), all),
    }
}

fn key<'e>(inside: &'e Expr, safe: bool, all: &mut Vec<Segment<'e>>) {
    all.push(match inside {
        Expr::StringConstant(text, position) => Segment::Key(text, *position, safe),
        other => Segment::Index(other, safe),
    });
}

impl Segment<'_> {
    /// Whether it follows `?`, so that it is not read if what is before it is `()`.
    pub(crate) fn is_safe(&self) -> bool {
        match self {
            Self::First(_) => false,
            Self::Property(_, _, safe)
            | Self::Key(_, _, safe)
            | Self::Index(_, safe)
            | Self::Method(_, safe) => *safe,
        }
    }
}

/// The source of a variable, or of a chain of fields, indexes and calls without closures.
pub(crate) fn path_of(expression: &Expr) -> Option<String> {
    text_of(&segments(expression))
}

/// The same as in the source, with `?.`.
pub(crate) fn source_of(expression: &Expr) -> Option<String> {
    written(&segments(expression), true)
}

/// The source of a chain without closures. All ways of reading a value have the same path.
pub(crate) fn text_of(chain: &[Segment<'_>]) -> Option<String> {
    written(chain, false)
}

/// The source of a chain without closures, with `?.` if `safe`.
pub(crate) fn written(chain: &[Segment<'_>], safe: bool) -> Option<String> {
    let mut path = String::new();
    for segment in chain {
        if safe && segment.is_safe() {
            path.push('?');
        }
        match segment {
            Segment::First(Expr::Variable(variable, ..)) => path.push_str(&variable.1),
            Segment::First(Expr::FnCall(call, _)) if !call.is_operator_call() => {
                path.push_str(&call_of(call)?);
            }
            Segment::First(Expr::IntegerConstant(number, _)) => path.push_str(&number.to_string()),
            Segment::First(Expr::StringConstant(text, _)) => path.push_str(&format!("\"{text}\"")),
            Segment::First(_) => return None,
            Segment::Property(name, ..) => path.push_str(&format!(".{name}")),
            Segment::Key(name, _, true) if safe => path.push_str(&format!("[\"{name}\"]")),
            Segment::Key(name, ..) => path.push_str(&field(name)),
            Segment::Index(index, _) => path.push_str(&format!("[{}]", path_of(index)?)),
            Segment::Method(call, _) => path.push_str(&format!(".{}", call_of(call)?)),
        }
    }
    Some(path)
}

fn call_of(call: &FnCallExpr) -> Option<String> {
    let arguments: Option<Vec<String>> = call.args.iter().map(path_of).collect();
    Some(format!("{}({})", call.name, arguments?.join(", ")))
}

/// The end of a path for a field or key, which can be written with a dot or in brackets.
pub(crate) fn field(name: &str) -> String {
    if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        format!(".{name}")
    } else {
        format!("[\"{name}\"]")
    }
}
