"""Times flatload beside what people use instead, all in one run on one machine, and writes doc/benchmarks.md and its picture.

   bench.py --programs DIRECTORY [OPTION]... [SECTION]...

   load     every set, by flatload and all peers, by one thread and two (this and scale, values: what runs if none is named)
   scale    flatload alone: columns, records, quotes, threads, memory
   values   flatload alone: what one value costs, by type, for each variant of the processor
   write    arrays to text, by flatload and all peers

In each round all take turns; medians are compared. Sections that are not run stay as they are in the document.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

import peers
import report
from measure import Contestant, take_turns

SETS = "records", "integers", "floats", "decimals", "trips", "quoted", "columns-1000"
HAVE_NULLS = ("trips",)
COLUMNS = "columns-10", "columns-1000", "columns-100000"
QUOTES = "text-plain", "text-quoted"
QUOTED_NUMBERS = "numbers-plain", "numbers-quoted"
WRITE_SETS = "floats", "prices", "integers", "mixed"
VARIANTS = "avx512vbmi2", "avx512", "avx2", "sse2", "neon", "portable"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.scratch = options.scratch
        self.data = os.path.join(self.scratch, "data")
        os.makedirs(self.data, exist_ok=True)
        self.peers = None

    def program(self, name):
        return os.path.join(os.path.abspath(self.options.programs), name)

    def make(self, set_name, unit, n):
        """Gives the path of a set of that size; what an earlier run made is taken, if the generator has not changed."""
        path = os.path.join(self.data, f"{set_name}-{n}{unit[0]}.csv")
        if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(self.program("data")):
            say(f"making {os.path.basename(path)}")
            subprocess.run([self.program("data"), set_name, unit, str(n), path + ".part"], check=True)
            os.replace(path + ".part.schema", path + ".schema")
            os.replace(path + ".part", path)
        return path

    def nbytes(self):
        return int(self.options.size * 1e6)

    def loader(self, set_name, path, threads, *more, name="flatload"):
        nulls = ["-b"] if set_name in HAVE_NULLS else []
        command = [self.program("load"), "-j", threads, *nulls, *more, "@" + path + ".schema", path]
        return Contestant(name, threads, command)

    def load(self):
        return {set_name: self.load_set(set_name) for set_name in self.options.sets}

    def load_set(self, set_name):
        path = self.make(set_name, "bytes", self.nbytes())
        about = self.loader(set_name, path, 1).run()
        say(f"loading {set_name}: {about['bytes'] / 1e6:.0f} MB, {about['records']} records")
        contestants = [self.loader(set_name, path, threads) for threads in (1, 2)]
        if not self.options.own:
            contestants += self.peers.loaders(set_name, path, about)
        contestants = [one for one in contestants if one.name == "flatload" or re.search(self.options.peers, one.name)]
        results = take_turns(contestants, self.options.rounds, say)
        for result in results:
            if result.get("records", about["records"]) != about["records"]:
                result["failure"] = f"{result['records']} records instead of {about['records']}"
        about = {key: about[key] for key in ("bytes", "records", "array_bytes")}
        return {**about, "results": results}

    def pair(self, set_name, path):
        """By one thread and two, into arrays that are touched beforehand, and into fresh ones, whose peak counts."""
        return [self.loader(set_name, path, threads, *more, name=name)
                for threads in (1, 2) for name, more in (("touched", ["-T"]), ("fresh", []))]

    def scale_group(self, paths):
        """Files that are to be compared with each other take turns."""
        contestants, slices = [], {}
        for name, (set_name, path) in paths.items():
            some = self.pair(set_name, path)
            slices[name] = len(contestants), len(contestants) + len(some)
            contestants += some
        results = take_turns(contestants, self.options.rounds, say)
        return {name: results[start:stop] for name, (start, stop) in slices.items()}

    def scale(self):
        say("scaling")
        by_bytes = {name: (name, self.make(name, "bytes", self.nbytes())) for name in COLUMNS + QUOTES + QUOTED_NUMBERS}
        counts = [n for n in (10**4, 10**5, 10**6, 10**7) if n <= max(10**4, self.nbytes() // 10)]
        by_records = {str(n): ("records", self.make("records", "records", n)) for n in counts}
        return {
            "columns": self.scale_group({name: by_bytes[name] for name in COLUMNS}),
            "quotes": self.scale_group({name: by_bytes[name] for name in QUOTES}),
            "quoted numbers": self.scale_group({name: by_bytes[name] for name in QUOTED_NUMBERS}),
            "records": self.scale_group(by_records),
            "threads": self.scale_group({name: (name, self.make(name, "bytes", self.nbytes())) for name in self.options.sets}),
        }

    def values(self):
        """{variant: [what values.c prints]}, the best variant first; those that this machine has."""
        found = {}
        for variant in VARIANTS:
            command = [self.program("values"), *(["-n", "3"] if self.options.size < 1 else [])]
            done = subprocess.run(command, env={**os.environ, "FLATLOAD_CPU": variant}, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                say(f"values: {variant}")
                found[variant] = [json.loads(line) for line in done.stdout.splitlines()]
        return found

    def write(self):
        n = max(100, int(self.nbytes() / 100))
        return {set_name: self.write_set(set_name, n) for set_name in WRITE_SETS}

    def write_set(self, set_name, n):
        source, target = os.path.join(self.data, f"write-{set_name}.csv"), os.path.join(self.data, "out.csv")
        say(f"writing {set_name}: {n} records")
        subprocess.run([self.program("write"), "flatload", set_name, str(n), source], check=True, stdout=subprocess.DEVNULL)
        with open(source + ".schema", "w", encoding="ascii") as file:
            subprocess.run([self.program("write"), "schema", set_name], check=True, stdout=file)
        contestants = [Contestant(label, 1, [self.program("write"), way, set_name, n, target], clear=target)
                       for label, way in (("flatload", "flatload"), ("fprintf %.17g", "fprintf"))]
        if not self.options.own:
            contestants += self.peers.writers(set_name, n, source, target)
        contestants = [one for one in contestants if one.name == "flatload" or re.search(self.options.peers, one.name)]
        results = take_turns(contestants, self.options.rounds, say)
        for path in target, source:
            if os.path.exists(path):
                os.remove(path)
        return {"records": n, "results": results}

    def run(self, sections):
        if not self.options.own and {"load", "write"} & set(sections):
            self.peers = peers.Peers(self.scratch, self.options.install, say)
        for section in sections:
            started = time.time()
            results = getattr(self, section)()
            self.keep(section, {"about": self.about(section, started), "results": results})

    def again(self):
        for section in "load", "scale", "values", "write":
            path = os.path.join(self.scratch, f"{section}.json")
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    report.write(self.options.doc, section, json.load(file))

    def about(self, section, started):
        about = {"date": time.strftime("%Y-%m-%d", time.gmtime(started)), "minutes": round((time.time() - started) / 60, 1),
                 "size": self.options.size, "rounds": self.options.rounds, "machine": machine(), "versions": {}, "missing": []}
        if self.peers and section in ("load", "write"):
            loaders_alone = ("fread", "vroom") if section == "write" else ()
            about["versions"] = {name: version for name, version in self.peers.versions.items() if name not in loaders_alone}
            about["missing"] = [what for what in self.peers.missing if what not in loaders_alone]
        return about

    def keep(self, section, found):
        """As JSON in the scratch folder, and in the document."""
        path = os.path.join(self.scratch, f"{section}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
        report.write(self.options.doc, section, found)
        say(f"{section}: {path}, {os.path.join(self.options.doc, report.DOCUMENT)}")


def machine():
    model = platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True, help="where data, load, values and write were built")
    parser.add_argument("--size", type=float, default=100, help="MB of each set (100)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count; slow ones get fewer (5)")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=SETS, help=",".join(SETS))
    parser.add_argument("--peers", default="", metavar="REGEX", help="only peers with such a name")
    parser.add_argument("--own", action="store_true", help="flatload alone")
    parser.add_argument("--no-install", dest="install", action="store_false", help="only the peers that are here")
    parser.add_argument("--again", action="store_true", help="time nothing: the document once more, from what was found last")
    parser.add_argument("--scratch", default=os.path.join(os.environ.get("TMPDIR") or tempfile.gettempdir(), "flatload-bench"))
    parser.add_argument("--doc", help="folder of the document (the scratch folder)")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help="load, scale, values, write")
    options = parser.parse_args()
    options.sections = options.sections or ["load", "scale", "values"]
    if not set(options.sections) <= {"load", "scale", "values", "write"}:
        parser.error("sections are load, scale, values and write")
    options.scratch = os.path.abspath(options.scratch)
    options.doc = options.doc or options.scratch
    return options


if __name__ == "__main__":
    chosen = parse_options()
    if chosen.again:
        Bench(chosen).again()
    else:
        Bench(chosen).run(chosen.sections)
