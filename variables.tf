variable "name_prefix" {
  description = "Begins the name of everything made here. Unique per account and Region."
  type        = string
  default     = "choreography"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name_prefix)) && length(var.name_prefix) <= 30
    error_message = "name_prefix (\"${var.name_prefix}\"): must be at most 30 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen, for example \"shop-prod\"."
  }
}

variable "choreographies" {
  description = "The choreographies to watch, keyed by name: `workflow` is the folder that `choreography generate` filled, `tags` are added to those of everything."
  type = map(object({
    workflow = string
    tags     = optional(map(string), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.choreographies) : can(regex("^[A-Za-z][A-Za-z0-9_-]{0,47}$", name))])
    error_message = "choreographies: each key must be the choreography's name, a letter and then at most 47 letters, digits, _ and -; got ${join(", ", keys(var.choreographies))}."
  }
  validation {
    condition     = alltrue([for name, choreography in var.choreographies : try(jsondecode(file("${choreography.workflow}/events.json")).choreography, name) == name])
    error_message = "choreographies: each key must be the name that its workflow says; ${join(", ", [for name, choreography in var.choreographies : "${name} is \"${try(jsondecode(file("${choreography.workflow}/events.json")).choreography, name)}\" in ${choreography.workflow}"])}."
  }
}

variable "event_bus_name" {
  description = "An existing event bus to watch, by name (`default` is one). `null` makes an own bus named like `name_prefix`."
  type        = string
  default     = null
}

variable "simulation" {
  description = "Whether to add the state machine that publishes scripted series of events on the bus."
  type        = bool
  default     = false
  nullable    = false
}

variable "lambda_zip" {
  description = "Path of the functions' code. `null` takes the zip that scripts/build_lambda.py builds."
  type        = string
  default     = null
}

variable "powertools_layer_arn" {
  description = "Version ARN of a layer with Powertools for AWS Lambda (Python 3.13, arm64). `null` takes the public layer that AWS keeps in the Region."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether the journeys table refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "point_in_time_recovery" {
  description = "Whether the journeys table can be restored to any second of the last 35 days."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "A customer managed key for the bus, the table, the queues, the log groups and the state machines' data. `null` uses the keys that AWS manages. The key's policy must admit the services; see modules/insights."
  type        = string
  default     = null
}

variable "log_level" {
  description = "Level from which the functions log: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "log_retention_days" {
  description = "How long the logs of the functions and of the state machines are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when an alarm goes off and when it is over. `null` means nobody is told."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
