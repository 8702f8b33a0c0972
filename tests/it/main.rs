//! Tests in process: engine and session against okta-sim, and the samples of connecting.

mod engine;
mod faults;
mod sample_dsns;
mod tls;
