//! Keys of every form, made by openssl or by the RFCs.
