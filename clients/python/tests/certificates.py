"""Certificates of a test's own, made by the command `openssl`.

In: a folder. Out: PEM files in it, which are good for two days. Must not need a package: what
Python brings along checks certificates and makes none.
"""

import shutil
import subprocess
from pathlib import Path

# None of the machine's own settings: they differ from one to the next.
SETTINGS = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def can_be_made():
    """Whether the command is there."""
    return shutil.which("openssl") is not None


class Authority:
    """One that signs; `root` is its certificate, PEM."""

    def __init__(self, home, name):
        self._home, self._name = Path(home), name
        self._settings = self._put("settings", SETTINGS)
        self.path, self._key = self._at("pem"), self._at("key")
        self._openssl("req", "-x509", *KEY, "-keyout", self._key, "-out", self.path, "-days", "2",
                      "-subj", f"/CN={name}", "-config", self._settings,
                      "-extensions", "authority")
        self.root = Path(self.path).read_bytes()

    def signed(self, name):
        """Paths of a certificate for 127.0.0.1 and of its key."""
        key, asked, signed = (self._at(f"{name}.{end}") for end in ("key", "csr", "pem"))
        self._openssl("req", "-new", *KEY, "-keyout", key, "-out", asked,
                      "-subj", f"/CN={name}", "-config", self._settings)
        self._openssl("x509", "-req", "-in", asked, "-CA", self.path, "-CAkey", self._key,
                      "-CAcreateserial", "-days", "2", "-out", signed,
                      "-extfile", self._settings, "-extensions", "leaf")
        return signed, key

    def _at(self, end):
        return str(self._home / f"{self._name}.{end}")

    def _put(self, end, text):
        Path(self._at(end)).write_text(text)
        return self._at(end)

    @staticmethod
    def _openssl(*arguments):
        run = subprocess.run(["openssl", *arguments], text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if run.returncode != 0:
            raise AssertionError(f"openssl {arguments}: {run.stdout}")
