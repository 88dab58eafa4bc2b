//! `aforo`: every service and every verb in one binary.

mod access;
mod administration;
mod audit;
mod check;
mod cli;
mod composition;
mod data_folder;
mod decisions;
mod demo;
mod documents;
mod erase;
mod evaluate;
mod faults;
mod feed;
mod filters;
mod gateway;
mod import;
mod load;
mod migrate;
mod online;
mod operations;
mod process;
mod rollout;
mod serve;
mod settings;
mod stack;
mod stepper;
mod token;
mod train;
mod up;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Verb};

// Many threads make and drop many small things: a fifth of the time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.verb {
        Verb::Openapi { service, write } => documents::print(service.as_deref(), write.as_deref()),
        Verb::World => demo::print_world(),
        Verb::Token(cli::Token::Issue(issue)) => block_on(token::issue(&issue)),
        Verb::Audit(verb) => block_on(audit::run(&verb)),
        Verb::Train(options) => train::run(&options),
        Verb::Evaluate(options) => evaluate::run(&options),
        Verb::Demo(options) => block_on(demo::run(options)),
        Verb::Up(options) => block_on(up::run(options)),
        Verb::Serve(options) => block_on(serve::run(options)),
        Verb::Stack(cli::Stack::Up(options)) => block_on(stack::up(options)),
        Verb::Migrate(options) => block_on(migrate::run(options)),
        Verb::Online(verb) => block_on(online::run(verb)),
        Verb::Faults(options) => block_on(faults::run(options)),
        Verb::Check(options) => block_on(check::run(options)),
        Verb::Load(options) => block_on(load::run(options)),
        Verb::Import(options) => block_on(import::run(options)),
        Verb::Filters(verb) => block_on(filters::run(verb)),
        Verb::Decisions(verb) => block_on(decisions::run(verb)),
        Verb::Erase(options) => block_on(erase::run(&options)),
        Verb::Rollout(verb) => block_on(rollout::run(verb)),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
