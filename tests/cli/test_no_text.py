#!/usr/bin/env python3
"""An index that keeps no text: what works, and what says why it does not."""
import json

from harness import Temporary, lines, main, run

RECORDS = [{"id": "a1", "title": "Harbour talks", "body": "Envoys met. Talks went on.\n" * 40,
            "date": "2024-05-06", "source": "wire", "lang": "en", "more": [1, 2]},
           {"id": "a2", "title": "Storm", "body": "A storm came; talks ended.", "lang": "en"},
           {"id": "a3", "title": "Market", "body": "Talking of talks.", "lang": "en"}]


class NoText(Temporary):
    def setUp(self):
        super().setUp()
        self.index(RECORDS, "--no-text")

    def test_same_answers(self):
        twin = self.dir / "twin"
        run("index", "-q", "--index", twin, "-", cwd=self.dir, stdin=lines(RECORDS), check=0)
        for query in ("talks", "+storm talks", '"talks went"', "harbour -storm", "nothing"):
            answers = []
            for index, kept in ((".ns", False), (twin, True)):
                answer = json.loads(run("query", "--json", "--index", index, "--count", "--", query,
                                        cwd=self.dir).stdout)
                self.assertEqual(answer["stored_text"], kept)
                answers.append(([(r["article"], r["score"], r["date"], r["source"])
                                 for r in answer["results"]], answer["hits"]))
                for result in answer["results"]:
                    self.assertEqual(bool(result["title"] and result["passage"]["text"]), kept)
            self.assertEqual(answers[0], answers[1])
        self.assertNotIn(b"Envoys", b"".join(f.read_bytes() for f in self.dir.glob(".ns/*.txt")))

    def test_query_for_people(self):
        said = run("query", "talks", "harbour", cwd=self.dir, check=0).stdout.decode().splitlines()
        self.assertEqual(said[0], "1. a1")
        self.assertRegex(said[1], r"^   2024-05-06 · wire · \d+\.\d\d$")
        self.assertRegex(said[2], r"^   \(passage \d+ of \d+; this index keeps no text\)$")

    def test_ids_that_are_asked_for(self):
        """They stand in the place of headlines, where those are shown."""
        for fields, wanted in (("id", r"1\. a\d\n"), ("id,date", r"1\. a\d( · 2024-05-06)?\n"),
                               ("id,passage", r"1\. a\d\n   \(passage"), ("id,title", r"1\. a\d\n")):
            said = run("query", "-n", "1", "--fields", fields, "talks", cwd=self.dir, check=0).stdout
            self.assertRegex(said.decode(), r"\A" + wanted)
            self.assertEqual(said.count(b"a"), 1 + said.count(b"passage") * 2, fields)

    def test_sentences_refuse(self):
        """Where sentences begin is not kept: no answer is better than a wrong one. NEAR is answered."""
        for query, why in (("SENTENCE(envoys talks)", b"SENTENCE( ) is decided by: write NEAR/20"),
                           ("storm OR PARAGRAPH(envoys talks)", b"PARAGRAPH( ) is decided by")):
            self.assertIn(why, run("query", query, cwd=self.dir, check=2).stderr)
            self.assertIn(why, run("count", query, cwd=self.dir, check=2).stderr)
        run("query", "talks NEAR/20 envoys", cwd=self.dir, check=0)
        run("query", "title:SENTENCE(%s)" % RECORDS[0]["title"], cwd=self.dir, check=0)

    def test_exact_words(self):
        """Refused, unless the index keeps how words are written."""
        result = run("query", "=Talks", cwd=self.dir, check=2)
        self.assertIn(b"index anew with --exact", result.stderr)
        for options in (["--exact"], ["--exact", "--no-text"]):
            self.index(RECORDS, "--fresh", *options)
            for query, found in (("=Talks", {"a1"}), ("=talks", {"a1", "a2", "a3"}),
                                 ("=Talking", {"a3"}), ('="Talks went"', {"a1"}),
                                 ("title:=Talks", set())):
                answer = self.query(query, check=0 if found else 1)
                self.assertEqual({r["article"] for r in answer["results"]}, found, query)
            stats = json.loads(run("stats", "--json", cwd=self.dir, check=0).stdout)
            self.assertEqual((stats["exact"], stats["bytes_exact"] > 0), (True, True))
            self.assertIn(b"    exact", run("stats", cwd=self.dir).stdout)
            run("check", cwd=self.dir, check=0)

    def test_show_refuses(self):
        for words in (["a1"], ["--all"], ["--json", "a1"]):
            result = run("show", *words, cwd=self.dir, check=2)
            self.assertEqual(result.stdout, b"")
            self.assertIn(b"keeps no text", result.stderr)

    def test_delete_and_merge(self):
        self.index([{"id": "a4", "title": "Court", "body": "The court heard talks.", "lang": "en"}])
        run("delete", "-q", "--query", "+storm", cwd=self.dir, check=0)
        run("check", cwd=self.dir, check=0)
        run("merge", "-q", cwd=self.dir, check=0)
        run("check", cwd=self.dir, check=0)
        found = {r["article"] for r in self.query("talks", check=0)["results"]}
        self.assertEqual(found, {"a1", "a3", "a4"})
        run("query", "storm", cwd=self.dir, check=1)
        stats = json.loads(run("stats", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual((stats["articles"], stats["segments"], stats["stored_text"]), (3, 1, False))
        self.assertIn("stored text        none", run("stats", cwd=self.dir).stdout.decode())

    def test_fixed(self):
        """Later runs take it from the index; one with text cannot lose it."""
        twin = self.dir / "twin"
        run("index", "-q", "--index", twin, "-", cwd=self.dir, stdin=lines(RECORDS), check=0)
        result = run("index", "--no-text", "--index", twin, "-", cwd=self.dir,
                     stdin=lines(RECORDS), check=2)
        self.assertIn(b"other settings", result.stderr)
        self.index(RECORDS, "--fresh")
        self.assertTrue(self.query("talks")["stored_text"])


if __name__ == "__main__":
    main()
