"""What the embedded AWS patches in moto: a file for each thing, named after it, that says why."""

from choreography_insights.local.functions.pool import FunctionPool
from choreography_insights.local.patches import (
    answer_speed,
    bus_names,
    choice_wildcards,
    definition_texts,
    deleted_machines,
    ended_executions,
    event_delivery,
    event_patterns,
    execution_speed,
    execution_starts,
    expression_speed,
    function_layers,
    function_loops,
    function_settings,
    lambda_invocations,
    map_concurrency,
    missing_log_query_calls,
    missing_queue_move_calls,
    missing_step_functions_calls,
    object_events,
    query_speed,
    queue_attributes,
    queue_receives,
    queue_sizes,
    queue_speed,
    sdk_service_names,
    status_events,
    stream_records,
    table_writes,
    task_tokens,
    times,
    trace_headers,
    unknown_calls,
)


def install(pool: FunctionPool) -> None:
    """Mend the moto of this process, for good: functions run in *pool* from now on."""
    times.install()
    unknown_calls.install()
    answer_speed.install()
    task_tokens.install()
    ended_executions.install()
    status_events.install()
    execution_starts.install()
    deleted_machines.install()
    choice_wildcards.install()
    definition_texts.install()
    map_concurrency.install()
    execution_speed.install()
    missing_step_functions_calls.install()
    sdk_service_names.install()
    bus_names.install()
    event_delivery.install()
    object_events.install()
    event_patterns.install()
    queue_receives.install()
    queue_sizes.install()
    trace_headers.install()
    queue_speed.install()
    queue_attributes.install()
    missing_queue_move_calls.install()
    table_writes.install()
    query_speed.install()
    expression_speed.install()
    stream_records.install()
    function_settings.install()
    function_layers.install()
    function_loops.install()
    missing_log_query_calls.install()
    lambda_invocations.install(pool)
