#!/usr/bin/env python3
"""Articles with the same text are one result."""
import random

from harness import SEED, Temporary, main, run


class Copies(Temporary):
    def test_by_hand(self):
        self.index([
            {"id": "one", "title": "Tariff deal", "lang": "en", "body": "Talks on a tariff ended."},
            {"id": "two", "title": "Wire", "lang": "en", "body": "TALKS on a  tariff, ended!"},
            {"id": "other", "title": "", "lang": "en", "body": "Talks on a tariff ended late."},
            {"id": "three", "title": "", "lang": "en", "body": "talks on a tariff ended"}])
        found = self.query("tariff")
        self.assertEqual([(r["article"], r.get("copies", 0)) for r in found["results"]],
                         [("one", 2), ("other", 0)])
        self.assertEqual(found["hits"]["articles"], 4)
        self.assertEqual(len(self.query("--copies", "tariff")["results"]), 4)
        text = run("query", "tariff", cwd=self.dir).stdout.decode()
        self.assertEqual(text.count("and 2 more with the same text"), 1)
        tsv = run("query", "--tsv", "tariff", cwd=self.dir).stdout.decode()
        self.assertNotIn("and", tsv)
        self.assertEqual([line.split("\t")[-1] for line in tsv.splitlines()], ["2", "0"])
        for order in ("copies,id", "id,copies"):
            rows = run("query", "--tsv", "--fields", order, "tariff", cwd=self.dir).stdout.decode()
            self.assertEqual([dict(zip(order.split(","), line.split("\t"))) for line in rows.splitlines()],
                             [{"id": "one", "copies": "2"}, {"id": "other", "copies": "0"}])
            found = self.query("--fields", order, "tariff")["results"]
            self.assertEqual(found, [{"article": "one", "copies": 2}, {"article": "other", "copies": 0}])
        for fields in ("id", "id,copies", "copies,id"): # told once, whatever is chosen
            for form in ((), ("--html",)):
                text = run("query", *form, "--fields", fields, "tariff", cwd=self.dir).stdout.decode()
                told = "2 copies" if "copies" in fields and not form else "and 2 more with the same text"
                self.assertEqual((text.count(told), text.count("more with") + text.count("2 copies")), (1, 1))
        text = run("query", "--fields", "copies", "tariff", cwd=self.dir).stdout.decode()
        self.assertEqual(text, "1. 2 copies\n2. no copies\n")
        runs = run("query", "--trec", "tariff", cwd=self.dir).stdout.decode() # has every article
        self.assertEqual(len(runs.splitlines()), 4)
        run("delete", "-q", "three", cwd=self.dir, check=0)
        self.assertEqual(self.query("tariff")["results"][0]["copies"], 1)
        text = run("query", "--fields", "copies,id,rank", "tariff", cwd=self.dir).stdout.decode()
        self.assertEqual(text, "1. 1 copy · one\n2. no copies · other\n")

    def test_none_for_empty_texts(self):
        self.index([{"id": str(i), "title": f"Tariff {i}", "lang": "en", "body": ""} for i in range(3)])
        self.assertEqual(len(self.query("tariff")["results"]), 3)

    def test_random(self):
        """The collapsed list is the whole list without those whose text came before."""
        dice = random.Random(SEED)
        print("seed", SEED)
        texts = [" ".join(dice.choice(["tariff", "talks", "steel", "fog"]) for _ in range(9))
                 for _ in range(60)]
        records = [{"id": str(i), "lang": "en", "title": dice.choice(["", "Tariff", "Steel fog"]),
                    "date": f"20{dice.randrange(10, 30)}", "body": texts[int(60 * dice.random() ** 3)]}
                   for i in range(500)]
        body = {r["id"]: r["body"] for r in records}
        for part in (records[:200], records[200:]):
            self.index(part)
        self.check_against_whole_list(body)
        run("merge", "-q", cwd=self.dir, check=0) # counted in one segment, which knows what it has once
        self.check_against_whole_list(body)

    def check_against_whole_list(self, body):
        for query in ("tariff", "tariff steel", "+fog -steel", "talks OR (steel AND fog)", "date:2015"):
            for order in (["--exhaustive"], ["--ranking", "bm25"], ["--sort", "date"], ["--passages"]):
                whole = self.query("--copies", "-n", "1000", *order, "--", query)["results"]
                expected, seen = [], set()
                for r in whole:
                    if body[r["article"]] not in seen:
                        seen.add(body[r["article"]])
                        expected.append((r["article"], r["score"]))
                for n in (1, 7, 50):
                    got = self.query("-n", n, *order, "--", query)["results"]
                    self.assertEqual([(r["article"], r["score"]) for r in got], expected[:n])
                    for r in got:
                        same = sum(b == body[r["article"]] for b in body.values()) - 1
                        self.assertEqual(r.get("copies", 0), same)


if __name__ == "__main__":
    main()
