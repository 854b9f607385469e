"""Connections that ask and listen at little cost: the cores are the server's as well.

A usual client takes longer to send a request and to read its refusal than the server takes to
refuse it, so that with ten times the peak it would measure itself.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        status: of the answer.
        body: as it came: an answer without a length has the lines between its chunks.
        seconds: from asking to the end.
        first_seconds: from asking to the mark, 0 where it never came.
    """

    status: int
    body: bytes
    seconds: float
    first_seconds: float


class Connection(asyncio.Protocol):
    """A kept connection for one request at a time; looks at no more than it has to."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the server."""
        self.transport = transport

    async def ask(self, request: bytes, mark: bytes) -> Reply:
        """Send a request and return its answer; raises ConnectionError if there is none."""
        self._mark, self._data, self._head, self._length = mark, bytearray(), -1, None
        self._first = 0.0
        self._done = asyncio.get_running_loop().create_future()
        started = time.perf_counter()
        self.transport.write(request)
        await self._done
        first = self._first - started if self._first else 0.0
        body, status = bytes(self._data[self._head :]), int(self._data[9:12])
        return Reply(status, body, time.perf_counter() - started, first)

    def data_received(self, data: bytes) -> None:
        """Take in a part of the answer."""
        self._data += data
        if self._head < 0 and (end := self._data.find(b"\r\n\r\n")) >= 0:
            self._head = end + 4
            length = _LENGTH.search(self._data, 0, end)
            self._length = int(length[1]) if length else None
        # A mark may come in two parts, so what was there before is looked through again.
        if self._mark and not self._first and self._mark in self._data:
            self._first = time.perf_counter()
        if self._whole() and not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits."""
        if hasattr(self, "_done") and not self._done.done():
            self._done.set_exception(error or ConnectionError("The server hung up."))

    def _whole(self) -> bool:
        if self._head < 0:
            return False
        if self._length is None:
            return self._data.endswith(_LAST_CHUNK)
        return len(self._data) - self._head >= self._length


class Wire:
    """Connections to a server, as many as are asked over at once. Use it as a context."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname, place.port
        self._idle: list[Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_) -> None:
        while self._idle:
            self._idle.pop().transport.close()

    async def post(
        self, path: str, body: dict[str, Any] | bytes, accept: str = "*/*", mark: bytes = b""
    ) -> Reply:
        """Send JSON, or a MIDI file; ``mark`` is what to time in the answer.

        Raises:
            OSError: no answer comes.
        """
        is_file = isinstance(body, bytes)
        content = body if is_file else json.dumps(body).encode()
        kind = "audio/midi" if is_file else "application/json"
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAccept: {accept}\r\n"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
        connection = await self._connection()
        try:
            reply = await connection.ask(head.encode() + content, mark)
        except BaseException:
            connection.transport.abort()
            raise
        self._idle.append(connection)
        return reply

    async def _connection(self) -> Connection:
        while self._idle:
            if not (kept := self._idle.pop()).transport.is_closing():
                return kept
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, self._host, self._port))[1]
