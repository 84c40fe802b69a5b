"""What a choreography says about a series of events: a second reading of the definition, independent of the compiler.

`event_files` and `envelopes` bring events in. `automaton` reads the definition, `journey` says step by step what can
happen to an entity, `engine` lets the events of many entities happen in order of time. `table` remembers steps that are
the same for all journeys, for speed alone: without it the outcome is the same. `names` knows entities by other names.
`journey_log` and `report` bring the outcome out. So that several processes share the work, `parts` cuts a recording,
`kin` finds who must stay together, and `shares` puts together what each has told.

Nothing here shares code with the compiler, the generated simulations or the functions, but for what `core` says of
values.
"""
