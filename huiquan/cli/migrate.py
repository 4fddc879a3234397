"""huiquan migrate: bring the database to the shape this version needs.  迁移"""

from rich.console import Console

from huiquan.cli.house import database_address, settings_from_environment
from huiquan.db.migrate import migrate


def migrate_database() -> None:
    """Apply the migrations that are not applied yet (HUIQUAN_DATABASE_URL)."""
    console = Console(highlight=False)
    with console.status("migrating …"):
        applied = migrate(database_address(settings_from_environment()))
    console.print("\n".join(applied) or "nothing to do")
