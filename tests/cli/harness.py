"""What the tests of the command share. A test file is run as

    test_WHAT.py NS SOURCE_DIR [NAME…]

and imports from here: the program, a way to run it, temporary folders.
"""
import array
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import termios
import unittest

NS = os.path.abspath(sys.argv[1])
SOURCE = pathlib.Path(sys.argv[2]).resolve()
SHARED = pathlib.Path(os.environ.get("NS_SHARED", SOURCE / ".." / "shared"))
SEED = int(os.environ.get("NS_SEED", "1"))


# A sanitizer's finding must not look like "nothing found".
SANITIZERS = {name: os.environ.get(name, "") + ":exitcode=97"
              for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")}


# The shadow memory of a sanitizer is not the memory that limits are about.
SANITIZED = any(b"__%s_init" % kind in pathlib.Path(NS).read_bytes() for kind in (b"asan", b"tsan"))


def run(*args, cwd=None, stdin=b"", env=None, check=None):
    result = subprocess.run([NS, *(a if isinstance(a, bytes) else str(a) for a in args)], cwd=cwd, input=stdin, capture_output=True,
                            env={**os.environ, "NS_INDEX": "", "LC_ALL": "C.UTF-8", **SANITIZERS,
                                 **(env or {})})
    if result.returncode == 97 or result.returncode < 0:
        raise AssertionError(f"ns {args} crashed ({result.returncode})\n{result.stderr.decode()}")
    if check is not None and result.returncode != check:
        raise AssertionError(f"ns {args}: exit {result.returncode}, expected {check}\n"
                             f"{result.stdout.decode()}\n{result.stderr.decode()}")
    return result


def lines(records):
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def peak_mb(*args, cwd, check):
    """Runs ns and gives its peak memory in MB and what it said. A small process starts it: the peak
    of a child begins with what its parent has."""
    starter = ("import resource, subprocess, sys\n"
               "code = subprocess.call(sys.argv[1:])\n"
               "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n")
    result = subprocess.run([sys.executable, "-S", "-c", starter, NS, *args], cwd=cwd,
                            capture_output=True, text=True, check=True,
                            env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
    code, peak = map(int, result.stdout.split()[-2:])
    if code != check:
        raise AssertionError(f"ns {args}: exit {code}, expected {check}\n{result.stderr}")
    return peak / 1024, result.stderr


def wait_until_read(process, pipe):
    """Returns when the process has read all that is in the pipe and waits for more."""
    left = array.array("i", [1])
    while True:
        fcntl.ioctl(pipe, termios.FIONREAD, left)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as stat:
            waiting = stat.read().rsplit(")", 1)[1].split()[0] == "S"
        if left[0] == 0 and waiting:
            return
        if process.poll() is not None:
            raise AssertionError(f"ended early: {process.returncode}")
        os.sched_yield()


class Temporary(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ns-cli-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def index(self, records, *options):
        run("index", "-q", *options, "-", cwd=self.dir, stdin=lines(records), check=0)

    def query(self, *args, check=None):
        result = run("query", "--json", *args, cwd=self.dir, check=check)
        return json.loads(result.stdout) if result.stdout else None


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
