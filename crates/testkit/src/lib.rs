//! Seeded generators and oracles.
