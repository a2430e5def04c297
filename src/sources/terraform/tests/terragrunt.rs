//! Units of Terragrunt.

use super::traps::{place_of, with_bucket};
use super::*;

#[test]
fn terragrunt_units_are_placed_in_their_module_or_at_their_source() {
    let module = (
        "modules/m/main.tf",
        "variable \"name\" {}\nresource \"aws_s3_bucket\" \"x\" {\n  bucket = var.name\n}\n",
    );
    for (source, wanted) in [
        (
            "\"../../modules//m\"",
            "attribute modules/m/main.tf `bucket = var.name` of aws_s3_bucket.x, called at live/prod/terragrunt.hcl `source = \"../../modules//m\"`",
        ),
        (
            "\"${get_repo_root()}/modules/m\"",
            "attribute modules/m/main.tf `bucket = var.name` of aws_s3_bucket.x, called at live/prod/terragrunt.hcl `source = \"${get_repo_root()}/modules/m\"`",
        ),
        (
            "\"${get_repo_root()}//modules/m\"",
            "attribute modules/m/main.tf `bucket = var.name` of aws_s3_bucket.x, called at live/prod/terragrunt.hcl `source = \"${get_repo_root()}//modules/m\"`",
        ),
        (
            "\"${get_terragrunt_dir()}/../../modules//m\"",
            "attribute modules/m/main.tf `bucket = var.name` of aws_s3_bucket.x, called at live/prod/terragrunt.hcl `source = \"${get_terragrunt_dir()}/../../modules//m\"`",
        ),
        (
            "\"git::https://example.com/m.git\"",
            "call live/prod/terragrunt.hcl `source = \"git::https://example.com/m.git\"` of aws_s3_bucket.x",
        ),
    ] {
        let unit = format!(
            "include {{\n  path = find_in_parent_folders()\n}}\nterraform {{\n  source = {source}\n}}\ninputs = {{\n  name = \"b\"\n}}\n"
        );
        let stack = with_bucket("aws_s3_bucket.x", &[("live/prod/terragrunt.hcl", &unit), module]);
        assert_eq!(place_of(&stack, "live/prod", &["aws_s3_bucket.bucket"]), wanted);
    }
}

const MODULE: (&str, &str) = (
    "modules/m/main.tf",
    "variable \"name\" {}\nresource \"aws_s3_bucket\" \"x\" {\n  bucket = var.name\n}\n",
);

#[test]
fn files_beside_terragrunt_belong_to_its_module() {
    let provider = ("live/prod/provider.tf", "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n");
    let own = ("live/prod/own.tf", "resource \"aws_s3_bucket\" \"own\" {}\n");
    let call = ("live/prod/call.tf", "module \"c\" {\n  source = \"example/c\"\n}\n");
    let unit = |source: &str| format!("terraform {{\n  source = \"{source}\"\n}}\n");
    let (here, elsewhere) = (unit("../../modules//m"), unit("git::https://example.com/m.git"));
    let of_call = "live/prod/terragrunt.hcl `source = \"git::https://example.com/m.git\"`";
    for (text, address, wanted) in [
        (&here, "aws_s3_bucket.x", "block modules/m/main.tf `resource \"aws_s3_bucket\" \"x\"` of aws_s3_bucket.x, called at live/prod/terragrunt.hcl `source = \"../../modules//m\"`".to_owned()),
        (&here, "aws_s3_bucket.own", "block live/prod/own.tf `resource \"aws_s3_bucket\" \"own\"` of aws_s3_bucket.own, called at live/prod/terragrunt.hcl `source = \"../../modules//m\"`".to_owned()),
        (&here, "module.other.aws_s3_bucket.x", "not found `module.other.aws_s3_bucket.x`: not found in the code".to_owned()),
        (&elsewhere, "aws_s3_bucket.x", format!("call {of_call} of aws_s3_bucket.x")),
        (&elsewhere, "module.other.aws_s3_bucket.x", format!("call {of_call} of module.other.aws_s3_bucket.x")),
        (&elsewhere, "module.c.aws_s3_bucket.x", "call live/prod/call.tf `module \"c\"` of module.c.aws_s3_bucket.x".to_owned()),
    ] {
        let files = [("live/prod/terragrunt.hcl", text.as_str()), provider, own, call, MODULE];
        let stack = with_bucket(address, &files);
        assert_eq!(place_of(&stack, "live/prod", &[]), wanted, "{text}");
    }
}

#[test]
fn a_unit_whose_module_is_named_elsewhere_says_what_to_do() {
    let unit =
        ("live/prod/terragrunt.hcl", "include \"common\" {\n  path = \"../common.hcl\"\n}\n");
    let remedy = "use the folder with the `*.tf` files of the module";
    let stack = with_bucket("aws_s3_bucket.x", &[unit, MODULE]);
    let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
    let error = Root::open(&repository, Path::new("live/prod"), Vec::new(), &[]).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("`terragrunt.hcl` does not name") && error.contains(remedy), "{error}");
    stack.write("live/prod/provider.tf", "provider \"aws\" {}\n");
    let found = place_of(&stack, "live/prod", &[]);
    assert!(found.contains("`terragrunt.hcl` does not name") && found.contains(remedy), "{found}");
}

#[test]
fn a_stack_of_units_says_what_to_do() {
    let stack =
        Stack::of(&[("live/terragrunt.stack.hcl", "unit \"web\" {\n  path = \"web\"\n}\n")]);
    let repository = Repository::open(stack.folder.path(), Some(stack.folder.path())).unwrap();
    let error = Root::open(&repository, Path::new("live"), Vec::new(), &[]).unwrap_err();
    assert!(error.to_string().contains("use the folders of the units"), "{error}");
}
