//! The versions of launch templates that new instances use.

use serde_json::Value;

use super::common::has_items;
use crate::model::Resource;
use crate::model::unreadable::{Step, Unreadable, inside, step};
use crate::preview::item::{Described, Item, ItemKey, TemplateVersion};
use crate::preview::tree::{Tree, Why};

pub(super) const KIND: &str = "ec2.launch_template";
/// What a version says about the instances that are launched from it.
const DATA: &str = "launch_template_data";

/// What the launch template of an instance says.
#[derive(Debug)]
pub(super) enum Template {
    /// The instance has no launch template.
    None,
    /// It can say anything.
    Unknown,
    /// The settings in the version that is used.
    Known(Tree),
}

impl Template {
    /// A setting; `None` if the template does not have it.
    pub(super) fn get(&self, name: &str) -> Option<Tree> {
        match self {
            Self::None => None,
            Self::Unknown => Some(Tree::Unknown(Why::Template)),
            Self::Known(data) => match data.get(name) {
                Some(Tree::Unknown(_)) => Some(Tree::Unknown(Why::Template)),
                Some(tree) if tree.is_absent() => None,
                other => other,
            },
        }
    }

    /// The items of a list; `None` if they are not known.
    pub(super) fn items(&self, name: &str) -> Option<Vec<Tree>> {
        self.get(name).map_or(Some(Vec::new()), |list| list.items())
    }

    /// A list that has items, or is not known.
    pub(super) fn list(&self, name: &str) -> Option<Tree> {
        self.get(name).filter(|list| list.items().is_none() || has_items(Some(list)))
    }
}

impl Described {
    /// What the launch template of an instance says, by the plan or by what exists.
    pub(super) fn template(
        &self,
        instance: &ItemKey,
        version: Option<&TemplateVersion>,
        existing: &[Resource],
    ) -> Template {
        let Some(of) = version else { return Template::None };
        let (Some(id), Some(version)) = (of.template.as_deref(), of.version.as_deref()) else {
            return Template::Unknown;
        };
        let is_it = |key_id: &str, name: Option<&str>| key_id == id || name == Some(id);
        let planned = self.after.items.iter().find(|(key, item)| {
            let name = item.tree.get("launch_template_name");
            key.kind == KIND
                && key.account == instance.account
                && key.region == instance.region
                && is_it(&key.id, name.as_ref().and_then(Tree::as_str))
        });
        let planned = planned.map(|(_, item)| item);
        if let Some(data) = planned.and_then(|item| planned_data(item, version)) {
            return data.map_or(Template::Unknown, Template::Known);
        }
        let live = existing.iter().find(|one| {
            let name = one.facts.get("launch_template_name").and_then(Value::as_str);
            one.kind == KIND && one.region == instance.region && is_it(&one.id, name)
        });
        live.and_then(|live| existing_data(live, version))
            .map_or(Template::Unknown, Template::Known)
    }
}

/// The settings in a version that the change makes: `None` if it is one that exists, and then `None`
/// within if it is not known.
#[expect(clippy::option_option, reason = "not made by the change, or not known")]
fn planned_data(template: &Item, version: &str) -> Option<Option<Tree>> {
    let fact = match version {
        "$Default" => "default_version",
        // The only version of a new template has number 1.
        "$Latest" => "latest_version",
        "1" if template.is_created => "latest_version",
        _ if template.is_created => return Some(None),
        // Versions that exist do not change.
        _ => return None,
    };
    let version = template.tree.get(fact)?;
    Some(version.get(DATA).filter(|data| !matches!(data, Tree::Unknown(_))))
}

/// The settings in a version of a template that exists; `None` if they are not known.
fn existing_data(template: &Resource, version: &str) -> Option<Tree> {
    let has_number = |fact: &&str| {
        let number =
            template.facts.get(*fact).and_then(|fact| fact.get("version_number")?.as_i64());
        number.is_some_and(|number| version.parse() == Ok(number))
    };
    let fact = match version {
        "$Default" => "default_version",
        "$Latest" => "latest_version",
        _ => ["latest_version", "default_version"].into_iter().find(has_number)?,
    };
    let is_unread = template.unreadable.contains_key(fact)
        || template.unreadable.contains_key(&format!("{fact}.{DATA}"));
    let data = template.facts.get(fact)?.get(DATA)?.clone();
    (!is_unread && data.is_object()).then(|| {
        let mut tree = Tree::of_json(data);
        hide(&mut tree, &template.unreadable, &format!("{fact}.{DATA}"));
        tree
    })
}

/// Makes unknown what was not read.
fn hide(tree: &mut Tree, unreadable: &Unreadable, path: &str) {
    for (rest, _) in inside(unreadable, path) {
        hide_at(tree, rest);
    }
}

fn hide_at(tree: &mut Tree, path: &str) {
    let parts: Vec<&mut Tree> = match (step(path), tree) {
        (None, tree) => {
            *tree = Tree::Unknown(Why::Template);
            return;
        }
        (Some((Step::Field(name), _)), Tree::Object(fields)) => {
            let field = fields.entry(name.to_owned()).or_insert(Tree::Unknown(Why::Template));
            vec![field]
        }
        (Some((Step::Item(index), _)), Tree::List(items)) => {
            let is_it = |at: usize| index.is_none_or(|index| index == at);
            let items = items.iter_mut().enumerate();
            items.filter(|(at, _)| is_it(*at)).map(|(_, item)| item).collect()
        }
        // A field of every item.
        (Some((Step::Field(_), _)), Tree::List(items)) => {
            return items.iter_mut().for_each(|item| hide_at(item, path));
        }
        (_, tree) => {
            *tree = Tree::Unknown(Why::Template);
            return;
        }
    };
    let rest = step(path).map_or("", |(_, rest)| rest);
    parts.into_iter().for_each(|part| hide_at(part, rest));
}
