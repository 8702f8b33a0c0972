//! Tests in process: engine and session against okta-sim, and the samples of connecting.

mod certificates;
mod engine;
mod faults;
mod flows;
mod proxy;
mod sample_dsns;
mod tls;
