"""What a choreography says about a series of events: a second reading of the definition, independent of the compiler.

`event_files` and `envelopes` bring events in. `automaton` reads the definition, `journey` says step by step what can
happen to an entity, `engine` lets the events of many entities happen in order of time. `journey_log` and `report` bring
the outcome out. Nothing here shares code with the compiler, the generated simulations or the functions, but for what
`core` says of values.
"""
