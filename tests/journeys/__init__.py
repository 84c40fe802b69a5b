"""Random choreographies, disturbed in every way, must end as `replay` says: `scripts/bench.py random-verdicts`.

`definitions` writes choreographies of every form, `plans` says what may go wrong in a run and so how late things may
be, `trace` follows an entity with replay's own steps and refuses moments at which the promises leave a choice,
`series` lets events happen, `disturbances` are what AWS and the functions suffer, `playing` runs it all in the AWS in
memory, `cases` puts a run together from its seed and judges it, `shrinking` and `report` show what went wrong,
`running` does many.
"""
