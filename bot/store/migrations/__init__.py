"""Forward-only migrations; numbered, never edited after release."""

from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from sqlalchemy import create_engine


def upgrade(path: Path) -> None:
    """To the newest revision, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode")  # opens the file before alembic asks
        config.attributes["connection"] = connection
        alembic_upgrade(config, "head")
    engine.dispose()
