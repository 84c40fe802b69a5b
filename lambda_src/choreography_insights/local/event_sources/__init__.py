"""Polls queues and streams for mapped functions, as Lambda's event source mappings do."""
