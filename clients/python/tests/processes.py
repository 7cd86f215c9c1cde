"""Processes that the tests talk to: servers, workers, a PostgreSQL of their own.

In: the path of the command in `CONCENTRIC`. Out: addresses, once they listen. Every process
ends with the case that started it.
"""

import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

COMMAND = os.environ.get("CONCENTRIC", "concentric")
REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE = 120  # seconds for what takes two on an idle machine

# $1 programs, $2 folder: a cluster on a private socket, which ends when the input does.
POSTGRES = """
set -e
cd "$2"
"$1/initdb" -D data -U tests -A trust -E UTF8 --locale=C --no-sync >log 2>&1
"$1/postgres" -D data -k "$2" -c listen_addresses= -c fsync=off >>log 2>&1 &
server=$!
for try in $(seq 600); do
    if "$1/psql" -h "$2" -U tests -d postgres -c 'SELECT 1' >/dev/null 2>&1; then break; fi
    sleep 0.1
done
echo ready
read -r never || true
kill -INT $server
wait $server || true
"""


class Process:
    """One run of the command, from the line that says it is ready."""

    def __init__(self, case, arguments, ready):
        """Reads what it says until that matches `ready`."""
        self._child = subprocess.Popen([COMMAND, *arguments], text=True, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # It must not wait for someone to read its log.
        self._reader = threading.Thread(target=self._child.stdout.read, daemon=True)
        case.addClassCleanup(self.end)
        said = ""
        while not (found := re.search(ready, said)):
            line = self._child.stdout.readline()
            if not line:
                raise AssertionError(f"{arguments} ended: {said}")
            said += line
        self.ready = found
        self._reader.start()

    def kill(self):
        """Ends it without a warning."""
        self._child.kill()
        self._child.wait()

    def end(self):
        """Asks it to end, and sees to it."""
        try:
            self._child.send_signal(signal.SIGTERM)
            self._child.wait(PATIENCE)
        finally:
            self.kill()
            if self._reader.ident is not None:
                self._reader.join()
            self._child.stdout.close()


def folder(case):
    """A folder that lasts as long as the case. Short: a socket's path has 107 bytes at most."""
    made = tempfile.mkdtemp(prefix="cc", dir="/tmp")
    case.addClassCleanup(shutil.rmtree, made, ignore_errors=True)
    return made


def server(case, store, *settings):
    """Starts a server; its process and its address."""
    arguments = ["serve", "--listen", "127.0.0.1:0", "--store", store, "--drain", "1s", *settings]
    process = Process(case, arguments, r"listens on https?://(\S+)")
    return process, process.ready[1]


def worker(case, store):
    """Starts a worker that solves one job at a time."""
    arguments = ["worker", "--store", store, "--slots", "1", "--drain", "1s"]
    return Process(case, arguments, "ready: ")


def postgres(case):
    """Starts PostgreSQL; the URL of its database, or None where it is not installed."""
    places = os.environ.get("PATH", "").split(":")
    places += sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    names = ("initdb", "postgres", "psql")
    whole = (place for place in places if all(Path(place, name).is_file() for name in names))
    programs = next(whole, None)
    if programs is None:
        return None
    home = folder(case)
    user = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        users = {entry.pw_name: entry for entry in pwd.getpwall()}
        other = users.get("postgres") or users["nobody"]
        os.chown(home, other.pw_uid, other.pw_gid)
        user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
    shell = subprocess.Popen(["/bin/sh", "-c", POSTGRES, "sh", programs, home], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env={**os.environ, "LC_ALL": "C"}, **user)

    def end():
        shell.stdin.close()
        shell.wait(PATIENCE)
        shell.stdout.close()

    case.addClassCleanup(end)
    if shell.stdout.readline().strip() != "ready":
        raise AssertionError(Path(home, "log").read_text())
    return f"postgres://tests@{home.replace('/', '%2F')}/postgres"
