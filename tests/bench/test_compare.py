#!/usr/bin/env python3
"""bench/compare: what it makes of counts, results and times, with engines that are made up.

    test_compare.py SOURCE_DIR
"""
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve() / "bench"))
# pylint: disable=wrong-import-position
from comparison import data, engines, figures, plots, report, search, timing  # noqa: E402

QUERIES = [("term", "a"), ("or2", "a b"), ("or2", "b c")]


class Fake:
    """An engine that answers from lists."""

    def __init__(self, name, counts=(1, 2, 3), results=(), passes=()):
        self.name, self._counts, self._results = name, list(counts), list(results)
        self._passes = iter(passes)
        self.label, self.peer, self.passes = name, name != "ns", 0

    def counts(self):
        return self._counts

    def results(self, limit, queries):
        assert limit == 10 and queries == len(self._results)
        return self._results

    def run(self, _command):
        self.passes += 1
        return next(self._passes)


class Compare(unittest.TestCase):
    def test_a_different_count_fails_the_run(self):
        same = [Fake("ns"), Fake("x"), Fake("y")]
        self.assertEqual(search.compare_counts(same, QUERIES), [1, 2, 3])
        with self.assertRaisesRegex(SystemExit, "or2 'b c': ns 3, y 4"):
            search.compare_counts(same[:2] + [Fake("y", (1, 2, 4))], QUERIES)

    def test_agreement(self):
        ours = Fake("ns", results=[[(1, 2.0), (2, 1.0)], [(5, 1.0)], []])
        theirs = Fake("x", results=[[(2, 1.25), (3, 1.0)], [(5, 1.0)], []])
        found = search.agreement([ours, theirs], QUERIES)
        self.assertEqual(found["words"], {"ns": (1.0, 0.0), "x": (0.75, 0.25)})
        found = search.agreement([ours, theirs], [("phrase2", '"a b"')] + QUERIES[1:])
        self.assertEqual(found["words"]["x"], (1.0, 0.0))
        self.assertEqual(found["phrases"]["x"], (0.5, 0.25))

    def test_what_is_missing_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            for name in ("missing", "bin"):
                (work / name).mkdir()
            (work / "missing" / "lucene").write_text("there is no JDK of at least 21\n")
            (work / "bin" / "fts5_peer").touch()
            said = {engine.name: engine.missing() for engine in engines.all_engines(work, None)}
        self.assertEqual(said["lucene"], said["lucene-bp"])
        self.assertEqual(said["lucene"], "there is no JDK of at least 21")
        self.assertIsNone(said["fts5"])
        for name in ("ns", "ns-bp", "tantivy", "xapian"):
            self.assertRegex(said[name], "_peer is not there; leave out --no-setup")

    def test_engines_take_turns_until_calm(self):
        # Of what follows the warming, every other pass is timed.
        first = Fake("ns", passes=[[v] for v in (200, 100, 100, 100, 70, 7, 80, 8, 90, 9)])
        other = Fake("x", passes=[[v] for v in (50, 50, 50, 10, 1, 20, 2, 30, 3)])
        self.assertEqual(timing.warm([first, other], "TOP_10"), {"ns": 4, "x": 3})
        times = timing.measure([first, other], "TOP_10", 3)
        self.assertEqual(times, {"ns": [(7, 8, 9)], "x": [(1, 2, 3)]})

    def test_summary(self):
        row = timing.summary([(3000, 1000, 2000), (9000, 9000, 1000), (4000,)],
                             ["a", "a", "b"])
        self.assertEqual(row["a"], timing.Row(1.0, 5.5, 5.5, 9.0))
        self.assertEqual(row["b"], timing.Row(4.0, 4.0, 4.0, 4.0))

    def verdict(self, command, ns, peers):
        made = search.Search.__new__(search.Search)
        made.engines = [Fake("ns")] + [Fake(f"p{i}") for i in range(len(peers))]
        made.rows = {(command, "k", "ns"): timing.Row(*ns)}
        made.rows.update({(command, "k", f"p{i}"): timing.Row(*row)
                          for i, row in enumerate(peers)})
        return report.verdicts(made, command, "k", ["ns"])

    def test_verdicts(self):
        # The best of all peers in each figure counts, not one peer.
        self.assertEqual(self.verdict("TOP_10", (1, 10, 10, 10), [(1, 90, 30, 10), (1, 30, 40, 90)]),
                         ["3.00 / 3.00 / 1.00", "reached"])
        self.assertEqual(self.verdict("TOP_10", (1, 10, 10, 10), [(1, 90, 30, 9)])[1],
                         "not reached")
        self.assertEqual(self.verdict("COUNT", (1, 10, 10, 10), [(1, 21, 1, 1)])[1], "reached")
        self.assertEqual(self.verdict("COUNT", (1, 10, 10, 10), [(1, 19, 90, 90)])[1],
                         "not reached; fixed cost is measured")
        self.assertEqual(self.verdict("COUNT", (1, 10, 10, 10), []), ["no peer", ""])

    def test_queries(self):
        self.assertEqual(data.plain('+The "U.S. Bank" -x'), '+the "u s  bank" -x')
        many = [("a", str(i)) for i in range(100)] + [("b", str(i)) for i in range(6)]
        kinds = [kind for kind, _ in data.tenth(many)]
        self.assertEqual((kinds.count("a"), kinds.count("b")), (10, 3))
        self.assertEqual(figures.fts_query('+a +"b c" d -e'),
                         '("a" AND "b c" AND ("a" OR "d")) NOT ("e")')
        self.assertEqual(figures.fts_query("a b"), '("a" OR "b")')

    def test_plots_are_well_formed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "plot.svg"
            for log in (False, True):
                plots.bars(path, "a <b>", "µs", [("x & y", {"ns": 3.0, "p": 1200.0}),
                                                 ("z", {"p": 0.02})], ["ns", "p"], log)
                tree = xml.etree.ElementTree.parse(path)
                bars = [e for e in tree.iter() if e.tag.endswith("rect") and len(e)]
                self.assertEqual(len(bars), 3)
            self.assertNotIn("rotate", path.read_text())
            plots.bars(path, "a", "µs", [("a long name " * 9, {"ns": 3.0}), ("b", {"ns": 4.0})], ["ns"])
            self.assertIn("rotate", path.read_text())  # names would lie on one another
            plots.lines(path, "growth", "µs", "passages", {"ns": [(1, 2.0), (8, 4.0)]})
            tree = xml.etree.ElementTree.parse(path)
            self.assertEqual(sum(e.tag.endswith("circle") for e in tree.iter()), 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=1)
