"""The command ``choreography``: one file a subcommand. The terminal is touched here only."""
