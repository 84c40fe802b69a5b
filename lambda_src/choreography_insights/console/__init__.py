"""The console: plays CloudWatch's part for custom widgets, on loopback. Never deployed.

It knows of widgets only what CloudWatch promises them (docs/guide/console.md). All is values but for `function` (which
calls Lambda) and `server` (which listens).
"""
