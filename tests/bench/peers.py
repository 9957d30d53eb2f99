"""What flatload is compared with: installs and builds it in the scratch folder, and knows how each is run."""

import json
import os
import shlex
import shutil
import subprocess
import sys

from measure import Contestant

HERE = os.path.dirname(os.path.abspath(__file__))
SETUP = os.path.join(HERE, "..", "..", "scripts", "setup")
LOOP, LIBCSV, FLOOR = "getline + std::from_chars", "libcsv + strtod", "floor"
NO_QUOTES_KNOWN = ("quoted", "text-quoted") # sets that the loop cannot read
NODE_MODULES = "@duckdb/node-api", "nodejs-polars"


def succeeds(*command, **more):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **more).returncode == 0
    except OSError:
        return False


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Peers:
    """Those that are here; 'missing' has the reasons why the others are not."""

    def __init__(self, scratch, install, say):
        self.scratch, self.say = scratch, say
        self.node_modules = os.path.join(scratch, "node")
        self.bin = os.path.join(scratch, "bin")
        self.missing, self.versions = [], {}
        if install:
            self.install()
        self.build()
        self.python = next((path for path in (sys.executable, "/usr/bin/python3") if succeeds(path, "-c", "import pandas")), None)
        self.node = shutil.which("node")
        self.look()

    def install(self):
        self.say("installing what is missing of the peers")
        subprocess.run([SETUP, "bench"], check=False)
        if not (shutil.which("node") and shutil.which("npm")):
            subprocess.run([SETUP, "bench-node"], check=False)
        os.makedirs(self.node_modules, exist_ok=True)
        if shutil.which("npm"):
            self.install_node_modules()

    def npm(self, *modules):
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", self.node_modules, *modules], check=False)

    def install_node_modules(self):
        if not all(self.loads(module) for module in NODE_MODULES):
            self.npm(*NODE_MODULES)
        # The native half is an optional package, which some versions of npm pass over.
        if self.module_version("nodejs-polars") and not self.loads("nodejs-polars"):
            platform = output("node", "-p", "process.platform + '-' + process.arch")
            self.npm(f"nodejs-polars-{platform}-gnu@{self.module_version('nodejs-polars')}")

    def loads(self, module):
        return succeeds("node", "-e", f"require('{module}')", cwd=self.node_modules) if os.path.isdir(self.node_modules) else False

    def module_version(self, module):
        try:
            with open(os.path.join(self.node_modules, "node_modules", module, "package.json"), encoding="utf-8") as file:
                return json.load(file)["version"]
        except OSError:
            return None

    def compile(self, compiler, source, *options):
        """Gives the program, or None: built anew if the source, or what it includes, is younger."""
        program = os.path.join(self.bin, os.path.splitext(source)[0])
        sources = [os.path.join(HERE, name) for name in os.listdir(HERE) if name == source or name.endswith(".h")]
        if os.path.exists(program) and all(os.path.getmtime(path) < os.path.getmtime(program) for path in sources):
            return program
        os.makedirs(self.bin, exist_ok=True)
        command = [*compiler, "-D_GNU_SOURCE", "-O3", os.path.join(HERE, source), "-o", program, *options]
        for native in ["-march=native"], []:
            if succeeds(*command, *native):
                return program
        self.missing.append(f"{os.path.splitext(source)[0]}: it does not compile here")
        return None

    def build(self):
        cc = shlex.split(os.environ.get("CC") or "cc")
        cxx = shlex.split(os.environ.get("CXX") or "c++") + ["-std=c++17"]
        self.scan = self.compile(cc, "scan.c")
        self.load_libcsv = self.compile(cc, "load_libcsv.c", "-lcsv")
        self.load_lines = self.compile(cxx, "load_lines.cc")
        self.write_to_chars = self.compile(cxx, "write_to_chars.cc")

    def look(self):
        """Finds versions of those that are here, and says which are not."""
        if self.python:
            self.versions["pandas"] = output(self.python, "-c", "import pandas; print(pandas.__version__)")
        for name, module in ("DuckDB", "@duckdb/node-api"), ("Polars", "nodejs-polars"):
            if self.node and self.loads(module):
                self.versions[name] = self.module_version(module)
        for name, package in ("fread", "data.table"), ("vroom", "vroom"):
            if succeeds("Rscript", "-e", f"library({package})"):
                self.versions[name] = output("Rscript", "-e", f"cat(as.character(packageVersion('{package}')))")
        self.missing += [name for name in ("DuckDB", "Polars", "fread", "vroom", "pandas") if name not in self.versions]
        for what in self.missing:
            self.say(f"not here, not compared: {what}")

    def node_peer(self, peer, threads, action, *paths):
        command = [self.node, os.path.join(HERE, "peer_node.cjs"), peer, action, paths[0], threads, *paths[1:]]
        return command, {"NODE_PEERS": self.node_modules, "POLARS_MAX_THREADS": str(threads)}

    def loaders(self, set_name, path, about):
        """All that load 'path', of which 'about' tells what flatload found."""
        found = []
        if self.scan:
            for pages in "huge", "small":
                found.append(Contestant(f"{FLOOR}, {pages} pages", 1, [self.scan, path, about["array_bytes"], pages]))
        if self.load_lines and set_name not in NO_QUOTES_KNOWN:
            found.append(Contestant(LOOP, 1, [self.load_lines, path, about["records"]]))
        if self.load_libcsv:
            found.append(Contestant(LIBCSV, 1, [self.load_libcsv, path, about["records"]]))
        for threads in 1, 2:
            for name, peer in ("DuckDB", "duckdb"), ("Polars", "polars"), ("Polars", "polars-text"):
                if name in self.versions and (peer != "polars-text" or set_name == "trips"):
                    label = name + ", instants as text" if peer == "polars-text" else name
                    found.append(Contestant(label, threads, *self.node_peer(peer, threads, "load", path)))
            for name in "fread", "vroom":
                if name in self.versions:
                    script = os.path.join(HERE, "peer_r.R")
                    found.append(Contestant(name, threads, ["Rscript", "--vanilla", script, name, path, threads]))
        if "pandas" in self.versions:
            found.append(Contestant("pandas", 1, [self.python, os.path.join(HERE, "peer_pandas.py"), "load", path]))
        return found

    def writers(self, set_name, nrecords, source, target):
        """All that write what 'source' holds."""
        found = []
        if self.write_to_chars:
            found.append(Contestant("std::to_chars", 1, [self.write_to_chars, set_name, nrecords, target], clear=target))
        for threads in 1, 2:
            for name, peer in ("DuckDB", "duckdb"), ("Polars", "polars"):
                if name in self.versions:
                    found.append(Contestant(name, threads, *self.node_peer(peer, threads, "write", source, target), clear=target))
        if "pandas" in self.versions:
            command = [self.python, os.path.join(HERE, "peer_pandas.py"), "write", source, target]
            found.append(Contestant("pandas", 1, command, clear=target))
        return found
