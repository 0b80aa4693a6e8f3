variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,76}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 76 letters, digits, hyphens and underscores (the dead-letter queue is name-dlq, and a queue name ends at 80)."
  }
}

variable "event_bus_name" {
  description = "Event bus the rules listen on."
  type        = string
  default     = "default"
  nullable    = false
}

variable "rules" {
  description = <<-EOT
    Rules whose events go to the queue as they are, by a name of the caller's choice (a static string); the rule is called
    <name>-<key>. event_pattern is JSON text.
  EOT
  type = map(object({
    description   = string
    event_pattern = string
    enabled       = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for key in keys(var.rules) : can(regex("^[A-Za-z0-9._-]{1,64}$", "${var.name}-${key}"))])
    error_message = "rules: EventBridge refuses the name of ${join(", ", [
      for key in keys(var.rules) : "${var.name}-${key}" if !can(regex("^[A-Za-z0-9._-]{1,64}$", "${var.name}-${key}"))
    ])}: <name>-<key> takes at most 64 letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition = alltrue([for rule in values(var.rules) : can(keys(jsondecode(rule.event_pattern)))])
    error_message = "rules: event_pattern is no JSON object in ${join(", ", [
      for key, rule in var.rules : key if !can(keys(jsondecode(rule.event_pattern)))
    ])}: build it with jsonencode."
  }
}

variable "queue" {
  description = <<-EOT
    Settings of the queue. visibility_timeout_seconds should exceed the longest time a consumer holds a message (300 for a
    pipe into an Express machine); max_receive_count deliveries later a message goes to the dead-letter queue (5 or more,
    or throttling alone sends good messages there).
  EOT
  type = object({
    visibility_timeout_seconds    = optional(number, 360)
    max_receive_count             = optional(number, 6)
    message_retention_seconds     = optional(number, 1209600)
    dead_letter_retention_seconds = optional(number, 1209600)
    receive_wait_time_seconds     = optional(number, 20)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.queue.visibility_timeout_seconds >= 0 && var.queue.visibility_timeout_seconds <= 43200
    error_message = "queue.visibility_timeout_seconds is ${var.queue.visibility_timeout_seconds}: SQS takes 0 to 43200."
  }

  validation {
    condition     = var.queue.max_receive_count >= 1 && var.queue.max_receive_count <= 1000
    error_message = "queue.max_receive_count is ${var.queue.max_receive_count}: SQS takes 1 to 1000."
  }

  validation {
    condition     = var.queue.message_retention_seconds >= 60 && var.queue.message_retention_seconds <= 1209600
    error_message = "queue.message_retention_seconds is ${var.queue.message_retention_seconds}: SQS takes 60 to 1209600 (14 days)."
  }

  validation {
    # A message keeps the time it was first sent when it moves to the dead-letter queue, so it would expire there at once.
    condition = (
      var.queue.dead_letter_retention_seconds >= var.queue.message_retention_seconds &&
      var.queue.dead_letter_retention_seconds <= 1209600
    )
    error_message = "queue.dead_letter_retention_seconds is ${var.queue.dead_letter_retention_seconds}: use at least queue.message_retention_seconds and at most 1209600, since the clock does not restart in the dead-letter queue."
  }

  validation {
    condition     = var.queue.receive_wait_time_seconds >= 0 && var.queue.receive_wait_time_seconds <= 20
    error_message = "queue.receive_wait_time_seconds is ${var.queue.receive_wait_time_seconds}: SQS takes 0 to 20."
  }
}

variable "kms_key_arn" {
  description = "ARN of the customer managed KMS key that encrypts what the module stores; null leaves it to the service's own encryption."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags put on every resource of the module that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false
}
