//! okta-sim from outside: lists, refusals, faults, tokens, and its likeness to recorded answers.

mod client;
mod lists;
mod oauth;
mod recordings;
mod refusals;
