"""Recorded events on their way in: files, folders, objects in S3; what packs them; what logs wrap them in.

It gives bytes, rows and messages. What events are in them, `replay.event_files` says.
"""
