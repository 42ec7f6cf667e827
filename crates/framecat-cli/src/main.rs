//! `framecat`: the netcat that understands messages.

#![forbid(unsafe_code)]

mod args;
mod render;
mod run;
mod style;

fn main() {
    let cli = args::parse();
    let code = match cli.command {
        args::Command::Serve(serve) => run::serve(serve),
        args::Command::Connect(connect) => run::connect(connect),
        args::Command::Check(check) => run::check(*check),
        args::Command::Watch(watch) => run::watch(*watch),
        args::Command::Lab(lab) => run::lab(lab),
    };
    // Not a return: a thread may be waiting for standard input, and it must not keep us.
    std::process::exit(code.into())
}
