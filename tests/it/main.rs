//! Tests in process: engine and session against okta-sim.

mod engine;
mod faults;
mod tls;
