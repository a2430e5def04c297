//! Takes over the mute lists of Prowler.
//!
//! An entry becomes a waiver only if it can be expressed without waiving anything that was not
//! muted; everything else is listed with its line and the reason.

mod checks;
mod pattern;
mod yaml;

use std::path::Path;

use jiff::civil::Date;
use regex::Regex;

use super::error::WaiverError;
use super::read::read_text;
use super::write::NewWaiver;
use crate::model::text::one_line;
use crate::model::{AccountId, Region, code_series};
use yaml::{Node, Value};

/// The maximum size of a mute list in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// What a mute list becomes.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The waivers.
    pub waivers: Vec<NewWaiver>,
    /// What could not be taken over: where it is, and why.
    pub left_out: Vec<String>,
    /// What may be taken over differently.
    pub notes: Vec<String>,
}

/// What the new waivers say.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    /// The reason of entries without a description.
    pub reason: Option<&'a str>,
    /// The owner.
    pub owner: &'a str,
    /// The last day.
    pub expires: Date,
    /// The ticket.
    pub ticket: Option<&'a str>,
}

/// Reads a mute list.
pub fn import(path: &Path, terms: &Terms<'_>) -> Result<Imported, WaiverError> {
    let unusable = |reason: String| WaiverError::Unusable { path: path.to_owned(), reason };
    let text = read_text(path, MAX_BYTES)?;
    let root = yaml::parse(&text)
        .map_err(|(line, error)| unusable(format!("line {line}: {}", one_line(&error, 200))))?;
    let mut import =
        Import { file: path.display().to_string(), terms, imported: Imported::default() };
    let accounts = root.as_ref().and_then(|root| {
        // The names in different versions of Prowler.
        let list = ["Mutelist", "Mute List", "Allowlist"];
        list.iter().find_map(|name| value(root, name)).and_then(|list| value(list, "Accounts"))
    });
    let Some(accounts) = accounts.filter(|accounts| matches!(accounts.value, Value::Map(_))) else {
        return Err(unusable(
            "it is not a Prowler mute list, which contains `Mutelist:` with `Accounts:`".to_owned(),
        ));
    };
    for (account, checks) in import.entries(accounts, "account") {
        import.account(account, checks);
    }
    Ok(import.imported)
}

/// The last value of a key: YAML readers ignore the others.
fn value<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().rev().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
}

struct Import<'a> {
    file: String,
    terms: &'a Terms<'a>,
    imported: Imported,
}

impl Import<'_> {
    fn leave_out(&mut self, line: usize, what: &str, why: &str) {
        self.imported.left_out.push(format!(
            "{}:{line}: {}: {why}",
            one_line(&self.file, 300),
            one_line(what, 300)
        ));
    }

    /// The entries of a map. Those that a later one with the same key replaces are left out.
    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Node, &'n Node)> {
        let Value::Map(entries) = &node.value else { return Vec::new() };
        let mut kept = Vec::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            let Some(name) = key.text() else {
                self.leave_out(key.line, what, "the key is not a string");
                continue;
            };
            let later =
                entries.iter().skip(index + 1).find(|(other, _)| other.text() == Some(name));
            match later {
                Some((later, _)) => {
                    let why = format!(
                        "duplicate key; Prowler uses only the last one, on line {}",
                        later.line
                    );
                    self.leave_out(key.line, &format!("{what} `{name}`"), &why);
                }
                None => kept.push((key, value)),
            }
        }
        kept
    }

    fn account(&mut self, account: &Node, body: &Node) {
        let id = account.text().unwrap_or_default();
        let what = format!("account `{id}`");
        if id != "*" && id.parse::<AccountId>().is_err() {
            self.leave_out(account.line, &what, "it is not an AWS account id");
            return;
        }
        let Some(checks) = value(body, "Checks") else {
            self.leave_out(account.line, &what, "it has no `Checks`");
            return;
        };
        if !matches!(checks.value, Value::Map(_)) {
            self.leave_out(checks.line, &what, "`Checks` is not a map");
            return;
        }
        for (check, body) in self.entries(checks, &format!("{what}, check")) {
            self.check(id, check, body);
        }
    }

    fn check(&mut self, account: &str, check: &Node, body: &Node) {
        let name = check.text().unwrap_or_default();
        let what = format!("account `{account}`, check `{name}`");
        let line = check.line;
        if let Err(why) = self.waiver(account, name, line, &what, body) {
            self.leave_out(line, &what, &why);
        }
    }

    fn waiver(
        &mut self,
        account: &str,
        check: &str,
        line: usize,
        what: &str,
        body: &Node,
    ) -> Result<(), String> {
        if !matches!(body.value, Value::Map(_)) {
            return Err("it is not a map".to_owned());
        }
        let mut lists: [Vec<&Node>; 3] = Default::default();
        let mut description = None;
        for (key, value) in self.entries(body, &format!("{what}, key")) {
            match key.text().unwrap_or_default() {
                "Regions" => lists[0] = list("Regions", value)?,
                "Resources" => lists[1] = list("Resources", value)?,
                "Tags" => lists[2] = list("Tags", value)?,
                "Description" => description = value.text(),
                "Exceptions" if is_empty(value) => {}
                "Exceptions" => {
                    return Err("waivers do not support exceptions; select the remaining findings instead (in Prowler, the exceptions also apply to the checks below this one)".to_owned());
                }
                other => return Err(format!("unknown key `{}`", one_line(other, 60))),
            }
        }
        let [regions, resources, tags] = lists;
        for (name, items) in [("Regions", &regions), ("Resources", &resources)] {
            if items.is_empty() {
                return Err(format!("without `{name}`, the entry mutes nothing in Prowler either"));
            }
        }
        let mut keys = Vec::new();
        if let Some(rules) = self.rules(check, line, what)? {
            keys.push(("rule", rules));
        }
        if account != "*" {
            keys.push(("account", vec![account.to_owned()]));
        }
        let regions = self.patterns(&regions, &format!("{what}, region"), |glob| {
            let name = glob.trim_matches('*');
            // No region's name contains that of another one.
            if name.contains('*') || name.parse::<Region>().is_err() {
                glob
            } else {
                name.to_owned()
            }
        })?;
        keys.extend(regions.map(|regions| ("region", regions)));
        let resources = self.patterns(&resources, &format!("{what}, resource"), |glob| glob)?;
        keys.extend(resources.map(|resources| ("resource", resources)));
        let tags = tag_patterns(&tags)?;
        if !tags.is_empty() {
            keys.push(("tags", tags));
        }
        if keys.is_empty() {
            return Err("it mutes every finding in every account".to_owned());
        }
        let place = format!("{}:{line}", one_line(&self.file, 300));
        let reason = description.map(str::trim).filter(|text| !text.is_empty());
        let reason = reason.or(self.terms.reason).map(|text| one_line(text, 1_000));
        self.imported.waivers.push(NewWaiver {
            comments: vec![format!("From {place}: {}", one_line(what, 300))],
            keys,
            reason: reason.unwrap_or_else(|| format!("muted in Prowler ({place})")),
            owner: self.terms.owner.to_owned(),
            expires: self.terms.expires,
            ticket: self.terms.ticket.map(str::to_owned),
        });
        Ok(())
    }

    /// The rules that ask the same question as the checks; `None` for all rules.
    fn rules(
        &mut self,
        check: &str,
        line: usize,
        what: &str,
    ) -> Result<Option<Vec<String>>, String> {
        if matches!(check, "*" | ".*" | "") {
            return Ok(None);
        }
        // Prowler reads the name as a regular expression if it is not the name of a check.
        let regex = Regex::new(&pattern::as_regex(check))
            .map_err(|_| "the name of the check is not a valid regular expression".to_owned())?;
        let mutes = |name: &&str| *name == check || regex.is_match(name);
        let muted = |checks: &[&str]| checks.iter().filter(|name| mutes(name)).count();
        let rules: Vec<String> = checks::RULES
            .iter()
            .filter(|(_, checks)| muted(checks) == checks.len())
            .map(|(rule, _)| (*rule).to_owned())
            .collect();
        let partly: Vec<&str> = checks::RULES
            .iter()
            .filter(|(_, checks)| (1..checks.len()).contains(&muted(checks)))
            .map(|(rule, _)| *rule)
            .collect();
        let more = format!(
            "{} also {} what other Prowler checks report",
            code_series(&partly, "and"),
            if partly.len() == 1 { "reports" } else { "report" }
        );
        if rules.is_empty() {
            return Err(match partly.as_slice() {
                [] => "no rolecall rule checks the same thing".to_owned(),
                _ => format!(
                    "{more}; mute those checks in the same entry, or waive individual findings"
                ),
            });
        }
        if !partly.is_empty() {
            let (file, what) = (one_line(&self.file, 300), one_line(what, 300));
            self.imported.notes.push(format!(
                "{file}:{line}: {what}: imported only for {}; {more}",
                code_series(&rules, "and")
            ));
        }
        let is_name = checks::RULES.iter().any(|(_, checks)| checks.contains(&check));
        if !is_name {
            let (file, what) = (one_line(&self.file, 300), one_line(what, 300));
            self.imported.notes.push(format!(
                "{file}:{line}: {what}: imported for {}; no rule corresponds to the other checks of this entry",
                code_series(&rules, "and")
            ));
        }
        Ok(Some(rules))
    }

    /// The expressions as glob patterns; `None` if they match everything.
    fn patterns(
        &mut self,
        items: &[&Node],
        what: &str,
        change: impl Fn(String) -> String,
    ) -> Result<Option<Vec<String>>, String> {
        let mut globs: Vec<String> = Vec::new();
        for item in items {
            let text = item.text().ok_or("an item is not a string")?;
            match pattern::searched(text) {
                Some(found) => globs.extend(found.into_iter().map(&change)),
                None => {
                    const WHY: &str = "no glob pattern is equivalent to this regular expression";
                    self.leave_out(item.line, &format!("{what} `{text}`"), WHY);
                }
            }
        }
        if globs.is_empty() {
            return Err("none of its regular expressions can be converted".to_owned());
        }
        Ok((!globs.iter().any(|glob| glob == "*")).then_some(globs))
    }
}

fn list<'n>(name: &str, node: &'n Node) -> Result<Vec<&'n Node>, String> {
    match &node.value {
        Value::List(items) => Ok(items.iter().collect()),
        _ if is_empty(node) => Ok(Vec::new()),
        _ => Err(format!("`{name}` is not a list")),
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => matches!(text.as_str(), "" | "~" | "null"),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.iter().all(|(_, value)| is_empty(value)),
    }
}

/// All of them must match, so none can be left out.
fn tag_patterns(items: &[&Node]) -> Result<Vec<String>, String> {
    let mut tags = Vec::new();
    for item in items {
        let text = item.text().ok_or("an item is not a string")?;
        let tag = pattern::entire(text).ok_or_else(|| {
            format!("no glob pattern is equivalent to the tag `{}`", one_line(text, 100))
        })?;
        match tag.as_str() {
            "*" => {}
            tag if tag.contains('=') => tags.push(tag.to_owned()),
            _ => return Err(format!("the tag `{}` is not `Key=Value`", one_line(text, 100))),
        }
    }
    Ok(tags)
}
