//! Samples of the kernel's tables: which sockets a target has, whose they are, what is at their other
//! ends; and that all of it is what `ss` says.

#![cfg(target_os = "linux")]

mod against_ss;
mod owners;
mod support;
mod targets;
mod tcp;
mod udp;
mod unix;
