//! The command line: serve, demo, demo-code, second-factor-reset, password-reset, migrate, schema, seed, merchant, channel, adjust,
//! payout-terms, payout-resolve, check, rebuild, reconcile, outage, token, audit, reseal, config.

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use yigate::config::FILE_VARIABLE;
use yigate::telemetry;

use commands::bills::BillWish;
use commands::outage::OutageWish;
use commands::payouts::{ResolveWish, TermsWish};

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
    #[arg(long, global = true, value_name = "FILE", env = FILE_VARIABLE)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve, with the settings' database.
    Serve,
    /// Serve a fresh demo: three merchants, a year of orders, and new ones every few seconds.
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
    /// Print the code that an authenticator app of the demo's people shows now.
    DemoCode,
    /// Take the second factor of somebody away who has lost it; what they set up next rests before money leaves.
    SecondFactorReset {
        /// Whose: the e-mail address of a member of staff.
        #[arg(long)]
        email: String,
    },
    /// Give an account another password, printed once, and end its sign-ins.
    PasswordReset {
        /// Whose: the e-mail address of a member of staff.
        #[arg(long)]
        email: String,
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
    /// Make a merchant with its owner and a sandbox channel; prints the owner's password, once.
    Merchant {
        /// The merchant's name.
        #[arg(long)]
        name: String,
        /// The owner's e-mail address: a new account.
        #[arg(long)]
        email: String,
        /// The account that the address has already, where it is known to be the owner's.
        #[arg(long, value_name = "ID")]
        existing_account: Option<String>,
        /// The time zone that days, weeks and months follow.
        #[arg(long, default_value = "Asia/Shanghai")]
        time_zone: String,
        /// The currency of every order.
        #[arg(long, default_value = "CNY")]
        currency: String,
    },
    /// Make a channel of a merchant; prints where its payment platform reports payments to.
    Channel {
        /// The merchant.
        #[arg(long, value_name = "ID")]
        merchant: String,
        /// What merchants call it.
        #[arg(long)]
        name: String,
        /// Which payment platform: `sandbox`, `epay-v1`, `epay-v2`.
        #[arg(long)]
        kind: String,
        /// What the payer pays with: `wechat-pay`, `alipay`, `union-pay`, `card`, `qq-pay`.
        #[arg(long)]
        method: String,
        /// A file with the platform's credentials in JSON; `-` for standard input. They are sealed.
        #[arg(long, value_name = "FILE")]
        credentials: Option<PathBuf>,
    },
    /// Correct a merchant's balance, as the platform's staff decided; also how prepaid fees are topped up.
    Adjust(commands::adjust::Wish),
    /// Set what payouts of a merchant cost, how much may leave, and when it arrives; prints the terms.
    PayoutTerms(TermsWish),
    /// Say what became of a payout that nobody else can tell about, as the payment platform's back office shows it.
    PayoutResolve(ResolveWish),
    /// Import a channel's daily bill from a file, packed by gzip or not, and compare it with what is here.
    Reconcile(BillWish),
    /// Let a sandbox channel fail for a while, to see what happens then; or end that.
    Outage(OutageWish),
    /// Mint an access token for development, without a password.
    Token {
        /// Whose: the e-mail address of a member of staff.
        #[arg(long)]
        email: String,
        /// For which merchant; the first of theirs by default.
        #[arg(long, value_name = "ID")]
        merchant: Option<String>,
    },
    /// Check a merchant's books; what is wrong is printed, and the exit code is 1.
    Check {
        /// What is checked.
        #[command(subcommand)]
        what: Check,
    },
    /// Look after the audit log.
    Audit {
        /// What is done.
        #[command(subcommand)]
        what: Audit,
    },
    /// Seal everything again that a master key of `secrets.previous_master_keys` sealed; prints how much.
    Reseal,
    /// Build anew what follows from everything else, while what was built before is served.
    Rebuild {
        /// What is built.
        #[command(subcommand)]
        what: Rebuild,
    },
    /// Print the effective settings as TOML, secrets masked.
    Config,
}

/// What can be checked.
#[derive(Debug, Subcommand)]
pub enum Check {
    /// Every fee against the rule that held when it was taken.
    Fees {
        /// The merchant.
        #[arg(long, value_name = "ID")]
        merchant: String,
    },
    /// Every figure of the statistics against everything that was ever written.
    Statistics {
        /// The merchant; all where none is named.
        #[arg(long, value_name = "ID")]
        merchant: Option<String>,
    },
}

/// What can be done about the audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prove that every entry is what was written, and that none is missing; otherwise the first place where the
    /// chain breaks is printed, and the exit code is 1.
    Verify {
        /// The merchant; all where none is named.
        #[arg(long, value_name = "ID")]
        merchant: Option<String>,
        /// What this command printed as the head before, kept elsewhere: proves that what was there then is there.
        #[arg(long, value_name = "PLACE:HASH")]
        head: Option<String>,
    },
}

/// What can be built anew.
#[derive(Debug, Subcommand)]
pub enum Rebuild {
    /// The statistics.
    Statistics {
        /// The merchant; all where none is named.
        #[arg(long, value_name = "ID")]
        merchant: Option<String>,
    },
}

/// Stack of a thread that serves: an operation's futures stand inside each other, in builds without
/// optimization beyond two megabytes.
const STACK_BYTES: usize = 8 << 20;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => {
            eprintln!("yigate: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> ExitCode {
    let outcome = commands::run(cli.command, cli.config.as_deref()).await;
    telemetry::stop(telemetry::LAST).await;
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yigate: {error}");
            ExitCode::FAILURE
        }
    }
}
