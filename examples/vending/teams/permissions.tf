# What the people of a team may do: look at their own journeys, stop them, and redrive those that failed. A team's
# choreographies are known by the beginning of their names, so that a policy stays as it is however many there are.
locals {
  state_machine_arn_patterns = {
    for team in toset(values(local.choreographies)[*].team) :
    team => "${local.insights.state_machine_arn_prefix}${team}-*"
  }
  # Teams whose journeys another team could see as well: `pay` beside `pay-later`.
  eclipsed = [for team in keys(local.state_machine_arn_patterns) : team if anytrue([
    for other in keys(local.state_machine_arn_patterns) : startswith(team, "${other}-")
  ])]
}

resource "aws_iam_policy" "team" {
  for_each = local.state_machine_arn_patterns

  name        = "${var.name_prefix}-${each.key}-journeys"
  path        = "/choreographies/${each.key}/"
  description = "Lets ${each.key} look after the journeys of its own choreographies"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FindJourneys"
        Effect   = "Allow"
        Action   = ["states:DescribeStateMachine", "states:ListExecutions"]
        Resource = each.value
      },
      {
        Sid    = "LookAfterJourneys"
        Effect = "Allow"
        Action = [
          "states:DescribeExecution", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory",
          "states:RedriveExecution", "states:StopExecution",
        ]
        Resource = "${replace(each.value, ":stateMachine:", ":execution:")}:*"
      },
      {
        Sid       = "SeeWhatJourneysWaitFor"
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource  = local.insights.journeys_table_arn
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["${each.key}-*"] } }
      },
      {
        Sid      = "ReadLogs"
        Effect   = "Allow"
        Action   = ["logs:FilterLogEvents", "logs:GetLogEvents"]
        Resource = "${replace(each.value, "/:states:(.*):stateMachine:/", ":logs:$1:log-group:/aws/vendedlogs/states/")}:*"
      },
      {
        # The console's first page. AWS restricts it to no resource, and it tells names only.
        Sid      = "ListStateMachines"
        Effect   = "Allow"
        Action   = "states:ListStateMachines"
        Resource = "*"
      },
    ]
  })

  tags = merge(try(local.teams[each.key].tags, {}), { team = each.key })

  lifecycle {
    precondition {
      condition     = contains(keys(local.teams), each.key)
      error_message = "${local.folder}/${each.key}: there is no team.yaml, which says whose choreographies these are. An empty one is enough: {}"
    }
    precondition {
      condition     = length(setsubtract(keys(try(local.teams[each.key], {})), ["tags"])) == 0
      error_message = "${local.folder}/${each.key}/team.yaml: says ${join(", ", keys(try(local.teams[each.key], {})))}; only tags are known."
    }
    precondition {
      condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", each.key)) && length(each.key) <= 30
      error_message = "${local.folder}/${each.key}: a team's folder must be at most 30 lower-case letters, digits and single hyphens, beginning with a letter."
    }
    precondition {
      condition     = !contains(local.eclipsed, each.key)
      error_message = "${local.folder}/${each.key}: begins with another team's name and a hyphen (teams are ${join(", ", keys(local.state_machine_arn_patterns))}); that team could see its journeys. Choose another name."
    }
  }
}
