//! `framecat watch`.

mod exporter;
mod live;
mod stream;

use framecat::watch::{Sampler, Target};

use super::{Exit, fail};
use crate::args::{Form, WatchArgs, WatchPlan, Watched};

/// Watches, until it is told to end or something happens that ends it.
pub(crate) fn watch(args: WatchArgs) -> Exit {
    let plan = match WatchPlan::try_from(args) {
        Ok(plan) => plan,
        Err(error) => return fail(&error, Exit::Local),
    };
    let sampler = match Sampler::open(target(&plan.subject)) {
        Ok(sampler) => sampler,
        Err(error) => return fail(&error, Exit::Local),
    };
    match plan.form {
        Form::Live => live::run(sampler, plan),
        Form::Prometheus(_) => exporter::run(sampler, &plan),
        Form::Text { .. } | Form::Json { .. } | Form::Quiet => stream::run(sampler, plan),
    }
}

fn target(watched: &Watched) -> Target {
    match watched {
        Watched::Everything => Target::Everything,
        Watched::Address(address) => Target::Address(address.clone()),
        Watched::Port(port) => Target::Port(*port),
        Watched::Process(pid) => Target::Process(*pid),
        Watched::Name(name) => Target::Name(name.clone()),
    }
}
