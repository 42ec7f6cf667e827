//! The pure half of `check` against its contract: what each plan writes, what each outcome means, and
//! what is made of many.
//!
//! - `exchanges.rs` makes exchanges to try
//! - `plans.rs`, `offsets.rs`, `hostile.rs`: what a case writes, and which cases there are
//! - `verdicts.rs`, `hostile_verdicts.rs`, `joined.rs`, with `told.rs`: what came back, and what that is called
//! - `laws.rs`: laws on random values
//! - `bounds.rs`: what may take neither long nor much memory

mod bounds;
mod exchanges;
mod hostile;
mod hostile_verdicts;
mod joined;
mod laws;
mod offsets;
mod plans;
mod told;
mod verdicts;
