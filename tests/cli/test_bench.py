#!/usr/bin/env python3
"""ns bench: its lines, its summary, its messages."""
import json
import random

from harness import SEED, Temporary, main, run


class Bench(Temporary):
    QUERIES = [("or2", "tariff talks"), ("and2", "+tariff +talks"), ("or2", "talks steel"),
               ("none", "zebra"), ("phrase2", '"tariff talks"'), ("not", "talks -steel")]

    def setUp(self):
        super().setUp()
        words = ["tariff", "talks", "steel", "tariff talks", "harvest"]
        random.seed(SEED)
        self.index([{"id": str(i), "title": f"Story {i}",
                     "body": " ".join(random.choice(words) for _ in range(3)) + "."}
                    for i in range(60)])
        text = "# class and query\n\n" + "".join(f"{c}\t{q}\r\n" for c, q in self.QUERIES)
        (self.dir / "queries.tsv").write_text(text)

    def bench(self, *args):
        return run("bench", "--queries", "queries.tsv", "--passes", "3", *args, cwd=self.dir,
                   check=0).stdout.decode()

    def rows(self, *args):
        return [line.split("\t") for line in self.bench(*args).splitlines()]

    def test_a_line_for_each_query(self):
        commands = "TOP_10,TOP_1000,TOP_100_COUNT,COUNT"
        hits = [str(self.query("--count", "--", q)["hits"]["articles"]) for _, q in self.QUERIES]
        self.assertEqual(hits[3], "0")
        self.assertGreater(len(set(hits)), 3)
        for more in ((), ("--no-pruning",), ("--kernels", "portable", "--k1", "1.2", "--b", "1")):
            rows = self.rows("--commands", commands, *more)
            self.assertEqual([r[0] for r in rows], [c for c in commands.split(",")
                                                    for _ in self.QUERIES])
            self.assertEqual([(r[1], r[2]) for r in rows], self.QUERIES * 4)
            self.assertEqual([r[3] for r in rows], hits * 4)
            for row in rows:
                self.assertEqual(len(row), 6)
                self.assertLess(0, float(row[4]))
                self.assertLessEqual(float(row[4]), float(row[5]))
        self.assertEqual(len(self.rows()), len(self.QUERIES))

    def test_queries_that_ask_for_nothing(self):
        (self.dir / "queries.tsv").write_text("none\t-talks\nnone\t&\n")
        out = json.loads(self.bench("--json"))
        self.assertEqual([q["hits"] for q in out["queries"]], [0, 0])
        self.assertIn(out["kernels"], ("portable", "avx2", "avx512"))
        self.assertRegex(run("query", "--profile", "--", "-talks", cwd=self.dir, check=1).stderr.decode(),
                         "(portable|avx2|avx512) kernels")

    def test_summary(self):
        rows = self.rows("--summary", "--commands", "TOP_10,COUNT")
        classes = [("or2", "2"), ("and2", "1"), ("none", "1"), ("phrase2", "1"), ("not", "1"),
                   ("all", "6")]
        self.assertEqual([(r[0], r[1], r[2]) for r in rows],
                         [(c, *row) for c in ("TOP_10", "COUNT") for row in classes])
        for row in rows:
            self.assertLessEqual(float(row[4]), float(row[5]))

    def test_classes_of_any_order(self):
        names = [f"c{i * 7 % 50}" for i in range(200)]
        (self.dir / "queries.tsv").write_text("".join(f"{name}\ttalks\n" for name in names))
        rows = self.rows("--summary")
        self.assertEqual([(r[1], r[2]) for r in rows],
                         [(name, "4") for name in dict.fromkeys(names)] + [("all", "200")])

    def test_as_many_classes_as_queries(self):
        """So many that nobody would wait for their square."""
        names = [f"c{i:05}" for i in range(20000)]
        (self.dir / "queries.tsv").write_text("".join(f"{name}\tx\n" for name in reversed(names)))
        rows = self.rows("--summary", "--passes", "1")
        self.assertEqual([(r[1], r[2]) for r in rows],
                         [(name, "1") for name in reversed(names)] + [("all", "20000")])

    def test_blank_lines(self):
        out = run("bench", "--queries", "-", cwd=self.dir, stdin=b"  \n\t\r\n \t \nx\ttalks\n \n", check=0)
        self.assertEqual(out.stdout.decode().split("\t")[:3], ["TOP_10", "x", "talks"])

    def test_nothing_hostile(self):
        text = b"c\x1b[31m\x9b\ttalks \x9b31m\x1b[1m\n"
        for form in ((), ("--summary",), ("--json",)):
            out = run("bench", "--queries", "-", *form, cwd=self.dir, stdin=text, check=0).stdout
            self.assertNotRegex(out.decode(), "[\x00-\x08\x0b-\x1f\x7f-\x9f]", form)  # which is UTF-8

    def test_json(self):
        out = json.loads(self.bench("--json", "--no-pruning"))
        self.assertEqual((out["version"], out["passes"], out["pruning"]), (1, 3, False))
        self.assertEqual([(q["class"], q["query"]) for q in out["queries"]], self.QUERIES)
        by_class = {row["class"]: row for row in out["summary"]}
        medians = [q["median_us"] for q in out["queries"]]
        self.assertAlmostEqual(by_class["all"]["mean_us"], sum(medians) / 6, delta=0.01)
        self.assertAlmostEqual(by_class["all"]["p99_us"], max(medians), delta=0.01)
        self.assertAlmostEqual(by_class["or2"]["median_us"], (medians[0] + medians[2]) / 2,
                               delta=0.01)
        self.assertNotIn("queries", json.loads(self.bench("--json", "--summary")))

    def test_standard_input(self):
        out = run("bench", "--queries", "-", cwd=self.dir, stdin=b"x\ttalks", check=0).stdout
        self.assertEqual(out.decode().split("\t")[:3], ["TOP_10", "x", "talks"])

    def test_messages(self):
        def said(*args, stdin=b""):
            text = run("bench", *args, cwd=self.dir, stdin=stdin, check=2).stderr.decode()
            self.assertTrue(text.startswith("ns: ") and text.count("\n") == 1, text)
            return text
        for bad in (b"no tab\n", b"\tno class\n", b"no query\t\n", b"a\tb\tc\n", b"a\tb\0c\n",
                    b"a\t" + b"word " * 20000):
            self.assertIn("-:3: ", said("--queries", "-", stdin=b"# one\nx\ttalks\n" + bad),
                          bad[:20])
        self.assertIn("queries.tsv", said("--queries", "missing/queries.tsv"))
        self.assertIn("no queries", said("--queries", "-"))
        self.assertIn("--queries", said())
        self.assertIn("cannot be read", said("--queries", "."))
        for commands in ("TOP_", "TOP_0", "TOP_10,", "COUNTS", "TOP_10_COUNTS", "TOP_999999",
                         "TOP_" + "1" * 40, ",".join(["COUNT"] * 17)):
            self.assertIn("--commands", said("--queries", "queries.tsv", "--commands", commands))
        self.assertIn("--passes", said("--queries", "queries.tsv", "--passes", "0"))
        self.assertIn("--kernels", said("--queries", "queries.tsv", "--kernels", "sse"))


if __name__ == "__main__":
    main()
