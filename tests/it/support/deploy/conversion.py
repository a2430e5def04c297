"""What a CloudFormation template creates, as the resources and attributes of the Terraform provider. Every property
must be named here: a new one is an error until both have it."""

import json

# Logical id → the name in Terraform.
NAMES = {
    "Bucket": "runs",
    "DeadLetters": "dead_letters",
    "FunctionLog": "function",
    "MachineLog": "machine",
    "FunctionRole": "function",
    "MachineRole": "machine",
    "SchedulerRole": "scheduler",
    "Function": "scan",
    "FunctionRetries": "scan",
    "Machine": "run",
    "Nightly": "nightly",
    "IncompleteRuns": "incomplete",
    "RunFailed": "run_failed",
    "NoRun": "no_run",
    "FunctionFailed": "function_failed",
    "RunIncomplete": "run_incomplete",
    "NoInvocation": "no_invocation",
    "NotStarted": "not_started",
    "Role": "target",
    "WriteRole": "write",
    "GitHubRole": "github",
    "InstanceRole": "instance",
    "InstanceProfile": "instance",
}
# Roles whose inline policy has another name in Terraform.
POLICIES = {"target": "read"}


def renamed(one, names):
    """The properties of `names`, which are removed."""
    return {new: one.pop(old) for old, new in names.items() if old in one}


def convert(resources):
    made = {}
    for logical, one in resources.items():
        left = dict(one["Properties"])
        for name, attributes in CONVERSIONS[one["Type"]](NAMES.get(logical), left).items():
            made[name] = attributes
        assert not left, f"{logical}: not compared: {left}"
    return made


def bucket(name, one):
    bucket = one.pop("BucketName")
    made = {f"aws_s3_bucket.{name}": {}}
    rules = one.pop("OwnershipControls")["Rules"]
    made[f"aws_s3_bucket_ownership_controls.{name}"] = {
        "rule": [renamed(rule, {"ObjectOwnership": "object_ownership"}) for rule in rules]
    }
    block = one.pop("PublicAccessBlockConfiguration")
    made[f"aws_s3_bucket_public_access_block.{name}"] = renamed(
        block,
        {
            "BlockPublicAcls": "block_public_acls",
            "BlockPublicPolicy": "block_public_policy",
            "IgnorePublicAcls": "ignore_public_acls",
            "RestrictPublicBuckets": "restrict_public_buckets",
        },
    )
    (rule,) = one.pop("BucketEncryption")["ServerSideEncryptionConfiguration"]
    default = renamed(
        rule.pop("ServerSideEncryptionByDefault"),
        {"SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id"},
    )
    made[f"aws_s3_bucket_server_side_encryption_configuration.{name}"] = {
        "rule": [
            renamed(rule, {"BucketKeyEnabled": "bucket_key_enabled"})
            | {"apply_server_side_encryption_by_default": [default]}
        ]
    }
    made[f"aws_s3_bucket_versioning.{name}"] = {
        "versioning_configuration": [{"status": one.pop("VersioningConfiguration")["Status"]}]
    }
    lifecycle = []
    for rule in one.pop("LifecycleConfiguration")["Rules"]:
        to = {"id": rule.pop("Id"), "status": rule.pop("Status"), "filter": [{"prefix": rule.pop("Prefix")}]}
        expiration = renamed(
            rule, {"ExpirationInDays": "days", "ExpiredObjectDeleteMarker": "expired_object_delete_marker"}
        )
        if expiration:
            to["expiration"] = [expiration]
        if abort := rule.pop("AbortIncompleteMultipartUpload", None):
            to["abort_incomplete_multipart_upload"] = [
                {"days_after_initiation": abort["DaysAfterInitiation"]}
            ]
        if noncurrent := rule.pop("NoncurrentVersionExpiration", None):
            to["noncurrent_version_expiration"] = [{"noncurrent_days": noncurrent["NoncurrentDays"]}]
        assert not rule, rule
        lifecycle.append(to)
    made[f"aws_s3_bucket_lifecycle_configuration.{name}"] = {"rule": lifecycle}
    return {name: {"bucket": bucket} | attributes for name, attributes in made.items()}


def bucket_policy(_, one):
    return {"aws_s3_bucket_policy.runs": {"bucket": one.pop("Bucket"), "policy": one.pop("PolicyDocument")}}


def queue(name, one):
    names = {
        "QueueName": "name",
        "MessageRetentionPeriod": "message_retention_seconds",
        "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
    }
    return {f"aws_sqs_queue.{name}": renamed(one, names)}


def log_group(name, one):
    names = {"LogGroupName": "name", "RetentionInDays": "retention_in_days"}
    return {f"aws_cloudwatch_log_group.{name}": renamed(one, names)}


def role(name, one):
    (policy,) = one.pop("Policies")
    names = {
        "RoleName": "name",
        "Path": "path",
        "Description": "description",
        "PermissionsBoundary": "permissions_boundary",
        "MaxSessionDuration": "max_session_duration",
        "AssumeRolePolicyDocument": "assume_role_policy",
    }
    made = renamed(one, names)
    inline = {"name": policy["PolicyName"], "role": made["name"], "policy": policy["PolicyDocument"]}
    return {f"aws_iam_role.{name}": made, f"aws_iam_role_policy.{POLICIES.get(name, name)}": inline}


def instance_profile(name, one):
    (role,) = one.pop("Roles")
    return {f"aws_iam_instance_profile.{name}": {"name": one.pop("InstanceProfileName"), "role": role}}


def function(name, one):
    code = one.pop("Code")
    made = renamed(
        one,
        {
            "FunctionName": "function_name",
            "Description": "description",
            "Runtime": "runtime",
            "Handler": "handler",
            "Architectures": "architectures",
            "MemorySize": "memory_size",
            "Timeout": "timeout",
            "Role": "role",
        },
    )
    made |= renamed(code, {"S3Bucket": "s3_bucket", "S3Key": "s3_key", "S3ObjectVersion": "s3_object_version"})
    made["ephemeral_storage"] = [{"size": one.pop("EphemeralStorage")["Size"]}]
    made["dead_letter_config"] = [{"target_arn": one.pop("DeadLetterConfig")["TargetArn"]}]
    made["environment"] = [{"variables": one.pop("Environment")["Variables"]}]
    return {f"aws_lambda_function.{name}": made}


def retries(name, one):
    names = {
        "FunctionName": "function_name",
        "Qualifier": "qualifier",
        "MaximumRetryAttempts": "maximum_retry_attempts",
        "MaximumEventAgeInSeconds": "maximum_event_age_in_seconds",
    }
    return {f"aws_lambda_function_event_invoke_config.{name}": renamed(one, names)}


def machine(name, one):
    logging = one.pop("LoggingConfiguration")
    (destination,) = logging.pop("Destinations")
    values = one.pop("DefinitionSubstitutions")
    definition = json.dumps(one.pop("Definition"))
    for placeholder, value in values.items():
        definition = definition.replace(f"${{{placeholder}}}", value)
    made = renamed(one, {"StateMachineName": "name", "StateMachineType": "type", "RoleArn": "role_arn"})
    made["definition"] = definition
    made["logging_configuration"] = [
        renamed(logging, {"Level": "level", "IncludeExecutionData": "include_execution_data"})
        | {"log_destination": destination["CloudWatchLogsLogGroup"]["LogGroupArn"]}
    ]
    return {f"aws_sfn_state_machine.{name}": made}


def schedule(name, one):
    target = one.pop("Target")
    retry = {
        "MaximumRetryAttempts": "maximum_retry_attempts",
        "MaximumEventAgeInSeconds": "maximum_event_age_in_seconds",
    }
    to = {"retry_policy": [renamed(target.pop("RetryPolicy"), retry)]}
    to["dead_letter_config"] = [{"arn": target.pop("DeadLetterConfig")["Arn"]}]
    to |= renamed(target, {"Arn": "arn", "RoleArn": "role_arn", "Input": "input"})
    assert not target, target
    names = {
        "Name": "name",
        "Description": "description",
        "ScheduleExpression": "schedule_expression",
        "ScheduleExpressionTimezone": "schedule_expression_timezone",
    }
    window = {"mode": one.pop("FlexibleTimeWindow")["Mode"]}
    made = renamed(one, names) | {"flexible_time_window": [window], "target": [to]}
    return {f"aws_scheduler_schedule.{name}": made}


def dimensions(one):
    return {pair["Name"]: pair["Value"] for pair in one}


def alarm(name, one):
    queries = []
    for query in one.pop("Metrics", []):
        to = renamed(
            query, {"Id": "id", "Expression": "expression", "Label": "label", "ReturnData": "return_data"}
        )
        if stat := query.pop("MetricStat", None):
            metric = stat["Metric"]
            to["metric"] = [
                {
                    "namespace": metric["Namespace"],
                    "metric_name": metric["MetricName"],
                    "period": stat["Period"],
                    "stat": stat["Stat"],
                    "dimensions": dimensions(metric["Dimensions"]),
                }
            ]
        assert not query, query
        queries.append(to)
    made = {"metric_query": queries} if queries else {}
    if "Dimensions" in one:
        made["dimensions"] = dimensions(one.pop("Dimensions"))
    made |= renamed(
        one,
        {
            "AlarmName": "alarm_name",
            "AlarmDescription": "alarm_description",
            "Namespace": "namespace",
            "MetricName": "metric_name",
            "Statistic": "statistic",
            "ComparisonOperator": "comparison_operator",
            "Threshold": "threshold",
            "Period": "period",
            "EvaluationPeriods": "evaluation_periods",
            "DatapointsToAlarm": "datapoints_to_alarm",
            "TreatMissingData": "treat_missing_data",
            "AlarmActions": "alarm_actions",
        },
    )
    return {f"aws_cloudwatch_metric_alarm.{name}": made}


def metric_filter(name, one):
    (metric,) = one.pop("MetricTransformations")
    names = {
        "MetricNamespace": "namespace",
        "MetricName": "name",
        "MetricValue": "value",
        "DefaultValue": "default_value",
    }
    made = renamed(one, {"FilterName": "name", "LogGroupName": "log_group_name", "FilterPattern": "pattern"})
    made["metric_transformation"] = [renamed(metric, names)]
    return {f"aws_cloudwatch_log_metric_filter.{name}": made}


CONVERSIONS = {
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SQS::Queue": queue,
    "AWS::Logs::LogGroup": log_group,
    "AWS::IAM::Role": role,
    "AWS::IAM::InstanceProfile": instance_profile,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::EventInvokeConfig": retries,
    "AWS::StepFunctions::StateMachine": machine,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::Logs::MetricFilter": metric_filter,
}
