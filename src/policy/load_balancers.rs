//! The accounts of AWS that deliver logs of load balancers, and the paths to which they do.

use super::principals::is_account_id;

/// One account for each region that opened before August 2022, those of AWS GovCloud (US) and China at
/// the end. Source: "Enable access logs" in the user guides of Elastic Load Balancing.
const ACCOUNTS: [&str; 26] = [
    "127311923021",
    "033677994240",
    "027434742980",
    "797873946194",
    "098369216593",
    "754344448648",
    "589379963580",
    "718504428378",
    "383597477331",
    "600734575887",
    "114774131450",
    "783225319266",
    "582318560864",
    "985666609251",
    "054676820928",
    "156460612806",
    "652711504416",
    "635631232127",
    "009996457667",
    "897822967062",
    "076674570225",
    "507241528517",
    "190560391635",
    "048591011584",
    "638102146993",
    "037604701340",
];

/// Whether AWS delivers logs of load balancers from an account.
pub fn is_load_balancer_account(account: &str) -> bool {
    ACCOUNTS.contains(&account)
}

/// The account whose load balancers write to a pattern for objects. Elastic Load Balancing writes logs
/// below `AWSLogs/` and the account of the load balancer, and rejects prefixes that include `AWSLogs`.
pub fn log_account(resource: &str) -> Option<&str> {
    let (_, below) = resource.split_once("/AWSLogs/")?;
    let (account, _) = below.split_once('/').filter(|_| !below.contains("/AWSLogs/"))?;
    is_account_id(account).then_some(account)
}
