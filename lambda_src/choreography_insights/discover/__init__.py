"""From recorded events to a draft of the choreography that they come from.

Values in, values out: `event_log` groups events by what they are about (`entity_path`), `labels` tells apart those of
one name that lead to different places, `unordered` finds what comes in any order, `merging` and `newest_event` make an
automaton each, `measures` says how well one fits, `drafting` writes it as a workflow.yaml.
"""
