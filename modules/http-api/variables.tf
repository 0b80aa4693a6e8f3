variable "name" {
  description = "Name of the module's main resource; companions (roles, log groups, dead-letter queues, rules) derive theirs from it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": use 1 to 64 letters, digits, hyphens and underscores, which a statement id of a function's policy can hold too."
  }
}

variable "description" {
  description = "What the module's main resource is for, in the operator's words."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.description) <= 1024
    error_message = "description has ${length(var.description)} characters: API Gateway takes at most 1024."
  }
}

variable "routes" {
  description = <<-EOT
    Routes by route key ("GET /plans/{planId}", "ANY /{proxy+}" or "$default"), each with the function that answers it,
    by ARN and by name. authorization is JWT or NONE; a route without a token is for what everybody may see. An answer
    must come within timeout_milliseconds.
  EOT
  type = map(object({
    function_arn         = string
    function_name        = string
    authorization        = optional(string, "JWT")
    timeout_milliseconds = optional(number, 30000)
  }))
  nullable = false

  validation {
    condition = alltrue([
      for key in keys(var.routes) : key == "$default" || can(regex("^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*$", key))
    ])
    error_message = "routes: API Gateway refuses ${join(", ", [
      for key in keys(var.routes) : "\"${key}\""
      if key != "$default" && !can(regex("^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*$", key))
    ])} as route key: use a method, a blank and a path, as in \"GET /plans\"."
  }

  validation {
    condition = alltrue([for route in values(var.routes) : contains(["JWT", "NONE"], route.authorization)])
    error_message = "routes: authorization is neither JWT nor NONE in ${join(", ", [
      for key, route in var.routes : key if !contains(["JWT", "NONE"], route.authorization)
    ])}."
  }

  validation {
    condition = var.jwt != null || alltrue([for route in values(var.routes) : route.authorization == "NONE"])
    error_message = "routes: ${join(", ", [
      for key, route in var.routes : key if route.authorization != "NONE"
    ])} want a JWT, but jwt says nothing about who issues it."
  }

  validation {
    condition = alltrue([
      for route in values(var.routes) : route.timeout_milliseconds >= 50 && route.timeout_milliseconds <= 30000
    ])
    error_message = "routes: timeout_milliseconds is outside 50 to 30000 in ${join(", ", [
      for key, route in var.routes : key if route.timeout_milliseconds < 50 || route.timeout_milliseconds > 30000
    ])}: API Gateway waits no longer; answer 202 and let the caller ask again."
  }
}

variable "jwt" {
  description = "Who issues the tokens (URL) and for whom: a token's aud, or client_id where it has no aud, must be in audience. Null where no route wants one."
  type = object({
    issuer   = string
    audience = list(string)
  })
  default = null

  validation {
    condition     = var.jwt == null ? true : startswith(var.jwt.issuer, "https://")
    error_message = "jwt.issuer is \"${try(var.jwt.issuer, "?")}\": API Gateway fetches the issuer's keys over https."
  }

  validation {
    condition     = var.jwt == null ? true : length(var.jwt.audience) > 0
    error_message = "jwt.audience is empty: without one, tokens that the issuer made for any other application would do."
  }
}

variable "throttling" {
  description = "Requests a second over all routes and callers, and how many may come at once; more get 429."
  type = object({
    burst_limit = optional(number, 50)
    rate_limit  = optional(number, 25)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttling.rate_limit > 0 && var.throttling.burst_limit > 0
    error_message = "throttling is ${var.throttling.rate_limit} a second and ${var.throttling.burst_limit} at once: both must be above 0, or the API answers nothing but 429."
  }
}

variable "cors" {
  description = "Origins whose pages may call the API from a browser, and with what; null admits none. Routes that want a token then name their methods."
  type = object({
    allow_origins  = list(string)
    allow_methods  = optional(list(string), ["DELETE", "GET", "POST", "PUT"])
    allow_headers  = optional(list(string), ["authorization", "content-type", "idempotency-key", "if-match"])
    expose_headers = optional(list(string), ["etag", "location"])
    max_age        = optional(number, 3600)
  })
  default = null

  validation {
    condition     = var.cors == null ? true : alltrue([for origin in var.cors.allow_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "cors.allow_origins takes origins only, as in https://console.example.com (no path, no slash at the end, no *)."
  }

  validation {
    # API Gateway answers a preflight request itself only where no route catches it.
    condition = var.cors == null ? true : alltrue([
      for key, route in var.routes : route.authorization == "NONE" || !can(regex("^(\\$default|ANY |OPTIONS )", key))
    ])
    error_message = "cors: ${join(", ", [
      for key, route in var.routes : key if route.authorization != "NONE" && can(regex("^(\\$default|ANY |OPTIONS )", key))
    ])} would catch the preflight requests of browsers, which carry no token: name the methods instead, as in \"GET /{proxy+}\"."
  }

  validation {
    condition     = var.cors == null ? true : var.cors.max_age >= -1 && var.cors.max_age <= 86400
    error_message = "cors.max_age is ${try(var.cors.max_age, "?")}: use -1 to 86400 seconds."
  }
}

variable "custom_domain" {
  description = <<-EOT
    Domain name of the API, its certificate in the API's own Region, and the Route 53 zone that gets the record (null: the
    record is made elsewhere). The generated endpoint is switched off then. Null leaves the API its generated endpoint.
  EOT
  type = object({
    domain_name     = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.custom_domain.domain_name))
    error_message = "custom_domain.domain_name is \"${try(var.custom_domain.domain_name, "?")}\": give a host name in lower case, as in api.example.com."
  }
}

variable "log_retention_days" {
  description = "Days CloudWatch keeps the module's logs."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days
    )
    error_message = "log_retention_days is ${var.log_retention_days}, which CloudWatch Logs does not offer: use 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
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
