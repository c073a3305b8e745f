"""How the schema changed: one Alembic revision for each step, never edited after its release."""
