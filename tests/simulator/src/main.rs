//! The simulated AWS as a program: `simulator serve` for use by hand and by scripts, and `simulator
//! bench`, which measures scans of generated estates.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of developers"
)]

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use simulator::{Estate, FakeAws, Options, Others, Rates, Script};

mod bench;

#[derive(Debug, Parser)]
#[command(about = "A simulated AWS, on loopback only")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve an estate until standard input ends; the first line of output says where.
    Serve {
        /// The port; 0 is any free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        #[command(flatten)]
        setup: Setup,
    },
    /// Measure scans by a program.
    Bench {
        /// The program, built with the profile `dist`.
        #[arg(long, default_value = "target/dist/rolecall")]
        program: PathBuf,
        /// The profile of rules.
        #[arg(long, default_value = "baseline")]
        profile: String,
        /// Evaluate all rules except opt-in ones, on estates that have resources of every kind.
        #[arg(long, conflicts_with = "profile")]
        all_rules: bool,
        /// Scenarios to measure, such as `1x2000`; default: all.
        #[arg(long = "scenario")]
        scenarios: Vec<String>,
        /// Measure the estate that the other options describe instead.
        #[arg(long)]
        custom: bool,
        #[command(flatten)]
        setup: Setup,
    },
}

/// An estate, and how it is served.
#[derive(Debug, Clone, Args)]
struct Setup {
    #[arg(long, default_value_t = 1)]
    accounts: u64,
    /// How many regions of the partition are enabled.
    #[arg(long, default_value_t = 1)]
    regions: usize,
    #[arg(long, default_value_t = 10)]
    buckets: u64,
    /// Volumes, and as many security groups, in each region.
    #[arg(long, default_value_t = 3)]
    volumes: u64,
    /// Resources of each other kind.
    #[arg(long, default_value_t = 0)]
    others: u64,
    /// The most items on a page; default: as many as are requested.
    #[arg(long)]
    page: Option<u64>,
    /// Makes resources differ.
    #[arg(long)]
    seed: Option<u64>,
    /// The round trip in milliseconds.
    #[arg(long, default_value_t = 50)]
    latency: u64,
    /// By how much a round trip can be longer, in milliseconds.
    #[arg(long, default_value_t = 10)]
    jitter: u64,
    /// Without the rate limits that AWS publishes.
    #[arg(long)]
    no_rates: bool,
    /// Calls a second to S3 that each account may make; default: any number.
    #[arg(long)]
    s3_rate: Option<f64>,
    /// How long sessions last, in seconds.
    #[arg(long)]
    session: Option<u64>,
    /// A script of failures in TOML.
    #[arg(long)]
    faults: Option<PathBuf>,
}

/// The regions that are enabled by default, the first of which is the client's own.
const REGIONS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "sa-east-1",
];

impl Setup {
    fn estate(&self) -> Estate {
        Estate {
            accounts: self.accounts,
            buckets: self.buckets,
            volumes: self.volumes,
            security_groups: self.volumes,
            others: Others::each(self.others),
            seed: self.seed,
            page: self.page,
            session: self.session.map(Duration::from_secs),
            ..Estate::in_regions(&REGIONS[..self.regions.min(REGIONS.len())])
        }
    }

    fn options(&self) -> Result<Options, String> {
        let rates = if self.no_rates { Rates::default() } else { Rates::published() };
        let faults = match &self.faults {
            None => Script::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?
            }
        };
        Ok(Options {
            latency: Duration::from_millis(self.latency),
            jitter: Duration::from_millis(self.jitter),
            rates: self.s3_rate.map_or(rates, |rate| rates.with_s3(rate)),
            faults,
            ..Options::new(self.estate())
        })
    }
}

fn main() -> Result<(), String> {
    match Cli::parse().command {
        Command::Serve { port, setup } => serve(port, &setup),
        Command::Bench { program, profile, all_rules, scenarios, custom, setup } => {
            let custom = custom.then_some(&setup);
            bench::run(&program, &profile, all_rules, &scenarios, custom)
        }
    }
}

fn serve(port: u16, setup: &Setup) -> Result<(), String> {
    let fake = FakeAws::start(Options { port, ..setup.options()? });
    let ready = serde_json::json!({
        "HTTPS_PROXY": fake.proxy_url(), "AWS_CA_BUNDLE": fake.ca_pem_path(),
        "AWS_ENDPOINT_URL": fake.endpoint_url(), "counts": format!("{}/__stats", fake.proxy_url()),
        "accounts": setup.estate().account_ids(),
    });
    println!("{ready}");
    std::io::stdin().read_to_end(&mut Vec::new()).map_err(|error| error.to_string())?;
    eprintln!("{}", fake.counts().to_json());
    Ok(())
}
