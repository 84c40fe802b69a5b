"""From recorded events to a draft of the choreography that they come from.

Values in, values out, but for `files`, which reads logs of process mining. `discovery` goes the whole way: `event_log`
groups events by what they are about (`entity_path`), `journeys` says where one begins and ends, `activities` tells
apart events of one name that lead to different places. `items`, `grouping` and `lines` put together what is about the
items of a list. `learning` makes several automata (`merging`, `newest_event`; with what comes in any order by
`concurrency`, at any time by `anytime`), and keeps the one that fits best (`alignments`, `measures`). `states` says of
it what the language can say, `drafting` writes that as a workflow.yaml.
"""
