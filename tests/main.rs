//! Integration tests of the whole, one binary.
//! A new test goes to the module of what it judges: `engine` for plans against oracles.

mod engine;
