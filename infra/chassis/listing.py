"""A service's routes as one plain page at `/docs`: no script, nothing from elsewhere. Tools read `/openapi.json`."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from infra.chassis.described import ACTION

router = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}}
td,th{{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;border-bottom:1px solid}}</style></head>
<body><h1>{title}</h1><p>{about}</p><p>All of it, for tools: <a href="openapi.json">openapi.json</a>.</p>
{sections}</body></html>
"""


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The page; made anew each time, which is cheap enough for its readers."""
    return HTMLResponse(page(request.app.openapi()))


def page(openapi: Mapping[str, Any]) -> str:
    """An OpenAPI document for people: per tag, each route with the right it asks for."""
    sections: dict[str, list[str]] = {}
    for method, path, operation in _operations(openapi):
        cells = (method.upper(), path, operation.get("summary", ""), operation.get(ACTION) or "")
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        sections.setdefault(operation.get("tags", [""])[0], []).append(f"<tr>{row}</tr>")
    head = "<tr><th>Method</th><th>Path</th><th>What it does</th><th>Right</th></tr>"
    tables = (f"<h2>{escape(tag)}</h2><table>{head}{''.join(rows)}</table>" for tag, rows in sections.items())
    info = openapi["info"]
    return _PAGE.format(
        title=escape(info["title"]), about=escape(info.get("description", "")), sections="\n".join(tables)
    )


def _operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation
