"""The complete example, deployed and played: what `make demo` shows and the end-to-end test checks."""
