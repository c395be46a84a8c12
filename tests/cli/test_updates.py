#!/usr/bin/env python3
"""Adding, replacing, deleting, merging, and what a killed writer leaves."""
import fcntl
import json
import os
import random
import shutil
import subprocess
import time

from harness import NS, SEED, Temporary, lines, main, run


class Updates(Temporary):
    """Adding, replacing, deleting, merging, and what a killed writer leaves."""

    def shown(self, folder=None):
        return run("show", "--all", "--json", cwd=folder or self.dir, check=0).stdout

    def stats(self, folder=None):
        return json.loads(run("stats", "--json", cwd=folder or self.dir, check=0).stdout)

    def files(self, folder=None):
        """The files of the segments without generation, which stands in their names."""
        return {f.name.split("-")[1]: f.read_bytes() for f in (folder or self.dir).glob(".ns/*-*")
                if not f.name.startswith("manifest")}

    def records(self, count, first=0):
        words = "harbour talks tariff envoy storm market vote court river bank".split()
        generator = random.Random(SEED * 1000 + first)
        return [{"id": f"a{i}", "title": " ".join(generator.choices(words, k=4)),
                 "body": ". ".join(" ".join(generator.choices(words, k=9)).capitalize()
                                   for _ in range(generator.randrange(1, 40)))}
                for i in range(first, first + count)]

    def test_merged_is_a_fresh_index(self):
        self.index(self.records(30))
        self.index(self.records(20, 25))  # five are replaced
        self.index(self.records(9, 60))
        run("delete", "a3", "a61", "nobody", cwd=self.dir, check=0)
        run("delete", "--query", '"storm envoy bank"', cwd=self.dir, check=0)
        before = self.shown()
        self.assertTrue(15 < len(before.splitlines()) < 52, len(before.splitlines()))
        queries = ["storm", "envoy vote", "+river +court", '"talks tariff"', "market -storm"]
        result = run("merge", cwd=self.dir, check=0)
        self.assertIn(b"3 segments merged", result.stderr)
        self.assertEqual(self.shown(), before)
        run("check", cwd=self.dir, check=0)
        fresh = self.dir / "fresh"
        fresh.mkdir()
        run("index", "-q", "-", cwd=fresh, stdin=before, check=0)
        self.assertEqual(self.files(), self.files(fresh))
        for query in queries:
            answers = [json.loads(run("query", "--json", "--count", "--", query, cwd=where).stdout)
                       for where in (self.dir, fresh)]
            for answer in answers:
                del answer["took_us"]
            self.assertEqual(answers[0], answers[1])
        self.assertIn(b"nothing to merge", run("merge", cwd=self.dir, check=0).stderr)
        summary = json.loads(run("merge", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual((summary["merged"], summary["segments"]), (False, 1))

    def test_small_additions_are_merged(self):
        for day in range(25):
            self.index(self.records(2, 3 * day // 2))  # some are replaced
            if day % 8 == 5:
                run("delete", f"a{day}", cwd=self.dir, check=0)
            self.assertTrue(self.stats()["segments"] <= 9)
        before = self.shown()
        fresh = self.dir / "fresh"
        fresh.mkdir()
        run("index", "-q", "-", cwd=fresh, stdin=before, check=0)
        run("merge", "-q", cwd=self.dir, check=0)
        self.assertEqual(self.shown(), before)
        self.assertEqual(self.files(), self.files(fresh))

    def test_what_is_said_of_small_additions(self):
        record = lines(self.records(1))
        for _ in range(9):
            record = lines(self.records(1, int(json.loads(record)["id"][1:]) + 1))
            said = run("index", "-", cwd=self.dir, stdin=record, check=0)
            self.assertNotIn(b"became one", said.stderr)
        plain = self.dir / "plain"
        shutil.copytree(self.dir / ".ns", plain / ".ns")
        record = lines(self.records(1))
        said = run("index", "-", cwd=self.dir, stdin=record, check=0)
        self.assertIn(b"10 small segments became one", said.stderr)
        self.assertEqual(self.stats()["segments"], 1)
        said = run("index", "--json", "--no-merge", "-", cwd=plain, stdin=record, check=0)
        self.assertEqual(json.loads(said.stdout)["merged_segments"], 0)
        self.assertEqual(self.stats(plain)["segments"], 10)
        said = json.loads(run("index", "--json", "-", cwd=plain, stdin=record, check=0).stdout)
        self.assertEqual(said["merged_segments"], 10)
        self.assertEqual(said["index_bytes"], self.stats(plain)["bytes"])

    def test_small_segments_that_cannot_be_merged(self):
        for i in range(9):
            self.index(self.records(1, i))
        path = max(self.dir.glob(".ns/*.trm"))
        data = bytearray(path.read_bytes())
        data[64] ^= 1  # in the first section: nobody looks at it but who reads terms
        path.write_bytes(data)
        said = run("index", "-", cwd=self.dir, stdin=lines(self.records(1, 9)), check=0)
        self.assertIn(b"what was added is in the index; its small segments could not be merged: ",
                      said.stderr)
        self.assertIn(path.name.encode() + b": ", said.stderr)
        self.assertIn(b"ns check tells more", said.stderr)
        self.assertEqual(self.stats()["segments"], 10)
        self.assertEqual(len(self.shown().splitlines()), 10)

    def test_reordered_is_the_same_index_to_its_users(self):
        records = self.records(90), self.records(70, 80)  # ten are replaced
        for record in records[0] + records[1]:
            record["body"] += f" Topic{int(record['id'][1:]) % 7}."
        self.index(records[0])
        self.index(records[1])
        run("delete", "a3", "a61", cwd=self.dir, check=0)
        plain = self.dir / "plain"
        plain.mkdir()
        shutil.copytree(self.dir / ".ns", plain / ".ns")
        run("merge", "-q", cwd=plain, check=0)
        result = run("merge", "--reorder", "--threads", "2", cwd=self.dir, check=0)
        self.assertIn(b"2 segments merged", result.stderr)
        self.assertEqual(self.stats()["reordered_articles"], 148)
        self.assertIn(b"  reordered           148", run("stats", cwd=self.dir, check=0).stdout)
        self.assertNotIn(b"reordered", run("stats", cwd=plain, check=0).stdout)
        self.assertEqual(self.shown(), run("show", "--all", "--json", cwd=plain, check=0).stdout)
        run("check", cwd=self.dir, check=0)
        for query in ["storm", "envoy vote", "+river +court", '"talks tariff"', "market -storm"]:
            for options in ([], ["-p", "-n", "500"], ["--count"]):
                answers = [run("query", *options, "--", query, cwd=where).stdout
                           for where in (self.dir, plain)]
                self.assertEqual(answers[0], answers[1])
        self.assertIn(b"nothing to merge", run("merge", cwd=self.dir, check=0).stderr)
        before = self.files()
        run("merge", "--reorder", "--threads", "1", "--memory", "1", "-q", cwd=self.dir, check=0)
        self.assertEqual(self.files(), before)
        run("merge", "--reorder", "--threads", "many", cwd=self.dir, check=2)

    def test_delete(self):
        self.index([{"id": "1", "body": "zebra lion"}, {"id": "2", "body": "zebra"},
                    {"id": "3", "body": "lion"}])
        dry = run("delete", "--dry-run", "--query", "zebra", cwd=self.dir, check=0)
        self.assertEqual(sorted(dry.stdout.split()), [b"1", b"2"])
        self.assertIn(b"2 articles would be deleted", dry.stderr)
        self.assertEqual(self.stats()["articles"], 3)
        result = run("delete", "3", "4", "--query", "+zebra +lion", "--json", cwd=self.dir, check=0)
        self.assertEqual(json.loads(result.stdout), {"version": 1, "deleted": 2, "dry_run": False,
                                                     "not_found": ["4"]})
        self.assertIn(b"no article has the id 4", result.stderr)
        self.assertEqual(self.stats()["articles"], 1)
        self.assertEqual(self.stats()["deleted_articles"], 2)
        self.assertEqual(run("show", "3", cwd=self.dir).returncode, 1)
        generation = self.stats()["generation"]
        run("delete", "3", cwd=self.dir, check=1)
        run("delete", "--query", "giraffe", cwd=self.dir, check=1)
        both = run("delete", "-q", "--query", "zebra date:2024 date:2025", cwd=self.dir, check=1).stderr
        self.assertRegex(both, b"^note: date:2024 and date:2025 are both required")
        for guess in ('"', 'zebra AND', '"zebra', "zebra OR (lion"):
            said = run("delete", "--query", guess, cwd=self.dir, check=2).stderr
            self.assertIn(b"of the query", said, guess)
        self.assertEqual(self.stats()["generation"], generation)  # nothing was committed
        run("delete", "2", cwd=self.dir, check=0)
        run("merge", cwd=self.dir, check=0)
        self.assertEqual(self.stats()["segments"], 0)
        run("check", cwd=self.dir, check=0)
        run("query", "zebra", cwd=self.dir, check=1)
        self.index([{"id": "2", "body": "zebra again"}])
        self.assertEqual(self.query("zebra")["results"][0]["article"], "2")

    def test_ids_with_characters_that_are_not_shown(self):
        """A line break in an id is no blank: another article would be deleted."""
        odd = ["a\nb", "a\tb", "a\u0085b", "a\u007fb", "a\u2028b", "a\u0000b"]
        self.index([{"id": id, "body": "zebra"} for id in ["a b", *odd]])
        everything = ["delete", "--dry-run", "--query", "zebra"]
        dry = run(*everything, cwd=self.dir, check=0)
        self.assertEqual(dry.stdout, b"a b\n")
        self.assertEqual(dry.stderr.count(b"the id a\xef\xbf\xbdb has"), len(odd))
        listed = json.loads(run(*everything, "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual(sorted(listed["ids"]), sorted(["a b", *odd]))
        dry = run("delete", "--dry-run", "a\nb", cwd=self.dir, check=0)
        self.assertEqual(dry.stdout, b"")
        for count, id in enumerate(odd[:-1], 1):
            query = f'id:"{id}"'
            read = json.loads(run("query", "--explain-query", "--json", query, cwd=self.dir).stdout)["read"]
            self.assertEqual([r["article"] for r in self.query(read)["results"]], [id])
            self.assertEqual(run("query", "--explain-query", query, cwd=self.dir).stdout.splitlines()[0],
                             b'id:"a\xef\xbf\xbdb"')
            run("delete", "-q", "--query", query, cwd=self.dir, check=0)
            self.assertEqual(self.stats()["deleted_articles"], count)
        self.assertIn(b'"a b"', self.shown())

    def test_no_index(self):
        for command in (["delete", "1"], ["merge"], ["delete", "--dry-run", "1"]):
            result = run(*command, cwd=self.dir, check=2)
            self.assertIn(b"no index", result.stderr)
            self.assertFalse((self.dir / ".ns").exists())
        self.assertIn(b"--query", run("delete", cwd=self.dir, check=2).stderr)
        self.index([{"id": "1", "body": "zebra"}])
        self.assertIn(b"no arguments", run("merge", "here", cwd=self.dir, check=2).stderr)

    def test_delete_named_twice(self):
        """An article that is named again, or found too, counts once, and is not missing."""
        self.index([{"id": "1", "body": "zebra lion"}, {"id": "2", "body": "zebra"}])
        words = ["2", "2", "9", "9", "--query", "zebra"]
        dry = run("delete", "--dry-run", *words, cwd=self.dir, check=0)
        self.assertEqual(sorted(dry.stdout.split()), [b"1", b"2"])
        for options in (["--dry-run"], []):
            result = run("delete", "--json", *options, *words, cwd=self.dir, check=0)
            summary = json.loads(result.stdout)
            self.assertEqual((summary["deleted"], summary["not_found"]), (2, ["9"]))
        self.assertEqual(self.stats()["articles"], 0)

    def test_delete_more_than_a_query_can_list(self):
        self.index([{"id": str(i), "body": "yak" if i % 50 else "gnu"} for i in range(105000)],
                   "--store-level", "1")
        run("delete", "--query", "yak", cwd=self.dir, check=0)
        self.assertEqual(self.stats()["articles"], 2100)
        run("query", "yak", cwd=self.dir, check=1)

    def test_last_of_equal_ids_wins(self):
        one, two = self.dir / "one.jsonl", self.dir / "two.jsonl"
        one.write_bytes(lines([{"id": "x", "body": "first"}, {"id": "y", "body": "other"},
                               {"id": "x", "body": "second"}]))
        two.write_bytes(b"\n" + lines([{"id": "x", "body": "third"}]))
        result = run("index", "one.jsonl", "two.jsonl", cwd=self.dir, check=0)
        said = result.stderr.decode().splitlines()
        self.assertIn("ns: one.jsonl:3: warning: replaces an earlier article with this id: "
                      "one.jsonl:1", said)
        self.assertIn("ns: two.jsonl:2: warning: replaces an earlier article with this id: "
                      "one.jsonl:3", said)
        self.assertEqual(self.stats()["articles"], 2)
        self.assertEqual(json.loads(run("show", "--json", "x", cwd=self.dir).stdout)["body"],
                         "third")

    def test_the_same_files_every_night(self):
        records = self.records(20) + self.records(4) + [{"body": "no id"}]
        (self.dir / "in.jsonl").write_bytes(lines(records))
        run("index", "-q", "in.jsonl", cwd=self.dir, check=0)
        before, size = self.shown(), self.stats()["bytes"]
        for _ in range(3):
            run("index", "-q", "in.jsonl", cwd=self.dir, check=0)
            self.assertEqual(self.shown(), before)
            stats = self.stats()
            self.assertEqual((stats["articles"], stats["segments"], stats["bytes"]), (21, 1, size))
        run("check", cwd=self.dir, check=0)

    def test_fresh(self):
        self.index(self.records(5))
        self.index(self.records(3, 100), "--fresh")
        self.assertEqual((self.stats()["articles"], self.stats()["segments"]), (3, 1))

    def test_fresh_with_nothing(self):
        """What an unmounted folder holds does not take the place of an archive."""
        (self.dir / "empty").mkdir()
        (self.dir / "bad.jsonl").write_text("{bad\n")
        run("index", "-q", "--fresh", "empty", cwd=self.dir, check=0)  # nothing is lost
        run("index", "-q", "--fresh", "bad.jsonl", cwd=self.dir, check=1)
        self.index(self.records(5))
        before = self.files()
        for args in (["empty"], ["bad.jsonl"], ["-q", "empty", "bad.jsonl"], ["--json", "-"]):
            result = run("index", "--fresh", *args, cwd=self.dir, check=2)
            self.assertIn(b"is as it was before; see whether", result.stderr)
            self.assertIn(b"rm -r", result.stderr)
            self.assertEqual((result.stdout, self.files()), (b"", before))
        run("index", "-q", "empty", cwd=self.dir, check=0)  # adds nothing, costs nothing
        self.assertEqual(self.files(), before)
        manifest = next((self.dir / ".ns").glob("manifest-*"))
        manifest.write_bytes(b"damaged")  # someone may still want to mend it
        run("index", "-q", "--fresh", "empty", cwd=self.dir, check=2)
        self.assertEqual(manifest.read_bytes(), b"damaged")
        self.index(self.records(1), "--fresh")
        self.assertEqual(self.stats()["articles"], 1)
        run("delete", "-q", "a0", cwd=self.dir, check=0)
        run("index", "-q", "--fresh", "empty", cwd=self.dir, check=0)  # it had none left

    def test_second_writer(self):
        self.index(self.records(3))
        before = self.shown()
        with open(self.dir / ".ns" / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in (["index", "-"], ["delete", "a1"], ["merge"], ["index", "--fresh", "-"]):
                result = run(*command, cwd=self.dir, stdin=lines(self.records(1)), check=2)
                self.assertIn(b"another", result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1)
            self.assertEqual(self.shown(), before)  # readers do not care
        run("delete", "a1", cwd=self.dir, check=0)

    def test_killed(self):
        """Whenever a writer is killed, the index is as before or as after, and the next writer
        clears away what was left."""
        generator = random.Random(SEED)
        print(f"seed {SEED}")
        base, work, more = self.dir / "base", self.dir / "work", self.dir / "more.jsonl"
        base.mkdir()
        more.write_bytes(lines(self.records(60, 20)))
        for first in (0, 15, 30):
            run("index", "-q", "-", cwd=base, stdin=lines(self.records(25, first)), check=0)
        run("delete", "-q", "a4", "a33", cwd=base, check=0)
        commands = [["index", "-q", "--memory", "1M", str(more)], ["merge", "-q"],
                    ["delete", "-q", "--query", "storm"], ["index", "-q", "--fresh", str(more)]]
        after, took = [], []
        for command in commands:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(base, work)
            start = time.monotonic()
            run(*command, cwd=work, check=0)
            took.append(time.monotonic() - start)
            after.append((self.shown(work), sorted(os.listdir(work / ".ns"))))
        before = self.shown(base)
        for turn in range(52):
            which = turn % len(commands)
            shutil.rmtree(work)
            shutil.copytree(base, work)
            process = subprocess.Popen([NS, *commands[which]], cwd=work, stderr=subprocess.DEVNULL)
            try:
                process.wait(generator.uniform(0, 1.1 * took[which]))
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait()
            run("check", cwd=work, check=0)
            shown = self.shown(work)
            self.assertIn(shown, (before, after[which][0]), commands[which])
            result = run(*commands[which], cwd=work)  # recovers, and does it now
            self.assertIn(result.returncode, (0, 1), result.stderr)
            self.assertEqual(self.shown(work), after[which][0])
            run("check", cwd=work, check=0)
            if shown == before and which != 1:
                self.assertEqual(sorted(os.listdir(work / ".ns")), after[which][1])
            self.assertFalse([n for n in os.listdir(work / ".ns") if n.startswith("tmp-")])


if __name__ == "__main__":
    main()
