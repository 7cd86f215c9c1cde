#!/bin/sh
# Makes sure that what the build needs is here: cargo, and a C linker.
# Prints nothing when all is well; may be run any number of times.
set -eu

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

# Rust links its programs through the C compiler driver.
if ! command -v cc >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "cc is missing: installing gcc" >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            gcc libc6-dev >/dev/null
    else
        echo "error: no C compiler (cc). Install one, for example:" >&2
        echo "    sudo apt-get install build-essential     (Debian, Ubuntu)" >&2
        echo "    sudo dnf install gcc                     (Fedora)" >&2
        echo "    xcode-select --install                   (macOS)" >&2
        exit 1
    fi
fi
