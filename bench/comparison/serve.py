"""Engines that answer commands on a pipe, and what is asked of them: bench/peers/README.md."""
import os
import subprocess


class Server:
    """One engine with one index and one file of queries, waiting for commands."""

    def __init__(self, name, argv, cpu=None):
        self.name, self.cpu = name, cpu
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None and \
            not self.is_java(argv) else None
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, preexec_fn=pin)
        ready = self.line().split()
        self.passages = int(ready[1])
        if cpu is not None and self.is_java(argv):
            self.pin_query_thread()

    @staticmethod
    def is_java(argv):
        return os.path.basename(str(argv[0])) == "java"

    def pin_query_thread(self):
        """Of a virtual machine only the thread that runs the queries: its compiler and its
        collector may use the other processors."""
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/comm", encoding="utf-8") as comm:
                if comm.read().strip() == "query":
                    os.sched_setaffinity(int(task), {self.cpu})
                    return
        raise SystemExit(f"{self.name}: there is no thread called query")

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended with {self.process.wait()}")
        return line

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.line()

    def run(self, command):
        """One pass over all queries: nanoseconds of each."""
        return [int(word) for word in self.ask(f"pass {command}").split()]

    def counts(self):
        return [int(word) for word in self.ask("count").split()]

    def results(self, limit, queries):
        """For each query [(id, score)], best first."""
        lines = [self.ask(f"results TOP_{limit}")] + [self.line() for _ in range(queries - 1)]
        return [[(int(i), float(score)) for i, score in
                 (pair.split(":") for pair in line.split())] for line in lines]

    def rss_anon(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) * 1024 for line in status
                        if line.startswith("RssAnon:"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
