//! Scripted samples.
