//! What makes no sense is refused in a line or two that say what would.

use super::watching::watch;

#[track_caller]
fn refused(args: &[&str], why: &str) {
    let output = watch(args).ended_with(2);
    assert!(output.stderr.starts_with("framecat: "), "{output:?}");
    assert!(output.stderr.contains(why), "no `{why}` in {}", output.stderr);
    assert!(output.stderr.lines().count() <= 2, "{output:?}");
    assert_eq!(output.stdout(), "");
}

#[test]
fn a_bad_condition_is_told_with_its_place() {
    let output = watch(&["--filter", "recvq>>0"]).ended_with(2);
    assert!(
        output.stderr.starts_with("framecat: --filter: `recvq>>0`: at character "),
        "{output:?}"
    );
    refused(&["--filter", "color=red"], "--filter: `color=red`: at character 1: ");
    refused(&["--filter", ""], "--filter: ``: at character 1: ");
    refused(&["--fail-if", "recvq>0 for"], "--fail-if: `recvq>0 for`: at character ");
    refused(&["--fail-if", "recvq>0 for 5 parsecs"], "--fail-if: ");
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    for (args, why) in [
        (&["--once", "--interval", "1s"][..], "'--once' cannot be used with '--interval"),
        (&["--once", "--fail-if", "recvq>0"], "'--once' cannot be used with '--fail-if"),
        (&["--prometheus", ":0", "--json"], "cannot be used with"),
        (&["--prometheus", ":0", "--for", "5s"], "cannot be used with"),
        (&["--prometheus", ":0", "--fail-if", "recvq>0"], "cannot be used with"),
        (&[":80", "--pid", "1"], "cannot be used with"),
        (&["--pid", "1", "--process", "x"], "cannot be used with"),
        (&["--quiet"], "--fail-if"),
        (&["--interval", "5ms"], "--interval must be at least 10ms"),
        (&["--interval", "often"], "--interval: `often`: write a time such as"),
        (&["--for", "0"], "--for must be more than 0; one sample is --once"),
        (&["--sort", "colour"], "invalid value 'colour' for '--sort"),
    ] {
        refused(args, why);
    }
}

#[test]
fn a_condition_that_can_never_fire_is_refused() {
    refused(
        &[":80", "--fail-if", "recvq>0 for 10s", "--for", "5s"],
        "cannot fire: the watch lasts no longer than --for 5s",
    );
}
