"""An explicit-state model of the correlation protocol, and the scenarios it is checked in (see README.md)."""
