"""Passages and queries that all engines share."""
import json
import pathlib
import re
import subprocess

CORPORA = ("guardian", "chronam1916", "reuters21578")


def files(folder, name):
    return pathlib.Path(folder) / f"{name}.txt", pathlib.Path(folder) / f"{name}.jsonl"


class Data:
    """One collection, as lines (a record each, its number its id) and as JSON lines for ns."""

    def __init__(self, folder, name):
        self.name = name
        self.lines, self.json = files(folder, name)

    @property
    def bytes(self):
        """Of text: the line ends are not counted."""
        return self.lines.stat().st_size - self.count

    @property
    def count(self):
        with open(self.lines, "rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def write_json(self):
        with open(self.lines, encoding="utf-8") as lines, \
                open(self.json, "w", encoding="utf-8") as out:
            for number, line in enumerate(lines):
                out.write(json.dumps({"id": str(number), "body": line.rstrip("\n")},
                                     ensure_ascii=False) + "\n")


def to_file(argv, path):
    with open(f"{path}.tmp", "wb") as out:
        subprocess.run([str(arg) for arg in argv], stdout=out, check=True)
    pathlib.Path(f"{path}.tmp").rename(path)


def real(work, corpora, limit=None):
    """(passages, headlines, raw articles) of the three corpora; made once."""
    folder = pathlib.Path(work) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    passages, titles, raw = (Data(folder, name) for name in ("passages", "headlines", "raw"))
    if not all(data.json.exists() for data in (passages, titles, raw)):
        source, binary = folder / "source.ns", pathlib.Path(work) / "bin"
        files = [pathlib.Path(corpora) / f"{name}.jsonl.gz" for name in CORPORA]
        subprocess.run([str(arg) for arg in
                        [binary / "ns", "index", "--quiet", "--fresh", "--index", source, *files]],
                       check=False)
        to_file([binary / "ns_passages", source, "bodies"], passages.lines)
        to_file([binary / "ns_passages", source, "titles"], titles.lines)
        write_raw(binary / "ns", source, raw)
        for data in (passages, titles):
            shorten(data, limit)
            data.write_json()
        shorten(raw, limit and limit // 7)
        raw.write_json()
    return passages, titles, raw


def write_raw(ns, source, raw):
    """Headline and body of each article as one line: white space becomes a space."""
    show = subprocess.Popen([str(ns), "show", "--all", "--json", "--index", str(source)],
                            stdout=subprocess.PIPE)
    with open(raw.lines, "w", encoding="utf-8") as out:
        for line in show.stdout:
            record = json.loads(line)
            text = f"{record.get('title') or ''}\n{record.get('body') or record.get('text') or ''}"
            out.write(" ".join(text.split()) + "\n")
    if show.wait():
        raise SystemExit("ns show --all failed")


def shorten(data, limit):
    """Keeps every n-th line, for a trial."""
    count = data.count
    if not limit or count <= limit:
        return
    step = count // limit
    with open(data.lines, "rb") as lines:
        kept = [line for number, line in enumerate(lines) if number % step == 0][:limit]
    data.lines.write_bytes(b"".join(kept))


class Synthetic(Data):
    """Made text; each of its two files is made when it is first asked for, and can be dropped."""

    def __init__(self, work, passages, count, seed=1):
        # pylint: disable=super-init-not-called
        self.name = f"synthetic-{count}"
        self._files = dict(zip(("lines", "json"), files(pathlib.Path(work) / "data", self.name)))
        self._program = pathlib.Path(work) / "bin" / "ns_synthetic"
        self._source, self._count, self._seed = passages, count, seed

    def _made(self, kind):
        if not self._files[kind].exists():
            to_file([self._program, self._source.lines, self._count, self._seed, kind],
                    self._files[kind])
        return self._files[kind]

    lines = property(lambda self: self._made("lines"))
    json = property(lambda self: self._made("json"))
    count = property(lambda self: self._count)

    def drop(self):
        for path in self._files.values():
            path.unlink(missing_ok=True)


def read_queries(corpora):
    """[(class, query)]: the development queries, then the 962 of the search-benchmark-game."""
    out = []
    for line in (pathlib.Path(corpora) / "queries-dev.tsv").read_text().splitlines():
        kind, query = line.split("\t")
        out.append((kind, plain(query)))
    for line in (pathlib.Path(corpora) / "sbg_queries.txt").read_text().splitlines():
        record = json.loads(line)
        tag = next(tag for tag in record["tags"] if tag != "global" and "num_tokens" not in tag)
        out.append((f"sbg {tag.replace('_', '+')}", plain(record["query"])))
    return out


def plain(query):
    """In the words of the passages: [a-z0-9] and the three operators."""
    return re.sub(r'[^a-z0-9 "+-]', " ", query.lower())


def tenth(queries):
    """Every tenth of each class, at least three."""
    seen, out = {}, []
    sizes = {kind: sum(1 for k, _ in queries if k == kind) for kind, _ in queries}
    for kind, query in queries:
        number = seen[kind] = seen.get(kind, -1) + 1
        step = max(1, min(10, sizes[kind] // 3))
        if number % step == 0:
            out.append((kind, query))
    return out


def write_queries(path, queries):
    pathlib.Path(path).write_text("".join(f"{kind}\t{query}\n" for kind, query in queries))
    return path
