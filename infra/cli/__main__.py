"""Puts the commands together: `python -m infra.cli --help`."""

import sys

import httpx
import typer

from contracts.refusal import Refused
from infra.cli import accounts, bus, deploying, importing, journey, maintaining, operating, running
from infra.cli.screen import error

app = typer.Typer(help="Lotse: agencies bring newcomers into work together.", no_args_is_help=True)
app.command()(running.up)
app.command()(running.smoke)
app.command()(running.doctor)
app.command()(deploying.secrets)
app.command()(deploying.realstack)
app.command("journey")(journey.show)
app.add_typer(importing.imports, name="import")
app.add_typer(accounts.agency, name="agency")
app.add_typer(accounts.person, name="person")
app.add_typer(operating.clock, name="clock")
app.add_typer(operating.events, name="events")
app.add_typer(operating.lanes, name="lanes")
app.add_typer(operating.audit, name="audit")
app.add_typer(bus.topics, name="topics")
app.command()(bus.lag)
app.command()(maintaining.migrate)
app.command()(maintaining.rebuild)
app.command()(maintaining.republish)
app.command()(maintaining.reconcile)
app.command()(maintaining.rewrap)
app.command()(maintaining.backup)
app.command()(maintaining.restore)
app.command()(maintaining.contracts)


def main() -> None:
    """Run a command; a refusal is told in words, with what to do next."""
    try:
        app()
    except Refused as refused:
        error(refused.detail, refused.way_out)
        sys.exit(1)
    except RuntimeError as fault:
        error("That did not work.", str(fault))
        sys.exit(1)
    except httpx.ConnectError:
        error("Nobody answers.", "The region was stopped: start it again with `make demo`.")
        sys.exit(1)
    finally:
        # A service's log must hide what an exception says; whoever sits at the command line may read it.
        sys.excepthook = sys.__excepthook__


if __name__ == "__main__":
    main()
