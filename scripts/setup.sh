#!/bin/sh
# Makes sure that what the build needs is here: cargo, a C and C++ compiler, and, for the
# solver HiGHS inside the command, cmake and libclang. As root on Debian or Ubuntu packages
# are installed; else cmake and libclang come as wheels from PyPI into a folder of the
# project's own, target/tools. What must be set for them stands in target/tools/env, which
# the Makefile reads. Called with the word "tests" it also sees to what only the tests of the
# service take, if it can be had: PostgreSQL, and a Python with gRPC in target/tools/client.
# Prints nothing when all is well; may be run any number of times.
set -eu

cd "$(dirname "$0")/.."
tools="${CARGO_TARGET_DIR:-target}/tools"

if ! command -v cargo >/dev/null 2>&1; then
    if [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        echo "error: cargo is installed but not on your PATH; run:" >&2
        echo "    . \"${CARGO_HOME:-$HOME/.cargo}/env\"" >&2
    else
        echo "error: cargo is missing. Install Rust 1.94 or later, for example with rustup:" >&2
        echo "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" >&2
        echo "and open a new shell. See https://rustup.rs for other ways." >&2
    fi
    exit 1
fi

apt=no
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then apt=yes; fi
updated=no

install_packages() {
    echo "installing $*" >&2
    if [ "$updated" = no ]; then
        apt-get update -qq
        updated=yes
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Rust links its programs through the C compiler driver; HiGHS is C++.
if ! command -v cc >/dev/null 2>&1 || ! command -v c++ >/dev/null 2>&1; then
    if [ "$apt" = yes ]; then
        install_packages gcc g++ libc6-dev make
    else
        echo "error: no C and C++ compiler (cc, c++). Install them, for example:" >&2
        echo "    sudo apt-get install build-essential     (Debian, Ubuntu)" >&2
        echo "    sudo dnf install gcc-c++ make            (Fedora)" >&2
        echo "    xcode-select --install                   (macOS)" >&2
        exit 1
    fi
fi

# A shared libclang where the build looks for one; libclang-cpp is another library.
has_libclang() {
    if [ -n "${LIBCLANG_PATH:-}" ]; then return 0; fi
    for folder in "$(llvm-config --libdir 2>/dev/null || true)" /usr/lib /usr/lib64 /usr/local/lib /usr/lib/llvm*/lib /usr/lib64/llvm*/lib* \
        "/usr/lib/$(uname -m)-linux-gnu" /Library/Developer/CommandLineTools/usr/lib \
        /Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib
    do
        for file in "$folder"/libclang.so* "$folder"/libclang-[0-9]*.so* "$folder"/libclang.dylib
        do
            if [ -e "$file" ]; then return 0; fi
        done
    done
    return 1
}

# The smallest package that holds it; its name carries a version.
libclang_package() {
    for version in 14 15 16 17 18 19 20 21; do
        if apt-cache show "libclang1-$version" >/dev/null 2>&1; then
            echo "libclang1-$version"
            return
        fi
    done
    echo libclang-dev
}

# Puts a wheel of PyPI into the tools folder.
install_wheel() {
    echo "installing $1 into $tools/python" >&2
    python=python3
    if ! python3 -m pip --version >/dev/null 2>&1; then
        if ! python3 -m venv "$tools/venv" >/dev/null 2>&1; then
            echo "error: $1 is missing, and so is pip to fetch it. Install them, for example:" >&2
            echo "    sudo apt-get install cmake libclang-dev     (Debian, Ubuntu)" >&2
            echo "    sudo dnf install cmake clang-libs           (Fedora)" >&2
            echo "    brew install cmake llvm                     (macOS)" >&2
            echo "or build without HiGHS:" >&2
            echo "    cargo build --release --package concentric-cli --no-default-features" >&2
            exit 1
        fi
        python="$tools/venv/bin/python3"
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --upgrade --target "$tools/python" "$1" >&2
}

mkdir -p "$tools"
tools="$(cd "$tools" && pwd)"
env="# Written by scripts/setup.sh; read by the Makefile."
add() {
    env="$env
export $1"
}

if ! command -v cmake >/dev/null 2>&1; then
    if [ "$apt" = yes ]; then
        install_packages cmake
    else
        if [ ! -x "$tools/python/cmake/data/bin/cmake" ]; then install_wheel cmake; fi
        add "PATH=\"$tools/python/cmake/data/bin:\$PATH\""
    fi
fi
if ! has_libclang; then
    if [ "$apt" = yes ]; then
        # The lists of packages may be missing or old.
        if [ "$updated" = no ]; then apt-get update -qq; updated=yes; fi
        install_packages "$(libclang_package)"
    else
        if [ ! -d "$tools/python/clang/native" ]; then install_wheel libclang; fi
        add "LIBCLANG_PATH=\"$tools/python/clang/native\""
    fi
fi
# The tests of the store start a PostgreSQL of their own where there is one; nothing else
# needs it, so that its absence is told and borne.
find_postgresql() {
    if command -v initdb >/dev/null 2>&1; then return 0; fi
    if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then return 0; fi
    if [ "$apt" = yes ] && install_packages postgresql; then return 0; fi
    echo "note: PostgreSQL is missing; its tests will be skipped (package postgresql)" >&2
}

# The tests of the Python client take these from a venv; its absence is borne as well.
client="$tools/client"
client_packages="setuptools>=77 grpcio-tools>=1.60 googleapis-common-protos>=1.60"
has_client() {
    [ "$(cat "$client/packages" 2>/dev/null)" = "$client_packages" ] &&
        "$client/bin/python3" -c 'import setuptools, pip, grpc_tools' >/dev/null 2>&1
}
make_client() {
    if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        if [ "$apt" = no ] || ! install_packages python3 python3-venv; then return 1; fi
    fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' || return 1
    echo "installing grpcio-tools into $client" >&2
    if ! "$client/bin/python3" -m pip --version >/dev/null 2>&1; then
        python3 -m venv --clear "$client" >/dev/null || return 1
    fi
    # The packages are one word each.
    # shellcheck disable=SC2086
    "$client/bin/python3" -m pip install --quiet --disable-pip-version-check \
        --root-user-action=ignore --retries 1 --timeout 15 $client_packages >&2 &&
        echo "$client_packages" >"$client/packages"
}

if [ "${1:-}" = tests ]; then
    find_postgresql
    if ! has_client && ! make_client; then
        echo "note: no Python 3.9 with venv and network for grpcio-tools; the tests of the Python client will be skipped" >&2
    fi
fi
# HiGHS is compiled once a target folder; a compiler cache makes a new folder cheap.
if command -v ccache >/dev/null 2>&1; then
    add "CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache"
fi
printf '%s\n' "$env" >"$tools/env"
