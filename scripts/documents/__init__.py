"""What documents say of the modules, the diagnostics and the benchmarks, made from these."""
