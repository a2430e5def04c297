//! A template: which lines declare which logical ids, and what refers to what.

use std::collections::{BTreeMap, HashMap};

use super::document::{Document, Entry, Invalid, NodeId, View};

/// Loops (`Fn::ForEach`) within one another; CloudFormation allows 5.
const MAX_LOOPS: usize = 5;
/// Transforms that add no resources, or only such as look_up knows. Others are macros and included
/// files, which can add anything.
const KNOWN_TRANSFORMS: [&str; 2] = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"];
/// The beginnings of logical ids that AWS SAM uses for what several resources have in common.
const SHARED: [&str; 4] = [
    "ServerlessRestApi",
    "ServerlessHttpApi",
    "ServerlessDeploymentApplication",
    "CodeDeployServiceRole",
];
/// How many resources and loops are read within loops.
const MAX_LOOPED: usize = 10_000;

/// A template of a file.
#[derive(Debug)]
pub(crate) struct Template {
    /// The file, relative to the root of the repository.
    pub(crate) file: String,
    document: Document,
    /// Logical id → the key and value.
    resources: HashMap<Box<str>, Declaration>,
    /// The resources that are declared in loops.
    loops: Vec<Loop>,
    /// Type → logical ids, in the order of the file.
    types: HashMap<Box<str>, Vec<Box<str>>>,
    /// Whether a macro or an included file can add any resources.
    is_open: bool,
}

#[derive(Debug, Clone, Copy)]
struct Declaration {
    key: NodeId,
    value: NodeId,
    /// Whether another resource has the same logical id.
    is_duplicate: bool,
}

/// A resource in `Fn::ForEach`: the form of its logical ids.
#[derive(Debug)]
struct Loop {
    parts: Vec<Part>,
    key: NodeId,
    value: NodeId,
}

/// A part of the logical ids of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// A variable with these values.
    OneOf(Vec<String>),
    /// A variable whose values are not in the template.
    Any,
}

/// A resource of a template.
#[derive(Clone, Copy)]
pub(crate) struct Declared<'t> {
    pub(super) key: View<'t>,
    pub(super) value: View<'t>,
}

/// What a template has for a logical id.
#[derive(Clone, Copy)]
pub(crate) enum Lookup<'t> {
    /// The resource, or the loop that declares it.
    Found(Declared<'t>),
    /// Not itself, but this one resource from which a transform or a module generates it.
    Generated(Declared<'t>),
    /// Several resources could be meant.
    Ambiguous,
    Missing,
}

impl<'t> Declared<'t> {
    /// Its logical id, or the form of the logical ids of a loop.
    pub(crate) fn id(self) -> &'t str {
        self.key.text().unwrap_or_default()
    }

    /// Its type.
    pub(crate) fn kind(self) -> &'t str {
        self.value.value("Type").and_then(View::literal).unwrap_or_default()
    }

    /// The map of its properties.
    pub(super) fn properties(self) -> Option<View<'t>> {
        self.value.value("Properties")
    }

    /// The entry of one of its properties.
    pub(super) fn property(self, name: &str) -> Option<Entry<'t>> {
        self.properties()?.get(name)
    }

    /// The line of its logical id.
    pub(crate) fn line(self) -> u32 {
        self.key.position().line
    }

    /// Whether both are the same one.
    fn is(self, other: Self) -> bool {
        self.key.id() == other.key.id()
    }

    /// A string in its metadata, such as `aws:cdk:path`.
    pub(crate) fn metadata(self, key: &str) -> Option<&'t str> {
        self.value.value("Metadata")?.value(key)?.literal()
    }
}

impl Template {
    /// The template in a text; `None` if it is something else than a template.
    pub(crate) fn parse(file: &str, text: String) -> Result<Option<Self>, Invalid> {
        let document = Document::parse(text)?;
        let mut template = Self {
            file: file.to_owned(),
            document,
            resources: HashMap::new(),
            loops: Vec::new(),
            types: HashMap::new(),
            is_open: false,
        };
        let root = template.document.root();
        let Some(resources) = root.and_then(|root| root.value("Resources")) else {
            return Ok(None);
        };
        let is_open = root.is_some_and(is_open) || resources.get("Fn::Transform").is_some();
        let mut found: HashMap<Box<str>, Declaration> = HashMap::new();
        let mut loops = Loops { variables: Vec::new(), found: Vec::new(), left: MAX_LOOPED };
        let mut types: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
        for Entry { key, value } in resources.entries() {
            let Some(id) = key.text() else { continue };
            if id.starts_with("Fn::ForEach::") {
                loops.add(value);
                continue;
            }
            let declared = Declared { key, value };
            if declared.kind().is_empty() {
                continue;
            }
            let new = Declaration { key: key.id(), value: value.id(), is_duplicate: false };
            if let Some(other) = found.get_mut(id) {
                other.is_duplicate = true;
                continue;
            }
            found.insert(id.into(), new);
            types.entry(declared.kind().into()).or_default().push(id.into());
        }
        if found.is_empty() && loops.found.is_empty() {
            return Ok(None);
        }
        (template.resources, template.loops, template.types) = (found, loops.found, types);
        template.is_open = is_open;
        Ok(Some(template))
    }

    /// How many resources it has.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.resources.len() + self.loops.len()
    }

    /// Its literal logical ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.resources.keys().map(|id| &**id)
    }

    /// Whether stacks can have logical ids that are not in it literally.
    pub(crate) fn can_generate(&self) -> bool {
        !self.loops.is_empty() || self.types.keys().any(|kind| generates(kind))
    }

    /// Whether a stack with these logical ids and types can have other resources than the template,
    /// because of a macro or an included file, and has all of the template.
    pub(crate) fn can_be_part_of(&self, ids: &BTreeMap<String, String>) -> bool {
        let is_there = |id: &str, declared: Declared<'_>| {
            let kind = declared.kind();
            ids.get(id).is_some_and(|known| known == kind || generates(kind))
        };
        let all = self.resources.iter().filter(|(id, _)| ***id != *"CDKMetadata");
        let mut always = all
            .map(|(id, found)| (&**id, self.declared(found.key, found.value)))
            .filter(|(_, declared)| declared.value.get("Condition").is_none())
            .peekable();
        self.is_open && always.peek().is_some() && always.all(|(id, found)| is_there(id, found))
    }

    fn declared(&self, key: NodeId, value: NodeId) -> Declared<'_> {
        Declared { key: self.document.view(key), value: self.document.view(value) }
    }

    /// The resource with exactly that logical id.
    pub(crate) fn get(&self, id: &str) -> Option<Declared<'_>> {
        let found = self.resources.get(id).filter(|found| !found.is_duplicate)?;
        Some(self.declared(found.key, found.value))
    }

    /// The resources of a type, in the order of the file.
    pub(crate) fn of_type(&self, kind: &str) -> impl Iterator<Item = Declared<'_>> {
        let ids = self.types.get(kind).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.get(id))
    }

    /// What declares the resource with that logical id in the stack.
    pub(crate) fn look_up(&self, id: &str) -> Lookup<'_> {
        if self.resources.contains_key(id) {
            return self.get(id).map_or(Lookup::Ambiguous, Lookup::Found);
        }
        let mut loops = self.loops.iter().filter(|found| fits(&found.parts, id));
        if let Some(found) = loops.next() {
            return match loops.next() {
                None => Lookup::Found(self.declared(found.key, found.value)),
                Some(_) => Lookup::Ambiguous,
            };
        }
        let of_types = self.types.iter().filter(|(kind, _)| generates(kind));
        let mut prefixes = of_types.flat_map(|(_, ids)| ids).filter(|own| id.starts_with(&***own));
        let is_shared = || SHARED.iter().any(|shared| id.starts_with(shared));
        match (prefixes.next().and_then(|own| self.get(own)), prefixes.next()) {
            (Some(found), None) => Lookup::Generated(found),
            (None, None) if self.types.keys().any(|kind| is_serverless(kind)) && is_shared() => {
                Lookup::Ambiguous
            }
            (None, None) => Lookup::Missing,
            _ => Lookup::Ambiguous,
        }
    }

    /// The resource that contains a line.
    pub(crate) fn at_line(&self, line: u32) -> Option<Declared<'_>> {
        let literal = self.resources.values().map(|found| (found.key, found.value));
        let looped = self.loops.iter().map(|found| (found.key, found.value));
        let all = literal.chain(looped).map(|(key, value)| self.declared(key, value));
        let started = all.filter(|declared| declared.key.position().line <= line);
        // Several can be on one line.
        let mut nearest: Vec<Declared<'_>> = Vec::new();
        for declared in started.filter(|declared| line <= declared.value.last_line()) {
            let at = declared.key.position().line;
            let best = nearest.first().map_or(0, |best| best.key.position().line);
            if at > best {
                nearest.clear();
            }
            if at >= best {
                nearest.push(declared);
            }
        }
        nearest.pop().filter(|_| nearest.is_empty())
    }

    /// Whether it declares that logical id, with that type if it is known.
    pub(crate) fn declares(&self, id: &str, kind: Option<&str>) -> bool {
        match self.look_up(id) {
            // AWS SAM keeps the logical id, and replaces the type.
            Lookup::Found(found) => {
                kind.is_none_or(|kind| found.kind() == kind || is_serverless(found.kind()))
            }
            Lookup::Generated(_) | Lookup::Ambiguous => true,
            Lookup::Missing => false,
        }
    }
}

/// Whether a line of a file belongs to the resource with that logical id.
pub(crate) fn is_at(file: &str, text: &str, id: &str, line: u32) -> bool {
    let Ok(Some(template)) = Template::parse(file, text.to_owned()) else { return false };
    let wanted = match template.look_up(id) {
        Lookup::Found(found) | Lookup::Generated(found) => found,
        Lookup::Ambiguous | Lookup::Missing => return false,
    };
    template.at_line(line).is_some_and(|found| found.is(wanted))
}

/// Whether a transform or a module makes resources of such a resource. Their logical ids begin with
/// its own.
fn generates(kind: &str) -> bool {
    is_serverless(kind) || kind.ends_with("::MODULE")
}

fn is_serverless(kind: &str) -> bool {
    kind.starts_with("AWS::Serverless::")
}

/// Whether a template as a whole has a transform that can add any resources.
fn is_open(root: View<'_>) -> bool {
    let is_known =
        |name: View<'_>| name.literal().is_some_and(|name| KNOWN_TRANSFORMS.contains(&name));
    let open = root.value("Transform").is_some_and(|transform| match transform.is_list() {
        true => transform.items().any(|item| !is_known(item)),
        false => !is_known(transform),
    });
    open || root.get("Fn::Transform").is_some()
}

/// Reads loops.
struct Loops {
    /// The variables of the loops around, with their values if the template has them.
    variables: Vec<(String, Option<Vec<String>>)>,
    found: Vec<Loop>,
    left: usize,
}

impl Loops {
    /// Adds the resources of a loop: a list of a variable, its values, and a map of resources.
    fn add(&mut self, value: View<'_>) {
        let mut arguments = value.items();
        let (Some(name), Some(values), Some(body)) =
            (arguments.next(), arguments.next(), arguments.next())
        else {
            return;
        };
        let Some(name) = name.literal().filter(|_| self.variables.len() < MAX_LOOPS) else {
            return;
        };
        let literals: Option<Vec<String>> =
            values.items().map(|value| value.literal().map(str::to_owned)).collect();
        self.variables.push((name.to_owned(), literals.filter(|_| values.is_list())));
        for Entry { key, value } in body.entries() {
            let Some(left) = self.left.checked_sub(1) else { break };
            self.left = left;
            match key.text() {
                Some(id) if id.starts_with("Fn::ForEach::") => self.add(value),
                Some(id) if value.is_map() => {
                    let parts = parts(id, &self.variables);
                    self.found.push(Loop { parts, key: key.id(), value: value.id() });
                }
                _ => {}
            }
        }
        self.variables.pop();
    }
}

/// The form of a logical id with `${Variable}`, or `&{Variable}` for its letters and digits only.
fn parts(id: &str, variables: &[(String, Option<Vec<String>>)]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = id;
    while let Some(start) = rest.find("${").into_iter().chain(rest.find("&{")).min() {
        let Some(length) = rest.get(start..).and_then(|rest| rest.find('}')) else { break };
        let (before, from) = rest.split_at(start);
        let (variable, after) = from.split_at(length + 1);
        let name = variable.get(2..length).unwrap_or_default();
        let values = variables.iter().rev().find(|(known, _)| known == name);
        parts.push(Part::Literal(before.to_owned()));
        parts.push(match values.and_then(|(_, values)| values.clone()) {
            Some(values) if variable.starts_with('&') => {
                let bare =
                    |value: &String| value.chars().filter(char::is_ascii_alphanumeric).collect();
                Part::OneOf(values.iter().map(bare).collect())
            }
            Some(values) => Part::OneOf(values),
            None => Part::Any,
        });
        rest = after;
    }
    parts.push(Part::Literal(rest.to_owned()));
    parts
}

/// Whether a logical id has that form.
fn fits(parts: &[Part], id: &str) -> bool {
    if !id.is_ascii() {
        return false;
    }
    // The lengths of the beginnings of `id` that fit the parts so far.
    let mut lengths = vec![0];
    for part in parts {
        let mut next = Vec::new();
        for length in lengths {
            let rest = id.get(length..).unwrap_or_default();
            match part {
                Part::Literal(text) => {
                    next.extend(rest.starts_with(text).then_some(length + text.len()))
                }
                Part::OneOf(values) => {
                    let values = values.iter().filter(|value| rest.starts_with(value.as_str()));
                    next.extend(values.map(|value| length + value.len()));
                }
                Part::Any => next.extend(length + 1..=id.len()),
            }
        }
        next.sort_unstable();
        next.dedup();
        lengths = next;
    }
    lengths.contains(&id.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse("a.yaml", text.to_owned()).unwrap().unwrap()
    }

    fn found(template: &Template, id: &str) -> String {
        match template.look_up(id) {
            Lookup::Found(found) => format!("{}:{}", found.id(), found.key.position().line),
            Lookup::Generated(found) => format!("from {}", found.id()),
            Lookup::Ambiguous => "ambiguous".to_owned(),
            Lookup::Missing => "missing".to_owned(),
        }
    }

    #[test]
    fn logical_ids_are_found_in_resources_loops_and_transforms() {
        let template = template(
            "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Logs: {Type: AWS::S3::Bucket}
  Twice: {Type: AWS::S3::Bucket}
  Twice: {Type: AWS::S3::Bucket}
  Note: text
  Fn::ForEach::Buckets:
    - Name
    - [Raw, Clean-ed]
    - Data${Name}:
        Type: AWS::S3::Bucket
      Flat&{Name}:
        Type: AWS::S3::Bucket
  Fn::ForEach::Zones:
    - Zone
    - !Ref Zones
    - Fn::ForEach::Tiers:
      - Tier
      - [Public, Private]
      - ${Tier}Subnet${Zone}: {Type: AWS::EC2::Subnet}
        ${Tier}${Zone}Table: {Type: AWS::EC2::RouteTable}
  Api: {Type: AWS::Serverless::Api}
  ApiKeys: {Type: AWS::Serverless::Api}
  Network: {Type: Example::Network::Vpc::MODULE}
",
        );
        assert!(template.declares("Api", Some("AWS::ApiGateway::RestApi")));
        assert!(!template.declares("Logs", Some("AWS::S3::BucketPolicy")));
        for (id, wanted) in [
            ("Logs", "Logs:3"),
            ("Twice", "ambiguous"),
            ("Note", "missing"),
            ("DataRaw", "Data${Name}:10"),
            ("DataClean-ed", "Data${Name}:10"),
            ("FlatCleaned", "Flat&{Name}:12"),
            ("DataOther", "missing"),
            ("PublicSubnetA", "${Tier}Subnet${Zone}:20"),
            ("PrivateSubnet", "missing"),
            ("OtherSubnetA", "missing"),
            // `${Tier}Subnet${Zone}` and `${Tier}${Zone}Table`.
            ("PublicSubnetATable", "ambiguous"),
            ("NetworkVpc", "from Network"),
            ("ApiStage", "from Api"),
            ("ApiKeysStage", "ambiguous"),
            ("ServerlessRestApiDeployment47fc2d5f9d", "ambiguous"),
            ("ServerlessRestApiProdStage", "ambiguous"),
            ("ServerlessHttpApiApiGatewayDefaultStage", "ambiguous"),
            ("Other", "missing"),
        ] {
            assert_eq!(found(&template, id), wanted, "{id}");
        }
    }

    #[test]
    fn macros_and_included_files_can_add_resources() {
        let resources = "Resources:\n  A: {Type: AWS::S3::Bucket}\n  B: {Type: AWS::S3::Bucket, Condition: C}\n";
        let ids = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
            list.iter().map(|(id, kind)| ((*id).to_owned(), (*kind).to_owned())).collect()
        };
        let stack = ids(&[("A", "AWS::S3::Bucket"), ("Other", "AWS::SNS::Topic")]);
        for (transform, wanted) in [
            ("", false),
            ("Transform: AWS::Serverless-2016-10-31\n", false),
            ("Transform: [AWS::LanguageExtensions]\n", false),
            ("Transform: [AWS::LanguageExtensions, Mine]\n", true),
            ("Transform: Mine\n", true),
            ("Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}\n", true),
            ("Fn::Transform: {Name: AWS::Include}\n", true),
        ] {
            let found = template(&format!("{transform}{resources}"));
            assert_eq!(found.can_be_part_of(&stack), wanted, "{transform}");
            for other in [ids(&[("A", "AWS::SNS::Topic")]), ids(&[("Other", "AWS::S3::Bucket")])] {
                assert!(!found.can_be_part_of(&other), "{transform}");
            }
        }
        let included = format!("{resources}  Fn::Transform: {{Name: AWS::Include}}\n");
        assert!(template(&included).can_be_part_of(&stack));
    }

    #[test]
    fn other_files_are_not_templates() {
        for text in ["", "a: 1", "Resources: {}", "Resources: [a]", "Resources: {A: {B: c}}", "- a"]
        {
            assert!(Template::parse("a", text.to_owned()).unwrap().is_none(), "{text}");
        }
        let error = Template::parse("a", "a: {b".to_owned()).unwrap_err();
        assert!(
            error.to_string().starts_with("1:") || error.to_string().starts_with("2:"),
            "{error}"
        );
    }
}
