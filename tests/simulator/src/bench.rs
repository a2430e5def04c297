//! Measures scans: how long they take compared with the ideal schedule, their CPU time for each
//! call, and their memory.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use simulator::{Counts, FakeAws, Host};

use super::Setup;

/// How many calls run at once by default, over all accounts.
const CONCURRENCY: f64 = 128.0;
/// The length of a tick in `/proc`.
const TICK: Duration = Duration::from_millis(10);
/// What a scan may take: CPU time for each call, and for each KB of responses.
const CPU_PER_CALL: Duration = Duration::from_micros(200);
const CPU_PER_KB: Duration = Duration::from_micros(10);

/// What is measured: name, accounts, regions, buckets of each account, volumes and security groups
/// of each region, calls a second to S3.
type Scenario = (&'static str, u64, usize, u64, u64, Option<f64>);

const SCENARIOS: [Scenario; 5] = [
    ("1x2000", 1, 1, 2_000, 0, None),
    ("100x17", 100, 17, 4, 8, None),
    ("50", 50, 1, 4, 2, None),
    ("1000", 1_000, 1, 4, 2, None),
    ("1x2000-slow-s3", 1, 1, 2_000, 0, Some(100.0)),
];
/// How many resources of each other kind a region has if all rules are evaluated.
const OTHERS: u64 = 2;
/// Round trips in milliseconds.
const LATENCIES: [u64; 2] = [50, 150];

pub(super) fn run(
    program: &Path,
    profile: &str,
    all_rules: bool,
    names: &[String],
    custom: Option<&Setup>,
) -> Result<(), String> {
    let mut setups: Vec<(String, Setup)> = Vec::new();
    if let Some(setup) = custom {
        setups.push(("custom".to_owned(), setup.clone()));
    } else {
        if let Some(unknown) =
            names.iter().find(|name| !SCENARIOS.iter().any(|(known, ..)| known == name))
        {
            let known: Vec<&str> = SCENARIOS.iter().map(|(name, ..)| *name).collect();
            return Err(format!("unknown scenario `{unknown}`; there are {}", known.join(", ")));
        }
        for (name, accounts, regions, buckets, volumes, s3_rate) in SCENARIOS {
            if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
                continue;
            }
            setups.extend(LATENCIES.map(|latency| {
                let setup = Setup {
                    accounts,
                    regions,
                    buckets,
                    volumes,
                    // With all rules, each kind has a few resources that differ.
                    others: if all_rules { OTHERS } else { 0 },
                    seed: all_rules.then_some(1),
                    page: None,
                    latency,
                    jitter: latency / 5,
                    no_rates: false,
                    s3_rate,
                    session: None,
                    faults: None,
                };
                (name.to_owned(), setup)
            }));
        }
    }
    let profile = if all_rules { "all" } else { profile };
    println!(
        "| scenario | round trip | calls | throttled | wall | ideal | ratio | at once | connections | CPU per call | \
         KB per call | CPU of budget | peak memory | of which program | CPU of the simulator |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (name, setup) in setups {
        println!("{}", measure(program, profile, &name, &setup)?);
    }
    Ok(())
}

/// A row of the table.
fn measure(program: &Path, profile: &str, name: &str, setup: &Setup) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let fake = FakeAws::start(setup.options()?);
    let folder = tempfile::tempdir().map_err(failed)?;
    let estate = setup.estate();
    let mut config = format!(
        "[role]\nname = \"audit\"\n[scan]\nregions = {:?}\n[scan.selection]\nprofile = \"{profile}\"\n",
        estate.regions
    );
    // Not all regions offer directory buckets; others have no endpoint for their list.
    let endpoint = |region: &str| format!("s3express-control.{region}.amazonaws.com");
    let lacks = |region: &&String| Host::parse(&endpoint(region)).is_none();
    let without: Vec<&String> = estate.regions.iter().filter(lacks).collect();
    if profile == "all" && !without.is_empty() {
        let accepted = format!(
            "[[accepted_gap]]\nregion = {without:?}\ncall = \"s3express:ListDirectoryBuckets\"\n\
             reason = \"no directory buckets\"\n"
        );
        config.push_str(&accepted);
    }
    for id in estate.account_ids() {
        writeln!(config, "[[account]]\nid = \"{id}\"").map_err(|error| error.to_string())?;
    }
    fs::write(folder.path().join("rolecall.toml"), config).map_err(failed)?;
    let own = |path: &str| Usage::of(path).map(|usage| usage.cpu).unwrap_or_default();
    let (begun, before) = (Instant::now(), own("self"));
    let mut child = Command::new(program.canonicalize().map_err(failed)?)
        .args(["scan", "-q", "-o", "json=report.json"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("HTTPS_PROXY", fake.proxy_url())
        .env("AWS_CA_BUNDLE", fake.ca_pem_path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let usage = Usage::until_exit(&child.id().to_string());
    let wall = begun.elapsed();
    let status = child.wait().map_err(failed)?;
    if !matches!(status.code(), Some(0 | 1 | 3)) {
        return Err(format!("{name}: the scan ended with {status}"));
    }
    let served = own("self").saturating_sub(before);
    let counts = fake.counts();
    let ideal = ideal(setup, &counts, fake.rate_bound());
    let throttled: u64 = counts.throttled_by_name.values().sum();
    let report = fs::read(folder.path().join("report.json")).map_err(failed)?;
    let report: serde_json::Value =
        serde_json::from_slice(&report).map_err(|error| format!("report.json: {error}"))?;
    let bytes = report.pointer("/summary/collection/total/response_bytes");
    let bytes = bytes.and_then(serde_json::Value::as_f64);
    let kb = bytes.ok_or("report.json: no number of bytes of responses")? / 1_000.0;
    let calls = counts.calls as f64;
    let budget = CPU_PER_CALL.mul_f64(calls) + CPU_PER_KB.mul_f64(kb);
    let incomplete = if status.code() == Some(3) { " (incomplete)" } else { "" };
    Ok(format!(
        "| {name}{incomplete} | {} ms | {} | {throttled} | {:.1} s | {:.1} s | {:.2} | {} | {} | {:.3} ms | {:.1} | {:.2} | {} MiB | {} MiB | {:.1} s |",
        setup.latency,
        counts.calls,
        wall.as_secs_f64(),
        ideal.as_secs_f64(),
        wall.as_secs_f64() / ideal.as_secs_f64(),
        counts.most_in_flight,
        counts.connections,
        1_000.0 * usage.cpu.as_secs_f64() / calls,
        kb / calls,
        usage.cpu.as_secs_f64() / budget.as_secs_f64(),
        usage.peak_kib / 1_024,
        usage.program_kib / 1_024,
        served.as_secs_f64(),
    ))
}

/// The time of an ideal schedule: the largest of all calls at the allowed concurrency, the longest
/// chain of calls that wait for each other, and the rate limits.
fn ideal(setup: &Setup, counts: &Counts, by_rates: Duration) -> Duration {
    let round_trip = Duration::from_millis(setup.latency) + Duration::from_millis(setup.jitter) / 2;
    let by_concurrency = round_trip.mul_f64(counts.calls as f64 / CONCURRENCY);
    // AssumeRole, the pages of the longest list, a fact, and one that depends on it.
    let pages = setup.buckets.div_ceil(1_000).max(setup.volumes.div_ceil(1_000)).max(1);
    let chain = round_trip.mul_f64(pages as f64 + 3.0);
    by_concurrency.max(chain).max(by_rates)
}

/// What a process used.
#[derive(Debug, Default)]
struct Usage {
    cpu: Duration,
    peak_kib: u64,
    /// The most pages of the program and its libraries that were in memory.
    program_kib: u64,
    exited: bool,
}

impl Usage {
    /// From `/proc`, on Linux.
    fn of(process: &str) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in parentheses may contain anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u32 =
            fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let kib = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        Some(Self {
            cpu: TICK * ticks,
            peak_kib: kib("VmHWM:"),
            program_kib: kib("RssFile:"),
            exited: fields.first() == Some(&"Z"),
        })
    }

    /// Waits until the process has exited; its entry stays until the parent waits for it.
    fn until_exit(process: &str) -> Self {
        let (mut peak_kib, mut program_kib) = (0, 0);
        loop {
            let usage = Self::of(process).unwrap_or_default();
            peak_kib = peak_kib.max(usage.peak_kib);
            program_kib = program_kib.max(usage.program_kib);
            if usage.exited || usage.cpu.is_zero() && !Path::new("/proc").join(process).exists() {
                return Self { peak_kib, program_kib, ..usage };
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
