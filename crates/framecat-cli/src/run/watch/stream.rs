//! Samples one after the other.

use framecat::watch::Sampler;

use crate::args::WatchPlan;
use crate::run::Exit;

/// Shows a sample each interval.
pub(super) fn run(_sampler: Sampler, _plan: WatchPlan) -> Exit {
    Exit::Done
}
