"""The tables of bench/build.sh: speed and size of an index, memory for 1 GB of text."""
import datetime
import gzip
import json
import pathlib
import platform
import shutil
import subprocess
import sys

ns, work, rounds, corpora = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
index = work / "build.ns"
GOAL_SPEED, GOAL_SIZE = 50, 0.65
MEMORY = (("64M", 64), ("512M", 512), ("2G", 2048))
COPIES = 5


def texts():
    """Bytes of headlines and bodies, and the number of articles."""
    total = articles = 0
    for corpus in corpora:
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                total += len(record.get("title", "").encode()) + len(record["body"].encode())
                articles += 1
    return total, articles


def build(*arguments):
    """Seconds of one build by the clock and of processors, and its peak RSS in MB (10^6 bytes)."""
    shutil.rmtree(index, ignore_errors=True)
    command = ["/usr/bin/time", "-f", "%e %U %S %M", ns, "index", "--quiet", "--fresh", "--index",
               index, *arguments]
    result = subprocess.run(command, stderr=subprocess.PIPE, check=True, text=True)
    elapsed, user, system, peak = map(float, result.stderr.split()[-4:])
    return elapsed, user + system, peak * 1024 / 1e6


def multiply(path):
    """A file of COPIES times the corpora, each article with an id of its own."""
    with open(path, "wb") as out:
        for copy in range(COPIES):
            for corpus in corpora:
                with gzip.open(corpus, "rb") as lines:
                    for line in lines:
                        out.write(line.replace(b'"id": "', b'"id": "%d-' % copy, 1))


def told(figure, goal, reached):
    return f"{figure} (goal {goal}: {'reached' if reached else 'not reached'})"


def main():
    commit = subprocess.run(["git", "-C", pathlib.Path(__file__).parent, "rev-parse", "--short",
                             "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                      if line.startswith("model name")), "unknown")
    load = open("/proc/loadavg").read().split()[0]
    print(f"- machine: {processor}, Linux {platform.release()}; load at the start {load}")
    print(f"- date: {datetime.date.today()}; library of commit {commit or 'unknown'}, Release\n")
    text, articles = texts()
    print(f"Text: {text / 1e6:.1f} MB of headlines and bodies, {articles:,} articles.\n")
    print("| threads | seconds, best | processor seconds | MB of text a second | peak RSS |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for threads in ("1", "2"):
        elapsed, processor, peak = min(build("--threads", threads, *corpora)
                                       for _ in range(rounds))
        speed = text / 1e6 / elapsed
        figure = f"{speed:.1f}"
        if threads == "2":
            figure = told(figure, f"at least {GOAL_SPEED}", speed >= GOAL_SPEED)
        print(f"| {threads} | {elapsed:.2f} | {processor:.2f} | {figure} | {peak:.0f} MB |")
    files = sorted(index.iterdir())
    size = sum(file.stat().st_size for file in files)
    ratio = size / text
    print("\n| file | bytes | of the text |\n| --- | ---: | ---: |")
    for file in files:
        if file.suffix:
            print(f"| {file.suffix} | {file.stat().st_size:,} | {file.stat().st_size / text:.4f} |")
    figure = told(f"{ratio:.4f}", f"at most {GOAL_SIZE}", ratio <= GOAL_SIZE)
    print(f"| **all** | {size:,} | {figure} |\n")
    many = work / "many.jsonl"
    multiply(many)
    print(f"{COPIES} copies, {text * COPIES / 1e6:.0f} MB of text, two threads:\n")
    print("| --memory | seconds | peak RSS | of the limit |\n| --- | ---: | ---: | ---: |")
    for name, limit in MEMORY:
        elapsed, _, peak = build("--threads", "2", "--memory", name, many)
        share = peak / (limit * 1.048576)
        figure = told(f"{share:.2f}", "at most 1.25", share <= 1.25)
        print(f"| {name} | {elapsed:.1f} | {peak:.0f} MB | {figure} |")
    many.unlink()
    shutil.rmtree(index)


main()
