"""Profiles: one folder each, a named set-up of the shell."""
