//! Checks of a client (to come).
