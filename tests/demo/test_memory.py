import subprocess
import sys

import psutil

from musicgen.demo.memory import MemoryPeak, memory_bytes


def test_children_count_and_the_peak_stays():
    code = "x = bytearray(80_000_000); print('ready', flush=True); input()"
    before = memory_bytes([psutil.Process()])
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child.stdout.readline()
    with MemoryPeak(lambda: [psutil.Process()]) as memory:
        pass
    child.communicate(b"\n")
    assert memory.peak_bytes - before > 75_000_000
    assert memory_bytes([psutil.Process()]) < memory.peak_bytes - 75_000_000


def test_what_has_gone_takes_nothing():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = psutil.Process(child.pid)
    child.communicate(b"\n")
    assert memory_bytes([gone]) == 0
