//! Host package of the workspace: it owns `tests/`, `benches/` and `examples/`.
//!
//! In: nothing. Out: nothing; it exists so that tests of the whole have a package to
//! belong to. Rejected: a virtual workspace (it cannot own integration tests).
