resource "aws_cloudwatch_metric_alarm" "run_failed" {
  count               = local.uses_machine ? 1 : 0
  alarm_name          = "${var.name}-run-failed"
  alarm_description   = "A run of rolecall failed, timed out, was aborted, or is incomplete (exit code 3). See the execution of the state machine."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null

  metric_query {
    id          = "bad"
    expression  = "FILL(failed, 0) + FILL(timedout, 0) + FILL(aborted, 0)"
    label       = "Runs that failed, timed out or were aborted"
    return_data = true
  }
  metric_query {
    id          = "failed"
    return_data = false
    metric {
      namespace   = "AWS/States"
      metric_name = "ExecutionsFailed"
      period      = 300
      stat        = "Sum"
      dimensions = {
        StateMachineArn = local.machine
      }
    }
  }
  metric_query {
    id          = "timedout"
    return_data = false
    metric {
      namespace   = "AWS/States"
      metric_name = "ExecutionsTimedOut"
      period      = 300
      stat        = "Sum"
      dimensions = {
        StateMachineArn = local.machine
      }
    }
  }
  metric_query {
    id          = "aborted"
    return_data = false
    metric {
      namespace   = "AWS/States"
      metric_name = "ExecutionsAborted"
      period      = 300
      stat        = "Sum"
      dimensions = {
        StateMachineArn = local.machine
      }
    }
  }
}

# An alarm with periods of an hour can look back for up to seven days; with shorter ones, for one day.
resource "aws_cloudwatch_metric_alarm" "no_run" {
  count               = local.watches_machine ? 1 : 0
  alarm_name          = "${var.name}-no-run"
  alarm_description   = "No run of rolecall started for ${var.no_run_hours} hours."
  namespace           = "AWS/States"
  metric_name         = "ExecutionsStarted"
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = var.no_run_hours
  datapoints_to_alarm = var.no_run_hours
  treat_missing_data  = "breaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null

  dimensions = {
    StateMachineArn = local.machine
  }
}

resource "aws_cloudwatch_metric_alarm" "function_failed" {
  count               = local.uses_single_function ? 1 : 0
  alarm_name          = "${var.name}-run-failed"
  alarm_description   = "The function of rolecall failed. See its log."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null

  dimensions = {
    FunctionName = var.name
  }
}

resource "aws_cloudwatch_log_metric_filter" "incomplete" {
  count          = local.uses_single_function ? 1 : 0
  name           = "${var.name}-incomplete"
  log_group_name = aws_cloudwatch_log_group.function.name
  # The function logs its answer, as JSON in one line.
  pattern = "\"\\\"exit\\\":3\""

  metric_transformation {
    namespace     = var.name
    name          = "IncompleteRuns"
    value         = "1"
    default_value = 0
  }
}

resource "aws_cloudwatch_metric_alarm" "run_incomplete" {
  count               = local.uses_single_function ? 1 : 0
  alarm_name          = "${var.name}-run-incomplete"
  alarm_description   = "A run of rolecall is incomplete (exit code 3). See the log of the function."
  namespace           = var.name
  metric_name         = "IncompleteRuns"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null
}

resource "aws_cloudwatch_metric_alarm" "no_invocation" {
  count               = local.watches_function ? 1 : 0
  alarm_name          = "${var.name}-no-run"
  alarm_description   = "No run of rolecall started for ${var.no_run_hours} hours."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = var.no_run_hours
  datapoints_to_alarm = var.no_run_hours
  treat_missing_data  = "breaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null

  dimensions = {
    FunctionName = var.name
  }
}

resource "aws_cloudwatch_metric_alarm" "not_started" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "A run of rolecall could not be started, or the function failed three times. The message in the queue has the cause."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.has_topic ? [var.alarm_topic_arn] : null

  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
}
