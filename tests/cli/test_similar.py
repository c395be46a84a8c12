#!/usr/bin/env python3
"""ns similar: which words it looks for, by hand; what it finds; what it cannot."""
import json
import math
import random

from harness import SEED, Temporary, main, run


class Similar(Temporary):
    def similar(self, *args, check=0):
        out = run("similar", "--json", *args, cwd=self.dir, check=check).stdout
        return json.loads(out)["results"]

    def test_words_by_hand(self):
        random.seed(SEED)
        print(f"seed {SEED}")
        words = [f"w{i}" for i in range(120)]
        texts = {f"a{n}": [random.choice(words[:random.choice((9, 40, 120))])
                           for _ in range(random.randrange(8, 60))] for n in range(150)}
        titles = {name: [random.choice(words) for _ in range(random.randrange(3))] for name in texts}
        for part in range(2):
            self.index([{"id": name, "title": " ".join(titles[name]), "body": " ".join(text)}
                        for i, (name, text) in enumerate(texts.items()) if i % 2 == part],
                       *([] if part else ["--whitespace", "--no-stemming", "--one-passage"]))
        df = {w: sum(w in texts[n] or w in titles[n] for n in texts) for w in words}
        for name in random.sample(sorted(texts), 8):
            for most in (5, 40):
                wanted = {}
                for word in set(texts[name] + titles[name]):
                    tf = texts[name].count(word) + 2 * titles[name].count(word)
                    if df[word] > 1:
                        idf = math.log(1 + (len(texts) - df[word] + 0.5) / (df[word] + 0.5))
                        wanted[word] = (tf / (tf + 4) * idf, tf / (tf + 4))
                best = sorted(wanted.values(), reverse=True)
                least = best[:most][-1][0]
                found = self.similar("--explain", "-n", "1000", "--ranking", "bm25", "--words",
                                     str(most), name)
                parts = {p["terms"]: p["weight"] for r in found for p in r["explain"]["parts"]}
                self.assertEqual(len(parts), min(most, len(best)))
                for word, weight in parts.items():
                    self.assertGreaterEqual(wanted[word][0], least - 1e-9)
                    self.assertAlmostEqual(weight, wanted[word][1], 3)
                with_a_word = {n for n in texts if set(texts[n] + titles[n]) & set(parts)} - {name}
                self.assertEqual({r["article"] for r in found}, with_a_word)

    def test_headlines_not_searched(self):
        """With --title-weight 0 a headline's words count once, and no other headline has them."""
        self.index([{"id": "a", "title": "zebra crossing lion", "body": "one"},
                    {"id": "b", "title": "lion", "body": "two"},
                    {"id": "c", "title": "c", "body": "a zebra ran"}, {"id": "d", "body": "fog"}],
                   "--title-weight", "0", "--no-stemming")
        found = self.similar("--ranking", "bm25", "--explain", "a")
        self.assertEqual([r["article"] for r in found], ["c"])
        parts = found[0]["explain"]["parts"]
        self.assertEqual([(p["terms"], p["weight"]) for p in parts], [("zebra", 0.2)])

    def test_ranking(self):
        self.index([{"id": str(i), "body": f"fog signal{' fog' * i} keeper. Harbour {i}."} for i in range(9)])
        plain = self.similar("--ranking", "bm25", "3")
        found = self.similar("3")
        self.assertEqual(self.similar("--ranking", "default", "3"), found)
        self.assertEqual({r["article"] for r in found}, {r["article"] for r in plain})
        self.assertNotEqual([r["score"] for r in found], [r["score"] for r in plain])
        none = run("similar", "--words", "0", "3", cwd=self.dir, check=2)
        self.assertIn(b"--words 0: give a whole number from 1 to 256", none.stderr)

    def test_related(self):
        stories = {"fog": "harbour fog signal lighthouse keeper", "chess": "bishop gambit endgame rook",
                   "bees": "hive nectar swarm beekeeper queen"}
        self.index([{"id": f"{name}{i}", "lang": "en", "source": f"s{i}",
                     "title": "Report", "body": f"The {words} of {name}day{i}. It was so."}
                    for name, words in stories.items() for i in range(4)])
        for name in stories:
            ids = [r["article"] for r in self.similar(f"{name}1", "-n", "3")]
            self.assertEqual(sorted(ids), [f"{name}{i}" for i in (0, 2, 3)])
        self.assertEqual(len(self.similar("fog1", "--group", "source", "-n", "50")), 4)
        text = run("similar", "--tsv", "--fields", "id", "-n", "2", "--offset", "1", "bees0",
                   cwd=self.dir, check=0).stdout.decode()
        self.assertRegex(text, r"\Abees\d\nbees\d\n\Z")

    def test_replaced_and_deleted(self):
        self.index([{"id": i, "body": "fog " + i} for i in ("one", "two", "three")])
        self.index([{"id": "one", "body": "two three"}])
        run("delete", "-q", "three", cwd=self.dir, check=0)
        self.assertEqual([r["article"] for r in self.similar("one")], ["two"])
        self.assertIn(b"there is no article three", run("similar", "three", cwd=self.dir,
                                                       check=1).stderr)

    def test_ids_that_look_like_patterns(self):
        ids = ["a*", "ab", "a?", "a\\*", "a\\b", "*", "a\"b\"", "a b)"]
        self.index([{"id": i, "body": "fog harbour", "source": i} for i in ids])
        for i in ids:
            found = [r["article"] for r in self.similar("--copies", i)]
            self.assertEqual(sorted(found), sorted(set(ids) - {i}), i)
        for query, wanted in (("id:a\\*", ["a*"]), ("id:a*", [i for i in ids if i[0] == "a"]),
                              ("id:a\\\\\\*", ["a\\*"]), ("source:a\\?", ["a?"]), ("id:a??", ["a\\*", "a\\b"]),
                              ("source:a\\\\b", ["a\\b"])):
            found = [r["article"] for r in self.query("--copies", query)["results"]]
            self.assertEqual(sorted(found), sorted(wanted), query)

    def test_refused(self):
        self.index([{"id": "a", "body": "fog harbour"}, {"id": "b", "body": "水 night"},
                    {"id": "c", "body": "…"}, {"id": "d", "body": "a\"b* (fog OR", "title": "-fog"}])
        for name in ("b", "c"):  # no error, so that programs get JSON
            told = run("similar", name, cwd=self.dir, check=1).stderr.decode()
            self.assertEqual(told, f"ns: nothing is like {name}: no other article has a word of it\n")
            self.assertEqual(self.similar(name, check=1), [])
            self.assertEqual(run("similar", "--trec", name, cwd=self.dir, check=1).stdout, b"")
        self.assertEqual([r["article"] for r in self.similar("d")], ["a"])
        for args, code, said in (((), 2, b"similar to what?"), (("a", "b"), 2, b"give one id"),
                                 (("x",), 1, b"no article x; ns query prints ids"),
                                 (("--words", "many", "a"), 2, b"give a whole number")):
            self.assertIn(said, run("similar", *args, cwd=self.dir, check=code).stderr)
        self.index([{"id": "a", "body": "fog"}], "--fresh", "--no-text")
        self.assertIn(b"keeps no text", run("similar", "a", cwd=self.dir, check=2).stderr)


if __name__ == "__main__":
    main()
