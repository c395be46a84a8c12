#!/usr/bin/env python3
"""The index is the same, to the byte, for any --threads and any --memory; merging stays inside
--memory."""
import itertools
import json
import os
import random
import shutil
import subprocess

from harness import NS, SANITIZED, SANITIZERS, SEED, Temporary, lines, main, peak_mb, run
from harness import wait_until_read

LEAST_BATCH = 256 << 10  # of text; src/index/builder.c


def articles(megabytes, first=0):
    """Articles as lines, about so much text: words by Zipf's law, some Chinese, repeated ids."""
    generator = random.Random(SEED + first)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(generator.choices(letters, k=generator.randrange(2, 11)))
             for _ in range(60000)]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    chinese = "关税谈判代表团在日内瓦恢复了双边贸易会谈并发表声明欢迎各方继续努力"
    records, size = [], 0
    while size < megabytes * 1e6:
        number = first + len(records)
        body = []
        for _ in range(generator.randrange(1, 90)):
            sentence = generator.choices(words, cum_weights=weights, k=generator.randrange(3, 30))
            body.append(" ".join(sentence).capitalize() + generator.choice(".....?!"))
        if number % 40 == 0:
            body.append("".join(generator.choices(chinese, k=300)) + "。")
        records.append({"id": f"a{number - 7 if number % 50 == 49 else number}",
                        "title": " ".join(generator.choices(words, cum_weights=weights, k=6)),
                        "body": " ".join(body), "date": f"2025-{number % 12 + 1:02}-03",
                        "source": f"paper {number % 9}", "n": number})
        size += len(records[-1]["body"])
    return lines(records)


class Parallel(Temporary):
    SETTINGS = [(1, "1M"), (2, "1M"), (5, "1M"), (3, "9M"), (1, "64M"), (8, "64M"), (2, "512M"),
                (4, "2G")]
    if SANITIZED:  # ten times as slow: through the pipe with runs in files, here without
        SETTINGS = [(4, "2G")]

    def files(self):
        return {f.name: f.read_bytes() for f in (self.dir / ".ns").iterdir()}

    def test_same_bytes_for_any_threads_and_memory(self):
        data = articles(3 if SANITIZED else 9)
        self.assertGreater(len(data), 10 * LEAST_BATCH)  # ten batches and more of the smallest
        (self.dir / "in.jsonl").write_bytes(data)
        first = None
        for threads, memory in self.SETTINGS:
            shutil.rmtree(self.dir / ".ns", ignore_errors=True)
            run("index", "-q", "--threads", threads, "--memory", memory, "in.jsonl", cwd=self.dir,
                check=0)
            files = self.files()
            first = first or files
            self.assertEqual(set(files), set(first))
            for name, text in files.items():
                self.assertEqual(text == first[name], True, (threads, memory, name))
        if not SANITIZED:  # the same bytes, looked at by one thread
            run("check", cwd=self.dir, check=0)
        self.assertEqual(len(first), 8)  # five, tombstones, manifest, lock
        self.through_a_pipe(data, first)

    def through_a_pipe(self, data, wanted):
        """The same through a pipe, which shows that the smallest memory keeps its runs in a file:
        it is there before the end was read."""
        shutil.rmtree(self.dir / ".ns")
        process = subprocess.Popen([NS, "index", "-q", "--threads", "2", "--memory", "1M", "-"],
                                   cwd=self.dir, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env={**os.environ, **SANITIZERS, "NS_INDEX": ""})
        process.stdin.write(data[:-10])
        process.stdin.flush()
        wait_until_read(process, process.stdin.fileno())
        spooled = [f.stat().st_size for f in (self.dir / ".ns").glob("tmp-run*")]
        process.stdin.write(data[-10:])
        process.stdin.close()
        self.assertEqual(process.wait(), 0)
        self.assertGreater(sum(spooled), 1 << 18, spooled)
        for name, text in self.files().items():
            self.assertEqual(text == wanted[name], True, name)

    def test_memory_bounds_threads(self):
        """Threads have tables of their own: as many as there is memory for work, and who asked for
        more is told."""
        records = lines([{"id": "1", "body": "zebra"}])
        for threads, memory, worked in ((16, "64M", 2), (16, "128M", 4), (3, "512M", 3), (1, "1M", 1)):
            given = ["index", "--fresh", "--threads", str(threads), "--memory", memory, "-"]
            said = run(*given, cwd=self.dir, stdin=records, check=0).stderr.decode()
            self.assertEqual(f"{worked} of {threads} threads worked" in said, worked < threads, said)
            result = run(*given, "--json", cwd=self.dir, stdin=records, check=0)
            self.assertEqual(json.loads(result.stdout)["threads"], worked)

    def test_merging_in_bounded_memory(self):
        """Four segments with deleted articles, at two limits: the peak stays under each, and the
        result is the same."""
        for part in range(4):
            (self.dir / "in.jsonl").write_bytes(articles(0.5 if SANITIZED else 4, 100000 * part))
            run("index", "-q", "in.jsonl", cwd=self.dir, check=0)
        run("delete", "-q", *(f"a{i}" for i in range(3, 400, 7)), cwd=self.dir, check=0)
        shutil.copytree(self.dir / ".ns", self.dir / "copy.ns")
        for index, memory in ((".ns", 40), ("copy.ns", 512)):
            peak, said = peak_mb("merge", "--index", index, "--memory", f"{memory}M", cwd=self.dir,
                                 check=0)
            self.assertIn("4 segments merged", said)
            print(f"merge --memory {memory}M: peak {peak:.0f} MB")
            if not SANITIZED:
                self.assertLess(peak, memory * 1.25)
        one, other = self.files(), {f.name: f.read_bytes() for f in (self.dir / "copy.ns").iterdir()}
        self.assertEqual(one == other, True)
        run("check", cwd=self.dir, check=0)
        self.assertEqual(json.loads(run("stats", "--json", cwd=self.dir).stdout)["segments"], 1)


if __name__ == "__main__":
    main()
