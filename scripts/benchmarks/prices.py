"""What AWS asks in us-east-1, in dollars and without free tiers; by whom it was quoted, and when."""

MILLION = 1_000_000
GIGABYTE = 1_000_000_000
#: As AWS reckons a month: 730 hours.
MONTH_SECONDS = 730 * 3600

#: Step Functions, standard workflows.
TRANSITION = 0.025 / 1_000
#: DynamoDB on demand, per request unit; storage and continuous backups (PITR) per GB-month.
READ_UNIT = 0.125 / MILLION
WRITE_UNIT = 0.625 / MILLION
TABLE_GIGABYTE_MONTH = 0.25
BACKUP_GIGABYTE_MONTH = 0.20
#: SQS, standard queues, up to 64 KB.
QUEUE_REQUEST = 0.40 / MILLION
#: EventBridge: events that are put; rules, their targets and AWS's own events, schedules among them, are free.
CUSTOM_EVENT = 1.00 / MILLION
#: Lambda.
INVOCATION = 0.20 / MILLION
GIGABYTE_SECOND_ARM = 0.0000133334
GIGABYTE_SECOND_X86 = 0.0000166667
#: CloudWatch.
LOG_GIGABYTE = 0.50
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00
#: Glue 5, Spark jobs: a DPU has 4 vCPUs and 16 GB. EMR Serverless on x86.
GLUE_DPU_HOUR = 0.44
GLUE_VCPUS_A_DPU = 4
EMR_VCPU_HOUR = 0.052624
EMR_GIGABYTE_HOUR = 0.0057785
#: X-Ray, recorded.
TRACE = 5.00 / MILLION

#: What one AWS call is taken to last; a function's time is mostly that.
SECONDS_PER_CALL = 0.015
#: Where X-Ray is on, Lambda's own rule traces one request a second, and so much of the others.
TRACED = 0.05


def of_functions(invocations: int, calls: int, gigabytes: float, per_gigabyte_second: float) -> float:
    """What so many invocations cost that make so many AWS calls between them."""
    return invocations * INVOCATION + calls * SECONDS_PER_CALL * gigabytes * per_gigabyte_second
