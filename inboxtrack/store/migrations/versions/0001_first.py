"""The first schema: where stores begin. A change to `schema.py` adds a revision after this one."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: a new store is made from `schema.py` and stamped."""
