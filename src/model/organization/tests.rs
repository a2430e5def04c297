use proptest::prelude::*;

use super::*;

fn unit(id: &str, name: &str, parent: Option<&str>) -> OrganizationalUnit {
    OrganizationalUnit {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        parent: parent.map(|id| id.parse().unwrap()),
    }
}

fn member(account: &str, name: &str, state: &str, unit: &str) -> Member {
    let (account, unit) = (account.parse().unwrap(), unit.parse().unwrap());
    Member { account, name: Some(name.to_owned()), state: state.to_owned(), unit }
}

const ROOT: &str = "r-root";
const WORK: &str = "ou-root-workload";
const PROD: &str = "ou-root-prodprod";
const TEST: &str = "ou-root-testtest";
const SAND: &str = "ou-root-sandboxx";

/// Root (1), Root/Work (2), Root/Work/Prod (3, 4), Root/Work/Test (5), Root/Sand (6 suspended, 7).
fn acme() -> Organization {
    let units = vec![
        unit(PROD, "Prod", Some(WORK)),
        unit(WORK, "Work", Some(ROOT)),
        unit(ROOT, "Root", None),
        unit(TEST, "Test", Some(WORK)),
        unit(SAND, "Sand", Some(ROOT)),
    ];
    let accounts =
        [(7, "play", "ACTIVE", SAND), (1, "master", "ACTIVE", ROOT), (2, "shared", "ACTIVE", WORK)]
            .into_iter()
            .chain([
                (3, "shop", "ACTIVE", PROD),
                (4, "shop-data", "ACTIVE", PROD),
                (5, "shop-test", "ACTIVE", TEST),
                (6, "old", "SUSPENDED", SAND),
            ]);
    let accounts = accounts
        .map(|(number, name, state, unit)| member(&format!("{number:012}"), name, state, unit))
        .collect();
    Organization::new(units, accounts).unwrap()
}

fn patterns(written: &[&str]) -> Vec<Globs> {
    written.iter().map(|pattern| Globs::new(&[pattern]).unwrap()).collect()
}

fn units(written: &[&str]) -> Vec<OuPattern> {
    let read = |text: &&str| {
        text.parse().map_or_else(|_| OuPattern::Path((*text).to_owned()), OuPattern::Id)
    };
    written.iter().map(read).collect()
}

fn filter(
    include_units: &[&str],
    exclude_units: &[&str],
    include: &[&str],
    exclude: &[&str],
) -> OrganizationFilter {
    OrganizationFilter {
        include_units: units(include_units),
        exclude_units: units(exclude_units),
        include_accounts: patterns(include),
        exclude_accounts: patterns(exclude),
    }
}

#[test]
fn a_filter_selects_accounts_and_reports_the_others() {
    // (include_units, exclude_units, include_accounts, exclude_accounts, last digits of what is
    // left)
    type Case = (
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
        &'static str,
    );
    let table: &[Case] = &[
        (&[], &[], &[], &[], "123457"),
        // An OU includes everything below it, by id or by path.
        (&["Root"], &[], &[], &[], "123457"),
        (&[ROOT], &[], &[], &[], "123457"),
        (&["Root/Work"], &[], &[], &[], "2345"),
        (&[PROD, "Root/Sand"], &[], &[], &[], "347"),
        (&[], &["Root/Work"], &[], &[], "17"),
        // Exclusions take precedence, above and below an inclusion.
        (&["Root/Work"], &[TEST], &[], &[], "234"),
        (&["Root/Work/Prod"], &["Root/Work"], &[], &[], ""),
        (&["Root/Work"], &["Root/Work"], &[], &[], ""),
        // Account patterns narrow the selection by OUs.
        (&[], &[], &["shop*"], &[], "345"),
        (&[], &[], &["000000000001", "*5"], &[], "15"),
        (&["Root/Work/Prod"], &[], &["*-*", "000000000001"], &[], "4"),
        (&[], &[], &[], &["shop-*", "master"], "237"),
        (&[], &[], &["shop*"], &["*data"], "35"),
        // A suspended account is never scanned, but a pattern that matches it is not an error.
        (&[], &[], &["old", "play"], &[], "7"),
    ];
    let acme = acme();
    for (include_units, exclude_units, include, exclude, left) in table {
        let (found, skipped) =
            acme.select(&filter(include_units, exclude_units, include, exclude)).unwrap();
        let digits: String =
            found.iter().filter_map(|found| found.account.as_str().chars().last()).collect();
        assert_eq!(
            digits, *left,
            "{include_units:?} {exclude_units:?} {include:?} {exclude:?}: {skipped:?}"
        );
        assert_eq!(found.len() + skipped.len(), 7);
    }
    let (found, skipped) =
        acme.select(&filter(&["Root/Work", SAND], &[TEST], &["*o*", "*l*"], &["*data"])).unwrap();
    let found: Vec<_> =
        found.iter().map(|found| (found.name.as_deref().unwrap(), found.unit.as_str())).collect();
    assert_eq!(found, [("shop", "Root/Work/Prod"), ("play", "Root/Sand")]);
    let reasons: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "000000000001 (master) is skipped: OU `Root` is not in `include_units`",
            "000000000002 (shared) is skipped: not matched by `include_accounts`",
            "000000000004 (shop-data) is skipped: `*data` is in `exclude_accounts`",
            "000000000005 (shop-test) is skipped: OU `Root/Work/Test` is in `exclude_units`",
            "000000000006 (old) is skipped: account state is SUSPENDED",
        ]
    );
}

#[test]
fn unmatched_patterns_are_reported_with_suggestions() {
    let errors = |filter: OrganizationFilter| {
        let unmatched = acme().select(&filter).unwrap_err();
        let shown = |pattern: &UnmatchedPattern| {
            format!(
                "{} {}: {} | {}",
                pattern.list,
                pattern.index,
                pattern.message,
                pattern.help.as_deref().unwrap_or("-")
            )
        };
        unmatched.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(
        errors(filter(&["Root", "Root/work"], &["ou-root-sandboxy"], &["shpo"], &["999999999999"])),
        [
            "include_units 1: unknown OU `Root/work` | did you mean `Root/Work`?",
            "exclude_units 0: unknown OU `ou-root-sandboxy` | did you mean `ou-root-sandboxx`?",
            "include_accounts 0: no account of the organization matches `shpo` | did you mean `shop`?",
            "exclude_accounts 0: no account of the organization matches `999999999999` | -",
        ]
    );
    let unrelated = errors(filter(&["QQQ"], &[], &[], &[]));
    assert!(unrelated[0].contains("the OUs are Root/Work/Prod, Root/Sand, "), "{unrelated:?}");
    // Names can contain slashes.
    let twins = vec![
        unit(ROOT, "Root", None),
        unit(WORK, "a", Some(ROOT)),
        unit(PROD, "b", Some(WORK)),
        unit(TEST, "a/b", Some(ROOT)),
    ];
    let twins = Organization::new(twins, Vec::new()).unwrap();
    let ambiguous = &twins.select(&filter(&[], &["Root/a/b"], &[], &[])).unwrap_err()[0];
    assert_eq!(
        ambiguous.help.as_deref(),
        Some("use the id instead: ou-root-prodprod or ou-root-testtest")
    );
}

#[test]
fn inconsistent_organizations_are_rejected() {
    let level = |n: usize| format!("ou-root-level{n:03}");
    let deep = |levels: usize| -> Vec<OrganizationalUnit> {
        let parent = |n: usize| if n == 1 { ROOT.to_owned() } else { level(n - 1) };
        let below = (1..=levels).map(|n| unit(&level(n), "x", Some(&parent(n))));
        std::iter::once(unit(ROOT, "Root", None)).chain(below).collect()
    };
    assert_eq!(
        Organization::new(deep(5), Vec::new()).unwrap().path(&level(5).parse().unwrap()),
        Some("Root/x/x/x/x/x")
    );
    let root = || unit(ROOT, "Root", None);
    let table = [
        (deep(6), vec![], "more than 5 levels"),
        (vec![], vec![], "no root"),
        (vec![unit(WORK, "a", Some(PROD)), unit(PROD, "b", Some(WORK))], vec![], "no root"),
        (
            vec![root(), unit(WORK, "a", Some(PROD)), unit(PROD, "b", Some(WORK))],
            vec![],
            "more than 5 levels",
        ),
        (vec![root(), unit(WORK, "a", Some(PROD))], vec![], "which does not exist"),
        (
            vec![root(), unit(WORK, "a", Some(ROOT)), unit(WORK, "a", Some(ROOT))],
            vec![],
            "duplicate OU",
        ),
        (vec![root()], vec![member("000000000001", "x", "ACTIVE", WORK)], "which does not exist"),
        (
            vec![root(), unit(WORK, "a", Some(ROOT))],
            vec![
                member("000000000001", "x", "ACTIVE", ROOT),
                member("000000000001", "x", "ACTIVE", WORK),
            ],
            "in two OUs",
        ),
    ];
    for (units, accounts, expected) in table {
        // An organization in a snapshot is checked like one from AWS.
        let written = serde_json::json!({ "units": units, "accounts": accounts });
        let read = serde_json::from_value::<Organization>(written).unwrap_err().to_string();
        let made = Organization::new(units, accounts).unwrap_err().to_string();
        assert!(made.contains(expected) && read.contains(expected), "{made}, {read}: {expected}");
    }
    let acme = acme();
    let written = serde_json::to_value(&acme).unwrap();
    assert_eq!(serde_json::from_value::<Organization>(written).unwrap(), acme);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Compares the selection with the definition of the filter, account by account.
    #[test]
    fn every_account_is_selected_or_skipped(
        include in prop::sample::subsequence(vec![ROOT, WORK, PROD, TEST, SAND], 0..5),
        exclude in prop::sample::subsequence(vec![ROOT, WORK, PROD, TEST, SAND], 0..5),
        wanted in prop::sample::subsequence(vec!["shop*", "*1", "play", "*a*"], 0..4),
        unwanted in prop::sample::subsequence(vec!["shop-*", "old", "*3"], 0..3),
    ) {
        let acme = acme();
        let (found, skipped) = acme.select(&filter(&include, &exclude, &wanted, &unwanted)).unwrap();
        let ancestors = |unit: &OuId| -> Vec<String> {
            let mut chain = vec![unit.to_string()];
            while let Some(parent) = acme.units().iter().find(|unit| unit.id.as_str() == chain[chain.len() - 1]).unwrap().parent.clone() {
                chain.push(parent.to_string());
            }
            chain
        };
        for member in acme.accounts() {
            let within = |units: &[&str]| ancestors(&member.unit).iter().any(|unit| units.contains(&unit.as_str()));
            let named = |patterns: &[&str]| {
                let globs = Globs::new(patterns).unwrap();
                globs.matches(member.account.as_str()) || globs.matches(member.name.as_deref().unwrap())
            };
            let expected = member.state == "ACTIVE"
                && !within(&exclude) && (include.is_empty() || within(&include))
                && !named(&unwanted) && (wanted.is_empty() || named(&wanted));
            prop_assert_eq!(found.iter().any(|found| found.account == member.account), expected);
            prop_assert_eq!(skipped.iter().any(|skipped| skipped.account == member.account), !expected);
        }
    }
}
