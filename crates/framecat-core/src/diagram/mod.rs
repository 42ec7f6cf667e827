//! Drawings of the seams: what one read returned and the messages found in it; where a check cut what
//! it wrote, and where what came back differs from what should have.

mod bytes;
mod cuts;
mod reads;

pub use bytes::{columns, ends, head, marked, tail};
pub use cuts::{Beside, Marked, Row, beside, rows};
pub use reads::{ReadSeams, count};
