//! Actions and fixes that `fix` returns.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use rhai::{Expr, Position};
use serde_json::Value;

use super::entries::Reads;
use super::infer::Infer;
use super::value::Type;
use crate::diagnostics::{Code, Diagnostic};
use crate::facts::{self, FieldType, Kind};
use crate::fixes::{self, ACTIONS, ActionSpec, FixClass, Origin};
use crate::model::{code_series, did_you_mean, text};
use crate::rules::language::draft::Draft;
use crate::rules::language::source::SourceFile;

/// The types of the parameters of actions, by their names.
static PARAMS: LazyLock<HashMap<&'static str, FieldType>> = LazyLock::new(|| {
    ACTIONS.iter().map(|action| (action.name, FieldType::of(&action.params))).collect()
});

/// The functions that create a fix.
const FIXES: [(&str, FixClass); 3] =
    [("safe_fix", FixClass::Safe), ("unsafe_fix", FixClass::Unsafe), ("by_hand", FixClass::ByHand)];

/// The call that creates a fix of this class.
fn call_of(class: FixClass) -> &'static str {
    FIXES.iter().find(|(_, of)| *of == class).map_or("", |(name, _)| name)
}

/// Compares the classes that `fix` returns with `most`.
pub(crate) fn classes(draft: &Draft, fix: &Reads, file: &SourceFile) -> Vec<Diagnostic> {
    let Some(declared) = &draft.fix else { return Vec::new() };
    let most = declared.most.as_str();
    let Some((class, position)) = fix.classes.iter().next_back() else { return Vec::new() };
    let (message, help, at) = match class.cmp(&declared.most) {
        std::cmp::Ordering::Equal => return Vec::new(),
        std::cmp::Ordering::Greater => (
            format!("`{}` returns more than `most: \"{most}\"` allows", call_of(*class)),
            format!(
                "return `{}(…)`, or set `most: \"{}\"`",
                call_of(declared.most),
                class.as_str()
            ),
            *position,
        ),
        std::cmp::Ordering::Less => (
            format!("`fix` never returns a fix of class `{most}`, but `most` is `\"{most}\"`"),
            format!("set `most: \"{}\"`", class.as_str()),
            declared.position,
        ),
    };
    vec![file.error_at(at, message).code(Code::WrongMost).help(help)]
}

impl Infer<'_> {
    /// Records the class of a fix.
    pub(crate) fn fix_created(&mut self, name: &str, position: Position) {
        if let Some((_, class)) = FIXES.iter().find(|(fix, _)| *fix == name) {
            self.reads.classes.entry(*class).or_insert(position);
        }
    }

    /// Checks `action("name", #{ … })`. `values`: the types of all arguments.
    pub(crate) fn check_action(
        &mut self,
        written: &[Option<&Expr>],
        values: &[Type],
        position: Position,
    ) {
        let Some(Some(Expr::StringConstant(name, place))) = written.first().copied() else {
            return;
        };
        let Some(action) = fixes::action(name).filter(|action| action.origin == Origin::Rule)
        else {
            let shown = text::one_line(name, 60);
            let (message, help) = match fixes::action(name) {
                Some(_) => (
                    format!("`{shown}` only undoes other actions"),
                    "propose the change itself".to_owned(),
                ),
                None => {
                    let names = ACTIONS.iter().filter(|action| action.origin == Origin::Rule);
                    let meant = did_you_mean(name, names.map(|action| action.name));
                    let help = match meant {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "`docs/fixes.md` lists all actions".to_owned(),
                    };
                    (format!("unknown action `{shown}`"), help)
                }
            };
            return self.report(Code::UnsuitableLiteral, *place, message, Some(help));
        };
        if let Some(own) = self.draft.kind.filter(|own| !action.kinds.contains(own.name)) {
            let message =
                format!("`{name}` changes {}, but the rule evaluates `{}`", action.kinds, own.name);
            let help = "an action changes the resource that the rule evaluates".to_owned();
            return self.report(Code::UnsuitableLiteral, *place, message, Some(help));
        }
        self.read_by_action(action, *place);
        let given = match values.get(1) {
            Some(Type::Map(fields, _)) => (**fields).clone(),
            None => BTreeMap::new(),
            Some(_) => return,
        };
        let parameters = written.get(1).copied().flatten();
        let place_of = |key: &str| {
            let entries = match parameters {
                Some(Expr::Map(map, _)) => map.0.as_slice(),
                _ => &[],
            };
            let entry = entries.iter().find(|(name, _)| name.as_str() == key);
            let whole = parameters.map_or(position, Expr::start_position);
            entry.map_or((whole, whole), |(name, value)| (name.pos, value.start_position()))
        };
        self.check_parameters(action, &given, &place_of, position);
    }

    fn check_parameters(
        &mut self,
        action: &ActionSpec,
        given: &BTreeMap<String, Type>,
        place_of: &dyn Fn(&str) -> (Position, Position),
        position: Position,
    ) {
        let name = action.name;
        static NONE: BTreeMap<String, FieldType> = BTreeMap::new();
        let known = match PARAMS.get(name) {
            Some(FieldType::Object(fields)) => fields,
            _ => &NONE,
        };
        for (key, value) in given {
            let (key_place, value_place) = place_of(key);
            let Some(form) = known.get(key) else {
                let keys: Vec<&str> = known.keys().map(String::as_str).collect();
                let help = match did_you_mean(key, keys.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if keys.is_empty() => "it has no parameters".to_owned(),
                    None => format!("its parameters are {}", code_series(keys, "and")),
                };
                let message = format!("`{name}` has no parameter `{}`", text::one_line(key, 60));
                self.report(Code::UnsuitableLiteral, key_place, message, Some(help));
                continue;
            };
            if let Some((expected, found)) = Type::of(form, name).mismatch(value)
                && (expected, found) != ("object", "map")
                && (expected, found) != ("tag map", "map")
            {
                let message =
                    format!("expected {expected} for parameter `{key}` of `{name}`, found {found}");
                self.report(Code::TypeMismatch, value_place, message, None);
            }
        }
        let schema = (action.params.schema)();
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|key| !given.contains_key(*key)) {
            let message = format!("missing parameter `{key}` of `{name}`");
            let help = Some(format!("add it: `action(\"{name}\", #{{ {key}: … }})`"));
            self.report(Code::UnsuitableLiteral, position, message, help);
        }
    }

    /// What an action changes and reads must be declared, so that it is collected.
    fn read_by_action(&mut self, action: &'static ActionSpec, place: Position) {
        let Some(own) = self.draft.kind else { return };
        for need in action.touches.iter().chain(action.reads) {
            let (kind, fact): (Option<&'static Kind>, Option<&str>) = match need.split_once('/') {
                Some((kind, fact)) => (facts::kind(kind), Some(fact)),
                None if need.contains('.') => (facts::kind(need), None),
                None => (Some(own), Some(*need)),
            };
            let Some(kind) = kind else { continue };
            if need.contains('.') {
                self.looked_up(kind, place);
            }
            if let Some(fact) = fact.filter(|fact| kind.fact(fact).is_some()) {
                self.fact_read(kind, fact, place);
            }
        }
    }
}
