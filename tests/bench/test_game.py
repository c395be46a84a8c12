#!/usr/bin/env python3
"""bench/search-benchmark-game: its Makefile and its answers, against counting by hand.

    test_game.py BUILD_DIR SOURCE_DIR [NAME…]
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SHARED = pathlib.Path(os.environ.get("NS_SHARED", SOURCE / ".." / "shared"))
QUERIES = SHARED / "corpora" / "sbg_queries.txt"


def documents():
    """The articles of corpus/ as the benchmark has its own: lower-case words, one space."""
    out = []
    for path in sorted((SOURCE / "corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            text = re.sub("[^a-z]+", " ", record.get("body", "").lower()).strip()
            out.append({"id": record["id"], "text": text})
    return out


def parts(query):
    """(sign, words) of each word or phrase."""
    found = re.findall(r'([+-]?)(?:"([^"]*)"|([^\s"]+))', query)
    return [(sign, (phrase or word).split()) for sign, phrase, word in found]


def matching(texts, query):
    """How many of the texts match: all that is required, nothing excluded, something wanted."""
    def stands(text, words):
        return f" {' '.join(words)} " in text

    count = 0
    for text in texts:
        must = [stands(text, words) for sign, words in parts(query) if sign == "+"]
        should = [stands(text, words) for sign, words in parts(query) if not sign]
        no = [stands(text, words) for sign, words in parts(query) if sign == "-"]
        count += all(must) and not any(no) and (bool(must) or any(should))
    return count


class Game(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ns-game-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.texts = [f" {record['text']} " for record in documents()]
        (self.dir / "corpus.json").write_text(
            "".join(json.dumps(record) + "\n" for record in documents()))
        self.make("index", f"CORPUS={self.dir}/corpus.json")

    def make(self, *args, stdin=""):
        done = subprocess.run(["make", "--no-print-directory", "-s", "-C",
                               SOURCE / "bench" / "search-benchmark-game", f"NS_BUILD={BUILD}",
                               f"IDX={self.dir}/idx", *args], input=stdin, capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def serve(self, lines):
        lines = list(lines)
        answers = self.make("serve", stdin="".join(line + "\n" for line in lines))
        self.assertEqual(len(answers), len(lines))
        return answers

    def check(self, queries):
        expected = [str(matching(self.texts, query)) for query in queries]
        for command in ("COUNT", "TOP_10_COUNT", "TOP_100_COUNT"):
            self.assertEqual(self.serve(f"{command}\t{query}" for query in queries), expected,
                             command)
        return expected


class Own(Game):
    def test_counts(self):
        counts = self.check(["the", "+the +of", '"of the"', "tariff talks", "+precursor controls",
                             "+the -of", '+"the minister" -talks', "zebra", "export controls"])
        self.assertGreater(len(set(counts)), 4)

    def test_the_other_commands(self):
        self.assertEqual(self.serve(["TOP_10\tthe", "TOP_100\tthe of", "TOP_1000\tzebra",
                                     "UNOPTIMIZED_COUNT\tthe", "TOP_10_FF\tthe", "TOP_0\tthe",
                                     "nonsense", "COUNT\tzebra"]),
                         ["1", "1", "1", "UNSUPPORTED", "UNSUPPORTED", "UNSUPPORTED",
                          "UNSUPPORTED", "0"])

    def test_answers_at_once(self):
        """The benchmark waits for each answer before it asks again."""
        server = subprocess.Popen([BUILD / "bench" / "ns_do_query", self.dir / "idx"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for query in ("the", "zebra", "tariff talks"):
            server.stdin.write(f"COUNT\t{query}\n")
            server.stdin.flush()
            self.assertEqual(server.stdout.readline().strip(), str(matching(self.texts, query)))
        server.stdin.close()
        self.assertEqual(server.wait(), 0)
        server.stdout.close()


class All(Game):
    @unittest.skipUnless(QUERIES.exists(), f"{QUERIES} is missing")
    def test_every_query_of_the_benchmark(self):
        queries = [json.loads(line)["query"] for line in QUERIES.read_text().splitlines()]
        self.assertEqual(len(queries), 962)
        self.check(queries)
        self.assertEqual(self.serve(f"TOP_10\t{query}" for query in queries), ["1"] * 962)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
