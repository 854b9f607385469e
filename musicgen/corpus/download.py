"""Downloads over bad lines: resumed where they broke, tried again with back-off, verified."""

import hashlib
import http.client
import io
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from musicgen.corpus.http_answer import extent, plain, retry_after, skip, version
from musicgen.errors import BadInput

_log = logging.getLogger(__name__)

# What a server says when the same request may succeed a little later.
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class RemoteFile:
    """A published file.

    Attributes:
        name: file name.
        url: where it is.
        bytes: its exact size.
        md5: its MD5 in hexadecimal, which is what its publishers give.
    """

    name: str
    url: str
    bytes: int
    md5: str


@dataclass(frozen=True)
class Patience:
    """How long a download is tried for.

    Attributes:
        attempts: tries in a row without progress after which it is given up.
        first_attempts: the same before a single byte arrived: without a network, tell soon.
        first_wait_seconds: wait after the first failure; it doubles with each further one.
        longest_wait_seconds: and never becomes longer than this.
        timeout_seconds: how long the server may be silent.
        progress_bytes: what must arrive for a try to count as progress.
        least_bytes_per_second: slower than this over ``timeout_seconds`` counts as broken.
    """

    attempts: int = 6
    first_attempts: int = 3
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    timeout_seconds: float = 30.0
    progress_bytes: int = 2**20
    least_bytes_per_second: int = 1024


class Download(io.RawIOBase):
    """A remote file as a stream of bytes, which survives broken connections.

    Bytes may be used as they come, but are proven only when ``verify`` has returned.

    Args:
        file: what to get.
        patience: how long to try.
        on_bytes: is told of each stretch of bytes that arrived.
        remedy: what the reader can do if the file cannot be had; a sentence.
    """

    def __init__(
        self,
        file: RemoteFile,
        patience: Patience = Patience(),
        on_bytes: Callable[[int], None] = lambda count: None,
        remedy: str = "Try again later.",
    ) -> None:
        self.file, self.patience, self.on_bytes, self.remedy = file, patience, on_bytes, remedy
        self._response: http.client.HTTPResponse | None = None
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._at = 0  # bytes that were given to the reader
        self._version: str | None = None  # the server's name for the file's content
        self._failures = 0
        self._reached = 0  # bytes at the last failure that came after progress
        self._window = (time.monotonic(), 0)

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def readinto(self, buffer) -> int:
        """Read up to ``len(buffer)`` bytes, however often the connection breaks meanwhile.

        Raises:
            BadInput: the server does not have the file, has another one, or is out of reach.
        """
        count = min(len(buffer), self.file.bytes - self._at)
        if count == 0:
            return 0
        while True:
            try:
                data = self._receive(count)
                break
            except (OSError, http.client.HTTPException) as error:
                self._recover(error)
        buffer[: len(data)] = data
        self._md5.update(data)
        self._at += len(data)
        self.on_bytes(len(data))
        return len(data)

    def verify(self) -> None:
        """Read what is left and compare the checksum with the published one.

        Raises:
            BadInput: the bytes are not those that were published.
        """
        while self.read(2**20):
            pass
        if self._md5.hexdigest() != self.file.md5:
            raise self._refusal("is not the file that was published (its checksum differs)")

    def close(self) -> None:
        """Close the connection."""
        self._disconnect()
        super().close()

    def _receive(self, count: int) -> bytes:
        if self._response is None:
            self._response = self._connect()
            self._window = (time.monotonic(), 0)
        data = self._response.read1(count)
        if not data:
            raise ConnectionError("the connection was closed early")
        self._check_speed(len(data))
        return data

    def _connect(self) -> http.client.HTTPResponse:
        headers = {"User-Agent": "musicgen", "Accept-Encoding": "identity"}
        if self._at:
            headers["Range"] = f"bytes={self._at}-"
            if self._version:
                headers["If-Range"] = self._version
        try:
            request = urllib.request.Request(self.file.url, headers=headers)
            response = urllib.request.urlopen(request, timeout=self.patience.timeout_seconds)
        except ValueError:
            raise self._refusal("cannot be had (its address is not valid)") from None
        self._version = self._version or version(response)
        begins, total = extent(response)
        if total is not None and total != self.file.bytes:
            response.close()
            raise self._refusal(f"has {total} bytes there, not the {self.file.bytes} published")
        if begins > self._at:
            response.close()
            raise ConnectionError("the server went on at another place")
        # A server that knows no ranges begins anew: what is known already is read and dropped.
        skip(response, self._at - begins)
        return response

    def _check_speed(self, count: int) -> None:
        began, received = self._window
        received += count
        seconds = time.monotonic() - began
        self._window = (began, received)
        if seconds < self.patience.timeout_seconds:
            return
        if received < seconds * self.patience.least_bytes_per_second:
            # Raised after these bytes arrived, so they are asked for once more.
            raise TimeoutError("the server is too slow")
        self._window = (time.monotonic(), 0)

    def _recover(self, error: Exception) -> None:
        """Wait before the next try, or give up."""
        self._disconnect()
        if isinstance(error, urllib.error.HTTPError):
            error.close()
            if error.code not in _PASSING_STATUSES:
                raise self._refusal(f"cannot be had ({plain(error)})") from None
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise self._refusal("cannot be had (the server's certificate is not valid)") from None
        if self._at - self._reached >= self.patience.progress_bytes:
            self._reached, self._failures = self._at, 0
        self._failures += 1
        most = self.patience.attempts if self._at else self.patience.first_attempts
        if self._failures >= most:
            raise self._refusal(f"cannot be had ({plain(error)})") from None
        wait = self.patience.first_wait_seconds * 2 ** (self._failures - 1)
        wait = min(max(wait, retry_after(error)), self.patience.longest_wait_seconds)
        _log.warning(
            "%s: %s at byte %d; going on in %.0f s", self.file.name, plain(error), self._at, wait
        )
        time.sleep(wait)

    def _disconnect(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None

    def _refusal(self, what: str) -> BadInput:
        return BadInput(f"{self.file.name} {what}. {self.remedy}")
