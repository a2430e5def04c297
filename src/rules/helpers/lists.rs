//! Array functions. They replace the engine's own, which treat anything but `true` as `false`,
//! whose `sort` continues when the closure fails (a bug in a closure would silently match nothing),
//! and whose work does not count.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use rhai::{Array, Dynamic, Engine, FnPtr, Map, NativeCallContext};

use super::counted::measured;
use super::table::topic;
use crate::model::text;
use crate::rules::helpers::arguments::Scripted;
use crate::rules::values::budget::{charge_items, for_item};
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::{to_json, type_name};
use crate::rules::values::object::{Dictionary, Object};

topic! {
    /// These array functions are called as methods: `list.filter(|x| …)`. Rhai's other array
    /// functions, such as `reduce`, are also available. A closure that tests an item must return
    /// `true` or `false`.
    "Lists";

    /// Returns the items for which the closure returns `true`.
    fn filter(list: "list", test: "closure") -> "list";
    "[22, 80, 443].filter(|port| port < 100)" => "[22, 80]";
    |engine, _| engine.register_fn("filter", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Array> {
        let mut kept = Array::new();
        for item in list.iter() {
            if holds(&cx, "filter", &test, item)? {
                kept.push(item.clone());
            }
        }
        Ok(kept)
    });

    /// Returns a list of the values that the closure returns for the items.
    fn map(list: "list", convert: "closure") -> "list";
    "[22, 80].map(|port| port + 1)" => "[23, 81]";
    |engine, _| engine.register_fn("map", |cx: NativeCallContext, list: &mut Array, convert: FnPtr| -> Scripted<Array> {
        list.iter()
            .map(|item| {
                let converted = for_item(|| convert.call_raw(&cx, None, [item.clone()]))?;
                // The engine checks the size of the list only afterwards.
                if converted.is_array() || converted.is_map() {
                    charge_items(measured(std::iter::once(&converted))?)?;
                }
                Ok(converted)
            })
            .collect()
    });

    /// Returns the first item for which the closure returns `true`, or `()` if there is no such
    /// item.
    fn find(list: "list", test: "closure") -> "any";
    "[22, 80, 443].find(|port| port > 22)" => "80";
    "[22, 80, 443].find(|port| port > 1024)" => "()";
    |engine, _| engine.register_fn("find", |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<Dynamic> {
        for item in list.iter() {
            if holds(&cx, "find", &test, item)? {
                return Ok(item.clone());
            }
        }
        Ok(Dynamic::UNIT)
    });

    /// Returns whether the closure returns `true` for at least one item.
    fn some(list: "list", test: "closure") -> "bool";
    "[22, 80].some(|port| port == 22)" => "true";
    "[].some(|port| true)" => "false";
    |engine, _| quantifier(engine, "some", true, true);

    /// Returns whether the closure returns `true` for every item. Returns `true` for an empty list.
    fn all(list: "list", test: "closure") -> "bool";
    "[22, 80].all(|port| port == 22)" => "false";
    "[].all(|port| false)" => "true";
    |engine, _| quantifier(engine, "all", false, false);

    /// Returns whether the closure returns `true` for none of the items.
    fn none(list: "list", test: "closure") -> "bool";
    "[22, 80].none(|port| port == 443)" => "true";
    |engine, _| quantifier(engine, "none", true, false);

    /// Sorts a list in place with a closure that compares two items. The closure returns a negative
    /// number if the first item sorts first, 0 if the items are equal, and a positive number
    /// otherwise. Only lists that the rule created can be sorted.
    fn sort(list: "list", order: "closure") -> "()";
    "{ let ports = [443, 22]; ports.sort(|a, b| a - b); ports }" => "[22, 443]";
    |engine, _| {
        engine.register_fn("sort", sort);
        refuse_name(engine, "sort")
    };

    /// Returns the distinct items of a list, in the order of their first occurrence.
    fn distinct(list: "list") -> "list";
    "[443, 22, 443].distinct()" => "[443, 22]";
    "[#{ port: 22 }, #{ port: 22 }].distinct()" => "[#{ port: 22 }]";
    |engine, _| engine.register_fn("distinct", |list: &mut Array| -> Scripted<Array> {
        let mut seen = HashSet::new();
        let mut distinct = Array::new();
        for item in list.iter() {
            // Values of different types, such as `1` and `"1"`, differ as JSON.
            if seen.insert(to_json(item)?.to_string()) {
                distinct.push(item.clone());
            }
        }
        Ok(distinct)
    });

    /// Groups the items by a key: the return value of the closure, or the value of a field, which
    /// can be given as a path (`"state.name"`, `"tags.Owner"`). Returns a list of maps with `key`
    /// and `items`, in the order of the first item of each group. Items without a value are grouped
    /// under the key `()`.
    fn group_by(list: "list", key: "closure") -> "list of map" (list: "list", field: "string") -> "list of map";
    "[22, 80, 443].group_by(|port| port < 100)" => "[#{ key: true, items: [22, 80] }, #{ key: false, items: [443] }]";
    "related(\"ec2.volume\").group_by(\"tags.Owner\").map(|group| group.items.len())" => "[1, 1]";
    |engine, context| {
        engine.register_fn("group_by", |cx: NativeCallContext, list: &mut Array, key: FnPtr| -> Scripted<Array> {
            Ok(groups(list, |item| key.call_raw(&cx, None, [item.clone()]))?.into_iter().map(Group::with_items).collect())
        });
        let cx = context.clone();
        engine.register_fn("group_by", move |list: &mut Array, field: &str| -> Scripted<Array> {
            Ok(groups(list, |item| at(&cx, item, field))?.into_iter().map(Group::with_items).collect())
        })
    };

    /// Groups the items by a key, as `group_by` does, and counts the items of each group. Returns a
    /// list of maps with `key` and `count`.
    fn count_by(list: "list", key: "closure") -> "list of map" (list: "list", field: "string") -> "list of map";
    "[22, 80, 443].count_by(|port| port < 100)" => "[#{ key: true, count: 2 }, #{ key: false, count: 1 }]";
    "related(\"ec2.volume\").count_by(\"tags.Owner\")" => "[#{ key: \"web\", count: 1 }, #{ key: (), count: 1 }]";
    |engine, context| {
        engine.register_fn("count_by", |cx: NativeCallContext, list: &mut Array, key: FnPtr| -> Scripted<Array> {
            Ok(groups(list, |item| key.call_raw(&cx, None, [item.clone()]))?.into_iter().map(Group::with_count).collect())
        });
        let cx = context.clone();
        engine.register_fn("count_by", move |list: &mut Array, field: &str| -> Scripted<Array> {
            Ok(groups(list, |item| at(&cx, item, field))?.into_iter().map(Group::with_count).collect())
        })
    };

    /// Removes consecutive equal items from a list in place, keeping the first of each run. An
    /// optional closure decides which items are equal. This is Rhai's own function, but, like
    /// `sort`, it does not accept the name of a function instead of a closure.
    fn dedup(list: "list") -> "()" (list: "list", same: "closure") -> "()";
    "{ let ports = [22, 22, 443]; ports.dedup(); ports }" => "[22, 443]";
    |engine, _| refuse_name(engine, "dedup");
}

/// Items with the same key.
struct Group {
    key: Dynamic,
    items: Array,
}

impl Group {
    fn with_items(self) -> Dynamic {
        let Self { key, items } = self;
        let entries = [("key".into(), key), ("items".into(), Dynamic::from_array(items))];
        Dynamic::from_map(entries.into_iter().collect::<Map>())
    }

    fn with_count(self) -> Dynamic {
        let count = i64::try_from(self.items.len()).unwrap_or(i64::MAX);
        let entries = [("key".into(), self.key), ("count".into(), Dynamic::from_int(count))];
        Dynamic::from_map(entries.into_iter().collect::<Map>())
    }
}

/// The groups of a list, in the order of their first items.
fn groups(
    list: &Array,
    mut key: impl FnMut(&Dynamic) -> Scripted<Dynamic>,
) -> Scripted<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for item in list {
        let key = for_item(|| key(item))?;
        // Values of different types, such as `1` and `"1"`, differ as JSON.
        let position = *known.entry(to_json(&key)?.to_string()).or_insert_with(|| {
            groups.push(Group { key, items: Array::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(position) {
            group.items.push(item.clone());
        }
    }
    Ok(groups)
}

/// The value at a path of fields within an item; `()` if a value on the way is absent.
fn at(context: &EvalContext, item: &Dynamic, path: &str) -> Scripted<Dynamic> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let (value, rest) = if let Some(object) = item.read_lock::<Object>() {
        (context.read(&object, name)?, rest)
    } else if let Some(dictionary) = item.read_lock::<Dictionary>() {
        // Its keys can contain dots.
        (context.read_key(&dictionary, path), None)
    } else if let Ok(map) = item.as_map_ref() {
        (map.get(name).cloned().unwrap_or(Dynamic::UNIT), rest)
    } else if item.is_unit() {
        return Ok(Dynamic::UNIT);
    } else {
        return Interrupt::Broken(format!(
            "{} has no field `{}` to group by",
            type_name(item),
            text::one_line(name, 60)
        ))
        .raise();
    };
    match rest {
        Some(rest) => at(context, &value, rest),
        None => Ok(value),
    }
}

/// Registers a test over all items: the first item for which the closure returns `wanted` makes the
/// result `found`.
fn quantifier(engine: &mut Engine, name: &'static str, wanted: bool, found: bool) {
    engine.register_fn(
        name,
        move |cx: NativeCallContext, list: &mut Array, test: FnPtr| -> Scripted<bool> {
            for item in list.iter() {
                if holds(&cx, name, &test, item)? == wanted {
                    return Ok(found);
                }
            }
            Ok(!found)
        },
    );
}

/// Passing a function's name instead of a closure would reach the engine's own functions; these
/// two, which ignore errors, are blocked.
fn refuse_name(engine: &mut Engine, name: &'static str) {
    engine.register_fn(name, move |_: &mut Array, _: &str| -> Scripted<()> {
        Interrupt::Broken(format!("`{name}` expects a closure, got the name of a function")).raise()
    });
}

fn sort(cx: NativeCallContext, list: &mut Array, order: FnPtr) -> Scripted<()> {
    let mut failed = None;
    list.sort_by(|a, b| {
        if failed.is_some() {
            return Ordering::Equal;
        }
        match compare(&cx, &order, a, b) {
            Ok(ordering) => ordering,
            Err(error) => {
                failed = Some(error);
                Ordering::Equal
            }
        }
    });
    failed.map_or(Ok(()), Err)
}

fn holds(cx: &NativeCallContext, name: &str, test: &FnPtr, item: &Dynamic) -> Scripted<bool> {
    let answer = for_item(|| test.call_raw(cx, None, [item.clone()]))?;
    answer.as_bool().or_else(|_| {
        let got = type_name(&answer);
        Interrupt::Broken(format!("the closure passed to `{name}` must return a bool, got {got}"))
            .raise()
    })
}

fn compare(cx: &NativeCallContext, order: &FnPtr, a: &Dynamic, b: &Dynamic) -> Scripted<Ordering> {
    let answer = for_item(|| order.call_raw(cx, None, [a.clone(), b.clone()]))?;
    match answer.as_int() {
        Ok(number) => Ok(number.cmp(&0)),
        Err(_) => Interrupt::Broken(
            "the closure passed to `sort` must return a negative int, 0 or a positive int"
                .to_owned(),
        )
        .raise(),
    }
}
