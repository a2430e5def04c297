data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name

  bucket   = "${var.name}-${local.account}-${local.region}"
  function = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}"
  machine  = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}"
  queue    = "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-dead-letters"

  uses_machine             = var.mode == "StateMachine"
  uses_single_function     = var.mode == "SingleFunction"
  watches_machine          = var.no_run_hours > 0 ? local.uses_machine : false
  watches_function         = var.no_run_hours > 0 ? local.uses_single_function : false
  has_code_version         = var.code_version != ""
  reads_organization       = var.reads_organization
  has_key                  = var.bucket_key_arn != ""
  has_topic                = var.alarm_topic_arn != ""
  has_permissions_boundary = var.permissions_boundary_arn != ""
}
