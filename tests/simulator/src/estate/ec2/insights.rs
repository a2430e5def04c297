//! Reachability Analyzer and Network Access Analyzer: paths and scopes, each with one analysis.

use serde_json::{Value, json};

use super::{CREATED, Place, tags};

/// From the internet gateway of a VPC to an instance.
pub(super) fn path(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("insights path", index);
    let others = &place.estate.others;
    let id = place.id("nip", index);
    let source = place.id("igw", index % others.vpcs.max(1));
    let destination = place.id("i", index % others.instances.max(1));
    json!({
        "networkInsightsPathId": id, "networkInsightsPathArn": place.arn(&format!("network-insights-path/{id}")),
        "createdDate": CREATED, "source": source, "destination": destination,
        "sourceArn": place.arn(&format!("internet-gateway/{source}")),
        "destinationArn": place.arn(&format!("instance/{destination}")), "protocol": "tcp",
        "destinationPort": draw.pick(&[443, 22]), "filterAtSource": {
            "destinationPortRange": { "fromPort": 443, "toPort": 443 },
        },
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn analysis(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("insights analysis", index);
    let id = place.id("nia", index);
    let found = draw.pick(&[true, false]);
    let explanations = if found {
        json!([])
    } else {
        json!([{ "direction": "ingress", "explanationCode": "NO_ROUTE_TO_DESTINATION",
            "vpc": { "id": place.vpc_of(index) } }])
    };
    json!({
        "networkInsightsAnalysisId": id,
        "networkInsightsAnalysisArn": place.arn(&format!("network-insights-analysis/{id}")),
        "networkInsightsPathId": place.id("nip", index), "startDate": CREATED,
        "status": "succeeded", "networkPathFound": found, "explanationSet": explanations,
        "tagSet": tags(&mut draw),
    })
}

pub(super) fn access_scope(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("access scope", index);
    let id = place.id("nis", index);
    json!({
        "networkInsightsAccessScopeId": id,
        "networkInsightsAccessScopeArn": place.arn(&format!("network-insights-access-scope/{id}")),
        "createdDate": CREATED, "updatedDate": CREATED, "tagSet": tags(&mut draw),
    })
}

pub(super) fn access_scope_analysis(place: &Place<'_>, index: u64) -> Value {
    let mut draw = place.draw("access scope analysis", index);
    let id = place.id("nisa", index);
    json!({
        "networkInsightsAccessScopeAnalysisId": id,
        "networkInsightsAccessScopeAnalysisArn": place.arn(&format!("network-insights-access-scope-analysis/{id}")),
        "networkInsightsAccessScopeId": place.id("nis", index), "status": "succeeded",
        "startDate": CREATED, "endDate": "2024-01-01T00:05:00.000Z",
        "findingsFound": draw.pick(&["true", "false"]),
        "analyzedEniCount": place.estate.others.instances, "tagSet": tags(&mut draw),
    })
}
