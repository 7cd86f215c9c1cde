//! Host package of the workspace: it owns `tests/`, `benches/` and `examples/` and exports nothing.
