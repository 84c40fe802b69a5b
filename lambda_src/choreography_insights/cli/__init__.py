"""The command ``choreography``. The terminal is touched here only.

Each subcommand has a file of its name, which says what it takes and imports little: help must come at once. What a
subcommand does lies beside it: `replaying` beside `replay`, `reporting` beside `report`. `main` lists all of them.
"""
