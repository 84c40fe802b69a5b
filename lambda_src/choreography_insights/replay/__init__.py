"""What a choreography says about a series of events: a second reading of the definition, independent of the compiler.

`choreography` reads the definition, `journey` says step by step what can happen to an entity, `replaying` lets the
events of many entities happen in order of time. `recorded`, `envelopes` and `order` bring events in, `summary` and
`telling` bring the outcome out. Nothing here shares code with the compiler, the generated simulations or the functions.
"""
