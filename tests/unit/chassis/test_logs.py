"""The log tells what happened and of whom it never does, whoever writes and however it is disguised."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog

from infra.chassis import logs, telemetry

PARTICIPANT = "7d1f7a52-60a1-4c7e-9a3d-0f2c5b8e9a11"
NAME = "Oksana Shevchenko"
PLANTED = (PARTICIPANT, NAME, "oksana", "Shevchenko", "+4915112345678", "1991-04-17")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Where the log goes; everything global is put back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, warnings.showwarning)
    raising, levels = logging.raiseExceptions, {n: logging.getLogger(n).level for n in logs._LIBRARY_LEVELS}
    out = io.StringIO()
    logs.set_up("intake", json=True, stream=out)
    yield out
    root.handlers[:], root.level = before[0], before[1]
    sys.excepthook, threading.excepthook, warnings.showwarning = before[2], before[3], before[4]
    logging.raiseExceptions = raising
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def assert_nothing_planted(out: io.StringIO) -> None:
    text = out.getvalue()
    assert [planted for planted in PLANTED if planted.lower() in text.lower()] == []


def test_a_line_says_what_where_and_when(written: io.StringIO) -> None:
    event = UUID("0198f3a0-0000-7000-8000-000000000001")
    structlog.get_logger().info("lane parked", consumer="referrals", event_id=event, count=3)

    (line,) = lines(written)
    assert line.pop("timestamp")
    assert line == {
        "event": "lane parked",
        "level": "info",
        "service": "intake",
        "consumer": "referrals",
        "event_id": str(event),
        "count": 3,
    }


def test_a_line_inside_a_trace_names_the_service_and_the_trace(written: io.StringIO) -> None:
    matching = telemetry.set_up("matching", None)
    with matching.continued("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "handle event"):
        structlog.get_logger().info("handled")
    matching.close()

    (line,) = lines(written)
    assert (line["service"], line["trace"]) == ("matching", "0af7651916cd43dd8448eb211c80319c")


@pytest.mark.parametrize(
    "fields",
    [
        {"participant": PARTICIPANT},
        {"participant_id": UUID(PARTICIPANT)},
        {"email": "oksana@example.org"},
        {NAME: 1},
        {"agency": PARTICIPANT},
        {"agency": NAME},
        {"consumer": f"referrals {NAME}"},
        {"route": f"/v1/participants/{PARTICIPANT}"},
        {"event_id": NAME},
        {"count": 4915112345678},
        {"count": "+4915112345678"},
        {"outcome": {"name": NAME}},
        {"error": "KeyError: 1991-04-17"},
        {"at": "born 1991-04-17"},
        {"literal": NAME},
        {"message": NAME},
    ],
)
def test_a_planted_field_is_left_out_and_counted(written: io.StringIO, fields: dict[str, object]) -> None:
    structlog.get_logger().warning("registered", **fields)

    assert_nothing_planted(written)
    assert lines(written)[0]["dropped"] == 1


@pytest.mark.parametrize("who", [NAME, PARTICIPANT, "oksana"])
def test_words_that_are_composed_are_left_out(written: io.StringIO, who: str) -> None:
    structlog.get_logger().info(f"registered {who}")

    assert_nothing_planted(written)
    assert lines(written)[0]["event"] == "unnamed"


def test_an_exception_is_told_by_class_and_place_only(written: io.StringIO) -> None:
    try:
        try:
            raise ValueError(f"no such person: {NAME}")
        except ValueError as error:
            raise KeyError(PARTICIPANT) from error
    except KeyError:
        structlog.get_logger().exception("handler failed")

    assert_nothing_planted(written)
    (line,) = lines(written)
    assert (line["error"], line["cause"]) == ("KeyError", "ValueError")
    assert "test_an_exception_is_told" in str(line["at"])


def test_of_a_librarys_record_the_literal_message_stays_and_its_arguments_do_not(written: io.StringIO) -> None:
    logging.getLogger("faust.app").warning("Rebalance of %s took long", NAME)
    logging.getLogger("uvicorn.error").error(f"Cannot read {NAME} {PARTICIPANT}")
    try:
        raise ValueError(NAME)
    except ValueError as error:
        logging.getLogger("uvicorn.error").error(error, exc_info=error)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)

    assert_nothing_planted(written)
    literal, composed, bare, raised = lines(written)
    assert (literal["logger"], literal["event"]) == ("faust.app", "Rebalance of %s took long")
    assert (composed["logger"], composed["event"]) == ("uvicorn.error", "unnamed")
    assert (bare["error"], bare["event"]) == ("ValueError", "unnamed")
    assert raised["event"] == "Exception in ASGI application"


def test_statements_and_addresses_are_never_logged(written: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT INTO person VALUES (%s)", NAME)
    logging.getLogger("httpx").info("HTTP Request: GET /v1/participants/%s", PARTICIPANT)
    logging.getLogger("uvicorn.access").info('%s - "GET %s"', "10.0.0.1", f"/v1/participants/{PARTICIPANT}")

    assert written.getvalue() == ""


def test_the_planted_data_would_come_out_without_the_gate() -> None:
    """Positive control: the same record, formatted as usual, holds what the tests above look for."""
    record = logging.LogRecord("faust.app", logging.WARNING, __file__, 1, "Rebalance of %s", (NAME,), None)

    assert NAME in logging.Formatter().format(record)


def test_uncaught_exceptions_and_warnings_lose_their_text(written: io.StringIO) -> None:
    error = ValueError(NAME)
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: int(NAME))
    thread.start()
    thread.join()
    warnings.showwarning(UserWarning(f"unexpected value {NAME}"), UserWarning, "/some/where/model.py", 7)

    assert_nothing_planted(written)
    uncaught, in_thread, warned = lines(written)
    assert (uncaught["event"], uncaught["error"]) == ("uncaught", "ValueError")
    assert (in_thread["event"], in_thread["error"]) == ("uncaught in thread", "ValueError")
    assert (warned["event"], warned["error"], warned["at"]) == ("warning", "UserWarning", "model.py:7")


def test_short_lines_for_a_terminal(written: io.StringIO) -> None:
    terminal = io.StringIO()
    logs.set_up("intake", json=False, stream=terminal)
    structlog.get_logger().info("relay caught up", count=2, note=NAME)

    assert terminal.getvalue().split(" ", 1)[1] == "intake info relay caught up count=2 dropped=1\n"
