//! What is to be seen of sockets, for a person and for programs: each function makes a text of a
//! [`Frame`](framecat::core::watch::Frame) and touches nothing else.

mod counters;
pub(crate) mod figures;
mod heading;
pub(crate) mod json;
pub(crate) mod live;
pub(crate) mod order;
pub(crate) mod prometheus;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod words;
