//! Reads reports with a parser of Markdown: untrusted text is code and nothing else, the length is
//! limited, and the order is that of urgency.

use std::sync::Arc;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;
use crate::model::Waived;
use crate::output::DocumentOutput;
use crate::output::sample;
use crate::report::{Changes, OpenFinding, Reason};

fn written(run: &RunInfo, reports: &[AccountReport]) -> String {
    let (sink, bytes) = sample::memory();
    let output = DocumentOutput::with_sink(sink, Box::<Markdown>::default());
    sample::drive(Box::new(output), run, reports).unwrap();
    sample::text_of(&bytes)
}

/// Checks that every row has as many cells as the head of its table, that there are no links, images,
/// HTML or footnotes, and returns the texts outside of code, and those in code.
fn parsed(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut plain, mut codes) = (Vec::new(), Vec::new());
    let (mut columns, mut cells) = (0, 0);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Text(text) => plain.push(text.to_string()),
            Event::Code(code) => codes.push(code.to_string()),
            Event::Start(Tag::Table(alignments)) => columns = alignments.len(),
            Event::Start(Tag::TableRow | Tag::TableHead) => cells = 0,
            Event::End(TagEnd::TableCell) => cells += 1,
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => assert_eq!(cells, columns),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_))
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_) => panic!("{event:?} in\n{text}"),
            _ => {}
        }
    }
    (plain, codes)
}

fn hostile() -> Vec<String> {
    let mut all = sample::odd_texts();
    let more =
        ["a | b", "a\\|b", "``x`|`", "https://example.com", "#1 owner/name#2", "    indented"];
    all.extend(more.map(str::to_owned));
    all
}

#[test]
fn untrusted_text_is_code() {
    let mut report = sample::hostile(1);
    for text in hostile() {
        let mut finding = sample::finding(&report, "sg-ingress", Verdict::Fail, &text);
        finding.rule = text.as_str().into();
        finding.message = text.as_str().into();
        Arc::make_mut(&mut finding.resource).name = Some(text.as_str().into());
        report.findings.push(finding);
        let mut gap = sample::gap(&text, crate::model::Extent::Account);
        gap.gap.cause.code = text.clone();
        gap.gap.cause.message = text.clone();
        report.gaps.push(gap);
        let mut waived = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-9");
        waived.waived = Some(Box::new(Waived {
            reason: text.clone(),
            owner: text.clone(),
            expires: jiff::civil::date(2026, 8, 2),
            ticket: Some(text.clone()),
            file: text.clone(),
            line: 1,
        }));
        report.findings.push(waived);
    }
    let mut run = sample::run_by_framework(2);
    run.selection.name = Some("`@someone` |".to_owned());
    run.selection.narrowed_by = hostile();
    let text = written(&run, &[report, sample::mixed(2)]);
    assert!(text.chars().all(|c| c == '\n' || !crate::model::text::is_unprintable(c)));
    let (plain, codes) = parsed(&text);
    let plain = plain.concat();
    for part in ["@", "http", "<img", "cmd()", "passwd", "漢字", "#1", "](", "{0}"] {
        assert!(!plain.contains(part), "{part} in\n{plain}");
    }
    // Texts are shown as they are.
    for part in ["`code` @someone *b*", "a | b", "a\\|b", "``x`|`", "https://example.com"] {
        assert!(codes.iter().any(|code| code.contains(part)), "{part}");
    }
}

#[test]
fn the_length_is_limited_and_the_report_says_what_is_left_out() {
    let mut reports: Vec<AccountReport> = (1..=100).map(sample::account).collect();
    for (number, report) in reports.iter_mut().enumerate() {
        let account = sample::account(number + 1);
        report.findings = (0..200)
            .map(|index| {
                let id = format!("r-{index:03}-{}", "x".repeat(300));
                let rule = ["ebs-volume-encrypted", "s3-bucket-policy-not-public", "sg-ingress"];
                let mut finding = sample::finding(&account, rule[index % 3], Verdict::Fail, &id);
                finding.message = "|`<".repeat(1_000).into();
                finding.state = Some(match index {
                    0..3 => State::New,
                    _ => State::Unchanged,
                });
                finding
            })
            .collect();
        let gone = sample::finding(&account, "sg-ingress", Verdict::Fail, "sg-unread");
        let unread = OpenFinding {
            rule: gone.rule.to_string(),
            severity: gone.severity,
            message: "it was open".to_owned(),
            resource: (*gone.resource).clone(),
            fingerprint: gone.fingerprint,
            checked_at: None,
            failed: true,
            waived: false,
            source: None,
        };
        report.changes = Some(Changes { unknown_now: vec![unread], ..Changes::default() });
        report.gaps = (0..20)
            .map(|index| {
                let call = format!("ec2:Describe{number}x{index}");
                sample::gap(&call, crate::model::Extent::Account)
            })
            .collect();
    }
    let run = RunInfo { compared: true, ..sample::run(100) };
    let text = written(&run, &reports);
    assert!(text.len() <= MAX_BYTES, "{}", text.len());
    parsed(&text);
    assert!(text.starts_with("# rolecall: 20000 failures, 300 of them new\n"), "{text}");
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in\n{text}"));
    let order = [
        "| new failures | 300 |",
        "## New failures (300)",
        "| critical | `s3-bucket-policy-not-public` |",
        "more failure",
        "## Unknown now: failed before, not checked again (100)",
        "## Rules with failures (3)",
        "## Not checked",
        "more cause",
        "## Accounts",
        "more account",
        "## Other failures (19700)",
    ];
    assert!(order.map(place).is_sorted(), "{text}");
    // New ones come first, however severe the others are.
    assert!(!text[..place("## Other failures")].contains("r-003"), "{text}");
    assert!(text.contains("the reports in the formats HTML and JSON contain everything"));
}

#[test]
fn what_could_not_be_checked_says_what_to_do_and_waivers_say_when_they_end() {
    let mut report = sample::mixed(1);
    let waiver = |day| Waived {
        reason: "accepted".to_owned(),
        owner: "team".to_owned(),
        expires: jiff::civil::date(2026, 8, day),
        ticket: None,
        file: "rolecall.toml".to_owned(),
        line: 7,
    };
    report.findings[0].waived = Some(Box::new(waiver(4)));
    let mut later = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-8");
    later.waived = Some(Box::new(Waived { expires: jiff::civil::date(2027, 1, 1), ..waiver(1) }));
    report.findings.push(later);
    let text = written(&sample::run(2), &[report, sample::not_entered(2)]);
    for part in [
        "What to do: a statement of a service control policy denies `s3:GetBucketPolicy`, and an allow statement cannot override it",
        "Where: `acme-2` `000000000002` `global`: `entire account`",
        "What to do: a statement of a service control policy denies `sts:AssumeRole`",
        "Accepted: `read by another team`",
        "| 2026-08-04 | 3 days | `team` | `accepted` | `ebs-volume-encrypted` in `acme-1`: `data (vol-1)` | 1 | `rolecall.toml:7` |",
        "`acme-2` `000000000002` could not be accessed |",
        "**1 finding without a verdict**: `sg-ingress`",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // Of waivers that end later, the number is there.
    assert!(!text.contains("2027-01-01"), "{text}");
    assert!(text.contains("\n1 more waiver, with 1 waived finding, expires later.\n"), "{text}");
    let clean = written(&sample::run(1), &[sample::account(1)]);
    assert!(clean.starts_with("# rolecall: 0 failures\n"), "{clean}");
    let skipped = "## Accounts that were not scanned (1)\n\n- `closed �[31m` `000000000999`: `account state is SUSPENDED`\n";
    assert!(clean.ends_with(skipped), "{clean}");
    assert_eq!(clean.matches("## ").count(), 1, "{clean}");
}

#[test]
fn a_text_on_how_to_fix_keeps_its_warnings_and_marks_what_was_cut() {
    let mut run = sample::run(1);
    let warning = "Readers without a key lose access.";
    let text_of =
        |sentences: usize| format!("{}{warning}", "Change the bucket first. ".repeat(sentences));
    for (rule, sentences) in run.rules.iter_mut().zip([20, 60]) {
        rule.markdown =
            format!("Text.\n\n## How to fix it\n\n{}\n\n- Console: S3.\n", text_of(sentences));
    }
    let mut report = sample::account(1);
    let rules: Vec<String> = run.rules.iter().take(2).map(|rule| rule.id.clone()).collect();
    report.findings =
        rules.iter().map(|rule| sample::finding(&report, rule, Verdict::Fail, "sg-1")).collect();
    let text = written(&run, &[report]);
    let row = |rule: &str| {
        let start = format!("| `{rule}` | `");
        text.lines().find(|line| line.contains(&start) && line.contains("first.")).unwrap()
    };
    assert!(row(&rules[0]).contains(warning), "{text}");
    assert!(row(&rules[1]).contains("first. … \\(the rest: `rolecall explain`\\)"), "{text}");
}

#[test]
fn the_table_of_reports_says_why_it_has_fewer_new_findings() {
    let point = |is_now| crate::output::trend::Point {
        is_now,
        collected_at: "2026-08-01T00:00:00Z".to_owned(),
        file: "1.json".to_owned(),
        failures: 5,
        waived: 0,
        since: None,
    };
    let states = crate::report::StateCounts { waiver_ended: 2, ..Default::default() };
    let summary = Summary { states: Some(states), ..Summary::default() };
    let note = "2 failures whose waiver ended were open before, so they are not among the new ones";
    let text = sections::trend(&[point(false), point(true)], &summary);
    assert!(text.contains(note), "{text}");
    // This run is not in the table.
    let text = sections::trend(&[point(false), point(false)], &summary);
    assert!(!text.contains("whose waiver ended"), "{text}");
}

#[test]
fn rows_say_why_a_failure_is_new_or_was_not_checked() {
    let mut report = sample::account(1);
    let terms = Waived {
        reason: "until the move".to_owned(),
        owner: "web".to_owned(),
        expires: jiff::civil::date(2026, 7, 31),
        ticket: None,
        file: "rolecall.toml".to_owned(),
        line: 3,
    };
    let mut findings = ["sg-1", "sg-2", "sg-5", "sg-6"]
        .map(|id| sample::finding(&report, "sg-ingress", Verdict::Fail, id))
        .map(|mut finding| {
            finding.state = Some(State::New);
            finding
        });
    findings[1].expired_waivers = [terms.clone()].into();
    let mut unread = sample::finding(&report, "sg-ingress", Verdict::Unknown, "sg-3");
    unread.state = Some(State::UnknownNow);
    let open = |finding: &Finding| OpenFinding {
        rule: finding.rule.to_string(),
        severity: finding.severity,
        message: "it was open".to_owned(),
        resource: (*finding.resource).clone(),
        fingerprint: finding.fingerprint,
        checked_at: None,
        failed: true,
        waived: false,
        source: None,
    };
    // Another resource, whose list could not be read.
    let unlisted = sample::finding(&report, "sg-ingress", Verdict::Fail, "sg-4");
    let kind = unlisted.resource.kind.to_string();
    report.gaps = vec![sample::gap("ec2:DescribeX", crate::model::Extent::List { kind })];
    report.gaps[0].gap.region = unlisted.resource.region.clone();
    let mut changes =
        Changes { unknown_now: vec![open(&unread), open(&unlisted)], ..Changes::default() };
    let not_checked = [&unread, &unlisted].map(|it| it.fingerprint);
    changes.reasons.extend(not_checked.map(|it| (it, Reason::CouldNotBeChecked)));
    changes.reasons.insert(findings[0].fingerprint, Reason::PassedBefore);
    changes.reasons.insert(findings[1].fingerprint, Reason::PassedBefore);
    // Of these, an expired waiver matches one, too, and the config still has the waiver of the other.
    findings[2].expired_waivers = [terms.clone()].into();
    let ended = [&findings[2], &findings[3]].map(|finding| finding.fingerprint);
    for (fingerprint, line) in ended.iter().cloned().zip([9, 12]) {
        let removed = Waived { owner: format!("team-{line}"), line, ..terms.clone() };
        changes.ended_waivers.insert(fingerprint, removed.into());
        changes.reasons.insert(fingerprint, Reason::WaiverEnded);
    }
    changes.keep_waivers(|terms| terms.line == 12);
    report.findings = findings.into_iter().chain([unread]).collect();
    report.changes = Some(changes);
    let run = RunInfo { compared: true, ..sample::run(1) };
    let text = written(&run, &[report]);
    parsed(&text);
    for part in [
        "| `it is open to everyone (",
        "| `it passed in the baseline` |",
        "| `it passed in the baseline; an expired waiver matches: until 2026-07-31 by web: until the move (rolecall.toml:3)` |",
        "| `no longer waived: until 2026-07-31 by team-9: until the move (rolecall.toml:9)` |",
        "| `its waiver no longer applies: until 2026-07-31 by team-12: until the move (rolecall.toml:12)` |",
        "| 2026-07-31 | removed or changed | `team-9` | `until the move` | `sg-ingress` in `acme-1`: `sg-5` | 1 no longer waived | `rolecall.toml:9` |",
        "| 2026-07-31 | no longer applies | `team-12` | `until the move` | `sg-ingress` in `acme-1`: `sg-6` | 1 no longer waived | `rolecall.toml:12` |",
        "| `it was open` | `could not be checked: s3:GetBucketPolicy: AccessDenied",
        "| `it was open` | `could not be checked: ec2:DescribeX: AccessDenied",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert_eq!(text.matches("removed or changed").count(), 1, "{text}");
}
