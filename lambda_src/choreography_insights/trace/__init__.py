"""Where a journey went: the same for one that was replayed, and for an execution of Step Functions."""
