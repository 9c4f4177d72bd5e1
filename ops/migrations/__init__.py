"""Alembic's script directory: one branch of revisions per schema and owner; decides nothing about where they run."""
