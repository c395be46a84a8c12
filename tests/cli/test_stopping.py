#!/usr/bin/env python3
"""Ctrl-C, readers beside writers, and what a folder holds besides articles."""
import fcntl
import json
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import termios

from harness import NS, SANITIZERS, SEED, Temporary, lines, main, run, wait_until_read

ENVIRONMENT = {**os.environ, **SANITIZERS, "NS_INDEX": "", "LC_ALL": "C.UTF-8"}


def records(count, first=0, words=60):
    vocabulary = "harbour talks tariff envoy storm market vote court river bank".split()
    generator = random.Random(SEED * 1000 + first)
    return [{"id": f"a{i}", "title": f"story {i}",
             "body": " ".join(generator.choices(vocabulary, k=words))}
            for i in range(first, first + count)]


class Stopping(Temporary):
    def shown(self):
        return run("show", "--all", "--json", cwd=self.dir, check=0).stdout

    def start(self, *args):
        return subprocess.Popen([NS, *args], cwd=self.dir, stdin=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=ENVIRONMENT)

    def test_ctrl_c_half_way(self):
        """The signal comes when the first half was read and ns waits for the second."""
        self.index(records(20))
        before, files = self.shown(), sorted(os.listdir(self.dir / ".ns"))
        data = lines(records(3000, 10))
        for number in (signal.SIGINT, signal.SIGTERM):
            for args in (("index", "-"), ("index", "--fresh", "-"),
                         ("index", "--memory", "1M", "--threads", "3", "-")):
                process = self.start(*args)
                half = data[:len(data) // 2]
                process.stdin.write(half)
                process.stdin.flush()
                wait_until_read(process, process.stdin.fileno())
                process.send_signal(number)
                self.assertEqual(process.wait(60), 130, args)  # the pipe is open still
                said = process.stderr.read().decode()
                process.stdin.close()
                process.stderr.close()
                self.assertEqual(said.splitlines()[-1], "ns: interrupted; .ns is as it was before")
                self.assertEqual(self.shown(), before)
                self.assertEqual(sorted(os.listdir(self.dir / ".ns")), files)
        run("check", cwd=self.dir, check=0)
        self.index(records(1, 100))  # and the lock is free

    def test_ignored_signals_stay_ignored(self):
        """As `trap '' INT` and `nohup … &` have it."""
        def ignore():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)

        process = subprocess.Popen([NS, "index", "-"], cwd=self.dir, stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=ENVIRONMENT, preexec_fn=ignore)
        process.stdin.write(lines(records(2)))
        process.stdin.flush()
        wait_until_read(process, process.stdin.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        process.stdin.write(lines(records(1, 2)))
        said = process.communicate(timeout=60)[1].decode()
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("3 articles", said)

    def test_ctrl_c_while_deleting(self):
        """The signal comes with the system call that is named: before the rename of the manifest
        nothing was done, and then all of it."""
        if not shutil.which("strace"):
            self.skipTest("strace is not there")
        renames = "?rename,?renameat,renameat2"  # of which some machines have the last alone
        for call, way in ((renames, ["a1"]), ("flock", ["--query", "harbour"]), ("flock", ["a1"])):
            shutil.rmtree(self.dir / ".ns", ignore_errors=True)
            self.index(records(20))
            before = self.shown()
            done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                   f"inject={call}:signal=SIGINT:when=1", NS, "delete", *way],
                                  cwd=self.dir, capture_output=True, timeout=60,
                                  env={**ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"})
            said = done.stderr.decode()
            if "ptrace" in said:
                self.skipTest(said)
            if call == renames:
                self.assertEqual((done.returncode, said), (0, "1 article deleted\n"))
                self.assertNotEqual(self.shown(), before)
            else:
                self.assertEqual((done.returncode, said),
                                 (130, "ns: interrupted; .ns is as it was before\n"), way)
                self.assertEqual(self.shown(), before)
            self.index(records(1, 100))  # the lock is free

    def test_ctrl_c_before_the_first_commit(self):
        process = self.start("index", "-")
        process.stdin.write(lines(records(1)) + b'{"id": "half')
        process.stdin.flush()
        wait_until_read(process, process.stdin.fileno())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        process.communicate()
        self.assertIn(b"no index", run("query", "x", cwd=self.dir, check=2).stderr)
        self.assertEqual(os.listdir(self.dir), [])

    def test_a_first_run_that_fails_hides_no_index(self):
        self.index(records(3))
        below = self.dir / "below"
        below.mkdir()
        for args, data in ((["--strict", "-"], b"{bad\n"), (["no-such-file"], b"")):
            run("index", *args, cwd=below, stdin=data, check=2)
            self.assertEqual(os.listdir(below), [], args)
        self.assertEqual(run("count", cwd=below, check=0).stdout.split()[0], b"3")
        (below / ".ns").mkdir()  # what a killed writer leaves
        (below / ".ns" / "lock").touch()
        self.assertEqual(run("count", cwd=below, check=0).stdout.split()[0], b"3")
        run("check", cwd=below, check=0)
        run("delete", "a1", cwd=below, check=2)
        self.assertIn(b"no index here", run("count", "-i", ".ns", cwd=below, check=2).stderr)
        os.symlink("nowhere", below / "link")
        said = run("index", "-i", "link", "-", cwd=below, stdin=lines(records(1)), check=2).stderr
        self.assertIn(b"leads nowhere", said)
        self.assertNotIn(b"may this user", said)

    def test_ctrl_c_at_any_time(self):
        generator = random.Random(SEED)
        print(f"seed {SEED}")
        base = self.dir / "base"
        base.mkdir()
        for first in (0, 200, 300):
            run("index", "-q", "-", cwd=base, stdin=lines(records(250, first)), check=0)
        (self.dir / "more.jsonl").write_bytes(lines(records(400, 500)))
        commands = [["index", "-q", "--memory", "1M", "more.jsonl"], ["merge", "-q"],
                    ["merge", "-q", "--reorder", "--memory", "1M"],
                    ["delete", "-q", "--query", "story"]]
        stopped = 0
        for turn in range(24):
            shutil.rmtree(self.dir / ".ns", ignore_errors=True)
            shutil.copytree(base / ".ns", self.dir / ".ns")
            before, files = self.shown(), sorted(os.listdir(self.dir / ".ns"))
            process = self.start(*commands[turn % 4])
            try:
                process.wait(generator.uniform(0.002, 0.06))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            said = process.communicate()[1].decode()
            # Before the handler stands, the signal ends the process.
            self.assertIn(process.returncode, (0, 130, -signal.SIGINT), said)
            run("check", cwd=self.dir, check=0)
            if process.returncode == 130:
                stopped += 1
                self.assertIn("interrupted", said)
                self.assertEqual(sorted(os.listdir(self.dir / ".ns")), files)
            if process.returncode != 0:
                self.assertEqual(self.shown(), before)
        print(f"{stopped} of 24 stopped")


class Readers(Temporary):
    def test_a_reader_keeps_its_snapshot(self):
        """ns show stops in the middle, its pipe being full; the index is changed and its files are
        removed; the rest is what stood there in the beginning."""
        self.index(records(1500))
        before = run("show", "--all", "--json", cwd=self.dir, check=0).stdout
        self.assertGreater(len(before), 500000)
        reader = subprocess.Popen([NS, "show", "--all", "--json"], cwd=self.dir, env=ENVIRONMENT,
                                  stdout=subprocess.PIPE)
        head = reader.stdout.read(1)
        files = set(os.listdir(self.dir / ".ns"))
        self.index(records(700, 1200, words=9))
        run("delete", "a3", "a1499", cwd=self.dir, check=0)
        run("merge", "-q", cwd=self.dir, check=0)
        self.assertEqual(files & set(os.listdir(self.dir / ".ns")), {"lock"})
        self.assertEqual(head + reader.stdout.read(), before)
        reader.stdout.close()
        self.assertEqual(reader.wait(), 0)
        after = run("show", "--all", "--json", cwd=self.dir, check=0).stdout  # opened again
        ids = [json.loads(line)["id"] for line in after.splitlines()]
        self.assertEqual(len(ids), 1898)
        self.assertFalse({"a3", "a1499"} & set(ids))
        run("index", "-q", "--fresh", "-", cwd=self.dir, stdin=lines(records(1)), check=0)
        self.assertEqual(json.loads(run("stats", "--json", cwd=self.dir).stdout)["articles"], 1)

    def test_readers_while_a_writer_works(self):
        self.index(records(30))
        writer = subprocess.Popen([NS, "index", "-q", "-"], cwd=self.dir, stdin=subprocess.PIPE,
                                  env=ENVIRONMENT)
        writer.stdin.write(lines(records(300, 30)))
        writer.stdin.flush()
        wait_until_read(writer, writer.stdin.fileno())
        self.assertEqual(self.query("--count", "story")["hits"]["articles"], 30)
        run("check", cwd=self.dir, check=0)
        for command in (["index", "-"], ["delete", "a1"], ["merge"]):
            result = run(*command, cwd=self.dir, stdin=lines(records(1)), check=2)
            self.assertIn(b"another writer has this index open; try again", result.stderr)
        writer.stdin.close()
        self.assertEqual(writer.wait(), 0)
        self.assertEqual(self.query("--count", "story")["hits"]["articles"], 330)

    def test_folders_skip(self):
        """An index, hidden names and link loops inside a folder are no articles."""
        news = self.dir / "news"
        (news / "deep" / ".hidden").mkdir(parents=True)
        (news / "a.jsonl").write_bytes(lines([{"id": "a", "body": "zebra"}]))
        (news / "deep" / "b.jsonl").write_bytes(lines([{"id": "b", "body": "zebra"}]))
        hidden = lines([{"id": "hidden", "body": "zebra"}])
        (news / ".c.jsonl").write_bytes(hidden)
        (news / "deep" / ".hidden" / "d.jsonl").write_bytes(hidden)
        (news / "deep" / "up").symlink_to("..")
        (news / "self").symlink_to(".")
        (news / "twice.jsonl").symlink_to("twice.jsonl")
        (news / "deep" / "photo.jpg").write_bytes(b"\xff\xd8\0\0")
        run("index", "-q", "a.jsonl", cwd=news, check=0)
        (news / ".ns" / "inside.jsonl").write_bytes(hidden)
        result = run("index", "news", cwd=self.dir, check=1)
        self.assertIn(b"news/twice.jsonl: ", result.stderr)  # a link that leads nowhere
        self.assertIn(b"\n3 passed over in folders", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 5, result.stderr)
        self.assertEqual([r["article"] for r in self.query("--copies", "zebra")["results"]], ["a", "b"])
        (news / "twice.jsonl").unlink()
        run("index", "-q", "--fresh", ".", cwd=news, check=0)
        self.assertEqual(len(run("show", "--all", "--json", cwd=news).stdout.splitlines()), 2)

    def test_folders_skip_indexes_of_any_name(self):
        """Those being made too: their temporary files have names that end with .txt."""
        news = self.dir / "news"
        news.mkdir()
        (news / "a.jsonl").write_bytes(lines([{"id": "a", "body": "zebra"}]))
        (news / "notes").mkdir()
        (news / "notes" / "lock").touch()  # no index for that
        (news / "notes" / "b.txt").write_text("Zebra")
        for index, passed_over in (("news/idx", b"2"), ("news/idx", b"2"), ("news/other", b"3")):
            said = run("index", "--index", index, "news", cwd=self.dir, check=0).stderr
            self.assertIn(b": 2 articles, ", said)
            self.assertIn(b"\n" + passed_over + b" passed over in folders", said)
        self.assertIn(b"no articles in news/idx",
                      run("index", "news/idx", cwd=self.dir, check=0).stderr)


class Progress(Temporary):
    """The bar on a terminal: articles, MB/s, time left; in one line, however narrow."""

    def on_terminal(self, columns, *args, both=False):
        top, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([NS, *args], cwd=self.dir, stderr=side, stdin=subprocess.DEVNULL,
                                   stdout=side if both else subprocess.DEVNULL, env=ENVIRONMENT)
        os.close(side)
        data = b""
        while True:
            try:
                chunk = os.read(top, 65536)
            except OSError:
                break
            data += chunk
            if not chunk:
                break
        os.close(top)
        self.assertEqual(process.wait(), 0)
        return data.decode()

    def test_bar(self):
        folder = self.dir / "news"
        folder.mkdir()
        for i in range(4):  # it is drawn when there is an article, and then ten times a second
            (folder / f"{i}.jsonl").write_bytes(lines(records(250, 250 * i, words=250)))
        for columns in (120, 80, 40, 20):
            said = self.on_terminal(columns, "index", "--memory", "8M", "--threads", "1", "--fresh",
                                    "news")
            frames = [f for f in said.split("\r\x1b[K")[1:] if "\n" not in f]
            self.assertGreater(len(frames), 0, said)
            for frame in frames:
                self.assertLess(len(frame), columns, frame)
            bars = "\n".join(frames)
            if columns >= 80:
                self.assertRegex(bars, r"reading \[#+\.+\] +\d+ %  \d+ articles?  \d+\.\d MB/s  "
                                       r"\d+ s left")
            if columns == 40:
                self.assertRegex(bars, r"reading +\d+ %  \d+ articles?")
            self.assertRegex(said, r"\.ns: 1000 articles, \d+ passages; 1\.\d MB of text in "
                                   r"\d+\.\d s( \(\d+\.\d MB/s\))?\r\n$")
        self.assertEqual(self.on_terminal(80, "index", "-q", "--fresh", "news"), "")
        said = self.on_terminal(80, "index", "-j", "--fresh", "news", both=True)
        self.assertRegex(said, r"\r\x1b\[K\{[^\r]*\}\r\n$")  # nothing stands before it


if __name__ == "__main__":
    main()
