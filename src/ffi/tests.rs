//! The manifest, and the C functions called as an application calls them, without a driver manager.
