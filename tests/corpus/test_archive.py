import gzip
import io
import tarfile
import tracemalloc

import pytest
from corpus.fake_musicnet import targz
from hypothesis import given
from hypothesis import strategies as st

from musicgen.corpus.archive import ArchiveLimits, members
from musicgen.errors import BadInput

LIMITS = ArchiveLimits(total_bytes=2**20, member_bytes=2**16, members=20)


def read(data: bytes, limits: ArchiveLimits = LIMITS) -> dict[str, bytes]:
    return dict(members(io.BytesIO(data), lambda name: name.endswith(".csv"), limits, "a.tar.gz"))


def special(kind: bytes, name: str = "x.csv", target: str = "") -> bytes:
    """An archive with a member that is no plain file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        header = tarfile.TarInfo(name)
        header.type, header.linkname = kind, target
        tar.addfile(header)
    return buffer.getvalue()


def test_wanted_files_are_given():
    data = targz({"./a.csv": b"1", "long/" * 40 + "b.csv": b"2", "sound.wav": bytes(5000)})
    assert read(data) == {"a.csv": b"1", "long/" * 40 + "b.csv": b"2"}


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:\\a.csv", "../unwanted"]
)
def test_names_that_lead_out_are_refused(name):
    with pytest.raises(BadInput, match="leads out"):
        read(targz({name: b"1"}))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(kind):
    with pytest.raises(BadInput, match="no file"):
        read(special(kind, target="/etc/passwd"))


def test_a_link_with_a_long_target_is_refused():
    with pytest.raises(BadInput, match="no file"):
        read(special(tarfile.SYMTYPE, target="/" + "x" * 300))


def test_bombs_are_refused_before_they_fill_the_memory():
    bomb = targz({"zeros.wav": bytes(2**26)})
    assert len(bomb) < 2**20
    tracemalloc.start()
    with pytest.raises(BadInput, match="unpacks to more"):
        read(bomb)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 2**24


def test_large_members_and_many_members_are_refused():
    with pytest.raises(BadInput, match="limit 65,536"):
        read(targz({"a.csv": bytes(2**16 + 1)}))
    with pytest.raises(BadInput, match="more than 20 members"):
        read(targz({f"{index}.txt": b"" for index in range(21)}))


def test_a_header_that_describes_too_much_is_refused():
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 2**19
    data = gzip.compress(header.tobuf() + bytes(2**19 + 1024))
    with pytest.raises(BadInput, match="a header of 524288 bytes"):
        read(data)


def test_a_member_that_claims_to_have_no_end_is_not_waited_for():
    header = tarfile.TarInfo("sound.wav")
    header.size = 2**62
    with pytest.raises(BadInput, match="unpacks to more"):
        read(gzip.compress(header.tobuf() + bytes(1024)))


@pytest.mark.parametrize(
    "attributes",
    [
        {"GNU.sparse.map": "a,b"},
        {"GNU.sparse.size": "x"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    ],
)
def test_attributes_that_are_no_numbers_are_damage(attributes):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        header = tarfile.TarInfo("a.csv")
        header.pax_headers = attributes
        tar.addfile(header)
    with pytest.raises(BadInput):
        read(buffer.getvalue())


def test_every_cut_is_noticed():
    data = targz({"a.csv": bytes(range(256)) * 20, "b.csv": b"2"})
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(BadInput, match="damaged"):
            read(data[:end])


def test_a_broken_header_is_not_taken_for_the_end():
    data = bytearray(gzip.decompress(targz({"a.csv": b"1", "b.csv": b"2"})))
    assert data[1024:1029] == b"b.csv"
    data[1024] ^= 1
    with pytest.raises(BadInput, match="damaged"):
        read(gzip.compress(bytes(data)))


@given(st.integers(0, 150), st.integers(1, 255))
def test_no_flipped_byte_goes_unnoticed(at, mask):
    """The checksum of gzip sees them all, but for its own header's date and name."""
    data = bytearray(targz({"a.csv": bytes(range(100))}))
    at = min(10 + at, len(data) - 1)
    data[at] ^= mask
    with pytest.raises(BadInput):
        read(bytes(data))
