//! Stub: see the contract.
mod main;
