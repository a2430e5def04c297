//! The sections of `rolecall.toml`, one function for each.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::settings::{
    Concurrency, Config, OUTPUT_FORMATS, Origin, Output, Scan, SelectionSettings, Timeouts,
    span_keys,
};
use super::{organization, remediation, rules, sources, storage, tags, targets, trust, values};
use crate::diagnostics::toml_reader::{Item, ROOT, Reader, Table};
use crate::model::{
    AcceptedGap, AlertLocation, Globs, GroupBy, S3Addressing, S3Place, code_series, text,
};
use crate::waivers;

type Spans = BTreeMap<String, Range<usize>>;

/// Reads the whole tree. The result is valid only if the reader has reported no errors.
pub(super) fn read(reader: &Reader<'_>, tree: &DeTable<'_>, folder: &Path) -> Config {
    let root = Table::new(reader, ROOT, 0..0, tree);
    let mut spans = Spans::new();
    let role = root.get("role").and_then(targets::role_section).unwrap_or_default();
    let scan = root.get("scan").and_then(|item| scan(item, folder, &mut spans)).unwrap_or_default();
    let accounts =
        root.get("account").map(|item| targets::accounts(item, &role)).unwrap_or_default();
    spans.extend(
        accounts.iter().map(|account| (span_keys::account(&account.id), account.id_span.clone())),
    );
    let rules =
        root.get("rules").and_then(|item| rules::section(item, &mut spans)).unwrap_or_default();
    let outputs = root.get("output").map(outputs).unwrap_or_default();
    let accepted_gaps =
        root.get("accepted_gap").map(|item| accepted_gaps(item, &mut spans)).unwrap_or_default();
    let waivers = root.get("waiver").map(waivers::tables).unwrap_or_default();
    let trust = root.get("trust").and_then(trust::section).unwrap_or_default();
    let tags = root.get("tags").and_then(tags::section).unwrap_or_default();
    let sources = root
        .get("source")
        .map(|item| sources::sources(item, &mut spans, span_keys::source))
        .unwrap_or_default();
    let organization = root
        .get("organization")
        .and_then(|item| organization::section(item, &role, &scan.regions, &accounts));
    let storage = root.get("storage").and_then(storage::section).unwrap_or_default();
    let remediation_item = root.get("remediation");
    let remediation = remediation_item.and_then(remediation::section).unwrap_or_default();
    let hands_off = root.get("hands_off").map(remediation::hands_off).unwrap_or_default();
    root.finish();
    let role_has_external_id = role.has_external_id();
    let targets = targets::resolve(reader, &role, accounts, &scan.regions);
    if let Some(item) = remediation_item {
        remediation::check_role(item, &remediation, role.template.as_ref(), &targets);
    }
    let default = Config::default();
    Config {
        path: None,
        session_name: role.session_name.unwrap_or(default.session_name),
        via: role.via,
        scan,
        rules,
        outputs,
        accepted_gaps,
        waivers,
        trust,
        tags,
        organization,
        storage,
        remediation,
        hands_off,
        sources,
        targets,
        role_has_external_id,
        origin: Origin { spans, ..Origin::default() },
    }
}

fn scan(item: Item<'_>, folder: &Path, spans: &mut Spans) -> Option<Scan> {
    let table = item.table("[scan]")?;
    let default = Scan::default();
    let scan = Scan {
        regions: table.get("regions").map(values::regions).unwrap_or_default(),
        fallback_regions: table.get("fallback_regions").map(values::regions).unwrap_or_default(),
        rule_folders: table
            .get("rule_folders")
            .map(|item| paths(item, "folder", folder, spans, span_keys::folder))
            .unwrap_or_default(),
        rules_sha256: table.get("rules_sha256").and_then(|item| sha256(item, spans)),
        waiver_files: table
            .get("waiver_files")
            .map(|item| paths(item, "file", folder, spans, span_keys::waiver_file))
            .unwrap_or_default(),
        repository: table.get("repository").and_then(|item| {
            spans.insert(span_keys::repository(), item.span());
            Some(folder.join(item.text()?))
        }),
        selection: table
            .get("selection")
            .and_then(|item| selection(item, spans))
            .unwrap_or_default(),
        fail_on: table.get("fail_on").and_then(values::severity_or_none).unwrap_or(default.fail_on),
        concurrency: table.get("concurrency").and_then(concurrency).unwrap_or(default.concurrency),
        timeouts: table.get("timeouts").and_then(timeouts).unwrap_or(default.timeouts),
        max_attempts: table
            .get("max_attempts")
            .and_then(|item| item.integer(1..=20))
            .unwrap_or(default.max_attempts),
        s3_addressing_style: table
            .get("s3_addressing_style")
            .and_then(|item| item.one_of("addressing style", &S3Addressing::ALL))
            .unwrap_or(default.s3_addressing_style),
    };
    table.finish();
    Some(scan)
}

/// A SHA-256 hash, in lower case.
fn sha256(item: Item<'_>, spans: &mut Spans) -> Option<String> {
    let written = item.text()?;
    if written.len() == 64 && written.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        spans.insert(span_keys::rules_sha256(), item.span());
        return Some(written.to_ascii_lowercase());
    }
    item.report_error_with_help(
        format!("`{}` is not a valid SHA-256 hash", text::one_line(written, 80)),
        "use the 64 hexadecimal digits that `rolecall rules --hash` prints",
    );
    None
}

/// Paths relative to the folder of the config; `noun` is what they are paths of.
fn paths(
    item: Item<'_>,
    noun: &str,
    folder: &Path,
    spans: &mut Spans,
    key: fn(usize) -> String,
) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for item in item.one_or_many(&format!("{noun}s")) {
        let Some(written) = item.text() else { continue };
        let path = S3Place::resolve(folder, written);
        if found.contains(&path) {
            item.report_error(format!("duplicate {noun} `{}`", text::one_line(written, 80)));
            continue;
        }
        spans.insert(key(found.len()), item.span());
        found.push(path);
    }
    found
}

fn selection(item: Item<'_>, spans: &mut Spans) -> Option<SelectionSettings> {
    let table = item.table("[scan.selection]")?;
    let mut patterns = |key: &'static str| -> Option<Globs> {
        let item = table.get(key)?;
        let globs = item.globs()?;
        // The patterns are valid, so reading the list again reports no errors.
        for (pattern, item) in globs.patterns().iter().zip(item.one_or_many("patterns")) {
            spans.entry(span_keys::pattern(pattern)).or_insert(item.span());
        }
        Some(globs)
    };
    let default = SelectionSettings::default();
    let rules = patterns("rules");
    let exclude = patterns("exclude").unwrap_or(default.exclude);
    let mut named = |item: Item<'_>| {
        let name = item.text()?.to_owned();
        spans.entry(span_keys::pattern(&name)).or_insert(item.span());
        Some(name)
    };
    let profile = table.get("profile");
    let frameworks = table.get("frameworks");
    if let (Some(profile), true) = (profile, rules.is_some() || frameworks.is_some()) {
        profile.report_error_with_help(
            "`profile` cannot be combined with `rules` or `frameworks`, which select from all rules",
            "remove `profile`; to add a rule to a profile, set `enabled = true` in [rules.\"<id>\"]",
        );
    }
    let selection = SelectionSettings {
        name: table.get("name").and_then(selection_name),
        profile: profile.and_then(&mut named),
        rules,
        frameworks: frameworks
            .into_iter()
            .flat_map(|item| item.one_or_many("framework ids"))
            .filter_map(named)
            .collect(),
        exclude,
        min_severity: table.get("min_severity").and_then(values::severity),
    };
    table.finish();
    Some(selection)
}

/// The name becomes part of the category of a report in code scanning.
fn selection_name(item: Item<'_>) -> Option<String> {
    let name = item.text()?;
    if name.len() <= 40
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    {
        return Some(name.to_owned());
    }
    item.report_error_with_help(
        format!("`{}` is not a valid selection name", text::one_line(name, 60)),
        "use at most 40 ASCII letters, digits, periods, underscores and hyphens",
    );
    None
}

fn concurrency(item: Item<'_>) -> Option<Concurrency> {
    let table = item.table("[scan.concurrency]")?;
    let default = Scan::default().concurrency;
    let number = |key, default| {
        table
            .get(key)
            .and_then(|item| item.integer(1..=256))
            .map_or(default, |number| number as usize)
    };
    let concurrency = Concurrency {
        accounts: number("accounts", default.accounts),
        calls: number("calls", default.calls),
    };
    table.finish();
    Some(concurrency)
}

fn timeouts(item: Item<'_>) -> Option<Timeouts> {
    let table = item.table("[scan.timeouts]")?;
    let default = Scan::default().timeouts;
    let read = |key, default: Duration| {
        let item: Option<Item<'_>> = table.get(key);
        let seconds = item.map(|item| values::duration(item, 1..=3600));
        (
            item,
            seconds.map_or(Some(default), |seconds| {
                seconds.map(|seconds| Duration::from_secs(seconds.into()))
            }),
        )
    };
    let (_, connect) = read("connect", default.connect);
    let (attempt_item, attempt) = read("attempt", default.attempt);
    let (call_item, call) = read("call", default.call);
    let read_limit = |key| {
        let item: Item<'_> = table.get(key)?;
        let limit = Duration::from_secs(values::duration(item, 1..=86_400)?.into());
        if let Some(call) = call.filter(|call| limit < *call) {
            item.report_error_with_help(
                format!("`{key}` must be at least `call`, or calls end before their own timeout"),
                format!("`call` is {} and `{key}` is {}", shown(Some(call)), shown(Some(limit))),
            );
        }
        Some(limit)
    };
    let (account, run) = (read_limit("account"), read_limit("run"));
    for (shorter, longer, item, message) in [
        (
            connect,
            attempt,
            attempt_item,
            "`attempt` must be at least `connect`, or every attempt times out while connecting",
        ),
        (
            attempt,
            call,
            call_item,
            "`call` must be at least `attempt`, or calls time out during the first attempt",
        ),
    ] {
        if let (Some(shorter), Some(longer)) = (shorter, longer)
            && longer < shorter
        {
            let help = format!(
                "`connect` is {}, `attempt` is {} and `call` is {}",
                shown(connect),
                shown(attempt),
                shown(call)
            );
            match item {
                Some(item) => item.report_error_with_help(message, help),
                // The longer timeout is a default, so point at the section.
                None => table.report_error(message, help),
            }
        }
    }
    table.finish();
    Some(Timeouts { connect: connect?, attempt: attempt?, call: call?, account, run })
}

fn shown(duration: Option<Duration>) -> String {
    text::duration(duration.unwrap_or_default())
}

/// `category`, `numbered`, `group_by` and `location`.
type SarifSettings = (bool, bool, Vec<GroupBy>, AlertLocation);

fn outputs(item: Item<'_>) -> Vec<Output> {
    let mut outputs = Vec::new();
    let mut first_lines: HashMap<Option<PathBuf>, usize> = HashMap::new();
    let mut first_sarif: Option<(SarifSettings, usize)> = None;
    for item in item.list("[[output]] tables") {
        let Some(table) = item.table("[[output]]") else { continue };
        let words = OUTPUT_FORMATS.map(|format| (format, format));
        let format = table
            .require("format", &format!("set `format` to {}", code_series(OUTPUT_FORMATS, "or")))
            .and_then(|item| item.one_of("format", &words));
        let path_item = table.get("path");
        let path = path_item.map_or(Some("-"), |item| item.text());
        let category = table.get("category");
        let numbered = table.get("numbered");
        let group_by = table.get("group_by");
        let location = table.get("location");
        table.finish();
        let (Some(format), Some(path)) = (format, path) else { continue };
        let sarif_only = [category, numbered, group_by, location].into_iter().flatten();
        for setting in sarif_only.filter(|_| format != "sarif") {
            setting.report_error_with_help(
                format!("`{}` applies only to SARIF reports", setting.key),
                "remove it, or set `format` to `sarif`",
            );
        }
        const CATEGORIES: [(&str, bool); 2] = [("account", false), ("account/region", true)];
        let per_region = category.and_then(|item| item.one_of("category", &CATEGORIES));
        let numbered = numbered.and_then(|item| item.boolean());
        let path = (path != "-").then(|| PathBuf::from(path));
        let at = path_item.map_or(item.span(), |item| item.span());
        if let Some(line) = first_lines.get(&path) {
            let what = path.as_ref().map_or("stdout".into(), |path| {
                format!("`{}`", text::one_line(&path.display().to_string(), 80))
            });
            let diagnostic = item.reader.diagnostic(at, format!("duplicate output to {what}"));
            item.reader.report(
                diagnostic.help(format!("the first is on line {line}; use a different path")),
            );
            continue;
        }
        first_lines.insert(path.clone(), item.reader.line(at.start));
        let group_by = group_by.map(grouping).unwrap_or_default();
        let location = location.and_then(|item| item.one_of("location", &AlertLocation::ALL));
        let settings = (
            per_region.unwrap_or_default(),
            numbered.unwrap_or_default(),
            group_by,
            location.unwrap_or_default(),
        );
        let here = item.reader.line(item.span().start);
        match first_sarif.as_ref().filter(|_| format == "sarif") {
            None if format == "sarif" => first_sarif = Some((settings.clone(), here)),
            Some((first, line)) if *first != settings => {
                let message = "all SARIF reports must have the same `category`, `numbered`, `group_by` and `location`";
                let diagnostic = item.reader.diagnostic(item.span(), message);
                item.reader
                    .report(diagnostic.help(format!("the first SARIF report is on line {line}")));
            }
            _ => {}
        }
        outputs.push(Output {
            format: format.to_owned(),
            path,
            per_region: settings.0,
            numbered: settings.1,
            group_by: settings.2,
            location,
        });
    }
    outputs
}

/// By what resources are grouped.
fn grouping(item: Item<'_>) -> Vec<GroupBy> {
    let mut group_by = Vec::new();
    for item in item.one_or_many("strings") {
        let Some(by) = item.one_of("value of `group_by`", &GroupBy::ALL) else { continue };
        if group_by.contains(&by) {
            let written = item.text().unwrap_or_default();
            item.report_error(format!("duplicate `{}`", text::one_line(written, 80)));
        } else {
            group_by.push(by);
        }
    }
    group_by
}

fn accepted_gaps(item: Item<'_>, spans: &mut Spans) -> Vec<AcceptedGap> {
    let mut gaps = Vec::new();
    for item in item.list("[[accepted_gap]] tables") {
        let Some(table) = item.table("[[accepted_gap]]") else { continue };
        let items =
            [table.get("account"), table.get("region"), table.get("call"), table.get("resource")];
        let reason = table.require(
            "reason",
            "explain why the gap is accepted: reason = \"an SCP denies access to this region\"",
        );
        let reason = reason.and_then(|item| item.text());
        if items.iter().all(Option::is_none) {
            table.report_error(
                "this [[accepted_gap]] accepts every gap in every account",
                "set at least one of `account`, `region`, `call` and `resource`",
            );
        }
        if let Some(account) = items[0]
            && matches!(account.value.get_ref(), DeValue::Integer(_))
        {
            account.report_error_with_help(
                account.wrong_type_message("a string"),
                "write account ids as strings: \"012345678901\"",
            );
            table.finish();
            continue;
        }
        let [account, region, call, resource] =
            items.map(|item| item.map_or(Some(Globs::any()), |item| item.globs()));
        table.finish();
        if let (Some(account), Some(region), Some(call), Some(resource), Some(reason)) =
            (account, region, call, resource, reason)
        {
            spans.insert(span_keys::gap(gaps.len()), item.span());
            gaps.push(AcceptedGap {
                account,
                region,
                call,
                resource,
                reason: reason.trim().to_owned(),
            });
        }
    }
    gaps
}
