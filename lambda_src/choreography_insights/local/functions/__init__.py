"""Runs deployed Lambda functions in child processes of this Python, from the zip that was deployed."""
