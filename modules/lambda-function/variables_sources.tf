variable "stream_sources" {
  description = <<-EOT
    DynamoDB streams the function reads, by a name of the caller's choice (a static string; ARNs go in the values).
    The handler answers with batchItemFailures. filters are JSON event patterns of which one must match.
    After maximum_retry_attempts what is left of the batch goes to failure_queue_arn; without a queue it is lost.
    stream_kms_key_arn and failure_queue_kms_key_arn are needed where table or queue use a customer managed key.
  EOT
  type = map(object({
    stream_arn                         = string
    batch_size                         = optional(number, 100)
    maximum_batching_window_in_seconds = optional(number, 0)
    starting_position                  = optional(string, "TRIM_HORIZON")
    maximum_retry_attempts             = optional(number, 5)
    bisect_batch_on_function_error     = optional(bool, true)
    parallelization_factor             = optional(number, 1)
    filters                            = optional(list(string), [])
    failure_queue_arn                  = optional(string)
    stream_kms_key_arn                 = optional(string)
    failure_queue_kms_key_arn          = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) : can(regex(":dynamodb:[^:]*:[^:]*:table/[^/]+/stream/", source.stream_arn))
    ])
    error_message = "stream_sources: stream_arn is no DynamoDB stream in ${join(", ", [
      for key, source in var.stream_sources : key
      if !can(regex(":dynamodb:[^:]*:[^:]*:table/[^/]+/stream/", source.stream_arn))
    ])}: pass the table's stream_arn, not its arn."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) : source.batch_size >= 1 && source.batch_size <= 10000
    ])
    error_message = "stream_sources: batch_size is outside 1 to 10000 in ${join(", ", [
      for key, source in var.stream_sources : key if source.batch_size < 1 || source.batch_size > 10000
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) :
      source.maximum_batching_window_in_seconds >= 0 && source.maximum_batching_window_in_seconds <= 300
    ])
    error_message = "stream_sources: maximum_batching_window_in_seconds is outside 0 to 300 in ${join(", ", [
      for key, source in var.stream_sources : key
      if source.maximum_batching_window_in_seconds < 0 || source.maximum_batching_window_in_seconds > 300
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) : contains(["TRIM_HORIZON", "LATEST"], source.starting_position)
    ])
    error_message = "stream_sources: starting_position is neither TRIM_HORIZON nor LATEST in ${join(", ", [
      for key, source in var.stream_sources : key if !contains(["TRIM_HORIZON", "LATEST"], source.starting_position)
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) :
      source.maximum_retry_attempts >= -1 && source.maximum_retry_attempts <= 10000
    ])
    error_message = "stream_sources: maximum_retry_attempts is outside -1 (until the record expires) to 10000 in ${join(", ", [
      for key, source in var.stream_sources : key
      if source.maximum_retry_attempts < -1 || source.maximum_retry_attempts > 10000
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) : source.parallelization_factor >= 1 && source.parallelization_factor <= 10
    ])
    error_message = "stream_sources: parallelization_factor is outside 1 to 10 in ${join(", ", [
      for key, source in var.stream_sources : key
      if source.parallelization_factor < 1 || source.parallelization_factor > 10
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.stream_sources) :
      length(source.filters) <= 5 && alltrue([for filter in source.filters : can(jsondecode(filter))])
    ])
    error_message = "stream_sources: filters are no JSON or more than 5 in ${join(", ", [
      for key, source in var.stream_sources : key
      if length(source.filters) > 5 || !alltrue([for filter in source.filters : can(jsondecode(filter))])
    ])}: build each with jsonencode."
  }
}
