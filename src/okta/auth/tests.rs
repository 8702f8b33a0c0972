//! Logging in against a scripted server.
