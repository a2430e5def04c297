//! `rolecall --version`: what a bug report needs to know about the build. `-V` prints only the
//! version.

use crate::rules::built_in_sha256;

/// The text after the name of the program.
pub fn long() -> String {
    let time = env!("ROLECALL_BUILD_TIME").parse().map(jiff::Timestamp::from_second);
    let date = time.ok().and_then(Result::ok).map(|time| time.strftime("%Y-%m-%d").to_string());
    let features: Vec<&str> = [
        (cfg!(feature = "aws"), "aws"),
        (cfg!(feature = "http"), "http"),
        (cfg!(feature = "lambda"), "lambda"),
        (cfg!(feature = "parquet"), "parquet"),
        (cfg!(feature = "remediate"), "remediate"),
    ]
    .into_iter()
    .filter_map(|(is_on, name)| is_on.then_some(name))
    .collect();
    format!(
        "{}\ncommit:    {}\nbuilt:     {}\ntarget:    {}\nfeatures:  {}\nrules:     sha256 {}",
        env!("CARGO_PKG_VERSION"),
        env!("ROLECALL_COMMIT"),
        date.as_deref().unwrap_or("unknown"),
        env!("ROLECALL_TARGET"),
        if features.is_empty() { "none".to_owned() } else { features.join(", ") },
        built_in_sha256(),
    )
}
