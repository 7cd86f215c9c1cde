//! Integration tests of the whole, in one binary: one module a subject.

mod documents;
mod tidy;
