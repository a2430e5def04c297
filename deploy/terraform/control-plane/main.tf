# The same as deploy/control-plane.cloudformation.yaml, in Terraform; a test compares them. docs/control-plane.md explains it.

resource "aws_iam_role" "function" {
  name                 = "${var.name}-function"
  description          = "Function of rolecall, a compliance scanner"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  assume_role_policy   = data.aws_iam_policy_document.function_trust.json
}

resource "aws_iam_role_policy" "function" {
  name   = "rolecall-function"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

resource "aws_lambda_function" "scan" {
  # checkov:skip=CKV_AWS_115:MaxConcurrency of the state machine limits it; a reservation would take from other functions.
  # checkov:skip=CKV_AWS_117:It calls only public endpoints of AWS, over TLS.
  # checkov:skip=CKV_AWS_173:Lambda encrypts variables with its own key. Administrators may see the external id.
  # checkov:skip=CKV_AWS_272:Releases have checksums and attestations, which CI verifies; signing would need a profile in each account.
  # checkov:skip=CKV_AWS_50:Runs are rare and logged; tracing would cost and show nothing more.
  function_name     = var.name
  description       = "rolecall, a compliance scanner"
  runtime           = "provided.al2023"
  handler           = "bootstrap"
  architectures     = [var.architecture]
  memory_size       = var.memory
  timeout           = 900
  role              = aws_iam_role.function.arn
  s3_bucket         = var.code_bucket
  s3_key            = var.code_key
  s3_object_version = local.has_code_version ? var.code_version : null

  ephemeral_storage {
    size = 2048
  }
  dead_letter_config {
    target_arn = local.queue
  }
  environment {
    variables = {
      ROLECALL_BUCKET        = local.bucket
      ROLECALL_EXTERNAL_ID   = var.external_id
      ROLECALL_CONFIG_SHA256 = var.config_sha256
    }
  }

  # The log group first: Lambda would create one without retention. The policy: Lambda checks that the role can use the queue.
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function, aws_sqs_queue.dead_letters]
}

resource "aws_lambda_function_event_invoke_config" "scan" {
  count                        = local.uses_single_function ? 1 : 0
  function_name                = aws_lambda_function.scan.function_name
  qualifier                    = "$LATEST"
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600
}

resource "aws_iam_role" "machine" {
  count                = local.uses_machine ? 1 : 0
  name                 = "${var.name}-machine"
  description          = "State machine of rolecall, a compliance scanner"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  assume_role_policy   = data.aws_iam_policy_document.machine_trust.json
}

resource "aws_iam_role_policy" "machine" {
  count  = local.uses_machine ? 1 : 0
  name   = "rolecall-machine"
  role   = aws_iam_role.machine[0].id
  policy = data.aws_iam_policy_document.machine.json
}

resource "aws_sfn_state_machine" "run" {
  # checkov:skip=CKV_AWS_284:Runs are rare and logged; tracing would cost and show nothing more.
  count    = local.uses_machine ? 1 : 0
  name     = var.name
  type     = "STANDARD"
  role_arn = aws_iam_role.machine[0].arn
  definition = replace(
    templatefile("${path.module}/../../state-machine.asl.json", { Function = local.function, Bucket = local.bucket }),
    "arn:aws:states:::", "arn:${local.partition}:states:::",
  )
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.machine[0].arn}:*"
  }

  depends_on = [aws_iam_role_policy.machine]
}

resource "aws_iam_role" "scheduler" {
  name                 = "${var.name}-scheduler"
  description          = "Schedule of rolecall, a compliance scanner"
  permissions_boundary = local.has_permissions_boundary ? var.permissions_boundary_arn : null
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "rolecall-scheduler"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_scheduler_schedule" "nightly" {
  # checkov:skip=CKV_AWS_297:The payload is the shard size; EventBridge encrypts it with its own key.
  name                         = var.name
  description                  = "Starts a scan of rolecall"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.time_zone

  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = local.uses_machine ? local.machine : local.function
    role_arn = aws_iam_role.scheduler.arn
    # A retry by Lambda has the same run, and collects only what is missing.
    input = local.uses_machine ? "{\"shard_size\":${var.shard_size}}" : "{\"v\":1,\"action\":\"scan\",\"run\":\"<aws.scheduler.execution-id>\"}"

    retry_policy {
      maximum_retry_attempts       = 10
      maximum_event_age_in_seconds = 7200
    }
    dead_letter_config {
      arn = local.queue
    }
  }

  depends_on = [aws_sfn_state_machine.run, aws_lambda_function.scan, aws_iam_role_policy.scheduler]
}

output "bucket" {
  description = "Bucket for config, runs and reports."
  value       = aws_s3_bucket.runs.id
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.scan.arn
}

output "function_role_arn" {
  description = "ARN of the function's role. Use it as central_principal_arn of the target roles."
  value       = aws_iam_role.function.arn
}

output "machine_arn" {
  description = "ARN of the state machine."
  value       = local.uses_machine ? aws_sfn_state_machine.run[0].arn : null
}

output "dead_letters" {
  description = "URL of the queue of what could not be started."
  value       = aws_sqs_queue.dead_letters.url
}
