//! Which lists of values in the documentation of fields are complete.
//!
//! AWS defines most values of states, statuses and modes in its API models, and the documentation of
//! our fields lists all of them. Where AWS often adds values, a value that the list lacks may be new.

/// The ends of paths of fields to which AWS adds values, or of which the list is not complete.
const OPEN: [&str; 46] = [
    "partition",
    "fleet.type",
    "spot_fleet_request_config.type",
    "default_target_capacity_type",
    "image_owner_alias",
    "instance_lifecycle",
    "events.description",
    "events.code",
    "key_type",
    "resource_type",
    "routes.routes.state",
    "routes.routes.type",
    "outside_ip_address_type",
    "algorithms.value",
    "ike_versions.value",
    "output_format",
    "log_destination_type",
    "trust_provider_type",
    "authentication_options.type",
    "vpc_endpoint_type",
    "service_type.service_type",
    "reservation_type",
    "market_type",
    "supported_boot_modes",
    "boot_mode",
    "network_services",
    "traffic_mirror_target.type",
    "tunnel_bandwidth",
    "format",
    "allowed_features",
    "actions",
    "hypervisor",
    "principal_type",
    "access_tier",
    "ip_address_types",
    "ip_address_type",
    "dns_record_ip_type",
    "category",
    "cpu_credits",
    "service_state",
    "managed_by",
    "offering_class",
    "ip_source",
    "dpd_timeout_action",
    "startup_action",
    "virtualization_type",
];

/// Values that AWS can return and the documentation does not list.
const OTHERS: [(&str, &[&str]); 2] = [
    ("s3.bucket.encryption.rules.sse_algorithm", &["aws:backup"]),
    ("s3.directory_bucket.encryption.rules.sse_algorithm", &["aws:backup"]),
];

/// Whether the documentation of a field lists all of its values, if it lists any.
pub(super) fn is_listed(path: &str) -> bool {
    !OPEN.iter().any(|end| {
        path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '_']))
    })
}

/// Values that the documentation does not list.
pub(super) fn others(path: &str) -> &'static [&'static str] {
    OTHERS.iter().find(|(field, _)| *field == path).map_or(&[], |(_, values)| values)
}
