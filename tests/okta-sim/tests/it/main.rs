//! okta-sim from outside: lists, refusals, faults, and its likeness to recorded answers.

mod client;
mod lists;
mod recordings;
mod refusals;
