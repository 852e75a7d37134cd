//! The command line: serve, demo, migrate, schema, seed, token, config.

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Yigate: the GraphQL gateway behind merchant dashboards of an aggregate payment platform.
///
/// Settings come from defaults, the file given by `--config`, and `YIGATE_…` of the environment
/// (`http.address` is YIGATE_HTTP__ADDRESS), the later ones winning. `yigate config` prints them.
#[derive(Debug, Parser)]
#[command(version, about, long_about)]
struct Cli {
    /// A TOML file with settings.
    #[arg(long, global = true, value_name = "FILE", env = "YIGATE_CONFIG_FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve, with the settings' database.
    Serve,
    /// Serve a fresh demo: two merchants, a year of orders, and new ones every few seconds.
    Demo {
        /// The port to listen on.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Where the demo's database is made, anew each time; a temporary directory by default.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// The same seed gives the same year of orders.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Apply the migrations that are missing.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Load many orders, with everything that belongs to them, into the settings' database.
    Seed {
        /// How many orders.
        #[arg(long, default_value_t = 100_000)]
        orders: u64,
        /// How many merchants; the biggest gets a tenth of the orders.
        #[arg(long, default_value_t = 60)]
        merchants: u32,
        /// The same seed gives the same orders.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Mint an access token for development, without a password.
    Token {
        /// Whose: the e-mail address of a member of staff.
        #[arg(long)]
        email: String,
        /// For which merchant; the first of theirs by default.
        #[arg(long, value_name = "ID")]
        merchant: Option<String>,
    },
    /// Print the effective settings as TOML, secrets masked.
    Config,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli.command, cli.config.as_deref()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yigate: {error}");
            ExitCode::FAILURE
        }
    }
}
