variable "name_prefix" {
  description = "Put in front of every table's key to make its name."
  type        = string
  default     = ""
  nullable    = false
}

variable "tables" {
  description = <<-EOT
    Tables by name without the prefix (a static string). attributes gives each key attribute its type, S, N or B.
    stream_view_type switches the stream on, ttl_attribute expiry. Billed per request.
  EOT
  type = map(object({
    hash_key   = string
    range_key  = optional(string)
    attributes = map(string)
    global_secondary_indexes = optional(map(object({
      hash_key           = string
      range_key          = optional(string)
      projection_type    = optional(string, "ALL")
      non_key_attributes = optional(list(string))
    })), {})
    stream_view_type       = optional(string)
    ttl_attribute          = optional(string)
    point_in_time_recovery = optional(bool, true)
    deletion_protection    = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for key in keys(var.tables) : can(regex("^[A-Za-z0-9._-]{3,255}$", "${var.name_prefix}${key}"))])
    error_message = "tables: DynamoDB refuses the name of ${join(", ", [
      for key in keys(var.tables) : "${var.name_prefix}${key}"
      if !can(regex("^[A-Za-z0-9._-]{3,255}$", "${var.name_prefix}${key}"))
    ])}: 3 to 255 letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [for type in values(table.attributes) : contains(["S", "N", "B"], type)]
    ]))
    error_message = "tables: an attribute type is not S, N or B in ${join(", ", [
      for key, table in var.tables : key if !alltrue([for type in values(table.attributes) : contains(["S", "N", "B"], type)])
    ])}."
  }

  validation {
    condition = alltrue([
      for table in values(var.tables) :
      table.stream_view_type == null ? true : contains(local.stream_view_types, table.stream_view_type)
    ])
    error_message = "tables: stream_view_type is unknown in ${join(", ", [
      for key, table in var.tables : key
      if table.stream_view_type == null ? false : !contains(local.stream_view_types, table.stream_view_type)
    ])}: use ${join(", ", local.stream_view_types)} or leave it out."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for index in values(table.global_secondary_indexes) : contains(["ALL", "KEYS_ONLY", "INCLUDE"], index.projection_type)
      ]
    ]))
    error_message = "tables: projection_type is not ALL, KEYS_ONLY or INCLUDE in ${join(", ", flatten([
      for key, table in var.tables : [
        for index_key, index in table.global_secondary_indexes : "${key}/${index_key}"
        if !contains(["ALL", "KEYS_ONLY", "INCLUDE"], index.projection_type)
      ]
    ]))}."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for index in values(table.global_secondary_indexes) :
        (index.projection_type == "INCLUDE") == (index.non_key_attributes != null)
      ]
    ]))
    error_message = "tables: non_key_attributes goes with projection_type INCLUDE and only with it; wrong in ${join(", ", flatten([
      for key, table in var.tables : [
        for index_key, index in table.global_secondary_indexes : "${key}/${index_key}"
        if(index.projection_type == "INCLUDE") != (index.non_key_attributes != null)
      ]
    ]))}."
  }

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for index in values(table.global_secondary_indexes) : length(coalesce(index.non_key_attributes, [])) <= 20
      ]
    ]))
    error_message = "tables: more than 20 non_key_attributes, DynamoDB's limit, in ${join(", ", flatten([
      for key, table in var.tables : [
        for index_key, index in table.global_secondary_indexes : "${key}/${index_key}"
        if length(coalesce(index.non_key_attributes, [])) > 20
      ]
    ]))}: project all with projection_type ALL."
  }

  validation {
    condition = alltrue([for table in values(var.tables) : length(table.global_secondary_indexes) <= 20])
    error_message = "tables: more than 20 global secondary indexes, DynamoDB's limit, in ${join(", ", [
      for key, table in var.tables : key if length(table.global_secondary_indexes) > 20
    ])}."
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
