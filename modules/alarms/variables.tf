variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^*?]{1,200}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 200 characters; alarms are called name-key, and an alarm name ends at 255."
  }
}

variable "alarms" {
  description = <<-EOT
    Metric alarms by a name of the caller's choice (a static string); the alarm is called <name>-<key>. The description
    is what the person woken up reads: say what to do. statistic is Sum, Average, Minimum, Maximum, SampleCount or a
    percentile such as p99. No data means no alarm unless treat_missing_data says otherwise.
  EOT
  type = map(object({
    description         = string
    namespace           = string
    metric_name         = string
    dimensions          = optional(map(string), {})
    statistic           = optional(string, "Sum")
    period              = optional(number, 60)
    evaluation_periods  = optional(number, 1)
    datapoints_to_alarm = optional(number)
    threshold           = number
    comparison_operator = optional(string, "GreaterThanThreshold")
    treat_missing_data  = optional(string, "notBreaching")
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for key in keys(var.alarms) : length("${var.name}-${key}") <= 255])
    error_message = "alarms: the alarm name is longer than 255 characters for ${join(", ", [
      for key in keys(var.alarms) : key if length("${var.name}-${key}") > 255
    ])}: shorten name or the key."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) :
      can(regex("^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\\.[0-9]+)?)$", alarm.statistic))
    ])
    error_message = "alarms: statistic is unknown in ${join(", ", [
      for key, alarm in var.alarms : key
      if !can(regex("^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\\.[0-9]+)?)$", alarm.statistic))
    ])}: use Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) : contains([10, 20, 30], alarm.period) || (alarm.period > 0 && alarm.period % 60 == 0)
    ])
    error_message = "alarms: period is wrong in ${join(", ", [
      for key, alarm in var.alarms : key
      if !(contains([10, 20, 30], alarm.period) || (alarm.period > 0 && alarm.period % 60 == 0))
    ])}: use 10, 20, 30 or a multiple of 60 seconds."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) :
      alarm.datapoints_to_alarm == null ? true : (
        alarm.datapoints_to_alarm >= 1 && alarm.datapoints_to_alarm <= alarm.evaluation_periods
      )
    ])
    error_message = "alarms: datapoints_to_alarm is not between 1 and evaluation_periods in ${join(", ", [
      for key, alarm in var.alarms : key
      if alarm.datapoints_to_alarm == null ? false : (
        alarm.datapoints_to_alarm < 1 || alarm.datapoints_to_alarm > alarm.evaluation_periods
      )
    ])}."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) : contains(local.comparison_operators, alarm.comparison_operator)
    ])
    error_message = "alarms: comparison_operator is unknown in ${join(", ", [
      for key, alarm in var.alarms : key if !contains(local.comparison_operators, alarm.comparison_operator)
    ])}: use ${join(", ", local.comparison_operators)}."
  }

  validation {
    condition = alltrue([
      for alarm in values(var.alarms) : contains(["breaching", "notBreaching", "ignore", "missing"], alarm.treat_missing_data)
    ])
    error_message = "alarms: treat_missing_data is unknown in ${join(", ", [
      for key, alarm in var.alarms : key
      if !contains(["breaching", "notBreaching", "ignore", "missing"], alarm.treat_missing_data)
    ])}: use breaching, notBreaching, ignore or missing."
  }
}

variable "alarm_actions" {
  description = "ARNs notified when an alarm goes off, usually one SNS topic."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "ok_actions" {
  description = "ARNs notified when an alarm is over."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}
