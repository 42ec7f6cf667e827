//! The sentence of each problem.
