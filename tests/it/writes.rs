//! Which operations of the SDK the program can call: everywhere but in `src/aws/write/`, only those
//! that read, and those with which rolecall writes its own files to S3. No default build compiles
//! `src/aws/write/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;

/// Operations with which rolecall writes its own files.
const OWN_FILES: [&str; 7] = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "create_multipart_upload",
    "delete_object",
    "delete_objects",
    "put_object",
    "upload_part",
];

/// The operations that `src/aws/write/` calls: what rolecall can change in an account.
const CHANGES: [&str; 36] = [
    "authorize_security_group_egress",
    "authorize_security_group_ingress",
    "create_flow_logs",
    "create_tags",
    "delete_bucket_encryption",
    "delete_bucket_lifecycle",
    "delete_bucket_ownership_controls",
    "delete_bucket_policy",
    "delete_flow_logs",
    "delete_tags",
    "disable_ebs_encryption_by_default",
    "disable_image_block_public_access",
    "disable_snapshot_block_public_access",
    "enable_ebs_encryption_by_default",
    "enable_image_block_public_access",
    "enable_snapshot_block_public_access",
    "modify_client_vpn_endpoint",
    "modify_image_attribute",
    "modify_instance_metadata_defaults",
    "modify_instance_metadata_options",
    "modify_network_interface_attribute",
    "modify_snapshot_attribute",
    "modify_subnet_attribute",
    "modify_transit_gateway",
    "modify_vpn_tunnel_options",
    "put_bucket_encryption",
    "put_bucket_lifecycle_configuration",
    "put_bucket_logging",
    "put_bucket_ownership_controls",
    "put_bucket_policy",
    "put_bucket_versioning",
    "put_public_access_block",
    "revoke_security_group_egress",
    "revoke_security_group_ingress",
    "tag_resource",
    "untag_resource",
];

fn reads(operation: &str) -> bool {
    ["describe_", "get_", "list_", "head_", "search_"]
        .iter()
        .any(|verb| operation.starts_with(verb))
        || operation == "assume_role"
}

/// Every operation of the SDK crates that the program depends on.
fn operations() -> BTreeSet<String> {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        // Crates for other platforms need not be there.
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut operations = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        let service = package["name"].as_str().unwrap().strip_prefix("aws-sdk-");
        // The clients of the SDK itself, for IAM Identity Center, only get credentials.
        let Some("ec2" | "s3" | "s3control" | "sts" | "organizations") = service else { continue };
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.with_file_name("src").join("operation");
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                operations.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(operations.len() > 700, "{} operations", operations.len());
    operations
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn identifiers(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(found.insert(word.to_string())),
            TokenTree::Group(group) => identifiers(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The operations that files name, by whether they are in `src/aws/write/`.
fn named() -> BTreeMap<bool, BTreeMap<String, BTreeSet<String>>> {
    let operations = operations();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root.join("aws"), &mut all);
    files(&root.join("lambda"), &mut all);
    let mut named: BTreeMap<bool, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for path in all {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        if file.contains("/tests/") || file.ends_with("/tests.rs") {
            continue;
        }
        let mut words = BTreeSet::new();
        identifiers(fs::read_to_string(&path).unwrap().parse().unwrap(), &mut words);
        for operation in words.intersection(&operations) {
            let by_name = named.entry(file.starts_with("aws/write/")).or_default();
            by_name.entry(operation.clone()).or_default().insert(file.clone());
        }
    }
    named
}

#[test]
fn only_the_writers_of_actions_change_resources() {
    let named = named();
    let changing = |of: &BTreeMap<String, BTreeSet<String>>| {
        let changing = of.iter().filter(|(operation, _)| !reads(operation));
        changing.map(|(operation, _)| operation.clone()).collect::<BTreeSet<String>>()
    };
    let elsewhere = changing(&named[&false]);
    let own = OWN_FILES.map(str::to_owned);
    let others: Vec<_> = elsewhere
        .iter()
        .filter(|operation| !own.contains(operation))
        .map(|operation| (operation, &named[&false][operation]))
        .collect();
    assert!(others.is_empty(), "these change something: {others:?}");
    for operation in elsewhere {
        let files = &named[&false][&operation];
        assert!(
            files.iter().all(|file| file.starts_with("aws/storage/")),
            "{operation}: {files:?}"
        );
    }
    assert_eq!(changing(&named[&true]), CHANGES.map(str::to_owned).into());
    let reads_there: Vec<&String> =
        named[&true].keys().filter(|operation| reads(operation)).collect();
    assert!(reads_there.is_empty(), "the session that writes must not read: {reads_there:?}");
}

/// Only `src/aws/` knows the SDK.
#[test]
fn the_sdk_is_used_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    for path in all {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let mut words = BTreeSet::new();
        identifiers(fs::read_to_string(&path).unwrap().parse().unwrap(), &mut words);
        let sdk = words.iter().find(|word| word.starts_with("aws_sdk_"));
        assert!(sdk.is_none() || file.starts_with("aws/"), "{file} uses {sdk:?}");
    }
}

#[test]
fn no_default_build_can_change_resources() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let toml: toml::Table =
        toml::from_str(&fs::read_to_string(manifest.join("Cargo.toml")).unwrap()).unwrap();
    let features = toml["features"].as_table().unwrap();
    for (name, implied) in features {
        let implied = implied.as_array().unwrap();
        assert!(
            implied.iter().all(|feature| feature.as_str() != Some("remediate")),
            "the feature `{name}` implies `remediate`"
        );
    }
    let source = fs::read_to_string(manifest.join("src/aws/mod.rs")).unwrap();
    let file = syn::parse_file(&source).unwrap();
    let writes = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "write" => Some(module),
        _ => None,
    });
    let gated = writes.unwrap().attrs.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string() == "feature = \"remediate\""
        }
        _ => false,
    });
    assert!(gated, "`mod write` must be compiled with the feature `remediate` only");
}
