//! The whole control plane over many accounts: the state machine and the bucket of the runs are
//! emulated by moto, and everything else is answered by a fake of AWS's own hosts, which generates
//! the accounts. The report must be that of one scan.
//!
//! `cargo xtask e2e control-plane` runs it over 1,000 accounts and prints what that takes.

use std::env;
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use crate::support::aws::{Backend, Estate, FakeAws, Options, Request, Response, Upstream};
use crate::support::moto::run_script_with;
use crate::support::rolecall::Rolecall;

const REGIONS: [&str; 3] = ["eu-central-1", "eu-west-1", "us-east-1"];
const BUCKET: &str = "rolecall-runs";

/// The bucket of the runs in moto, and the estate.
struct Plane {
    runs: Upstream,
    estate: Estate,
}

impl Plane {
    fn of(&self, request: &Request) -> &dyn Backend {
        if request.bucket.as_deref() == Some(BUCKET) { &self.runs } else { &self.estate }
    }
}

impl Backend for Plane {
    fn answer(&self, request: &Request) -> Response {
        self.of(request).answer(request)
    }

    fn bucket_region(&self, request: &Request) -> Option<String> {
        self.of(request).bucket_region(request)
    }
}

#[test]
fn many_accounts_give_the_report_of_one_scan() {
    let accounts = env::var("ROLECALL_ACCOUNTS").unwrap_or_else(|_| "12".to_owned());
    let accounts: u64 = accounts.parse().expect("ROLECALL_ACCOUNTS must be a number");
    let zip = env::var("ROLECALL_ZIP");
    let function = zip.as_deref().unwrap_or(env!("CARGO_BIN_EXE_rolecall"));

    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let moto = free.local_addr().unwrap();
    drop(free);
    let estate = Estate { accounts: accounts - 1, ..Estate::in_regions(&REGIONS) };
    let fake = FakeAws::start(Options::new(Plane { runs: Upstream::new(moto), estate }));

    let scan = Rolecall::on(&fake).config(&format!(
        "[role]\nname = \"audit\"\n[organization]\nrole = \"none\"\n[scan]\nregions = {REGIONS:?}\n"
    ));
    let config = scan.path("rolecall.toml");
    let printed = run_script_with(
        "control_plane_scale.py",
        &[function, &moto.port().to_string(), path(&config), &accounts.to_string()],
        &[("HTTPS_PROXY", &fake.proxy_url()), ("AWS_CA_BUNDLE", path(fake.ca_pem_path()))],
    );
    println!("{}", printed.lines().last().unwrap());
    assert_eq!(fake.violations(), [""; 0]);

    scan.run(&["scan", "-q", "-o", "json=scan.json"]).assert_code(1);
    let report = |name: &str| {
        let mut report = scan.json(name);
        for account in report["accounts"].as_array_mut().unwrap() {
            account["collected_at"] = Value::Null;
        }
        report
    };
    let (mut whole, merged) = (report("scan.json"), report("state-machine.json"));
    // What the calls of one process took; a report that is merged from shards does not have it.
    assert!(whole["summary"].as_object_mut().unwrap().remove("collection").is_some());
    assert_eq!(whole["accounts"].as_array().unwrap().len() as u64, accounts);
    assert!(whole == merged, "the reports differ");
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
