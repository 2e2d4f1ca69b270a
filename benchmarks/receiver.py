"""A webhook's receiver that does next to nothing, as a process of its own: `python -m benchmarks.receiver PORT`.

POST /<name> is answered with 204 at once; POST /silent never. GET / gives what came since the last GET, as JSON:
`[[name, id of the event, time.monotonic()], ...]`, on one machine the clock of everybody.
"""

import asyncio
import json
import sys
from time import monotonic
from typing import Final

came: list[tuple[str, str, float]] = []
TAKEN: Final = b"HTTP/1.1 204 -\r\ncontent-length: 0\r\n\r\n"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, _ = head.split(b" ", 2)
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length or 0))
            if method == b"GET":
                said = json.dumps(came).encode()
                came.clear()
                writer.write(b"HTTP/1.1 200 -\r\ncontent-length: %d\r\n\r\n" % len(said) + said)
            elif path == b"/silent":
                await reader.read()
                return
            else:
                came.append((path[1:].decode(), json.loads(body)["id"], monotonic()))
                writer.write(TAKEN)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
