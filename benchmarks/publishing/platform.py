"""A platform that takes every post after 5 ms and counts: `python -m
benchmarks.publishing.platform PORT`.
"""

from __future__ import annotations

import asyncio
import sys

SECONDS = 0.005
seen: list[bytes] = []


def answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        len(body),
        body,
    )


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
    except asyncio.IncompleteReadError:
        return writer.close()
    if head.startswith(b"get /count"):
        writer.write(answer(b"%d %d" % (len(seen), len(set(seen)))))
    else:
        fields = dict(line.partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
        await reader.readexactly(int(fields.get(b"content-length", 0)))
        await asyncio.sleep(SECONDS)
        seen.append(fields[b"idempotency-key"])
        writer.write(answer(b'{"id": "live"}'))
    await writer.drain()
    return writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
