"""The door for files: larger forms than elsewhere, and never on a disk, not even for a moment."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from services.desk.door import Door, simple

LARGEST_FILE: Final = 2_000_000
"""Bytes. Larger ones come in by the command line."""
LARGEST_FORM: Final = 3_000_000
"""Bytes, with the file in the letters that a form can hold. More is not read; a page says so."""
LARGEST_BODY: Final = 10 * LARGEST_FORM
"""Bytes after which the line is cut, page or not: of who does not say beforehand how much is to come."""


class _InMemory(MultiPartParser):
    """Files stay in memory: `request.form()` would put what is above a megabyte on a disk."""

    spool_max_size = 32_000_000


class FileDoor(Door):
    """The route class of pages that take a file; its routes say `max_body_size=LARGEST_BODY`."""

    LARGEST: ClassVar[int] = LARGEST_FORM
    TOO_LARGE: ClassVar[str] = "pages/imports/too_large.html"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if int(request.headers.get("content-length", 0)) > self.LARGEST:
                return simple(request.app.state.desk, request, self.TOO_LARGE, 413)
            try:
                return await inner(request)
            finally:
                if (sent := getattr(request.state, "sent", None)) is not None:
                    await sent.close()

        return handle

    async def sent(self, request: Request) -> FormData:
        """Raises HTTPException 400 for what is no form."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await request.form(max_part_size=self.LARGEST)
        parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=600, max_part_size=self.LARGEST)
        try:
            request.state.sent = await parser.parse()
        except MultiPartException as wrong:
            raise HTTPException(400) from wrong
        found: FormData = request.state.sent
        return found
