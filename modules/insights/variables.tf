variable "name_prefix" {
  description = "Begins the name of everything made here and of every state machine the functions may touch. Unique per account and Region, and not the beginning of another one's (`shop` beside `shop-eu` would share permissions)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name_prefix)) && length(var.name_prefix) <= 30
    error_message = "name_prefix (\"${var.name_prefix}\"): must be at most 30 lower-case letters, digits and single hyphens, beginning with a letter and not ending in a hyphen, for example \"shop-prod\"."
  }
}

variable "event_bus_name" {
  description = "Another event bus to watch, by name: one that is there, or is made in the same root (`default` is one). `null` makes an own bus named like `name_prefix`."
  type        = string
  default     = null

  validation {
    condition     = var.event_bus_name == null || can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus_name))
    error_message = "event_bus_name (\"${coalesce(var.event_bus_name, "null")}\"): must be the name of a bus (letters, digits, . _ / and -), not its ARN; leave it null for an own bus."
  }
}

variable "lambda_zip" {
  description = "Path of the functions' code. `null` takes the zip that scripts/build_lambda.py builds."
  type        = string
  default     = null

  validation {
    condition     = var.lambda_zip == null || var.lambda_s3_object == null
    error_message = "lambda_zip (\"${coalesce(var.lambda_zip, "null")}\"): the functions' code is either this file or lambda_s3_object; leave one of them out."
  }
}

variable "lambda_s3_object" {
  description = "The functions' code in S3 instead of in a file: the zip that scripts/build_lambda.py builds, put there by your pipeline, in a bucket of this Region. Terraform sees new code by a new `key` or `version_id` only."
  type = object({
    bucket     = string
    key        = string
    version_id = optional(string)
  })
  default = null

  validation {
    condition     = var.lambda_s3_object == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.lambda_s3_object.bucket)) && length(var.lambda_s3_object.key) >= 1 && !startswith(var.lambda_s3_object.key, "/")
    error_message = "lambda_s3_object (bucket \"${try(var.lambda_s3_object.bucket, "")}\", key \"${try(var.lambda_s3_object.key, "")}\"): bucket must be the name of a bucket (not an ARN or URL) and key the name of an object in it that does not begin with a slash, for example \"functions/1.0.0.zip\"."
  }
}

variable "powertools_layer_arn" {
  description = "Version ARN of a layer with Powertools for AWS Lambda (Python 3.13, arm64). `null` takes the public layer that AWS keeps in the Region."
  type        = string
  default     = null

  validation {
    condition     = var.powertools_layer_arn == null || can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$", var.powertools_layer_arn))
    error_message = "powertools_layer_arn (\"${coalesce(var.powertools_layer_arn, "null")}\"): must be the ARN of a layer version (arn:aws:lambda:<region>:<account>:layer:<name>:<version>); leave it null for AWS's public layer."
  }
}

variable "function_timeout_seconds" {
  description = "Timeout of the start and the resume function. Shorter is better: what dies is tried again after `queue.visibility_timeout_seconds`, at least six times this."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.function_timeout_seconds >= 1 && var.function_timeout_seconds <= 900
    error_message = "function_timeout_seconds (${var.function_timeout_seconds}): must be 1 to 900; that is what Lambda allows."
  }
}

variable "function_memory_mb" {
  description = "Memory of the start and the resume function; their share of CPU grows with it."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = var.function_memory_mb >= 128 && var.function_memory_mb <= 10240
    error_message = "function_memory_mb (${var.function_memory_mb}): must be 128 to 10240; that is what Lambda allows."
  }
}

variable "maximum_concurrency" {
  description = "How many instances of a function a queue may keep busy at once; events beyond that wait in the queue. `null` means only the account's own limit."
  type        = number
  default     = 50

  validation {
    condition     = var.maximum_concurrency == null || (coalesce(var.maximum_concurrency, 2) >= 2 && coalesce(var.maximum_concurrency, 2) <= 1000)
    error_message = "maximum_concurrency (${coalesce(var.maximum_concurrency, 0)}): must be 2 to 1000, or null for no limit."
  }
}

variable "reserved_concurrency" {
  description = "Instances set aside for the start and for the resume function, each: as many are always to be had, and never more. `null` sets none aside."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= coalesce(var.maximum_concurrency, 1000000)
    error_message = "reserved_concurrency (${coalesce(var.reserved_concurrency, 0)}): must be at least maximum_concurrency (${coalesce(var.maximum_concurrency, "no limit")}), or messages that Lambda takes from a queue are throttled and use up their tries."
  }
}

variable "vpc" {
  description = "Subnets and security groups for the functions, where the rules of the house ask for them: they need none to work. They must reach DynamoDB, SQS, Step Functions and EventBridge there, by VPC endpoints or a NAT gateway. `null` leaves the functions outside of any VPC."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  default = null

  validation {
    condition = var.vpc == null ? true : (
      length(var.vpc.subnet_ids) > 0 && alltrue([for id in var.vpc.subnet_ids : startswith(id, "subnet-")])
      && length(var.vpc.security_group_ids) > 0 && alltrue([for id in var.vpc.security_group_ids : startswith(id, "sg-")])
    )
    error_message = "vpc (subnet_ids = ${jsonencode(try(var.vpc.subnet_ids, []))}, security_group_ids = ${jsonencode(try(var.vpc.security_group_ids, []))}): name at least one subnet (subnet-...) and one security group (sg-...)."
  }
}

variable "iam_role" {
  description = "What the functions' roles have in common, where the rules of the house ask for it: the path, what their names begin with, and the permissions boundary."
  type = object({
    path                     = optional(string, "/")
    name_prefix              = optional(string, "")
    permissions_boundary_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^/([!-.0-~]+/)*$", var.iam_role.path)) && length(var.iam_role.path) <= 512
    error_message = "iam_role.path (\"${var.iam_role.path}\"): must begin and end with a slash, for example \"/shop/\"."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{0,20}$", var.iam_role.name_prefix))
    error_message = "iam_role.name_prefix (\"${var.iam_role.name_prefix}\"): must be at most 20 letters, digits and + = , . @ _ -; a role's name has 64 characters in all."
  }
  validation {
    condition     = var.iam_role.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.iam_role.permissions_boundary_arn))
    error_message = "iam_role.permissions_boundary_arn (\"${coalesce(var.iam_role.permissions_boundary_arn, "null")}\"): must be the ARN of a managed policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
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

  validation {
    condition     = var.queue.visibility_timeout_seconds >= 6 * var.function_timeout_seconds && var.queue.visibility_timeout_seconds <= 43200 && floor(var.queue.visibility_timeout_seconds) == var.queue.visibility_timeout_seconds
    error_message = "queue.visibility_timeout_seconds (${var.queue.visibility_timeout_seconds}): must be a whole number, at least 6 x function_timeout_seconds (${6 * var.function_timeout_seconds}), or Lambda's own retries overlap with redelivery, and at most 43200."
  }
  validation {
    condition     = var.queue.max_receive_count >= 5 && var.queue.max_receive_count <= 1000
    error_message = "queue.max_receive_count (${var.queue.max_receive_count}): must be 5 to 1000; what Lambda takes and then has no room to run counts as a try, and so does each answer that comes too early."
  }
  validation {
    condition     = var.queue.dead_letter_retention_days >= 1 && var.queue.dead_letter_retention_days <= 14
    error_message = "queue.dead_letter_retention_days (${var.queue.dead_letter_retention_days}): must be 1 to 14; SQS keeps nothing longer."
  }
  validation {
    condition     = var.queue.max_message_bytes >= 262144 && var.queue.max_message_bytes <= 1048576
    error_message = "queue.max_message_bytes (${var.queue.max_message_bytes}): must be 262144 to 1048576; SQS takes no more, and of what is bigger neither the queue nor its dead-letter queue would take any: it would be lost in silence."
  }
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
  description = "A customer managed key for the bus, the table, the queues, the log groups and the state machines' data. `null` uses the keys that AWS manages. The key's policy must admit the services; see the README."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn (\"${coalesce(var.kms_key_arn, "null")}\"): must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias; EventBridge cannot deliver to queues under the AWS managed key alias/aws/sqs."
  }
}

variable "log_level" {
  description = "Level from which the functions log. Task tokens and event payloads are logged on no level."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level (\"${var.log_level}\"): must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long the logs of the functions and of the state machines are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days (${var.log_retention_days}): CloudWatch Logs knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653."
  }
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

  validation {
    condition     = can(regex("^[A-Za-z0-9._/#-]{1,255}$", var.metrics_namespace)) && !startswith(var.metrics_namespace, "AWS/")
    error_message = "metrics_namespace (\"${var.metrics_namespace}\"): must be letters, digits and . _ / # -, and not begin with AWS/, which AWS keeps for itself."
  }
}

variable "metrics_detail" {
  description = "How fine the functions' own metrics are, which cost by the series: `summary` counts for the whole, `per_choreography` also for each choreography, `per_state` also how long each state takes. What Step Functions itself counts by state machine is on the dashboard at each of them."
  type        = string
  default     = "per_choreography"
  nullable    = false

  validation {
    condition     = contains(["summary", "per_choreography", "per_state"], var.metrics_detail)
    error_message = "metrics_detail (\"${var.metrics_detail}\"): must be summary, per_choreography or per_state."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when an alarm goes off and when it is over. `null` means nobody is told."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn (\"${coalesce(var.alarm_topic_arn, "null")}\"): must be the ARN of an SNS topic (arn:aws:sns:<region>:<account>:<name>), or null."
  }
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

  validation {
    condition     = alltrue([for threshold in values(var.alarm_thresholds) : threshold >= 1])
    error_message = "alarm_thresholds (${jsonencode(var.alarm_thresholds)}): all must be at least 1."
  }
  validation {
    condition     = var.alarm_thresholds.open_executions <= 100
    error_message = "alarm_thresholds.open_executions (${var.alarm_thresholds.open_executions}): is per cent of the account's quota, so at most 100."
  }
}

variable "runbook_url" {
  description = "Where the runbooks are, for the alarms' descriptions; `#<alarm>` is put behind it. A copy of docs/operations-and-design/operations.md in your wiki will do."
  type        = string
  default     = "docs/operations-and-design/operations.md"
  nullable    = false

  validation {
    condition     = can(regex("^[^#[:space:]]{1,500}$", var.runbook_url))
    error_message = "runbook_url (\"${var.runbook_url}\"): must be an address or path without blanks and without #, for example \"https://wiki.example.com/choreographies\"."
  }
}

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
