//! Holds only tests, which load the driver through unixODBC; see `tests/`.
