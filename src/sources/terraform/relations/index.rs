//! The table, prepared for look-ups.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::relation::{Id, Relation, Role};
use super::table::{
    COMMON, CONTENT, LAUNCHED_BY, OTHERS, REFERENCES, RELATIONS, RULES, WITH_RULES,
};

/// A path of attributes that is kept of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(u16);

/// What the table says of all types together.
pub struct Index {
    /// The paths, sorted.
    paths: Vec<&'static str>,
    /// Of each type, the paths that are kept.
    by_type: BTreeMap<&'static str, TypeEntry>,
    /// What identifies the resources of each kind.
    ids: HashMap<&'static str, Id>,
    /// Of each kind, the attributes by which other resources refer to it.
    parents: Vec<(PathId, &'static str)>,
    /// The names of attributes as a tree.
    pub tree: Tree,
}

/// What is known of a type.
#[derive(Default)]
pub struct TypeEntry {
    /// The paths that are kept, sorted.
    pub paths: Vec<PathId>,
    /// Its rows.
    pub rows: Vec<&'static Relation>,
}

/// The kept paths as a tree of names.
#[derive(Debug, Default)]
pub struct Tree {
    /// The path that ends here.
    pub path: Option<PathId>,
    children: BTreeMap<&'static str, Tree>,
}

impl Tree {
    /// The part of the tree below a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    /// The name itself, if it is in the tree at this level.
    pub fn name(&self, name: &str) -> Option<&'static str> {
        self.children.get_key_value(name).map(|(name, _)| *name)
    }
}

/// The table, prepared.
pub static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

impl Index {
    fn new() -> Self {
        let attribute = |id: Id| match id {
            Id::Attribute(path) => Some(path),
            Id::Region | Id::Account => None,
        };
        let of_rows = RELATIONS.iter().filter_map(|row| attribute(row.id));
        let mut paths: Vec<&'static str> = of_rows
            .chain(REFERENCES.iter().map(|(_, path, _)| *path))
            .chain(LAUNCHED_BY.iter().map(|(_, _, path)| *path))
            .chain(OTHERS.iter().map(|(_, path)| *path))
            .chain(CONTENT.iter().chain(RULES).chain(COMMON).copied())
            .collect();
        paths.sort_unstable();
        paths.dedup();
        let mut index = Self {
            paths,
            by_type: BTreeMap::new(),
            ids: HashMap::new(),
            parents: Vec::new(),
            tree: Tree::default(),
        };
        for row in RELATIONS {
            index.ids.entry(row.kind).or_insert(row.id);
            let content: &[&str] = if row.role == Role::Part { CONTENT } else { &[] };
            index.keep(row.resource_type, attribute(row.id).iter().chain(content));
            let is_parent = matches!(row.role, Role::Configures | Role::Part);
            let id = attribute(row.id).filter(|path| is_parent && !path.contains('.'));
            if let Some(id) = id.and_then(|path| index.path(path))
                && !index.parents.contains(&(id, row.kind))
            {
                index.parents.push((id, row.kind));
            }
            index.by_type.entry(row.resource_type).or_default().rows.push(row);
        }
        let pairs = REFERENCES.iter().map(|(resource_type, path, _)| (*resource_type, *path));
        let launched = LAUNCHED_BY.iter().map(|(_, resource_type, path)| (*resource_type, *path));
        for (resource_type, path) in pairs.chain(launched).chain(OTHERS.iter().copied()) {
            index.keep(resource_type, [&path]);
        }
        for resource_type in WITH_RULES {
            index.keep(resource_type, RULES);
        }
        for position in 0..index.paths.len() {
            let Some(path) = index.paths.get(position).and_then(|path| index.path(path)) else {
                continue;
            };
            let mut tree = &mut index.tree;
            for name in index.paths[position].split('.') {
                tree = tree.children.entry(name).or_default();
            }
            tree.path = Some(path);
        }
        index
    }

    fn keep<'a>(
        &mut self,
        resource_type: &'static str,
        paths: impl IntoIterator<Item = &'a &'static str>,
    ) {
        let ids: Vec<PathId> =
            paths.into_iter().chain(COMMON).filter_map(|path| self.path(path)).collect();
        let kept = &mut self.by_type.entry(resource_type).or_default().paths;
        kept.extend(ids);
        kept.sort_unstable();
        kept.dedup();
    }

    /// The number of a path that is kept.
    pub fn path(&self, path: &str) -> Option<PathId> {
        let position = self.paths.binary_search(&path).ok()?;
        u16::try_from(position).ok().map(PathId)
    }

    /// The path of that number.
    pub fn name(&self, path: PathId) -> &'static str {
        self.paths.get(usize::from(path.0)).copied().unwrap_or_default()
    }

    /// What is known of a type.
    pub fn entry(&self, resource_type: &str) -> Option<&TypeEntry> {
        self.by_type.get(resource_type)
    }

    /// What identifies the resources of a kind.
    pub fn id_of(&self, kind: &str) -> Option<Id> {
        self.ids.get(kind).copied()
    }

    /// The kinds to which an attribute of this name refers, in any type.
    pub fn parents_by(&self, path: PathId) -> impl Iterator<Item = &'static str> {
        self.parents.iter().filter(move |(known, _)| *known == path).map(|(_, kind)| *kind)
    }

    /// Whether a path is kept of a resource type.
    pub fn keeps(&self, resource_type: &str, path: PathId) -> bool {
        match self.by_type.get(resource_type) {
            Some(entry) => entry.paths.binary_search(&path).is_ok(),
            None => {
                COMMON.contains(&self.name(path))
                    || self.parents.iter().any(|(known, _)| *known == path)
            }
        }
    }
}

/// The relation of a type to a kind.
pub fn role_of(kind: &str, resource_type: &str) -> Option<Role> {
    let entry = INDEX.entry(resource_type)?;
    entry.rows.iter().filter(|row| row.kind == kind).map(|row| row.role).min()
}

/// Whether a resource of a kind can have its tags from a block of this type: the block declares it, or
/// what is launched gets the tags.
pub fn has_tags_of(kind: &str, resource_type: &str) -> bool {
    let is_launched = matches!(kind, "ec2.instance" | "ec2.network_interface" | "ec2.volume");
    let launches = || {
        resource_type == "aws_instance"
            || LAUNCHED_BY.iter().any(|(_, launching, _)| *launching == resource_type)
    };
    match role_of(kind, resource_type) {
        Some(Role::Declares) => true,
        // The default security group of a VPC has no tags of it.
        Some(Role::Brings) => is_launched,
        // A service that starts instances can be of a type that the table does not have.
        _ => is_launched && (launches() || INDEX.entry(resource_type).is_none()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts::{KINDS, Scope};

    /// Kinds without a resource type in the provider.
    const UNDECLARED: [&str; 6] = [
        "ec2.instance_type",
        "ec2.network_insights_access_scope",
        "ec2.network_insights_access_scope_analysis",
        "ec2.reserved_instances",
        // The management account declares the accounts of the organization, which need not be its own.
        "organizations.account",
        // It has no settings.
        "s3.region",
    ];

    #[test]
    fn every_kind_is_declared_by_a_type_or_known_to_have_none() {
        let declared: BTreeSet<&str> =
            RELATIONS.iter().filter(|row| row.role == Role::Declares).map(|row| row.kind).collect();
        for kind in KINDS.iter().filter(|kind| kind.scope != Scope::Account) {
            let expected = !UNDECLARED.contains(&kind.name);
            assert_eq!(declared.contains(kind.name), expected, "{}", kind.name);
        }
        for row in RELATIONS {
            assert!(KINDS.iter().any(|kind| kind.name == row.kind), "{row:?}");
        }
    }

    #[test]
    fn no_row_is_listed_twice_and_roles_are_unambiguous() {
        let mut seen = BTreeSet::new();
        let mut roles = BTreeMap::new();
        for row in RELATIONS {
            assert!(seen.insert(format!("{row:?}")), "{row:?}");
            let role = *roles.entry((row.kind, row.resource_type)).or_insert(row.role);
            assert_eq!(role, row.role, "{row:?}");
            assert_eq!(role_of(row.kind, row.resource_type), Some(row.role));
        }
    }

    #[test]
    fn tags_are_those_of_a_block_that_can_declare_the_kind() {
        for (kind, resource_type, wanted) in [
            ("ec2.vpc", "aws_vpc", true),
            ("ec2.vpc", "aws_default_vpc", true),
            ("ec2.security_group", "aws_vpc", false),
            ("ec2.snapshot", "aws_ebs_volume", false),
            ("ec2.volume", "aws_instance", true),
            ("ec2.instance", "aws_autoscaling_group", true),
            ("ec2.volume", "aws_launch_template", true),
            ("ec2.instance", "aws_emr_cluster", true),
            ("s3.bucket", "aws_emr_cluster", false),
            ("ec2.instance", "aws_s3_bucket", false),
        ] {
            assert_eq!(has_tags_of(kind, resource_type), wanted, "{kind} {resource_type}");
        }
    }

    #[test]
    fn nothing_but_ids_and_keys_is_kept() {
        for path in &INDEX.paths {
            for word in
                ["password", "secret", "policy", "user_data", "token", "key_material", "tags"]
            {
                assert!(
                    !path.contains(word) || path.starts_with("mixed_instances_policy."),
                    "{path}"
                );
            }
        }
        let path = |path: &str| INDEX.path(path).unwrap();
        assert!(INDEX.keeps("aws_vpc", path("default_security_group_id")));
        assert!(!INDEX.keeps("aws_vpc", path("name")));
        // A type that the table does not have: what identifies it and its parents.
        assert!(INDEX.keeps("aws_unknown", path("bucket")));
        assert!(!INDEX.keeps("aws_unknown", path("details.name")));
    }
}
