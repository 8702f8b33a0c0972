//! The text rule over tables in memory.
