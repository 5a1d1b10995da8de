"""The command line for evidence: `shouhou evidence …`."""

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def evidence() -> None:
    """Photos and what else customers sent: is all of it there and unchanged, where is it kept."""
