"""Generates the stubs of the schema while the package is built.

In: `proto/concentric/v1` of the repository, or its copy in a source archive. Out: the
modules `concentric.v1.*` beside `concentric_client`. Rejected: committed stubs; they drift
from the schema, and fit one version of protobuf only.
"""

import shutil
from importlib import metadata, resources
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
HOMES = [HERE / "proto", HERE.parent.parent / "proto"]


def schema():
    """Folder that holds `concentric/v1`."""
    for home in HOMES:
        if (home / "concentric" / "v1").is_dir():
            return home
    raise SystemExit(f"no concentric/v1 in {' or '.join(map(str, HOMES))}")


class Build(build_py):
    """Builds the package, then the stubs."""

    def run(self):
        from grpc_tools import protoc

        super().run()
        home, out = schema(), Path(self.build_lib)
        files = sorted(str(path) for path in home.glob("concentric/v1/*.proto"))
        known = str(resources.files("grpc_tools") / "_proto")
        form = [f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")]
        if protoc.main(["protoc", f"-I{home}", f"-I{known}", *form, *files]) != 0:
            raise SystemExit("the stubs could not be generated")


class Archive(sdist):
    """Puts the schema into the source archive."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        target = Path(base_dir) / "proto" / "concentric" / "v1"
        shutil.copytree(schema() / "concentric" / "v1", target)


def needs():
    """What the stubs run with: no older than their generator, and its protobuf."""
    version = metadata.version("grpcio-tools")
    asked = metadata.requires("grpcio-tools") or []
    protobuf = [need for need in asked if need.startswith("protobuf")]
    return [f"grpcio >= {version}", "googleapis-common-protos >= 1.60", *protobuf]


setup(cmdclass={"build_py": Build, "sdist": Archive}, install_requires=needs())
