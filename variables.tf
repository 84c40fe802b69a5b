variable "name_prefix" {
  description = "Begins the name of everything made here. Unique per account and Region, and not the beginning of another one's (`shop` beside `shop-eu` would share permissions)."
  type        = string
  default     = "choreography"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name_prefix)) && length(var.name_prefix) <= 30
    error_message = "name_prefix (\"${var.name_prefix}\"): must be at most 30 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen, for example \"shop-prod\"."
  }
}

variable "choreographies" {
  description = "The choreographies to watch, keyed by name. `workflow` is the folder that `choreography generate` filled; all else is as in modules/choreography. `tags` are added to those of everything."
  type = map(object({
    workflow   = optional(string)
    definition = optional(string)
    picture    = optional(string)
    start_events = optional(list(object({
      pattern  = string
      entity   = optional(string)
      time     = optional(string)
      events   = list(string)
      remember = optional(map(string))
      when     = optional(string)
    })))
    events = optional(list(object({
      pattern = string
      entity  = optional(string)
      time    = optional(string)
      events  = list(string)
      unless  = optional(string)
    })))
    correlation = optional(object({
      early_seconds    = optional(number)
      settle_seconds   = optional(number)
      unexpected       = optional(string)
      expected_seconds = optional(number)
      reads            = optional(list(string))
    }))
    timeout_seconds = optional(number)
    enabled         = optional(bool)
    drain           = optional(bool)
    logging = optional(object({
      level          = optional(string)
      retention_days = optional(number)
      group_name     = optional(string)
    }))
    tracing         = optional(bool)
    alarm_topic_arn = optional(string)
    tags            = optional(map(string), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.choreographies) : can(regex("^[A-Za-z][A-Za-z0-9_-]{0,47}$", name))])
    error_message = "choreographies: each key must be the choreography's name, a letter and then at most 47 letters, digits, _ and -; got ${join(", ", keys(var.choreographies))}."
  }
  validation {
    condition     = alltrue([for name, choreography in var.choreographies : try(jsondecode(file("${choreography.workflow}/events.json")).choreography, name) == name])
    error_message = "choreographies: each key must be the name that its workflow says; ${join(", ", [for name, choreography in var.choreographies : "${name} is \"${jsondecode(file("${choreography.workflow}/events.json")).choreography}\" in ${choreography.workflow}" if try(jsondecode(file("${choreography.workflow}/events.json")).choreography, name) != name])}."
  }
}

variable "event_bus_name" {
  description = "Another event bus to watch, by name: one that is there, or is made in the same root (`default` is one). `null` makes an own bus named like `name_prefix`."
  type        = string
  default     = null
}

variable "simulation" {
  description = "Whether to add the state machine that publishes scripted series of events on the bus."
  type        = bool
  default     = false
  nullable    = false
}

variable "simulation_sources" {
  description = "The `source`s that a simulation may publish as. `null` means any."
  type        = set(string)
  default     = null
}

variable "lambda_zip" {
  description = "Path of the functions' code. `null` takes the zip that scripts/build_lambda.py builds."
  type        = string
  default     = null
}

variable "lambda_s3_object" {
  description = "The functions' code in S3 instead of in a file: the zip that scripts/build_lambda.py builds, put there by your pipeline, in a bucket of this Region. Terraform sees new code by a new `key` or `version_id` only."
  type = object({
    bucket     = string
    key        = string
    version_id = optional(string)
  })
  default = null
}

variable "powertools_layer_arn" {
  description = "Version ARN of a layer with Powertools for AWS Lambda (Python 3.13, arm64). `null` takes the public layer that AWS keeps in the Region."
  type        = string
  default     = null
}

variable "function_timeout_seconds" {
  description = "Timeout of the start and the resume function. Shorter is better: what dies is tried again after `queue.visibility_timeout_seconds`, at least six times this."
  type        = number
  default     = 10
  nullable    = false
}

variable "function_memory_mb" {
  description = "Memory of the start and the resume function; their share of CPU grows with it."
  type        = number
  default     = 512
  nullable    = false
}

variable "maximum_concurrency" {
  description = "How many instances of a function a queue may keep busy at once; events beyond that wait in the queue. `null` means only the account's own limit."
  type        = number
  default     = 50
}

variable "reserved_concurrency" {
  description = "Instances set aside for the start and for the resume function, each: as many are always to be had, and never more. `null` sets none aside."
  type        = number
  default     = null
}

variable "vpc" {
  description = "Subnets and security groups for the functions, where the rules of the house ask for them: they need none to work. They must reach DynamoDB, SQS, Step Functions and EventBridge there, by VPC endpoints or a NAT gateway. `null` leaves the functions outside of any VPC."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  default = null
}

variable "iam_role" {
  description = "What all roles have in common, where the rules of the house ask for it: the path, what their names begin with, and the permissions boundary. Roles that journeys run with keep path and name that they were made with."
  type = object({
    path                     = optional(string, "/")
    name_prefix              = optional(string, "")
    permissions_boundary_arn = optional(string)
  })
  default  = {}
  nullable = false
}

variable "queue" {
  description = "Delivery from the start and the event queue. A message whose function died stays hidden for the visibility timeout; one that failed comes again sooner. The dead-letter queue takes it after `max_receive_count` tries. EventBridge carries 1 MiB; what is bigger than `max_message_bytes` both the queue and its dead-letter queue refuse, and it is lost. Over 262144 needs provider 6.8 or later, which knows of SQS's limit of 1 MiB."
  type = object({
    visibility_timeout_seconds = optional(number, 60)
    max_receive_count          = optional(number, 12)
    dead_letter_retention_days = optional(number, 14)
    max_message_bytes          = optional(number, 262144)
  })
  default  = {}
  nullable = false
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
  description = "Level from which the functions log. Task tokens and event payloads are logged on no level."
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

variable "tracing" {
  description = "Whether X-Ray traces the functions, and the journeys of choreographies that do not say otherwise. It costs by the trace: of every second one invocation, and 5 % of the rest."
  type        = bool
  default     = false
  nullable    = false
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the metrics that the functions emit."
  type        = string
  default     = "ChoreographyInsights"
  nullable    = false
}

variable "metrics_detail" {
  description = "How fine the functions' own metrics are, which cost by the series: `summary` counts for the whole, `per_choreography` also for each choreography, `per_state` also how long each state takes. What Step Functions itself counts by state machine is on the dashboard at each of them."
  type        = string
  default     = "per_choreography"
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when an alarm goes off and when it is over. `null` means nobody is told."
  type        = string
  default     = null
}

variable "alarm_thresholds" {
  description = "From when on something is an alarm. Ages of a waiting message and of a stream record are in seconds, open executions in per cent of the account's quota. Overdue journeys are counted as they are; timed-out journeys, deviations, throttled invocations and throttled state transitions by the minute."
  type = object({
    queue_age_seconds    = optional(number, 300)
    iterator_age_seconds = optional(number, 300)
    deviations           = optional(number, 1)
    overdue              = optional(number, 1)
    timed_out            = optional(number, 1)
    throttles            = optional(number, 1)
    transition_throttles = optional(number, 1)
    open_executions      = optional(number, 80)
  })
  default  = {}
  nullable = false
}

variable "runbook_url" {
  description = "Where the runbooks are, for the alarms' descriptions; `#<alarm>` is put behind it. A copy of docs/operations-and-design/operations.md in your wiki will do."
  type        = string
  default     = "docs/operations-and-design/operations.md"
  nullable    = false
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
