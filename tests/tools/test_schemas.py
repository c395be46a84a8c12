#!/usr/bin/env python3
"""Holds what the commands print with --json to docs/schema/.

Usage: test_schemas.py NS REPOSITORY. The validator knows the part of JSON Schema 2020-12 that the
schemas use, and refuses others. Every key printed must be in the schema; and the schemas must mean
something: an output without a key, or with one of another type, has to be refused.
"""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "title", "description", "type", "required", "properties", "items", "enum",
         "minimum", "minItems", "maxItems", "minProperties", "additionalProperties"}

FIELDS = ("rank", "score", "id", "date", "source", "section", "author", "url", "lang", "title",
          "passage", "copies")


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def faults_of(value, schema, where="$"):
    """What is wrong with the value, as a list of texts."""
    assert set(schema) <= KNOWN, f"{where}: this validator does not know {set(schema) - KNOWN}"
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(has_type(value, name) for name in names):
        return [f"{where}: {value!r} is no {' or '.join(names)}"]
    faults = []
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        faults.append(f"{where}: {value} is below {schema['minimum']}")
    if isinstance(value, dict):
        faults += [f"{where}: no key {key}" for key in schema["required"] if key not in value]
        if len(value) < schema.get("minProperties", 0):
            faults.append(f"{where}: {len(value)} keys")
        for key, inner in value.items():
            if schema.get("additionalProperties") and key not in schema["properties"]:
                continue
            if key in schema["properties"]:
                faults += faults_of(inner, schema["properties"][key], f"{where}.{key}")
            else:
                faults.append(f"{where}: key {key} is not in the schema")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            faults.append(f"{where}: {len(value)} items")
        for i, inner in enumerate(value):
            faults += faults_of(inner, schema["items"], f"{where}[{i}]")
    return faults


def damaged(value, schema):
    """The value with one required key left out, or one key of another type, one at a time; of lists
    the first item."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in schema["required"]:
                yield {k: v for k, v in value.items() if k != key}, f"without {key}"
            yield {**value, key: {"wrong": 1}}, f"{key} wrong"
            for bad, how in damaged(inner, schema["properties"].get(key)):
                yield {**value, key: bad}, f"{key}: {how}"
    elif isinstance(value, list) and value:
        for bad, how in damaged(value[0], schema["items"]):
            yield [bad] + copy.copy(value[1:]), f"first: {how}"


def with_all_keys(schema):
    """The schema of what is printed without --fields: results have all of these."""
    changed = copy.deepcopy(schema)
    changed["properties"]["results"]["items"]["required"] = [
        "rank", "score", "article", "title", "date", "source", "passage", "title_highlights"]
    return changed


def with_key(schema, key):
    """The schema of what is printed without the option that leaves a key out."""
    return {**schema, "required": schema["required"] + [key]}


class Runner:
    def __init__(self, ns, folder):
        self.ns, self.index = ns, folder + "/index"
        self.faults, self.outputs, self.mutants = [], 0, 0

    def run(self, schema, command, *words, code=0, stdin=""):
        done = subprocess.run([self.ns, command, "--json", "--index", self.index, *words],
                              capture_output=True, text=True, check=False, input=stdin)
        where = " ".join(["ns", command, *words])
        if done.returncode != code:
            self.faults.append(f"{where}: exit {done.returncode}: {done.stderr}")
            return
        lines = done.stdout.splitlines()
        if len(lines) != 1 and command != "show":
            self.faults.append(f"{where}: {len(lines)} lines")
        for line in lines:
            self.outputs += 1
            self.take(schema, where, json.loads(line))

    def take(self, schema, where, value):
        self.faults += [f"{where}: {fault}" for fault in faults_of(value, schema)]
        if schema.get("additionalProperties"):
            return  # any record is one: there is nothing to damage
        for bad, how in damaged(value, schema):
            self.mutants += 1
            if not faults_of(bad, schema):
                self.faults.append(f"{where}: the schema takes an output {how}")


def run_all(runner, schemas, corpus, folder):
    broken = pathlib.Path(folder) / "broken.jsonl"
    broken.write_text('{"id": "x", "body": "a \\ud800 b"}\n{"id": \n', "utf-8")
    run = runner.run
    run(schemas["index"], "index", *map(str, sorted(corpus.glob("*.jsonl"))))
    run(schemas["index"], "index", str(broken), code=1)
    run(schemas["stats"], "stats")
    for query in ("tariff talks", '"precursor controls" +china', "关税", "The"):
        run(with_all_keys(schemas["query"]), "query", query)
    run(with_all_keys(schemas["query"]), "query", "-n", "3", "-p", "-c", "--snippet", "9", "tariffs")
    run(schemas["query"], "query", "zzzyzx", code=1)
    for query in ("tariff talks", "关税谈判"):
        run(schemas["query"], "query", "--explain", "--recency", "3d", "--now", "2026", query)
    run(schemas["query"], "query", "--offset", "2", "--sort", "date", "--recency", "30d", "tariff")
    run(schemas["query"], "query", "--fields", "id,section,author,url,lang", "--group", "source",
        "tariff")
    for field in FIELDS:
        run(schemas["query"], "query", "--fields", field, "tariff")
    run(schemas["similar"], "similar", "--fields", "score,copies", "hw-250512-geneva")
    for command, word in (("query", '+a (b OR "c d"~3'), ("count", "a"), ("similar", "hw-250512-geneva")):
        run(schemas["explain-query"], command, "--explain-query", word)
    run(with_all_keys(schemas["similar"]), "similar", "--explain", "hw-250512-geneva")
    run(schemas["suggest"], "suggest", "export con")
    run(schemas["suggest"], "suggest", "zzzyzx", code=1)
    run(schemas["count"], "count", "tariff")
    run(schemas["count"], "count", "zzzyzx", code=1)
    for by in ("day", "month", "year", "source", "section", "author", "lang"):
        run(schemas["count"], "count", "--by", by, "-n", "2", "tariff talks")
    run(schemas["analyze"], "analyze", "U.S. officials’ talks on 关税")
    run(schemas["analyze"], "analyze", "", code=1)
    bench = ["bench", "--queries", "-", "--passes", "1", "--commands", "TOP_10,COUNT"]
    run(with_key(schemas["bench"], "queries"), *bench, stdin="a\ttariff\nb\tfog\n")
    run(schemas["bench"], *bench, "--summary", stdin="a\ttariff\nb\tfog\n")
    qrels = pathlib.Path(folder) / "qrels"
    qrels.write_text("a 0 hw-250512-geneva 1\n", "utf-8")
    judge = ["eval", "--topics", "-", "--qrels", str(qrels)]
    run(with_key(schemas["eval"], "topics"), *judge, "--per-topic", stdin="a\ttariff\n")
    run(schemas["eval"], *judge, stdin="a\ttariff\n")
    run(with_key(schemas["delete"], "ids"), "delete", "--dry-run", "--query", "+tariff")
    run(schemas["delete"], "delete", "hw-250512-geneva", "no such id")
    run(schemas["show"], "show", "--all")
    run(schemas["merge"], "merge")
    run(schemas["merge"], "merge")
    run(schemas["check"], "check")
    victim = sorted(pathlib.Path(runner.index).glob("*.pst"))[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.chmod(0o644)
    victim.write_bytes(data)
    run(schemas["check"], "check", code=2)


def help_of(ns, *command):
    text = subprocess.run([ns, "help", *command], capture_output=True, text=True, check=True).stdout
    return text if command else text.split("Commands:")[1].split("Examples:")[0]


def main():
    ns, root = sys.argv[1], pathlib.Path(sys.argv[2])
    guide = (root / "docs/cli.md").read_text("utf-8")
    paths = sorted((root / "docs/schema").glob("*.json"))
    schemas = {path.stem: json.loads(path.read_text("utf-8")) for path in paths}
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(ns, folder)
        run_all(runner, schemas, root / "corpus", folder)
    faults = runner.faults
    commands = set(re.findall(r"^  (\w+) ", help_of(ns), re.M))
    with_json = {name for name in commands if "--json" in help_of(ns, name)}
    if with_json != set(schemas) - {"explain-query"} or with_json != commands:
        faults.append(f"--json: {sorted(with_json)}; schemas: {sorted(schemas)}; commands: "
                      f"{sorted(commands)}")
    faults += [f"docs/cli.md does not link schema/{path.name}" for path in paths
               if f"(schema/{path.name})" not in guide]
    for fault in faults:
        print(fault)
    print(f"{len(schemas)} schemas, {runner.outputs} outputs, {runner.mutants} damaged outputs "
          f"refused, {len(faults)} faults")
    return 1 if faults or not runner.outputs else 0


if __name__ == "__main__":
    sys.exit(main())
