variable "queue_sources" {
  description = <<-EOT
    SQS queues the function reads, by a name of the caller's choice (a static string; ARNs go in the values). The handler
    answers with batchItemFailures. A batch waits for maximum_batching_window_in_seconds to fill up; maximum_concurrency
    bounds how many run at once. queue_kms_key_arn is needed where the queue uses a customer managed key. Give the queue a
    visibility timeout of six times the function's timeout, and a dead-letter queue.
  EOT
  type = map(object({
    queue_arn                          = string
    batch_size                         = optional(number, 10)
    maximum_batching_window_in_seconds = optional(number, 0)
    maximum_concurrency                = optional(number)
    queue_kms_key_arn                  = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for source in values(var.queue_sources) : can(regex("^arn:[^:]*:sqs:", source.queue_arn)) && !endswith(source.queue_arn, ".fifo")
    ])
    error_message = "queue_sources: queue_arn is no standard queue in ${join(", ", [
      for key, source in var.queue_sources : key
      if !can(regex("^arn:[^:]*:sqs:", source.queue_arn)) || endswith(source.queue_arn, ".fifo")
    ])}: pass the ARN of one whose retries do not block what comes behind them."
  }

  validation {
    condition = alltrue([
      for source in values(var.queue_sources) :
      source.maximum_batching_window_in_seconds >= 0 && source.maximum_batching_window_in_seconds <= 300
    ])
    error_message = "queue_sources: maximum_batching_window_in_seconds is outside 0 to 300 in ${join(", ", [
      for key, source in var.queue_sources : key
      if source.maximum_batching_window_in_seconds < 0 || source.maximum_batching_window_in_seconds > 300
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.queue_sources) :
      source.batch_size >= 1 && source.batch_size <= (source.maximum_batching_window_in_seconds == 0 ? 10 : 10000)
    ])
    error_message = "queue_sources: batch_size is outside 1 to 10 (10000 with a batching window) in ${join(", ", [
      for key, source in var.queue_sources : key
      if source.batch_size < 1 || source.batch_size > (source.maximum_batching_window_in_seconds == 0 ? 10 : 10000)
    ])}."
  }

  validation {
    condition = alltrue([
      for source in values(var.queue_sources) :
      source.maximum_concurrency == null ? true : source.maximum_concurrency >= 2 && source.maximum_concurrency <= 1000
    ])
    error_message = "queue_sources: maximum_concurrency is outside 2 to 1000 in ${join(", ", [
      for key, source in var.queue_sources : key
      if source.maximum_concurrency == null ? false : source.maximum_concurrency < 2 || source.maximum_concurrency > 1000
    ])}: Lambda cannot keep a queue to a single run; reserve concurrency for that."
  }
}
