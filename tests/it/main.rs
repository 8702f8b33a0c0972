//! Tests in process: the engine against okta-sim.

mod engine;
