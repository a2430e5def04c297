//! Paths from the internet, for people.

use std::io::{self, Write};

use crate::exposure::{Path, Reach};
use crate::model::text::one_line;
use crate::model::{Verdict, counted};
use crate::output::text::TextOptions;
use crate::output::text::layout::Paint;
use crate::paths::{AccountPaths, Outcome, PathTarget};

/// How many paths of a resource are shown.
const MAX_SHOWN: usize = 20;

/// Paths that are being written.
pub struct TextPaths<W: Write> {
    out: W,
    paint: Paint,
    /// What is asked about: ` on tcp/22`, or nothing.
    on: String,
    details: bool,
    is_first: bool,
}

/// Paths that lead through the same components, with what is reachable.
struct Chain {
    components: String,
    traffic: Vec<String>,
}

fn shown(text: &str) -> String {
    one_line(text, 60)
}

fn chain(path: &Path) -> String {
    let rule = |number: Option<i64>| number.map_or("?".to_owned(), |number| number.to_string());
    let mut parts = vec!["internet".to_owned(), shown(&path.internet_gateway_id)];
    parts.extend(
        path.appliance_id.as_deref().map(|id| format!("{} (appliance: rules not read)", shown(id))),
    );
    let route = with_more(shown(&path.route), path.more_routes);
    parts.push(format!("{} (route {route})", shown(&path.route_table_id)));
    let (inbound, outbound) = (rule(path.ingress_rule), rule(path.egress_rule));
    parts.push(format!("{} (rules {inbound} in, {outbound} out)", shown(&path.network_acl_id)));
    let source = match &path.prefix_list_id {
        Some(list) => format!("{} in {}", shown(&path.source), shown(list)),
        None => shown(&path.source),
    };
    let source = with_more(source, path.more_sources);
    if path.security_group_id.is_empty() {
        parts.push("no security groups".to_owned());
    } else {
        let others = path.other_security_group_ids.iter();
        let groups: Vec<String> =
            std::iter::once(&path.security_group_id).chain(others).map(|id| shown(id)).collect();
        parts.push(format!("{} (from {source})", first_of(&groups)));
    }
    let addresses: Vec<String> = path.addresses.iter().map(|one| shown(one)).collect();
    parts.push(format!("{} ({})", shown(&path.network_interface_id), first_of(&addresses)));
    parts.extend(path.instance_id.as_deref().map(shown));
    parts.extend(
        path.instance_profile.as_deref().map(|name| format!("instance profile {}", shown(name))),
    );
    parts.join(" → ")
}

/// The first of several components that are needed together.
fn with_more(first: String, more: Option<i64>) -> String {
    more.map_or(first.clone(), |more| format!("{first} and {more} more"))
}

/// The first three items, and how many more there are.
fn first_of(items: &[String]) -> String {
    let first: Vec<&str> = items.iter().take(3).map(String::as_str).collect();
    let more = items.len().saturating_sub(first.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

fn family(ip_version: &str) -> &'static str {
    if ip_version == "ipv6" { "IPv6" } else { "IPv4" }
}

fn chains(paths: &[Path]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for path in paths {
        let components = chain(path);
        let traffic = format!("{} ({})", path.traffic, family(&path.ip_version));
        match chains.iter_mut().find(|chain| chain.components == components) {
            Some(chain) if !chain.traffic.contains(&traffic) => chain.traffic.push(traffic),
            Some(_) => {}
            None => chains.push(Chain { components, traffic: vec![traffic] }),
        }
    }
    chains
}

impl<W: Write> TextPaths<W> {
    pub(super) fn new(out: W, options: TextOptions, traffic: &str, details: bool) -> Self {
        let on = if traffic.is_empty() { String::new() } else { format!(" on {traffic}") };
        Self { out, paint: Paint::new(options.color), on, details, is_first: true }
    }

    pub(super) fn account(&mut self, account: &AccountPaths) -> io::Result<()> {
        let is_shown = |target: &&PathTarget| {
            let is_quiet = matches!(target.outcome, Outcome::NotReachable | Outcome::Terminated);
            self.details || !is_quiet
        };
        let targets: Vec<&PathTarget> = account.targets.iter().filter(is_shown).collect();
        let closed =
            account.targets.iter().filter(|target| target.outcome == Outcome::NotReachable).count();
        // Whether named resources are among what was not read is known only at the end.
        let gaps = if self.details { &[] } else { account.gaps.as_slice() };
        if targets.is_empty() && gaps.is_empty() && (self.details || closed == 0) {
            return Ok(());
        }
        if !std::mem::take(&mut self.is_first) {
            writeln!(self.out)?;
        }
        let id = account.id.as_str();
        let label = match account.name.as_deref() {
            Some(name) if name != id => format!("{} ({id})", one_line(name, 40)),
            _ => id.to_owned(),
        };
        let at = account.collected_at.as_deref().map(|at| format!(" · collected {}", shown(at)));
        writeln!(self.out, "{}{}", self.paint.bold(&label), at.unwrap_or_default())?;
        for target in targets {
            self.target(target)?;
        }
        for gap in gaps {
            let text = one_line(&format!("{}: {}", gap.region, gap.cause), 300);
            writeln!(self.out, "  {} {text}", self.paint.verdict(Verdict::Unknown, "not read"))?;
        }
        if closed > 0 && !self.details {
            let counted = counted(closed, "instance");
            let text = format!("{counted} not reachable from the internet{}", self.on);
            writeln!(self.out, "  {}", self.paint.dim(&text))?;
        }
        Ok(())
    }

    fn target(&mut self, target: &PathTarget) -> io::Result<()> {
        let (paint, on) = (self.paint, self.on.clone());
        let state = match target.state.as_deref() {
            _ if !target.is_attached => ", when it is attached to an instance",
            Some("stopped" | "stopping") => ", when it is started",
            _ => "",
        };
        let result = match target.outcome {
            Outcome::Reachable => {
                let text = format!("reachable from the internet{on}{state}");
                paint.verdict(Verdict::Fail, &text)
            }
            Outcome::NotReachable => {
                paint.verdict(Verdict::Pass, &format!("not reachable from the internet{on}"))
            }
            Outcome::Unknown => paint.verdict(Verdict::Unknown, "unknown"),
            Outcome::LoadBalancer if target.exposure.reach() == Reach::NotReachable => {
                let text = format!("load balancer not reachable from the internet{on}");
                paint.verdict(Verdict::Pass, &text)
            }
            Outcome::LoadBalancer => "reached through a load balancer: targets not read".to_owned(),
            Outcome::Managed => "managed by AWS: not evaluated".to_owned(),
            Outcome::Terminated => match target.state.as_deref() {
                Some("shutting-down") => "shutting down".to_owned(),
                _ => "terminated".to_owned(),
            },
        };
        let name = target.name.as_deref().map(|name| format!(" ({})", one_line(name, 40)));
        let region = target.region.as_str();
        let id = shown(&target.id);
        writeln!(self.out, "  {id}{} in {region}: {result}", name.unwrap_or_default())?;
        let chains = chains(&target.exposure.paths);
        for chain in chains.iter().take(MAX_SHOWN) {
            writeln!(self.out, "    {}", one_line(&chain.traffic.join(", "), 200))?;
            writeln!(self.out, "      {}", chain.components)?;
        }
        if chains.len() > MAX_SHOWN {
            let more = counted(chains.len() - MAX_SHOWN, "more path");
            writeln!(self.out, "    {more}: use --format json")?;
        }
        if self.details || target.outcome == Outcome::Unknown {
            for blocked in &target.exposure.blocked {
                for obstacle in &blocked.obstacles {
                    let family = family(crate::exposure::version(blocked.family));
                    writeln!(self.out, "    {family}: {}", one_line(&obstacle.message, 300))?;
                }
            }
        }
        for cause in &target.exposure.unknown {
            let text = one_line(&cause.explained(), 300);
            writeln!(self.out, "    {} {text}", paint.verdict(Verdict::Unknown, "not read"))?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}
