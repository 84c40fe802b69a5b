"""Recorded events on their way in: files, folders and objects in S3 (`sources`), what packs them, what wraps them.

`packing` and `parquet` give text and rows, `logs` and `wrappers` what is in records of logs and in messages. Which of
these a value is, and which events are in it, `replay.event_files` says.
"""
