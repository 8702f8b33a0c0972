//! The command `okta-sim`: one stand-in Okta org on one address, until it is killed.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use okta_sim::{Options, Sim};

fn main() -> ExitCode {
    let options = Options::parse();
    match Sim::try_start(options) {
        Ok(sim) => {
            let mut out = std::io::stdout();
            let ready = writeln!(out, "ready {}", sim.url()).and_then(|()| out.flush());
            if ready.is_err() {
                return ExitCode::FAILURE;
            }
            loop {
                std::thread::park();
            }
        }
        Err(error) => {
            eprintln!("okta-sim: {error}");
            ExitCode::FAILURE
        }
    }
}
