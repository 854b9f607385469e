"""Reading tar.gz archives that nobody vouches for, as a stream, without unpacking them to disk."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from musicgen.errors import BadInput

CHUNK_BYTES = 2**20

# Headers that describe the member after them: long names, attributes. Real ones are short, and
# the reader holds them in memory whole.
_DESCRIPTIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
)
_LONGEST_DESCRIPTION_BYTES = 2**16
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold at the most; a kilobyte of gzip can claim a megabyte of zeros.

    Attributes:
        total_bytes: all of it, unpacked.
        member_bytes: one wanted member.
        members: number of members.
    """

    total_bytes: int
    member_bytes: int = 8 * 2**20
    members: int = 10_000


def members(
    stream: BinaryIO,
    wanted: Callable[[str], bool],
    limits: ArchiveLimits,
    name: str = "The archive",
) -> Iterator[tuple[str, bytes]]:
    """Give names and bytes of the wanted files of a tar.gz, reading it once from end to end.

    Args:
        stream: the compressed bytes.
        wanted: tells by its name whether a member is of interest; others are skipped.
        limits: what is refused as a bomb.
        name: of the archive, for messages.

    Raises:
        BadInput: the archive is damaged, is a bomb, or holds links, devices or names that lead
            out of it, wanted or not.
    """
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unzipped:
            counted = _Counted(unzipped, limits.total_bytes)
            options = {"mode": "r|", "bufsize": CHUNK_BYTES, "tarinfo": _CheckedHeader}
            with tarfile.open(fileobj=counted, **options) as tar:
                for count, member in enumerate(tar, 1):
                    _check(member, count, limits)
                    path = member.name.removeprefix("./")
                    if member.isreg() and wanted(path):
                        yield path, _read(tar, member, limits)
                _expect_end(tar)
    except _Refused as error:
        raise BadInput(f"{name} is refused: {error}.") from None
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, ValueError) as error:
        raise BadInput(f"{name} is damaged ({error}): get it again.") from None


class _Refused(Exception):
    """The archive would do harm."""


class _CheckedHeader(tarfile.TarInfo):
    """Refuses a member by its header, before anything more of it is read."""

    @classmethod
    def frombuf(cls, buf, encoding, errors):
        header = super().frombuf(buf, encoding, errors)
        if header.type in _DESCRIPTIONS:
            if header.size > _LONGEST_DESCRIPTION_BYTES:
                raise _Refused(f"a header of {header.size} bytes")
        elif header.type not in _PLAIN:
            raise _Refused(f"{header.name} is a link, a device or another thing that is no file")
        return header


class _Counted:
    """A reader that stops when more comes out than was agreed."""

    def __init__(self, stream: BinaryIO, limit_bytes: int) -> None:
        self.stream = stream
        self.limit_bytes = self.left_bytes = limit_bytes

    def read(self, size: int) -> bytes:
        data = self.stream.read(size)
        self.left_bytes -= len(data)
        if self.left_bytes < 0:
            raise _Refused(f"it unpacks to more than {self.limit_bytes:,} bytes")
        return data


def _check(member: tarfile.TarInfo, count: int, limits: ArchiveLimits) -> None:
    # Attributes in front of a member can change its name and kind after its header was checked.
    if count > limits.members:
        raise _Refused(f"it holds more than {limits.members:,} members")
    if member.size > limits.total_bytes:  # to pass it over, too, would take as long as it claims
        raise _Refused(f"it unpacks to more than {limits.total_bytes:,} bytes")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise _Refused(f"{member.name} is no plain file")
    steps = member.name.replace("\\", "/").split("/")
    if member.name.startswith(("/", "\\")) or ".." in steps or ":" in steps[0]:
        raise _Refused(f"{member.name} leads out of it")


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo, limits: ArchiveLimits) -> bytes:
    if member.size > limits.member_bytes:
        raise _Refused(f"{member.name} has {member.size:,} bytes, limit {limits.member_bytes:,}")
    data = tar.extractfile(member).read()
    if len(data) != member.size:
        raise tarfile.ReadError(f"{member.name} is cut short")
    return data


def _expect_end(tar: tarfile.TarFile) -> None:
    """Read on to the very end: only zeros may follow, and the checksum must be right.

    Without this, `tarfile` takes a broken header in the middle for the end.
    """
    while chunk := tar.fileobj.read(CHUNK_BYTES):
        if chunk.strip(b"\0"):
            raise tarfile.ReadError("a header is broken")
