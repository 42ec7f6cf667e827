//! The live view.

use framecat::watch::Sampler;

use crate::args::WatchPlan;
use crate::run::{Exit, fail};

/// Shows what is sampled until the person leaves.
pub(super) fn run(_sampler: Sampler, _plan: WatchPlan) -> Exit {
    fail(&"the live view is not built yet: use --once", Exit::Local)
}
