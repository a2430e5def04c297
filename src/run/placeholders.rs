//! Placeholders in paths of reports.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::error::CommandError;
use crate::model::did_you_mean;
use crate::model::text::one_line;
use crate::output::Destination;

/// The date on which the run started, in UTC: `2026-11-26`.
const DATE: &str = "{date}";

/// The path with today's date. The placeholder for the account remains.
pub(crate) fn expand(path: &Path) -> Result<PathBuf, CommandError> {
    expand_at(path, Timestamp::now())
}

fn expand_at(path: &Path, now: Timestamp) -> Result<PathBuf, CommandError> {
    let Some(text) = path.to_str().filter(|text| text.contains('{')) else {
        return Ok(path.to_owned());
    };
    let text = text.replace(DATE, &now.strftime("%Y-%m-%d").to_string());
    let unknown = text.replace(Destination::ACCOUNT, "");
    if let Some((_, rest)) = unknown.split_once('{')
        && let Some((name, _)) = rest.split_once('}')
    {
        let help = match did_you_mean(name, ["date", "account"]) {
            Some(meant) => format!("did you mean `{{{meant}}}`?"),
            None => format!("use `{DATE}` or `{}`", Destination::ACCOUNT),
        };
        let name = one_line(name, 60);
        return Err(CommandError::Usage(format!(
            "unknown placeholder `{{{name}}}` in the path of a report: {help}"
        )));
    }
    Ok(PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_filled_in_and_accounts_remain() {
        let now = "2026-11-26T23:59:59Z".parse().unwrap();
        let expand = |path: &str| {
            expand_at(Path::new(path), now)
                .map(|path| path.to_string_lossy().into_owned())
                .map_err(|error| error.to_string())
        };
        for (path, expected) in [
            ("report.json", "report.json"),
            ("{date}/report.json", "2026-11-26/report.json"),
            ("s3://bucket/a/{date}/{account}.json", "s3://bucket/a/2026-11-26/{account}.json"),
            ("half{open.json", "half{open.json"),
        ] {
            assert_eq!(expand(path).unwrap(), expected);
        }
        for (path, expected) in [
            ("{acount}.json", "did you mean `{account}`?"),
            ("{run}/x.json", "use `{date}` or `{account}`"),
        ] {
            let error = expand(path).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
