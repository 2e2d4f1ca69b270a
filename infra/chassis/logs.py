"""The log: one line per happening on standard output, JSON for machines or short lines on a terminal.

`log.info("lane parked", consumer="referrals", event_id=...)`: words that stand literally in the source, and fields that
`harmless.LOG_WORDS` lists. A composed text, a name, an id of a participant, the text of an exception do
not get through: they are left out and only counted (`dropped`), exceptions are told by class and lines of code.
Libraries' own records pass the same gate; their message is kept as their source has it, without its arguments.

uvicorn's access log is off, since its paths hold ids: the spans and `lotse_http_requests` tell about requests.
"""

import asyncio
import logging
import sys
import threading
import warnings
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, TextIO

import structlog
from opentelemetry import trace

from infra.chassis import telemetry
from infra.chassis.harmless import LOG_WORDS, class_name, only_listed

_LIBRARY_LEVELS: Final[Mapping[str, int]] = {
    "uvicorn.access": logging.CRITICAL + 1,
    "httpx": logging.WARNING,  # its INFO lines are addresses
    "httpcore": logging.WARNING,
    "sqlalchemy": logging.WARNING,  # its INFO lines are statements and parameters
    "kafka": logging.WARNING,
    "aiokafka": logging.WARNING,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
}
_FRAMES: Final = 5
UNNAMED: Final = "unnamed"
"""Stands where a composed text would have stood."""


def set_up(service: str, *, json: bool | None = None, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Routes structlog and the standard library's logging to `stream` (standard output), once per process.

    `service` is named on lines of which neither span nor task tells the service. `json` None means: unless `stream`
    is a terminal. Start uvicorn with `log_config=None, access_log=False`, else it puts its own handlers back.
    """
    out = stream or sys.stdout
    as_json = not out.isatty() if json is None else json

    def where(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        context = trace.get_current_span().get_span_context()
        entry["service"] = telemetry.current_service() or entry.get("service") or service
        if context.is_valid:
            entry["trace"] = format(context.trace_id, "032x")
        return entry

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
        where,
    ]
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer() if as_json else _short
    handler = logging.StreamHandler(out)
    handler.addFilter(_only_literal)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_from_library, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, told, renderer],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _literal_event,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in [*logging.root.manager.loggerDict, *_LIBRARY_LEVELS]:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name, threshold in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(threshold)
    # A handler that fails would print the record with its arguments.
    logging.raiseExceptions = False
    _take_over_hooks()


def told(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor before the renderer: what is left of an entry that may be told."""
    error = _exception_of(entry.pop("exc_info", None))
    event = entry.pop("event", None)
    kept = only_listed(entry, LOG_WORDS)
    dropped = len(entry) - len(kept)
    line: dict[str, Any] = {"event": event if isinstance(event, _Literal) else UNNAMED, **kept}
    if error is not None:
        line["error"], line["at"] = class_name(error), _places(error.__traceback__)
        if (cause := error.__cause__ or error.__context__) is not None:
            line["cause"] = class_name(cause)
    return {**line, "dropped": dropped} if dropped else line


class _Literal(str):
    """A text that stands word for word in the code that logged it: composed ones may hold anything."""


def _literal_in(code: CodeType | None, text: object) -> str:
    if code is None or not isinstance(text, str) or text not in code.co_consts:
        return UNNAMED
    return _Literal(text.strip())


def _literal_event(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("structlog"):
        frame = frame.f_back
    entry["event"] = _literal_in(frame.f_code if frame else None, entry.get("event"))
    return entry


def _only_literal(record: logging.LogRecord) -> bool:
    """Keeps of a library's record the message as its source has it, if it has; never its arguments."""
    if isinstance(record.msg, dict):  # an entry of ours, on its way through the standard library
        return True
    frame: FrameType | None = sys._getframe()
    while frame is not None and (frame.f_code.co_filename, frame.f_code.co_name) != (record.pathname, record.funcName):
        frame = frame.f_back
    record.msg = _literal_in(frame.f_code if frame else None, record.msg)
    record.args = ()
    return True


def _from_library(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = entry["_record"]
    entry["event"], entry["logger"], entry["exc_info"] = record.msg, record.name, record.exc_info
    return entry


def _exception_of(exc_info: object) -> BaseException | None:
    if exc_info is True:
        return sys.exc_info()[1]
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def _places(traceback: TracebackType | None) -> str:
    """The innermost lines of code, the failing one first: `relay.py:41 publish < worker.py:12 run`."""
    places: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return " < ".join(reversed(places[-_FRAMES:]))


def _short(_: Any, __: str, entry: MutableMapping[str, Any]) -> str:
    head = [str(entry.pop(key, "")) for key in ("timestamp", "service", "level", "event")]
    entry["trace"] = str(entry.get("trace", ""))[:8]
    return " ".join([*head, *(f"{key}={value}" for key, value in entry.items() if value != "")])


def _take_over_hooks() -> None:
    """What Python would print to standard error with full text: uncaught exceptions and warnings."""
    log = structlog.get_logger("python")

    def uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        if not issubclass(kind, (KeyboardInterrupt, asyncio.CancelledError)):
            log.critical("uncaught", exc_info=error)

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.critical("uncaught in thread", exc_info=args.exc_value)

    def warned(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        log.warning("warning", error=class_name(category), at=f"{Path(filename).name}:{lineno}")

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    warnings.showwarning = warned
