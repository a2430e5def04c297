//! One integration-test binary: every further one would link the AWS SDK again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking"
)]

mod account_wide;
mod actions;
mod address;
mod annotations;
mod author;
mod authoring_cases;
mod authoring_samples;
mod baseline_defects;
mod cases;
mod code_cloudformation;
mod code_tags;
mod color;
#[cfg(all(feature = "lambda", unix))]
mod control_plane;
#[cfg(all(feature = "lambda", unix))]
mod control_plane_scale;
mod deploy;
mod deploy_examples;
mod deploy_permissions;
mod doctor;
#[cfg(feature = "aws")]
mod estate;
mod explain_code;
mod expressions;
mod frameworks;
mod helpers;
mod history;
mod hostile;
mod html;
mod import;
mod import_cases;
mod import_parts;
mod inventory;
mod layers;
mod links;
mod lint;
mod lint_cases;
mod listing;
mod manuals;
mod nights;
mod not_reports;
mod offline;
mod opt_in;
mod outputs;
mod pack;
mod params;
mod paths;
mod plane_policies;
mod policy_size;
mod preview;
mod preview_accounts;
mod preview_adoption;
mod preview_auto_scaling;
mod preview_before;
mod preview_causes;
mod preview_change_set;
mod preview_change_set_bucket;
mod preview_change_set_endpoints;
mod preview_change_set_instance;
mod preview_change_set_network;
mod preview_change_set_types;
mod preview_change_set_vpc;
mod preview_code;
mod preview_code_groups;
mod preview_comment;
mod preview_data_images;
mod preview_defaults;
mod preview_destroyed;
mod preview_details;
mod preview_dynamic_blocks;
mod preview_existing;
mod preview_exposed;
mod preview_hidden_changes;
mod preview_images;
mod preview_in_use;
mod preview_interfaces;
mod preview_known;
mod preview_launch;
mod preview_left_open;
mod preview_leftovers;
mod preview_lines;
mod preview_new_network;
mod preview_partial;
mod preview_policies;
mod preview_references;
mod preview_refused;
mod preview_regions;
mod preview_rows;
mod preview_user_data;
mod preview_vpc_defaults;
mod preview_worse;
mod program;
mod python;
mod readme;
mod redact;
mod remediate;
#[cfg(all(feature = "remediate", unix))]
mod remediate_actions;
#[cfg(all(feature = "remediate", unix))]
mod remediate_apply;
#[cfg(all(feature = "remediate", unix))]
mod remediate_journal;
mod reports;
mod rules_hash;
mod sandbox;
mod sarif_groups;
#[cfg(feature = "aws")]
mod scan_calls;
#[cfg(feature = "aws")]
mod scan_cuts;
#[cfg(feature = "aws")]
mod scan_hosts;
#[cfg(feature = "aws")]
mod scan_kinds;
#[cfg(feature = "aws")]
mod scan_moto;
#[cfg(feature = "aws")]
mod scan_organization;
#[cfg(all(feature = "aws", unix))]
mod scan_resume;
#[cfg(feature = "aws")]
mod scan_sessions;
#[cfg(feature = "aws")]
mod scan_shards;
#[cfg(all(feature = "aws", unix))]
mod scan_signals;
mod shared_causes;
mod silence;
mod simulator_calls;
#[cfg(feature = "aws")]
mod simulator_deadlines;
#[cfg(feature = "aws")]
mod simulator_estate;
#[cfg(feature = "aws")]
mod simulator_faults;
#[cfg(feature = "http")]
mod sinks;
mod sources;
mod states;
#[cfg(feature = "aws")]
mod storage;
#[cfg(feature = "aws")]
mod storage_copies;
#[cfg(feature = "aws")]
mod support;
mod tagging;
mod tagging_gone;
mod test_command;
mod test_fixes;
mod trace;
mod unreadable;
#[cfg(feature = "aws")]
mod usage;
mod variants;
mod version;
mod waivers;
mod who_can;
mod words;
#[cfg(feature = "aws")]
mod writes;
