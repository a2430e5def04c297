//! Who can do what with buckets, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::cells::Table;
use crate::access::{
    Ability, BucketAccess, Grant, Public, Source, Step, Who, WhoKind, is_every_action,
};
use crate::model::text::one_line;
use crate::model::{Verdict, counted, series};
use crate::output::text::TextOptions;
use crate::output::text::layout::{Paint, hang};
use crate::who_can::{AccountBuckets, BucketResult};

/// How many rows of a bucket are shown.
const MAX_ROWS: usize = 200;

/// How many actions of an ability are named that is blocked in part.
const MAX_ACTIONS: usize = 3;

/// How much is shown of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// One line.
    Summary,
    /// A table.
    Table,
    /// A table, and the IAM actions.
    Actions,
}

/// Tables that are being written.
pub struct TextTables<W: Write> {
    out: W,
    paint: Paint,
    width: usize,
    detail: Detail,
    is_first: bool,
    has_buckets: bool,
    has_object_acls: bool,
}

/// Text from AWS, in one line.
fn shown(text: &str) -> String {
    one_line(text, 120)
}

/// How somebody is called in a row: with a note for the owner's account, and for services that act for
/// anyone.
fn label(who: &Who, account: &str) -> String {
    let is_own = who.is_of(account) && who.kind == WhoKind::Account;
    let note = match (is_own, who.acts_for_anyone()) {
        (true, _) => " (own account)",
        (_, true) => " for any account",
        _ => "",
    };
    format!("{}{note}", shown(&who.to_string()))
}

fn abilities<'a>(grants: impl Iterator<Item = &'a Grant>) -> String {
    let (mut all, mut actions) = (BTreeSet::<Ability>::new(), BTreeSet::new());
    for grant in grants {
        all.insert(grant.ability);
        actions.extend(grant.actions.iter().map(String::as_str));
    }
    // One action is enough for an ability.
    if is_every_action(&actions) {
        return "everything".to_owned();
    }
    all.iter().map(|ability| ability.title()).collect::<Vec<_>>().join(", ")
}

/// What is blocked: an ability, or its actions if the same statements grant others of them.
fn blocked_abilities(access: &BucketAccess, blocked: &[&Grant]) -> String {
    let is_rest = |one: &Grant, other: &Grant| {
        (&one.who, one.ability, &one.steps) == (&other.who, other.ability, &other.steps)
    };
    let is_partial = |grant: &&Grant| access.grants.iter().any(|other| is_rest(grant, other));
    if !blocked.iter().any(is_partial) {
        return abilities(blocked.iter().copied());
    }
    let mut parts: BTreeMap<Ability, Vec<&str>> = BTreeMap::new();
    for grant in blocked {
        let names = parts.entry(grant.ability).or_default();
        if is_partial(grant) {
            names.extend(grant.actions.iter().map(String::as_str));
        }
    }
    let text = |(ability, names): (Ability, Vec<&str>)| match names.as_slice() {
        [] => ability.title().to_owned(),
        [first @ .., _, _] if first.len() >= MAX_ACTIONS => {
            let shown = names.get(..MAX_ACTIONS).unwrap_or_default();
            let more = counted(names.len() - shown.len(), "more action");
            format!("{} ({} and {more})", ability.title(), shown.join(", "))
        }
        _ => format!("{} ({})", ability.title(), names.join(", ")),
    };
    parts.into_iter().map(text).collect::<Vec<_>>().join(", ")
}

/// What limits a grant, in words; nothing if nothing does.
fn limits(grant: &Grant) -> String {
    let mut parts = Vec::new();
    if !grant.objects.is_empty() {
        parts.push(format!("objects {}", series(&grant.objects, "and")));
    }
    if !grant.conditions.is_empty() {
        parts.push(format!("if {}", series(&grant.conditions, "and")));
    }
    parts.extend(grant.exceptions.iter().cloned());
    if let Some(cause) = &grant.unknown {
        parts.push(format!("unknown: {cause}"));
    }
    parts.join("; ")
}

fn step(step: &Step) -> String {
    let statement = match (&step.sid, step.statement) {
        (Some(sid), _) => format!(" statement \"{sid}\""),
        (None, Some(number)) => format!(" statement {number}"),
        (None, None) => String::new(),
    };
    let name = step.name.as_deref().unwrap_or_default();
    match step.source {
        Source::BucketPolicy => format!("bucket policy{statement}"),
        Source::Acl => format!("ACL {name}"),
        Source::AccessPoint => format!("access point {name}{statement}"),
        Source::MultiRegionAccessPoint => format!("Multi-Region Access Point {name}{statement}"),
    }
}

/// Notes of a table, each with its number.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    /// The mark of a note: ` [1]`.
    fn mark(&mut self, note: String) -> String {
        if note.is_empty() {
            return String::new();
        }
        let at = self.0.iter().position(|one| *one == note).unwrap_or_else(|| {
            self.0.push(note);
            self.0.len() - 1
        });
        format!(" [{}]", at + 1)
    }
}

/// Grants with the same limits, in words.
type Limited<'a> = (String, Vec<&'a Grant>);

/// What a source grants to somebody, in words.
fn cell(access: &BucketAccess, who: &Who, source: Source, notes: &mut Notes) -> String {
    let grants: Vec<&Grant> = access.grants_of(who, source).collect();
    // Access points by name, and within one what has the same limits.
    let mut groups: Vec<(String, Vec<Limited>)> = Vec::new();
    for grant in grants {
        let is_named = matches!(source, Source::AccessPoint | Source::MultiRegionAccessPoint);
        let name = grant.steps.first().and_then(|step| step.name.as_deref()).filter(|_| is_named);
        let (name, limits) = (name.map(shown).unwrap_or_default(), limits(grant));
        let at = groups.iter().position(|(other, _)| *other == name).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push((name, Vec::new()));
        }
        let Some((_, group)) = groups.get_mut(at) else { continue };
        match group.iter_mut().find(|(other, _)| *other == limits) {
            Some((_, all)) => all.push(grant),
            None => group.push((limits, vec![grant])),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    for (name, group) in groups {
        let texts: Vec<String> = group
            .into_iter()
            .map(|(limits, grants)| {
                let is_unknown = grants.iter().all(|grant| grant.unknown.is_some());
                let doubt = if is_unknown { "unknown: " } else { "" };
                format!("{doubt}{}{}", abilities(grants.into_iter()), notes.mark(limits))
            })
            .collect();
        let name = if name.is_empty() { name } else { format!("{name}: ") };
        parts.push(format!("{name}{}", texts.join(", ")));
    }
    if access.unread_of(source, who).is_some() {
        parts.push(if parts.is_empty() { "unknown" } else { "more is unknown" }.to_owned());
    }
    if parts.is_empty() { "no".to_owned() } else { parts.join("; ") }
}

/// Who else has access, in counts: `2 accounts, 1 service`.
fn others(access: &BucketAccess, account: &str) -> String {
    let rows = access.rows();
    let of = |kinds: &'static [WhoKind]| {
        rows.iter().filter(move |who| kinds.contains(&who.kind) && !who.is_of(account))
    };
    let accounts: BTreeSet<String> = of(&[WhoKind::Account, WhoKind::Principal])
        .map(|who| who.account.clone().unwrap_or_else(|| who.name.clone()))
        .collect();
    let mut parts = Vec::new();
    if rows.iter().any(|who| who.is_of(account)) {
        parts.push("own account".to_owned());
    }
    let mut add = |number: usize, noun: &str| {
        if number > 0 {
            parts.push(counted(number, noun));
        }
    };
    add(accounts.len(), "account");
    add(of(&[WhoKind::Organization]).count(), "organization");
    add(of(&[WhoKind::Network]).count(), "network");
    add(of(&[WhoKind::Service]).count(), "service");
    const REST: &[WhoKind] = &[
        WhoKind::CanonicalUser,
        WhoKind::OriginAccessIdentity,
        WhoKind::AccessPoints,
        WhoKind::Other,
    ];
    let federated = of(&[WhoKind::Federated]).filter(|who| !who.is_public).count();
    add(of(REST).count() + federated, "other");
    if access.is_incomplete() {
        parts.push("unknown".to_owned());
    }
    if parts.is_empty() { "no".to_owned() } else { parts.join(", ") }
}

/// What everyone can do, in words.
fn everyone(access: &BucketAccess) -> String {
    match access.public {
        Public::No => "no".to_owned(),
        Public::Unknown => "unknown".to_owned(),
        Public::Yes => {
            let public = || {
                let all = access.grants.iter();
                all.filter(|grant| grant.who.is_public && grant.unknown.is_none())
            };
            let is_limited = public().all(|grant| grant.who.kind != WhoKind::Everyone);
            let who = public().next().filter(|_| is_limited).map(|grant| grant.who.to_string());
            let who = who.map(|who| format!("{}: ", shown(&who))).unwrap_or_default();
            format!("{who}{}", abilities(public()))
        }
    }
}

impl<W: Write> TextTables<W> {
    pub(super) fn new(out: W, options: TextOptions, detail: Detail) -> Self {
        Self {
            out,
            paint: Paint::new(options.color),
            width: options.width,
            detail,
            is_first: true,
            has_buckets: false,
            has_object_acls: false,
        }
    }

    pub(super) fn account(&mut self, account: &AccountBuckets) -> io::Result<()> {
        // Whether named buckets are among what was not read is known only at the end.
        let gaps = if self.detail == Detail::Summary { account.gaps.as_slice() } else { &[] };
        if account.buckets.is_empty() && gaps.is_empty() {
            return Ok(());
        }
        if !std::mem::take(&mut self.is_first) {
            writeln!(self.out)?;
        }
        let id = account.id.as_str();
        let label = match account.name.as_deref() {
            Some(name) if name != id => format!("{} ({id})", one_line(name, 40)),
            _ => id.to_owned(),
        };
        let at = account.collected_at.as_deref().map(|at| format!(" · collected {}", shown(at)));
        writeln!(self.out, "{}{}", self.paint.bold(&label), at.unwrap_or_default())?;
        for bucket in &account.buckets {
            self.has_buckets = true;
            self.has_object_acls |= bucket.access.has_object_acls;
        }
        if self.detail == Detail::Summary {
            self.summary(account)?;
        } else {
            for bucket in &account.buckets {
                self.bucket(bucket, id)?;
            }
        }
        for gap in gaps {
            let text = one_line(&format!("{}: {}", gap.region, gap.cause), 300);
            writeln!(self.out, "  {} {text}", self.paint.verdict(Verdict::Unknown, "not read"))?;
        }
        Ok(())
    }

    fn summary(&mut self, account: &AccountBuckets) -> io::Result<()> {
        if account.buckets.is_empty() {
            return Ok(());
        }
        let heading = ["bucket", "region", "everyone", "others"].map(str::to_owned);
        let mut table = Table::new(heading.to_vec());
        for bucket in &account.buckets {
            table.push(vec![
                shown(&bucket.name),
                bucket.region.to_string(),
                everyone(&bucket.access),
                others(&bucket.access, account.id.as_str()),
            ]);
        }
        let (heading, rows) = table.lines(self.width);
        for line in heading {
            writeln!(self.out, "{}", self.paint.dim(&line))?;
        }
        for (lines, bucket) in rows.iter().zip(&account.buckets) {
            self.lines(lines, bucket.access.public)?;
        }
        Ok(())
    }

    fn lines(&mut self, lines: &[String], public: Public) -> io::Result<()> {
        for line in lines {
            let line = match public {
                Public::Yes => self.paint.verdict(Verdict::Fail, line),
                Public::Unknown => self.paint.verdict(Verdict::Unknown, line),
                Public::No => line.clone(),
            };
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    fn bucket(&mut self, bucket: &BucketResult, account: &str) -> io::Result<()> {
        let access = &bucket.access;
        let public = match access.public {
            Public::Yes => self.paint.verdict(Verdict::Fail, "public"),
            Public::No => self.paint.verdict(Verdict::Pass, "not public"),
            Public::Unknown => self.paint.verdict(Verdict::Unknown, "unknown whether it is public"),
        };
        writeln!(self.out, "  {} in {}: {public}", shown(&bucket.name), bucket.region)?;
        // Most buckets have no access points.
        let is_used = |source: &Source| {
            matches!(source, Source::BucketPolicy | Source::Acl)
                || access.grants.iter().any(|grant| grant.source == *source)
                || access.unread.iter().any(|one| one.source == *source)
        };
        let sources: Vec<Source> = Source::ALL.into_iter().filter(is_used).collect();
        let mut heading = vec!["who".to_owned()];
        heading.extend(sources.iter().map(|source| source.title().to_owned()));
        let mut table = Table::new(heading);
        let (mut notes, rows) = (Notes::default(), access.rows());
        for who in rows.iter().take(MAX_ROWS) {
            let mut row = vec![label(who, account)];
            row.extend(sources.iter().map(|source| cell(access, who, *source, &mut notes)));
            table.push(row);
        }
        let (heading, lines) = table.lines(self.width.saturating_sub(2));
        for line in heading {
            writeln!(self.out, "  {}", self.paint.dim(&line))?;
        }
        for (lines, who) in lines.iter().zip(&rows) {
            let of_public = if who.is_public { access.public } else { Public::No };
            let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
            self.lines(&lines, of_public)?;
        }
        if rows.len() > MAX_ROWS {
            let more = counted(rows.len() - MAX_ROWS, "more row");
            writeln!(self.out, "    {more}: use --format json")?;
        }
        for (at, note) in notes.0.iter().enumerate() {
            self.line(&format!("[{}] {}", at + 1, one_line(note, 500)))?;
        }
        self.actions(access, account)?;
        self.blocked(access, account)?;
        if access.is_reported {
            self.line("S3 reports that the bucket policy is public")?;
        }
        for one in &access.unread {
            let text = format!("{}: {}", one.source.title(), one.cause.explained());
            let text = one_line(&text, 300);
            let mark = self.paint.verdict(Verdict::Unknown, "not read");
            writeln!(self.out, "    {mark} {text}")?;
        }
        Ok(())
    }

    /// A line of a bucket, wrapped.
    fn line(&mut self, text: &str) -> io::Result<()> {
        let mut out = String::new();
        hang(&mut out, "    ", 4, text, self.width);
        self.out.write_all(out.as_bytes())
    }

    fn actions(&mut self, access: &BucketAccess, account: &str) -> io::Result<()> {
        if self.detail != Detail::Actions {
            return Ok(());
        }
        for grant in &access.grants {
            let through: Vec<String> = grant.steps.iter().map(step).collect();
            let actions: Vec<&str> = grant.actions.iter().map(String::as_str).collect();
            let text = format!(
                "{} can {} through {}: {}",
                label(&grant.who, account),
                grant.ability.title(),
                series(through, "and"),
                actions.join(", ")
            );
            self.line(&one_line(&text, 2_000))?;
        }
        Ok(())
    }

    fn blocked(&mut self, access: &BucketAccess, account: &str) -> io::Result<()> {
        let mut groups: Vec<(&Who, String, &str, Vec<&Grant>)> = Vec::new();
        for one in &access.blocked {
            let through = series(one.grant.steps.iter().map(step), "and");
            let group = groups.iter_mut().find(|(who, before, by, _)| {
                (*who, before, *by) == (&one.grant.who, &through, one.by.as_str())
            });
            match group {
                Some((.., grants)) => grants.push(&one.grant),
                None => groups.push((&one.grant.who, through, &one.by, vec![&one.grant])),
            }
        }
        for (who, through, by, grants) in groups {
            let text = blocked_abilities(access, &grants);
            let who = label(who, account);
            let text = format!("blocked: {who}: {text} through {through}, by {by}");
            self.line(&one_line(&text, 500))?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.has_buckets {
            let mut text = String::from(
                "IAM policies of users and roles are not read: principals of the bucket's own account may have more access, and others may have less.",
            );
            if self.has_object_acls {
                text.push_str(
                    " ACLs of objects are not read: in buckets with ACLs enabled, they can grant access to single objects.",
                );
            }
            let mut out = String::from("\n");
            hang(&mut out, "", 0, &text, self.width);
            write!(self.out, "{}", self.paint.dim(&out))?;
        }
        self.out.flush()
    }
}
