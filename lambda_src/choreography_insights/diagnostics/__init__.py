"""Diagnostics: the rules that each error and warning belongs to, how warnings are ignored, and how all are written."""
