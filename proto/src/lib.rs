//! Wire schema of the Concentric API; the `.proto` sources stand in `concentric/v1`.
