#!/usr/bin/env python3
"""ns eval: its measures against cases worked out by hand and a plain computation, its messages."""
import array
import fcntl
import json
import math
import os
import random
import re
import resource
import signal
import subprocess
import termios

from harness import NS, SANITIZERS, SEED, Temporary, main, run

DELTA = 0.000051  # of four digits
MEASURES = ["map", "ndcg_cut_10", "recip_rank", "P_10", "recall_100", "recall_1000"]


def plain_measures(judged, hits):
    """The definitions written down once more: judged {id: grade}, hits [(id, score)]."""
    ranked = [i for i, _ in sorted(hits, key=lambda h: (h[1], h[0].encode()), reverse=True)]
    relevant = {i for i, grade in judged.items() if grade > 0}
    grades = [judged.get(i, 0) for i in ranked]
    gain = lambda values: sum(max(g, 0) / math.log2(r + 2) for r, g in enumerate(values[:10]))
    ideal = gain(sorted(judged.values(), reverse=True))
    at = [r for r, g in enumerate(grades) if g > 0]
    count = len(relevant) or 1
    return {"map": sum((n + 1) / (r + 1) for n, r in enumerate(at)) / count,
            "ndcg_cut_10": gain(grades) / ideal if ideal else 0,
            "recip_rank": 1 / (at[0] + 1) if at else 0,
            "P_10": sum(r < 10 for r in at) / 10,
            "recall_100": sum(r < 100 for r in at) / count,
            "recall_1000": sum(r < 1000 for r in at) / count}


class Eval(Temporary):
    def write(self, name, text):
        (self.dir / name).write_text(text)
        return name

    def measure(self, *args, check=0):
        done = run("eval", *args, cwd=self.dir, check=check)
        rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
        for row in rows:
            self.assertEqual(len(row), 3, row)
        return {(name.strip(), topic): float(value) for name, topic, value in rows}

    def test_by_hand(self):
        """Topic 1: relevant a (3), c (1) and z, which is not found; order by score, of equal scores
        the larger id: b, a, d, c. Topic 2: nothing found. Topic 3 has nothing relevant."""
        self.write("run", "1 Q0 a 1 2.5 x\n1 Q0 b 9 3.5 x\n1 Q0 c 3 1 x\n1 Q0 d 2 1 x\n"
                          "3 Q0 a 1 1 x\n4 Q0 a 1 1 x\n")
        self.write("qrels", "1 0 a 3\n1 0 b 0\n1 0 c 1\n1 0 z 2\n1 0 d -1\n2 0 a 1\n3 0 a 0\n")
        got = self.measure("--from", "run", "--qrels", "qrels", "--per-topic")
        ideal = 3 + 2 / math.log2(3) + 1 / 2
        want = {"map": (1 / 2 + 2 / 4) / 3, "recip_rank": 0.5, "P_10": 0.2, "recall_100": 2 / 3,
                "recall_1000": 2 / 3,
                "ndcg_cut_10": (3 / math.log2(3) + 1 / math.log2(5)) / ideal}
        for name in MEASURES:
            self.assertAlmostEqual(got[name, "1"], want[name], delta=DELTA, msg=name)
            self.assertEqual(got[name, "2"], 0)
            self.assertEqual(got[name, "3"], 0)
            self.assertAlmostEqual(got[name, "all"], want[name] / 3, delta=DELTA, msg=name)
            self.assertNotIn((name, "4"), got)
        self.assertEqual([got[n, "all"] for n in ("num_q", "num_ret", "num_rel", "num_rel_ret")],
                         [3, 5, 4, 2])
        said = run("eval", "--from", "run", "--qrels", "qrels", cwd=self.dir).stderr.decode()
        self.assertEqual(said, "1 topic left out: nobody judged anything for it\n")

    def test_random_runs(self):
        rng = random.Random(SEED)
        for case in range(40):
            topics = [f"t{i}" for i in range(rng.randint(1, 5))]
            judged = {t: {f"d{rng.randint(0, 150)}": rng.choice([-1, 0, 0, 1, 1, 2, 3])
                          for _ in range(rng.randint(1, 40))} for t in topics}
            hits = {t: list({f"d{rng.randint(0, 150)}": rng.choice([1.0, 2.0, 2.5, rng.random()])
                             for _ in range(rng.choice([0, 3, 30, 200]))}.items()) for t in topics}
            lines = [f"{t} 0 {i} {g}" for t in topics for i, g in judged[t].items()]
            rng.shuffle(lines)
            self.write("qrels", "\r\n".join(lines))
            lines = [f"{t}\tQ0 {i}  0 {s!r} tag" for t in topics for i, s in hits[t]]
            rng.shuffle(lines)
            self.write("run", "\n".join(lines) + "\n\n")
            got = self.measure("--from", "run", "--qrels", "qrels", "--per-topic")
            plain = {t: plain_measures(judged[t], hits[t]) for t in topics}
            for name in MEASURES:
                for t in topics:
                    self.assertAlmostEqual(got[name, t], plain[t][name], delta=DELTA,
                                           msg=f"seed {SEED} case {case}: {name} of {t}")
                mean = sum(plain[t][name] for t in topics) / len(topics)
                self.assertAlmostEqual(got[name, "all"], mean, delta=DELTA)

    def make_index(self):
        rng = random.Random(SEED)
        words = ["tariff", "talks", "steel", "harvest", "fog"]
        self.index([{"id": f"n{i}", "title": "", "body": " ".join(rng.choices(words, k=9)) + "."}
                    for i in range(300)])
        self.write("topics", "# name and query\n7\ttariff +talks\n8\tfog\n\n9\tzebra\n10\tsteel\n")
        self.write("qrels", "".join(f"{t} 0 n{i} {rng.choice([0, 1, 2])}\n"
                                    for t in (7, 8, 9) for i in rng.sample(range(300), 60)))

    def test_searching(self):
        self.make_index()
        args = ("--topics", "topics", "--qrels", "qrels", "--per-topic", "--syntax")
        got = self.measure(*args, "--run", "run")
        self.assertEqual(got, self.measure("--from", "run", "--qrels", "qrels", "--per-topic"))
        rows = [line.split() for line in (self.dir / "run").read_text().splitlines()]
        for topic, query in (("7", "tariff +talks"), ("8", "fog"), ("9", "zebra"), ("10", "steel")):
            wanted = [[topic, "Q0", r["article"], str(r["rank"])]
                      for r in self.query("--copies", "-n", "1000", query)["results"]]
            self.assertEqual([r[:4] for r in rows if r[0] == topic], wanted)
        self.assertEqual((got["num_ret", "9"], got["map", "9"], got["num_q", "all"]), (0, 0, 3))
        self.assertGreater(got["map", "8"], 0)
        few = self.measure("--from", "run", "--qrels", "qrels", "--per-topic", "--depth", "5")
        self.assertEqual(few, self.measure(*args, "--depth", "5"))
        self.assertEqual((few["num_ret", "7"], few["num_ret", "8"]), (5, 5))
        self.assertLess(few["recall_100", "8"], got["recall_100", "8"])
        other = self.measure(*args, "--k1", "0", "--run", "other")
        self.assertEqual(other["num_ret", "all"], got["num_ret", "all"])
        self.assertNotEqual((self.dir / "run").read_text(), (self.dir / "other").read_text())

    def test_topics_that_are_guessed_at(self):
        self.make_index()
        self.write("topics", "7\ttariff\n8\tfog AND\n")
        args = ("eval", "--topics", "topics", "--qrels", "qrels")
        told = run(*args, "--syntax", cwd=self.dir, check=0).stderr.decode()
        self.assertRegex(told, "topics:2: note: AND has nothing behind it")
        self.assertEqual(run(*args, cwd=self.dir, check=0).stderr, b"")

    def test_files_as_they_come(self):
        """Marks of byte order, line ends and grades that other programs write."""
        self.make_index()
        plain = self.measure("--topics", "topics", "--qrels", "qrels", "--per-topic")
        for name in ("topics", "qrels"):
            lines = (self.dir / name).read_text().splitlines()
            if name == "qrels":
                lines = [f"  {line}.0 " for line in lines]
            (self.dir / name).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
        self.assertEqual(self.measure("--topics", "topics", "--qrels", "qrels", "--per-topic"), plain)

    def test_odd_topics(self):
        """Topics that are empty, or longer than any query: searched for as far as may be."""
        self.make_index()
        many = [f"w{i}" for i in range(3000)]
        self.write("topics", "7\t\n8\tfog " + " ".join(many) + "\n9\tfog" + "\u6c34" * 30000 + "\n")
        self.write("qrels", "7 0 n1 1\n8 0 n1 1\n9 0 n1 1\n")
        args = ("eval", "--topics", "topics", "--qrels", "qrels", "--run", "run")
        for more in ((), ("--feedback",)):
            done = run(*args, *more, cwd=self.dir, check=0)
            told = done.stderr.decode()
            self.assertIn("topics:1: note: topic 7 has no words", told)
            self.assertRegex(told, r"topics:2: note: topic 8 has more words .* bytes of 16\d+\n")
            self.assertIn("topics:3: note: topic 9 has more words", told)
            self.assertIn(b"num_q                 \tall\t3\n", done.stdout)
            found = {line.split()[0] for line in (self.dir / "run").read_text().splitlines()}
            self.assertEqual(found, {"8", "9"})
        for form in ((), ("--syntax",)):
            said = run("eval", "--topics", "-", "--qrels", "qrels", *form, cwd=self.dir, check=0,
                       stdin=b"7\t!!!\n8\tfog!\n9\t ? -- ...\n").stderr.decode()
            self.assertEqual(re.findall(r"-:(\d): note: topic \d has no words", said), ["1", "3"])
        told = run(*args, "--syntax", cwd=self.dir, check=2).stderr.decode()
        self.assertIn("1024 words", told)

    def test_nothing_hostile(self):
        (self.dir / "run").write_bytes(b"t\x1b[31m\x9b Q0 a 1 1 x\n")
        (self.dir / "qrels").write_bytes(b"t\x1b[31m\x9b 0 a 1\n")
        for form in ((), ("--json",)):
            out = run("eval", "--from", "run", "--qrels", "qrels", "--per-topic", *form, cwd=self.dir,
                      check=0).stdout.decode()  # which is UTF-8
            self.assertNotRegex(out, "[\x00-\x08\x0b-\x1f\x7f-\x9f]")
            self.assertIn("t\ufffd[31m\ufffd" if not form else "t\\u001B[31m\ufffd", out)

    def test_json(self):
        self.make_index()
        args = ("--topics", "topics", "--qrels", "qrels")
        lines = self.measure(*args, "--per-topic")
        out = json.loads(run("eval", *args, "--per-topic", "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual([t["topic"] for t in out["topics"]], ["7", "8", "9"])
        for topic in out["topics"] + [{**out["all"], "topic": "all"}]:
            for name in MEASURES + ["num_ret", "num_rel", "num_rel_ret"]:
                self.assertAlmostEqual(topic[name], lines[name, topic["topic"]], delta=DELTA)
        out = json.loads(run("eval", *args, "--json", cwd=self.dir, check=0).stdout)
        self.assertEqual((sorted(out), out["all"]["num_q"]), (["all", "version"], 3))

    def test_messages(self):
        self.make_index()
        self.write("run", "7 Q0 n1 1 2 x\n")

        def said(*args, stdin=b""):
            text = run("eval", *args, cwd=self.dir, stdin=stdin, check=2).stderr.decode()
            self.assertTrue(text.startswith("ns: ") and text.count("\n") == 1, text)
            return text
        self.assertIn("--qrels", said())
        self.assertIn("--topics", said("--qrels", "qrels"))
        self.assertIn("--from", said("--qrels", "qrels", "--topics", "topics", "--from", "run"))
        self.assertIn("--run", said("--qrels", "qrels", "--from", "run", "--run", "new"))
        self.assertIn("no arguments", said("--qrels", "qrels", "--from", "run", "word"))
        for option in (("--k1", "1"), ("--b", "1"), ("--ranking", "bm25"), ("--index", "."),
                       ("--feedback",), ("--exhaustive",), ("--syntax",)):
            self.assertIn(option[0] + " says how to search",
                          said("--qrels", "qrels", "--from", "run", *option))
        self.assertIn("measures", said("--qrels", "qrels", "--topics", "topics", "--run", "-"))
        self.assertFalse((self.dir / "-").exists())
        self.assertIn("missing", said("--qrels", "missing", "--from", "run"))
        self.assertIn("missing", said("--qrels", "qrels", "--topics", "missing"))
        self.assertIn("--depth", said("--qrels", "qrels", "--topics", "topics", "--depth", "x"))
        self.assertIn("missing/run", said("--qrels", "qrels", "--topics", "topics", "--run",
                                          "missing/run"))
        (self.dir / "link").symlink_to("qrels")
        before = (self.dir / "qrels").read_bytes(), (self.dir / "topics").read_bytes()
        for own in ("qrels", "topics", "link"):  # what was judged is not to be overwritten
            self.assertIn("is read itself", said("--qrels", "qrels", "--topics", "topics", "--run", own))
        self.assertEqual(((self.dir / "qrels").read_bytes(), (self.dir / "topics").read_bytes()), before)
        self.assertIn("number topics alike", said("--qrels", "-", "--topics", "topics",
                                                  stdin=b"x 0 n1 1\n"))
        for more in ([], ["--json"], ["--per-topic"]):
            self.assertIn("number topics alike", said("--qrels", "-", "--from", "run", *more,
                                                      stdin=b"x 0 n1 1\n"))
        for bad, why in ((b"7 0 n1\n", "a judgment is"), (b"7 0 n1 1 1\n", "a judgment is"),
                         (b"7 0 n1 one\n", "whole number"), (b"7 0 n1 .\n", "whole"), (b"7 0 n1 99999999999\n", "whole"),
                         (b"\n7 0 n0 1\n", "line 1"), (b"\0 0 n1\n", "a judgment is")):
            text = said("--qrels", "-", "--from", "run", stdin=b"7 0 n0 1\n" + bad)
            self.assertRegex(text, "-:[23]: ")
            self.assertIn(why, text)
        self.assertIn("no judgments", said("--qrels", "-", "--from", "run"))
        for bad, why in ((b"7 Q0 n1 1 1\n", "a line of a run"), (b"7 Q0 n1 1 x x\n", "no number"),
                         (b"7 Q0 n1 1 nan x\n", "no number"), (b"7 Q0 n0 1 1 x\n", "line 1"),
                         (b"7 Q0 n1 1 1 x y\n", "a line of a run")):
            text = said("--qrels", "qrels", "--from", "-", stdin=b"7 Q0 n0 1 1 x\n" + bad)
            self.assertIn("-:2: ", text)
            self.assertIn(why, text)
        text = said("--qrels", "qrels", "--topics", "-", stdin=b"7\tfog\n8\tfog\n7\tfog\n")
        self.assertIn("-:3: topic 7 stands in line 1", text)
        self.assertIn("white space in it", said("--qrels", "qrels", "--topics", "-", stdin=b"7 a\tfog\n"))
        self.assertIn("a topic, a tab", said("--qrels", "qrels", "--topics", "-", stdin=b"7 fog\n"))
        self.index([{"id": "a b", "body": "fog"}])
        self.assertIn("white space", said("--qrels", "qrels", "--topics", "topics", "--run", "new"))
        self.assertEqual([p.name for p in self.dir.glob("new*")], [])

    def test_a_run_is_whole_or_as_it_was(self):
        self.make_index()
        args = ("eval", "--topics", "topics", "--qrels", "qrels", "--run")
        names = {p.name for p in self.dir.iterdir()} | {"real", "link"}
        self.write("real", "before\n")
        (self.dir / "real").chmod(0o640)
        (self.dir / "link").symlink_to("real")

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        full = subprocess.run([NS, *args, "link"], cwd=self.dir, capture_output=True, preexec_fn=limit,
                              check=False, env={**os.environ, **SANITIZERS})
        self.assertEqual((full.returncode, full.stdout), (2, b""))
        self.assertEqual(full.stderr, b"ns: link: cannot be written: File too large; it is as it was\n")
        self.assertEqual((self.dir / "real").read_text(), "before\n")
        run(*args, "link", cwd=self.dir, check=0)
        self.assertGreater((self.dir / "real").stat().st_size, 2000)
        self.assertEqual((self.dir / "real").stat().st_mode & 0o777, 0o640)
        self.assertTrue((self.dir / "link").is_symlink())
        self.assertEqual({p.name for p in self.dir.iterdir()}, names)
        piped = run(*args, "/dev/stderr", cwd=self.dir, check=0).stderr  # written in place
        self.assertTrue(piped.startswith((self.dir / "real").read_bytes()))
        if os.path.exists("/dev/full"):
            said = run(*args, "/dev/full", cwd=self.dir, check=2).stderr
            self.assertEqual(said, b"ns: /dev/full: cannot be written: No space left on device\n")

    def test_interrupted(self):
        """While it waits for a reader of what it prints."""
        self.make_index()
        self.write("run", "before\n")
        self.write("many", "".join(f"{t}\ttariff\n" for t in range(500)))
        self.write("qrels", "".join(f"{t} 0 n1 1\n" for t in range(500)))
        names = {p.name for p in self.dir.iterdir()}
        with subprocess.Popen([NS, "eval", "--topics", "many", "--qrels", "qrels", "--per-topic", "--run",
                               "run"], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, **SANITIZERS}) as process:
            room = fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
            waiting = array.array("i", [0])
            while waiting[0] < room:
                self.assertIsNone(process.poll())
                fcntl.ioctl(process.stdout, termios.FIONREAD, waiting)
                os.sched_yield()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
        self.assertEqual((process.returncode, said), (130, b"ns: interrupted; run is as it was\n"))
        self.assertEqual((self.dir / "run").read_text(), "before\n")
        self.assertEqual({p.name for p in self.dir.iterdir()}, names)

    def test_other_ids(self):
        self.make_index()
        qrels = re.sub(" n", " m", (self.dir / "qrels").read_text())
        self.write("qrels", qrels)
        done = run("eval", "--qrels", "qrels", "--topics", "topics", cwd=self.dir, check=0)
        self.assertIn("do the judgments name articles by the ids", done.stderr.decode())


if __name__ == "__main__":
    main()
