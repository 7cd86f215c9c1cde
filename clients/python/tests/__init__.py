"""Tests of the service as a client in another language meets it: real processes, real sockets.

    export CONCENTRIC=target/release/concentric
    python -m unittest discover -t clients/python -s clients/python/tests

`cargo test --release -p concentric-cli --test clients` installs the package and runs them.
"""

import faulthandler

# A call that never ends is told where it stands, and ended.
faulthandler.dump_traceback_later(900, exit=True)
