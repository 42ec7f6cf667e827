//! The zoo: small servers and clients with one seam bug each (tests/zoo), and for each its corrected
//! twin. `framecat check` names every bug at the right offsets, and passes every twin.
//!
//! A test an animal; what is expected of each stands in tests/zoo/table.rs. The table of
//! docs/check.md is made of what was found: `FRAMECAT_WRITE_DOCS=1 cargo test --test zoo` writes it.

mod support;

mod zoo {
    mod animal;
    mod build;
    mod expectation;
    mod findings;
    mod page;
    mod table;
    mod visit;
}
