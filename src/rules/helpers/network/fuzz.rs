//! Properties of openings that must hold for any permissions.

use super::lists::PrefixLists;
use crate::exposure::{Families, Query, open_ports, openings};
use crate::facts::ec2::security_group::IpPermission;
use crate::rules::helpers::fuzz::hold;

/// Asks about single ports, ranges and anything, and compares the results.
pub(crate) fn ports_hold(permissions: &[IpPermission]) -> Result<(), String> {
    let none = PrefixLists::none("");
    let broken = |_| "without prefix lists nothing can be unreadable".to_owned();
    let open = |query: &Query| {
        openings(permissions, query, Families::BOTH, &none)
            .map(|found| !found.known.is_empty())
            .map_err(broken)
    };
    let anything = open(&Query::Anything)?;
    for protocol in [6, 17] {
        let ports = open_ports(permissions, protocol, &none).map_err(broken)?.known;
        for port in [0, 1, 22, 80, 443, 3_389, 65_534, 65_535] {
            let one = open(&Query::Ports { protocol, from: port, to: port })?;
            let listed = ports.iter().any(|(from, to)| (*from..=*to).contains(&i64::from(port)));
            hold(one == listed, || {
                format!(
                    "protocol {protocol}, port {port}: open is {one}, but listed in {ports:?} is {listed}"
                )
            })?;
        }
        let all = open(&Query::Ports { protocol, from: 0, to: 65_535 })?;
        hold(all != ports.is_empty(), || format!("{protocol}: {all}, but {ports:?}"))?;
        hold(!all || anything, || {
            format!("protocol {protocol} has an open port, but the query for any port finds none")
        })?;
    }
    Ok(())
}
