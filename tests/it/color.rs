//! When the program prints colors, tested with the real binary. Its stdout is a pipe here.

use crate::program::{ran, rolecall};

/// Whether `rolecall evaluate` prints escape sequences with these variables and arguments.
fn colored(variables: &[(&str, &str)], arguments: &[&str]) -> bool {
    let mut command = rolecall();
    command.args(["evaluate", "--snapshot", "fixtures/acme"]).args(arguments);
    let ended = ran(command.envs(variables.iter().copied()).output().unwrap());
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    ended.stdout.contains("\u{1b}[")
}

#[test]
fn a_pipe_gets_colors_only_on_request() {
    let force = ("CLICOLOR_FORCE", "1");
    for (variables, arguments, expected) in [
        (&[][..], &[][..], false),
        (&[("TERM", "xterm-256color")], &[], false),
        (&[("CLICOLOR", "1")], &[], false),
        (&[force], &[], true),
        (&[("CLICOLOR_FORCE", "")], &[], false),
        (&[force, ("NO_COLOR", "1")], &[], false),
        (&[force], &["--color", "never"], false),
        (&[("NO_COLOR", "1")], &["--color", "always"], true),
    ] {
        assert_eq!(colored(variables, arguments), expected, "{variables:?} {arguments:?}");
    }
}

#[test]
fn errors_on_stderr_follow_the_same_variables() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("rolecall.toml");
    std::fs::write(&config, "[scan]\nregoins = []\n").unwrap();
    let shown = |variables: &[(&str, &str)]| {
        let mut command = rolecall();
        command.args(["evaluate", "--snapshot", "fixtures/acme", "--config"]).arg(&config);
        let ended = ran(command.envs(variables.iter().copied()).output().unwrap());
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        ended.stderr
    };
    assert!(!shown(&[]).contains("\u{1b}["));
    assert!(shown(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}["));
}

#[test]
fn only_the_flag_adds_colors_to_report_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.txt");
    let output = format!("text={}", file.display());
    for (arguments, expected) in
        [(&["--output", &output][..], false), (&["--output", &output, "--color", "always"], true)]
    {
        colored(&[("CLICOLOR_FORCE", "1")], arguments);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.contains("\u{1b}["), expected, "{arguments:?}");
    }
}

/// README.md shows `docs/images/run.svg`: a real run, as a terminal shows it.
#[test]
fn the_picture_of_a_run_is_current() {
    let shown = "rolecall evaluate --snapshot fixtures/acme --account acme-prod \\\n    \
                 --rule s3-bucket-policy-not-public,ebs-volume-encrypted,sg-ingress-remote-admin-ipv4";
    let mut command = rolecall();
    command.args(shown.split_whitespace().skip(1).filter(|word| *word != "\\"));
    let ended = ran(command.envs([("CLICOLOR_FORCE", "1"), ("COLUMNS", "100")]).output().unwrap());
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let text = format!("\u{1b}[2m$\u{1b}[0m {shown}\n{}", ended.stdout);
    let picture = anstyle_svg::Term::new().min_width_px(860).render_svg(&text);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images/run.svg");
    if std::env::var_os("ROLECALL_GENERATE").is_some() {
        std::fs::write(&path, &picture).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == picture, "docs/images/run.svg is stale: run `cargo xtask generate`");
}
