"""The proof of the correlation: its promises, its crash points, its interleavings (DESIGN.md, section 4)."""
