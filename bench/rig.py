"""What the benchmarks share: a private PostgreSQL, and the CPU that processes have used."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def cpu_of(pids):
    """CPU seconds of these processes so far."""
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def children(pid):
    try:
        listed = run("ps", "-o", "pid=", "--ppid", str(pid))
    except subprocess.CalledProcessError:
        return []
    return [int(line) for line in listed.split()]


class Postgres:
    def __init__(self, directory):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("initdb") or "")]
        self.bin, self.directory = found[-1], directory
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.socket = tempfile.mkdtemp(prefix="yb")
        if self.user:
            os.chown(self.socket, self.user.pw_uid, self.user.pw_gid)

    def as_user(self):
        if not self.user:
            return []
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]

    def start(self):
        data = self.directory / "data"
        if not data.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            if self.user:
                os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
            run(*self.as_user(), f"{self.bin}/initdb", "-D", str(data), "-U", "postgres", "--auth=trust",
                "-E", "UTF8", "--no-locale", cwd="/")
        self.process = subprocess.Popen(
            [*self.as_user(), f"{self.bin}/postgres", "-D", str(data), "-k", self.socket, "-h", "",
             "-c", "max_connections=200", "-c", "shared_buffers=512MB"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(100):
            if subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", self.socket]).returncode == 0:
                break
            time.sleep(0.1)
        subprocess.run([f"{self.bin}/createdb", "-h", self.socket, "-U", "postgres", "yigate"], capture_output=True)

    def url(self):
        return f"postgres://postgres@localhost/yigate?host={self.socket}"

    def ask(self, sql):
        return run(f"{self.bin}/psql", "-h", self.socket, "-U", "postgres", "-At", "-c", sql, "yigate").strip()

    def pids(self):
        return [self.process.pid, *children(self.process.pid)]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.socket, ignore_errors=True)
