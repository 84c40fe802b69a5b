"""Logs of process mining as they lie in files: CSV, XES, OCEL, and other records with a case, an activity and a time.

Each is read as rows, and these become envelopes, as if a service had published the events.
"""
