variable "insights" {
  description = "What watches the bus: `module.insights`, or its SSM parameter decoded."
  type = object({
    name_prefix                  = string
    event_bus_name               = string
    console_url                  = string
    state_machine_arn_prefix     = string
    journeys_table_name          = string
    journeys_table_arn           = string
    start_queue_arn              = string
    event_queue_arn              = string
    target_dead_letter_queue_arn = string
    kms_key_arn                  = optional(string)
    log_retention_days           = optional(number, 30)
    metrics_namespace            = optional(string, "ChoreographyInsights")
    metrics_detail               = optional(string, "per_choreography")
    runbook_url                  = optional(string, "docs/operations-and-design/operations.md")
    tracing                      = optional(bool, false)
  })
  nullable = false
}

variable "workflow" {
  description = "Folder of a choreography, as `choreography generate` fills it: definition.asl.json, events.json and picture.json. `null` for the long form with `name`, `definition`, `start_events` and `events`."
  type        = string
  default     = null

  validation {
    condition     = (var.workflow == null) != (var.definition == null)
    error_message = "workflow (${coalesce(var.workflow, "null")}) and definition (${coalesce(var.definition, "null")}): set exactly one of them; workflow is a folder, definition a file of the long form."
  }
  validation {
    condition     = try(fileexists("${var.workflow}/definition.asl.json"), var.workflow == null)
    error_message = "workflow: there is no definition.asl.json in ${coalesce(var.workflow, "null")}. Generate it from its workflow.yaml with: choreography generate ${coalesce(var.workflow, "FOLDER")}"
  }
  validation {
    condition     = try(fileexists("${var.workflow}/events.json"), var.workflow == null)
    error_message = "workflow: there is no events.json in ${coalesce(var.workflow, "null")}. Generate it from its workflow.yaml with: choreography generate ${coalesce(var.workflow, "FOLDER")}"
  }
}

variable "name" {
  description = "Name of the choreography. With `workflow` it may be left out, and must otherwise be the name that the workflow says."
  type        = string
  default     = null

  validation {
    condition     = var.name != null || var.definition == null
    error_message = "name: is needed beside definition (${coalesce(var.definition, "null")}), for example \"order\"."
  }
  validation {
    condition     = var.name == null || can(regex("^[A-Za-z][A-Za-z0-9_-]{0,47}$", var.name))
    error_message = "name (\"${coalesce(var.name, "null")}\"): must be a letter and then at most 47 letters, digits, _ and -, for example \"order\"."
  }
}

variable "definition" {
  description = "Long form: file with the state machine in Amazon States Language, its wait states as docs/reference/interfaces.md says, with the placeholders $${partition} and $${journeys_table}."
  type        = string
  default     = null

  validation {
    condition     = try(fileexists(var.definition), var.definition == null)
    error_message = "definition: there is no file ${coalesce(var.definition, "null")}. It must be a state machine in Amazon States Language; or name a folder in workflow."
  }
}

variable "picture" {
  description = "Long form: file with the picture of the state machine (picture.json, as `choreography generate` writes it). Without one nobody sees these journeys on a picture, and what happens to them is not counted."
  type        = string
  default     = null

  validation {
    condition     = try(fileexists(var.picture), var.picture == null)
    error_message = "picture: there is no file ${coalesce(var.picture, "null")}. It must be a picture as choreography generate writes it, or null."
  }
  validation {
    condition     = var.picture == null || var.definition != null
    error_message = "picture (${coalesce(var.picture, "null")}): is for the long form; a workflow brings its own."
  }
}

variable "start_events" {
  description = "Long form: the events that begin a journey. One rule each. `pattern` is an EventBridge event pattern as JSON. `entity` is the path of the entity's id in the event, or JSON that says more of it (docs/reference/interfaces.md, section 3); `also`, as JSON, says where events carry other names of the entity, `id` the path of an id of their own (`null`: EventBridge's counts), `time` that of its clock. `events` are the detail-types that the choreography knows, `remember` what a journey remembers of them, paths by name. `when`, a pattern on the event's detail as JSON, is asked by the function: which of them begin a journey, where others move one (`unless` in `events`). `moves` are those of `events` that move a journey, too, where one runs that awaits them."
  type = list(object({
    pattern  = string
    entity   = optional(string, "$.detail.id")
    id       = optional(string)
    also     = optional(string)
    time     = optional(string, "$.time")
    events   = list(string)
    remember = optional(map(string))
    when     = optional(string)
    moves    = optional(list(string))
  }))
  default  = []
  nullable = false

  validation {
    condition     = (length(var.start_events) > 0) == (var.definition != null)
    error_message = "start_events (${length(var.start_events)} given): definition (${coalesce(var.definition, "null")}) needs at least one, and a workflow brings its own."
  }
  validation {
    condition     = alltrue([for event in var.start_events : can(keys(jsondecode(event.pattern)))])
    error_message = "start_events: each pattern must be a JSON object, for example jsonencode({ source = [\"order\"], detail-type = [\"Order Placed\"] }); got ${join(" and ", var.start_events[*].pattern)}."
  }
  validation {
    condition     = alltrue([for path in concat(var.start_events[*].entity, compact(var.start_events[*].id), var.start_events[*].time) : can(regex("^\\$(\\.[A-Za-z_][A-Za-z0-9_]*|\\['[^'\"\\\\<>[:cntrl:]]+'\\]|\\[([0-9]+|\\*)\\])+$", path)) && (!strcontains(path, "[*]") || contains(var.start_events[*].entity, path)) || (contains(var.start_events[*].entity, path) && can(length(jsondecode(path))))])
    error_message = "start_events: entity, id and time must be paths into the event such as $.detail.id or $.detail['order id']; got ${join(" and ", concat(var.start_events[*].entity, compact(var.start_events[*].id), var.start_events[*].time))}."
  }
  validation {
    condition     = alltrue([for event in var.start_events : event.also == null || can(keys(jsondecode(event.also)))])
    error_message = "start_events: also must be a JSON object, for example jsonencode({ shipment = \"$.detail.trackingNumber\" }); got ${join(" and ", compact(var.start_events[*].also))}."
  }
  validation {
    condition     = alltrue([for event in var.start_events : event.when == null || can(keys(jsondecode(event.when)))])
    error_message = "start_events: when must be a JSON object, for example jsonencode({ status = [\"PLACED\"] }); got ${join(" and ", compact(var.start_events[*].when))}."
  }
}

variable "events" {
  description = "Long form: the events that move a journey on, in the form of `start_events`. `unless`, a pattern on the event's detail as JSON, is asked by the function: which of them do not, since they begin one (`when` in `start_events`). `retired` are those of `events` that only journeys of older definitions await: one that nobody awaits is counted, and is no deviation."
  type = list(object({
    pattern = string
    entity  = optional(string, "$.detail.id")
    id      = optional(string)
    also    = optional(string)
    time    = optional(string, "$.time")
    events  = list(string)
    unless  = optional(string)
    retired = optional(list(string))
  }))
  default  = []
  nullable = false

  validation {
    condition     = (length(var.events) > 0) == (var.definition != null)
    error_message = "events (${length(var.events)} given): definition (${coalesce(var.definition, "null")}) needs at least one, and a workflow brings its own."
  }
  validation {
    condition     = alltrue([for event in var.events : can(keys(jsondecode(event.pattern)))])
    error_message = "events: each pattern must be a JSON object, for example jsonencode({ source = [\"order\"] }); got ${join(" and ", var.events[*].pattern)}."
  }
  validation {
    condition     = alltrue([for path in concat(var.events[*].entity, compact(var.events[*].id), var.events[*].time) : can(regex("^\\$(\\.[A-Za-z_][A-Za-z0-9_]*|\\['[^'\"\\\\<>[:cntrl:]]+'\\]|\\[([0-9]+|\\*)\\])+$", path)) && (!strcontains(path, "[*]") || contains(var.events[*].entity, path)) || (contains(var.events[*].entity, path) && can(length(jsondecode(path))))])
    error_message = "events: entity, id and time must be paths into the event such as $.detail.id or $.detail['order id']; got ${join(" and ", concat(var.events[*].entity, compact(var.events[*].id), var.events[*].time))}."
  }
  validation {
    condition     = alltrue([for event in var.events : event.also == null || can(keys(jsondecode(event.also)))])
    error_message = "events: also must be a JSON object, for example jsonencode({ shipment = \"$.detail.trackingNumber\" }); got ${join(" and ", compact(var.events[*].also))}."
  }
  validation {
    condition     = alltrue([for event in var.events : event.unless == null || can(keys(jsondecode(event.unless)))])
    error_message = "events: unless must be a JSON object, for example jsonencode({ status = [\"PLACED\"] }); got ${join(" and ", compact(var.events[*].unless))}."
  }
}

variable "correlation" {
  description = "Long form: how long early events are kept, and how long contested ones settle. An unexpected event fails its journey (`fail`) or is only reported (`report`). A journey that takes longer than `expected_seconds` is overdue (`null`: never). `reads` are the paths in the event that the state machine reads. A workflow says all this itself."
  type = object({
    early_seconds    = optional(number, 60)
    settle_seconds   = optional(number, 2)
    unexpected       = optional(string, "report")
    expected_seconds = optional(number)
    reads            = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["report", "fail"], var.correlation.unexpected)
    error_message = "correlation.unexpected (\"${var.correlation.unexpected}\"): must be report or fail."
  }
  validation {
    condition     = var.correlation.early_seconds >= 0 && var.correlation.settle_seconds >= 0 && var.correlation.settle_seconds <= var.correlation.early_seconds
    error_message = "correlation (early_seconds = ${var.correlation.early_seconds}, settle_seconds = ${var.correlation.settle_seconds}): must not be negative, and an event cannot settle for longer than it is kept."
  }
  validation {
    condition     = var.correlation.expected_seconds == null || coalesce(var.correlation.expected_seconds, 1) >= 1
    error_message = "correlation.expected_seconds (${coalesce(var.correlation.expected_seconds, 0)}): must be at least 1, or null if no journey is ever overdue."
  }
}

variable "timeout_seconds" {
  description = "Timeout of a whole journey, in place of the one that the definition says: `timeout` in workflow.yaml, `TimeoutSeconds` in a state machine, else a year."
  type        = number
  default     = null

  validation {
    condition     = var.timeout_seconds == null ? true : var.timeout_seconds >= 1 && var.timeout_seconds <= 31536000 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds (${coalesce(var.timeout_seconds, 0)}): must be a whole number from 1 to 31536000; Step Functions runs nothing for longer than a year."
  }
}

variable "enabled" {
  description = "Whether events begin journeys and move them on. `false` pauses the rules: journeys that run stay and wait, their timeouts go on, and events published meanwhile are not seen. Replay the bus's archive for that time afterwards to catch up."
  type        = bool
  default     = true
  nullable    = false
}

variable "drain" {
  description = "Whether no more journeys begin: the rules of start events rest, and journeys that run go on to their ends. The first step of removing a choreography."
  type        = bool
  default     = false
  nullable    = false
}

variable "logging" {
  description = "Logs of the state machine: from which `level` on (ALL, ERROR, FATAL or OFF), for how many `retention_days` (default: as of the insights), under which `group_name`. Whatever the level, neither event payloads nor task tokens are logged."
  type = object({
    level          = optional(string, "ERROR")
    retention_days = optional(number)
    group_name     = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["ALL", "ERROR", "FATAL", "OFF"], var.logging.level)
    error_message = "logging.level (\"${var.logging.level}\"): must be ALL, ERROR, FATAL or OFF."
  }
  validation {
    condition     = var.logging.retention_days == null ? true : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logging.retention_days)
    error_message = "logging.retention_days (${coalesce(var.logging.retention_days, 0)}): CloudWatch Logs knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653."
  }
  validation {
    condition     = var.logging.group_name == null ? true : can(regex("^/aws/vendedlogs/[A-Za-z0-9._/#-]{1,490}$", var.logging.group_name))
    error_message = "logging.group_name (\"${coalesce(var.logging.group_name, "null")}\"): must begin with /aws/vendedlogs/, or the account's resource policy for log deliveries grows with every state machine until it is full; then letters, digits and . _ / # -."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic of the team that owns this choreography: it is told of this one's deviations, overdue and timed-out journeys. `null` makes no alarms; those of modules/insights watch all choreographies together."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn (\"${coalesce(var.alarm_topic_arn, "null")}\"): must be the ARN of an SNS topic (arn:aws:sns:<region>:<account>:<name>), or null."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the journeys. `null` does as the insights say."
  type        = bool
  default     = null
}

variable "iam_role" {
  description = "The role that the journeys run with, where the rules of the house ask for it: its path, what its name begins with, and its permissions boundary. Path and name stay as the role was made with them, as journeys that run could not go on with another role."
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

variable "tags" {
  description = "Tags of everything made here."
  type        = map(string)
  default     = {}
  nullable    = false
}
