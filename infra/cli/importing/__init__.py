"""`lotse import`: files that agencies bring, with a report of what is to be mended. A command per kind of file."""

import typer

from infra.cli.importing.directory import directory
from infra.cli.importing.esco import esco
from infra.cli.importing.opportunities import opportunities
from infra.cli.importing.participants import participants

imports = typer.Typer(help="Take in files.", no_args_is_help=True)
imports.command()(participants)
imports.command()(directory)
imports.command()(opportunities)
imports.command()(esco)
