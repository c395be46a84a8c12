#!/usr/bin/env python3
"""Checks corpus/: form of the lines, counts, spread, near-copies, and that README.md is right.

Usage: check_corpus.py [corpus folder]. Prints each fault; exit 1 when there is one.
"""

import json
import pathlib
import re
import sys
from collections import Counter
from itertools import combinations

KEYS = ["id", "title", "body", "date", "source", "section", "author", "url", "lang"]
REQUIRED = ["id", "body", "date", "source", "section", "lang"]
LEAST_LANGUAGES = {"en": 40, "zh": 8, "ar": 6, "de": 6, "es": 6, "ja": 2, "fr": 2}
SECTIONS = "world politics business health science sport culture technology weather".split()
DATE = re.compile(r"(\d{4})-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")
TALKS = re.compile(r"precursor|tariff", re.IGNORECASE)

faults = []


def check(good, message):
    if not good:
        faults.append(message)


def read_articles(folder):
    articles = {}
    for path in sorted(folder.glob("*.jsonl")):
        text = path.read_bytes().decode("utf-8")  # strict: invalid UTF-8 is an exception
        check(text.endswith("\n"), f"{path.name}: no newline at the end")
        for number, line in enumerate(text.split("\n")[:-1], 1):
            where = f"{path.name}:{number}"
            article = json.loads(line)
            check(json.dumps(article, ensure_ascii=False) == line, f"{where}: not json.dumps")
            known = [key for key in article if key in KEYS]
            check(list(article)[: len(known)] == known, f"{where}: extra keys must come last")
            check(known == [key for key in KEYS if key in article], f"{where}: keys out of order")
            check(all(article.get(key) for key in REQUIRED), f"{where}: a required key is missing")
            check(article["id"] not in articles, f"{where}: id {article['id']} comes twice")
            check(DATE.fullmatch(article["date"]), f"{where}: date {article['date']}")
            articles[article["id"]] = article
    return articles


def check_spread(articles):
    everything = articles.values()
    check(len(articles) >= 80, f"{len(articles)} articles, expected 80 or more")
    languages = Counter(article["lang"] for article in everything)
    for language, least in LEAST_LANGUAGES.items():
        check(languages[language] >= least, f"{languages[language]} articles in {language}")
    sources = {article["source"] for article in everything}
    check(len(sources) >= 8, f"{len(sources)} sources, expected 8 or more")
    sections = Counter(article["section"] for article in everything)
    for section in SECTIONS:
        check(sections[section] >= 3, f"{sections[section]} articles in section {section}")
    years = {int(article["date"][:4]) for article in everything}
    check(years == set(range(2019, 2027)), f"years {sorted(years)}, expected 2019 to 2026")
    forms = {DATE.fullmatch(article["date"])[4] or len(article["date"]) for article in everything}
    check({10, "Z", "+08:00"} <= forms, f"forms of dates: {forms}")
    english = [article for article in everything if article["lang"] == "en"]
    talks = [a for a in english if len(TALKS.findall(a.get("title", "") + " " + a["body"])) > 1]
    check(len(talks) >= 12, f"{len(talks)} English articles on precursors and tariffs")
    words = [len(article["body"].split()) for article in english]
    check(sum(500 <= count <= 900 for count in words) >= 4, "fewer than 4 long articles")
    check(max(words, default=0) <= 900, "an article of more than 900 words")
    check(any("title" not in article for article in everything), "none without a headline")
    check(any(set(article) - set(KEYS) for article in everything), "none with extra keys")


def table(readme, heading):
    """The rows of the table whose first column has the given heading, as lists of cells."""
    match = re.search(rf"^\| {heading} \|.*\n\| ---.*\n((?:\|.*\n)+)", readme, re.MULTILINE)
    check(match, f"README.md has no table headed {heading}")
    rows = match[1].splitlines() if match else []
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def trigrams(text):
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:]))


def overlap(left, right):
    """Share of the smaller set of three-word runs that the other has too."""
    return len(left & right) / max(1, min(len(left), len(right)))


def check_counts(readme, articles, text_count):
    claim = f"{len(articles)} articles in JSON lines and {text_count} plain texts"
    check(claim in readme, f"README.md does not say: {claim}")
    for heading, key in (("language", "lang"), ("section", "section")):
        found = dict(Counter(article[key] for article in articles.values()))
        said = {name: int(count) for name, count in table(readme, heading)}
        check(said == found, f"README.md on {heading}: {said}, found {found}")


def check_near_copies(readme, articles):
    runs = {name: trigrams(article["body"]) for name, article in articles.items()}
    groups = [(name, re.findall(r"`([^`]+)`", ids)) for name, ids in table(readme, "group")]
    check(len(groups) >= 4, f"{len(groups)} groups of near-copies, expected 4 or more")
    named = set()
    for group, ids in groups:
        check(2 <= len(ids) <= 4, f"group {group} has {len(ids)} articles")
        for missing in (name for name in ids if name not in articles):
            check(False, f"group {group}: no article {missing}")
        for a, b in combinations((name for name in ids if name in articles), 2):
            share = overlap(runs[a], runs[b])
            check(share > 0.5, f"group {group}: {a} and {b} share only {share:.2f}")
            check(runs[a] != runs[b], f"group {group}: {a} and {b} are the same")
            named.add(frozenset((a, b)))
    for a, b in combinations(articles, 2):
        if frozenset((a, b)) not in named and overlap(runs[a], runs[b]) > 0.5:
            check(False, f"{a} and {b} are near-copies that README.md does not name")


def check_queries(path, articles):
    """Known-good queries: query TAB id that must be among the first three answers."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        query, _, expected = line.partition("\t")
        check(query and expected in articles, f"{path.name}:{number}: no article {expected!r}")


def main():
    default = pathlib.Path(__file__).resolve().parents[2] / "corpus"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    articles = read_articles(folder)
    check_spread(articles)
    texts = sorted((folder / "texts").glob("*.txt"))
    for path in texts:
        head = path.read_text("utf-8").split("\n", 2)
        check(len(head) == 3 and head[0] and not head[1], f"{path.name}: headline, empty line, body")
    readme = (folder / "README.md").read_text("utf-8")
    check_counts(readme, articles, len(texts))
    check_near_copies(readme, articles)
    check_queries(pathlib.Path(__file__).resolve().parents[1] / "cli/corpus_queries.tsv", articles)
    licence = folder / "LICENSE"
    check(licence.exists() and "CC0-1.0" in licence.read_text("utf-8"), "LICENSE is not CC0-1.0")
    for fault in faults:
        print(fault)
    print(f"{len(articles)} articles, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
