"""Numbered upgrades of the database, applied by `core.instance` whenever a repository is opened."""
