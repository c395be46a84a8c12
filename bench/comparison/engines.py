"""The engines: how each is built, asked and measured on disk."""
import os
import pathlib
import re
import resource
import shutil
import subprocess
import time

K1, B = "1.2", "0.75"


class Built:
    """What making an index took: processor seconds of all threads, and seconds by the clock."""

    def __init__(self, cpu, wall):
        self.cpu, self.wall = cpu, wall


def timed(argv, log):
    """Runs a program to its end. Only one child runs at a time, so the difference is its own."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open(log, "ab") as out:
        status = subprocess.run([str(arg) for arg in argv], stdout=out, stderr=out,
                                check=False).returncode
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if status:
        raise SystemExit(f"{' '.join(map(str, argv))}: exit {status}; see {log}")
    return Built(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def tree_bytes(path):
    path = pathlib.Path(path)
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return sum(f.stat().st_size for f in files)


class Engine:
    """One engine. `stores` are its ways to keep text, the first one keeps none."""

    name = label = parent = None
    stores, full, both_parameters, threads = ("none",), True, True, False
    peer = True

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.bin = self.work / "bin"
        self.log = self.work / "log" / f"{self.parent or self.name}.log"

    def missing(self):
        """Why it cannot take part; None when it can."""
        note = self.work / "missing" / (self.parent or self.name)
        if note.exists():
            return note.read_text().strip()
        program = pathlib.Path(self.program()[0])
        return None if program.exists() else f"{program} is not there; leave out --no-setup"

    def version(self):
        return subprocess.run([str(arg) for arg in self.program() + ["version"]],
                              capture_output=True, text=True, check=True).stdout.strip()

    def program(self):
        raise NotImplementedError

    def build(self, data, directory, analyzer="whitespace", store="none", threads=1):
        directory = pathlib.Path(directory)
        shutil.rmtree(directory, ignore_errors=True)
        directory.parent.mkdir(parents=True, exist_ok=True)
        return timed(self.build_argv(data, directory, analyzer, store, threads), self.log)

    def serve_argv(self, directory, queries, k1=K1, b=B):
        return [str(arg) for arg in
                self.program() + ["serve", directory, queries, k1, b]]

    def index_bytes(self, directory):
        return tree_bytes(directory)


class Ns(Engine):
    name, label, peer, threads = "ns", "ns", False, True
    stores = ("none", "text")

    def program(self):
        return [self.bin / "ns_peer"]

    def helps(self, command, option):
        text = subprocess.run([str(self.bin / "ns"), command, "--help"], capture_output=True,
                              text=True, check=False).stdout
        return option in text

    def build_argv(self, data, directory, analyzer, store, threads):
        argv = [self.bin / "ns", "index", "--quiet", "--fresh", "--threads", threads,
                "--index", directory]
        if analyzer == "whitespace":
            argv += ["--whitespace", "--one-passage", "--no-stemming", "--title-weight", "0",
                     "--language", "none", "--k1", K1, "--b", B]
        if store == "none" and self.helps("index", "--no-text"):
            argv += ["--no-text"]
        return argv + [data.json]

    def index_bytes(self, directory, store="none"):
        files = [f for f in pathlib.Path(directory).iterdir() if f.is_file()]
        if store == "none":
            files = [f for f in files if f.suffix != ".txt"]
        return sum(f.stat().st_size for f in files)


class NsReordered(Ns):
    name, label, parent = "ns-bp", "ns reordered", "ns"
    stores = ("none",)

    def missing(self):
        note = super().missing()
        if note is None and not self.helps("merge", "--reorder"):
            return "this ns has no --reorder"
        return note

    def build(self, data, directory, analyzer="whitespace", store="none", threads=1):
        first = super().build(data, directory, analyzer, store, threads)
        then = timed([self.bin / "ns", "merge", "--quiet", "--reorder", "--index", directory],
                     self.log)
        return Built(first.cpu + then.cpu, first.wall + then.wall)


class Lucene(Engine):
    name, label, threads = "lucene", "Lucene", True
    stores = ("none", "fast", "small")
    FLAGS = ["-Xms2g", "-Xmx2g", "-XX:+UseParallelGC", "--add-modules", "jdk.incubator.vector"]

    def program(self):
        jars = f"{self.work}/lucene/lucene-peer.jar:{self.work}/lucene/lib/*"
        return [self.bin / "java", *self.FLAGS, "-cp", jars, "peer.Main"]

    def build_argv(self, data, directory, analyzer, store, threads):
        return self.program() + ["build", data.lines, directory, analyzer, store, threads]


class LuceneReordered(Lucene):
    name, label, parent = "lucene-bp", "Lucene BP", "lucene"
    stores = ("none",)

    def build(self, data, directory, analyzer="whitespace", store="none", threads=1):
        plain = f"{directory}.plain"
        first = super().build(data, plain, analyzer, store, threads)
        shutil.rmtree(directory, ignore_errors=True)
        then = timed(self.program() + ["reorder", plain, directory], self.log)
        shutil.rmtree(plain)
        return Built(first.cpu + then.cpu, first.wall + then.wall)


class Tantivy(Engine):
    name, label, threads, both_parameters = "tantivy", "Tantivy", True, False
    stores = ("none", "plain", "lz4", "zstd")

    def program(self):
        return [self.bin / "tantivy_peer"]

    def build_argv(self, data, directory, analyzer, store, threads):
        return self.program() + ["build", data.lines, directory, analyzer, store, threads]


class Xapian(Engine):
    name, label, full = "xapian", "Xapian", False
    stores = ("none", "text")

    def program(self):
        return [self.bin / "xapian_peer"]

    def build(self, data, directory, analyzer="whitespace", store="none", threads=1):
        took = super().build(data, directory, analyzer, store, threads)
        shutil.rmtree(f"{directory}.loose", ignore_errors=True)
        return took

    def build_argv(self, data, directory, analyzer, store, threads):
        return self.program() + ["build", data.lines, directory, store]


class Fts5(Engine):
    name, label, full, both_parameters = "fts5", "SQLite FTS5", False, False
    stores = ("none", "text")

    def program(self):
        return [self.bin / "fts5_peer"]

    def build(self, data, directory, analyzer="whitespace", store="none", threads=1):
        pathlib.Path(directory).unlink(missing_ok=True)
        pathlib.Path(directory).parent.mkdir(parents=True, exist_ok=True)
        return timed(self.build_argv(data, directory, analyzer, store, threads), self.log)

    def build_argv(self, data, directory, analyzer, store, threads):
        return self.program() + ["build", data.lines, directory, store]


def all_engines(work, wanted=None):
    kinds = (Ns, NsReordered, Lucene, LuceneReordered, Tantivy, Xapian, Fts5)
    return [kind(work) for kind in kinds if not wanted or kind.name in wanted]


def cpu_name():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{found[1] if found else os.uname().machine}, {os.cpu_count()} processors"
