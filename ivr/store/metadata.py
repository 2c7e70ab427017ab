"""What every table is declared with: the names of constraints, and columns that return often."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def required(name: str, *args: Any, **options: Any) -> Column[Any]:
    """A column that every row fills."""
    return Column(name, *args, nullable=False, **options)


def identity() -> Column[Any]:
    """The number of a row, which the database gives it."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def account(nullable: bool = False) -> Column[Any]:
    """Whose row it is."""
    return Column("account_id", ForeignKey("accounts.id"), nullable=nullable)


def one_of(column: str, *words: str) -> CheckConstraint:
    """A column holds one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
