//! What each command does.

pub mod adjust;
mod audit;
pub mod bills;
mod check;
mod open;
pub mod outage;
pub mod payouts;
mod reseal;
mod second_factor;
mod setup;
mod statistics;

use std::error::Error as StdError;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use data_encoding::BASE64;
use entity::MerchantId;
use rand::RngExt;
use yigate::auth::service::Auth;
use yigate::channels::providers::epay::Reach;
use yigate::config::{Introspection, Settings};
use yigate::{crash, demo, graphql, server};

use self::open::{join, start};
use crate::{Audit, Check, Command, Rebuild};

/// An error in words, for the terminal.
type Said = Box<dyn StdError>;

type Outcome = Result<(), Said>;

/// Runs a command to its end.
pub async fn run(command: Command, file: Option<&Path>) -> Outcome {
    let load = || Settings::load(file);
    match command {
        Command::Schema => print(graphql::schema::sdl()),
        Command::Demo { port, data, seed } => run_demo(port, data, seed).await,
        Command::DemoCode => second_factor::demo_code(),
        Command::SecondFactorReset { email } => second_factor::reset(load()?, &email).await,
        Command::PasswordReset { email } => setup::password_reset(load()?, &email).await,
        Command::Config => print(&load()?.masked()),
        Command::Serve => serve(load()?).await,
        Command::Migrate => migrate(load()?).await,
        Command::Seed {
            orders,
            merchants,
            seed,
        } => run_seed(load()?, orders, merchants, seed).await,
        Command::Merchant {
            name,
            email,
            time_zone,
            currency,
            existing_account,
        } => {
            let wish = setup::MerchantWish {
                name,
                email,
                time_zone,
                currency,
                existing_account,
            };
            setup::merchant(load()?, wish).await
        }
        Command::Channel {
            merchant,
            name,
            kind,
            method,
            credentials,
        } => {
            let wish = setup::ChannelWish {
                merchant,
                name,
                kind,
                method,
                credentials,
            };
            setup::channel(load()?, wish).await
        }
        Command::Check {
            what: Check::Fees { merchant },
        } => check::fees(load()?, &merchant).await,
        Command::Check {
            what: Check::Statistics { merchant },
        } => statistics::check(load()?, merchant.as_deref()).await,
        Command::Rebuild {
            what: Rebuild::Statistics { merchant },
        } => statistics::rebuild(load()?, merchant.as_deref()).await,
        Command::Audit {
            what: Audit::Verify { merchant, head },
        } => audit::prove(load()?, merchant.as_deref(), head.as_deref()).await,
        Command::Reseal => reseal::reseal(load()?).await,
        Command::PayoutTerms(wish) => payouts::terms(load()?, wish).await,
        Command::PayoutResolve(wish) => payouts::resolve(load()?, wish).await,
        Command::Adjust(wish) => adjust::adjust(load()?, wish).await,
        Command::Outage(wish) => outage::outage(load()?, wish).await,
        Command::Reconcile(wish) => bills::reconcile(load()?, wish).await,
        Command::Token { email, merchant } => token(load()?, &email, merchant.as_deref()).await,
    }
}

/// Prints to standard output; a reader that went away is no fault.
fn print(text: &str) -> Outcome {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    Ok(())
}

/// An error of ours in words, for the terminal.
fn said(error: &yigate::error::Error) -> Said {
    format!("{} ({error:?})", error.message(yigate::locale::Locale::En)).into()
}

async fn serve(settings: Settings) -> Outcome {
    let app = start(settings).await?;
    if app.settings.database.migrate_at_start {
        app.db.migrate().await?;
    }
    app.db.check_fence().await?;
    let listener = server::listen(&app).await?;
    let reach = if crash::reaches_anywhere() {
        Reach::Anywhere
    } else {
        Reach::PublicHttps
    };
    let gateway = server::gateway(&app, reach).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    server::run(listener, gateway).await;
    Ok(())
}

async fn migrate(settings: Settings) -> Outcome {
    let app = start(settings).await?;
    let missing = app.db.pending_migrations().await?;
    app.db.migrate().await?;
    app.stop().await;
    print(&format!("{missing} migrations applied"))
}

async fn run_seed(settings: Settings, orders: u64, merchants: u32, seed: u64) -> Outcome {
    let app = start(settings).await?;
    app.db.migrate().await?;
    let began = Instant::now();
    let seeded = demo::seed(&app, orders, merchants, seed, app.clock.now())
        .await
        .map_err(|error| said(&error))?;
    let took_ms = u64::try_from(began.elapsed().as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    app.stop().await;
    let rate = seeded.orders.saturating_mul(1_000) / took_ms;
    let mut report = format!(
        "{} orders in {}.{:03} s: {rate} orders/s\n",
        seeded.orders,
        took_ms / 1_000,
        took_ms % 1_000
    );
    for merchant in seeded.merchants.iter().take(5) {
        report += &format!(
            "{}  {} orders  {}  {} / {}\n",
            merchant.id, merchant.orders, merchant.name, merchant.email, seeded.password
        );
    }
    print(&report)
}

async fn token(settings: Settings, email: &str, merchant: Option<&str>) -> Outcome {
    let app = join(settings).await?;
    let auth = Auth::start(&app).await.map_err(|error| said(&error))?;
    let merchant: Option<MerchantId> = merchant.map(str::parse).transpose()?;
    let minted = auth
        .mint_by_email(email, merchant)
        .await
        .map_err(|error| said(&error))?;
    app.stop().await;
    print(&minted.text)
}

async fn run_demo(port: u16, data: Option<PathBuf>, seed: u64) -> Outcome {
    let began = Instant::now();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    // Taken first: a demo that cannot be reached need not be made.
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| format!("port {port} cannot be used ({error}); try --port"))?;
    let address = listener.local_addr()?;
    let file = fresh_file(data)?;
    let mut settings = Settings::default();
    settings.database.url = format!("sqlite:{}", file.display());
    settings.http.address = address;
    settings.http.public_url = format!("http://{address}");
    // What people type for the same.
    settings.http.allowed_origins = vec![format!("http://localhost:{}", address.port())];
    settings.http.graphiql = true;
    settings.http.introspection = Introspection::Everyone;
    // Whoever tries it out listens on this machine.
    settings.webhooks.allow_private = true;
    settings.secrets.master_key = Some(BASE64.encode(&rand::rng().random::<[u8; 32]>()));
    let app = start(settings).await?;
    app.db.migrate().await?;
    let made = demo::fill(&app, seed, app.clock.now())
        .await
        .map_err(|error| said(&error))?;
    let home = &app.settings.http.public_url;
    let inbox = demo::inbox::Inbox::open(&app, &made, home)
        .await
        .map_err(|error| said(&error))?;
    demo::ask_for_payout(&app, &made)
        .await
        .map_err(|error| said(&error))?;
    demo::exports::ask(&app, &made)
        .await
        .map_err(|error| said(&error))?;
    demo::letters::write(&app, &made)
        .await
        .map_err(|error| said(&error))?;
    let gateway = server::gateway(&app, Reach::Anywhere).await?;
    let _ = gateway.inbox.set(inbox);
    let email = made.logins.first().map_or("", |(email, _)| email.as_str());
    let token = gateway
        .auth
        .mint_by_email(email, Some(made.restaurant))
        .await
        .map_err(|error| said(&error))?;
    print(&welcome(address, &made, &token.text, began))?;
    let outages = demo::live_outages::run(gateway.clone(), made.clone(), seed);
    app.tasks.spawn(outages);
    app.tasks
        .spawn(demo::live::run(gateway.clone(), made, seed));
    server::run(listener, gateway).await;
    Ok(())
}

/// The demo's database file, with what an earlier demo left removed.
fn fresh_file(data: Option<PathBuf>) -> Result<PathBuf, Said> {
    let directory = data.unwrap_or_else(|| std::env::temp_dir().join("yigate-demo"));
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("{} cannot be used: {error}", directory.display()))?;
    let file = directory.join("demo.db");
    for name in ["demo.db", "demo.db-wal", "demo.db-shm"] {
        match std::fs::remove_file(directory.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(file)
}

fn welcome(address: SocketAddr, made: &demo::Demo, token: &str, began: Instant) -> String {
    let password = made.password;
    let page = |email: &str| format!("http://{address}/graphiql#email={email}&password={password}");
    let mut text = format!(
        "\nYigate demo: {} orders of a year, ready in {} ms\n\n\
         GraphiQL   {}\n           (汇贤饭店, a restaurant)\n           {}\n           \
         (云裳时装, a fashion shop, with orders to ship)\n           {}\n           \
         (木棉咖啡, a coffee chain, with members, tiers and points)\n\
         GraphQL    http://{address}/graphql    (subscriptions: ws://{address}/graphql/ws)\n\
         Schema     http://{address}/schema.graphql\n\
         Webhooks   http://{address}/demo/webhooks    (what the shops' own server was sent)\n\n\
         Logins (password {password}):\n",
        made.orders,
        began.elapsed().as_millis(),
        page("owner@huixian.example"),
        page("owner@yunshang.example"),
        page("owner@mumian.example"),
    );
    for (email, shows) in &made.logins {
        text += &format!("  {email:<30} {shows}\n");
    }
    text += &format!(
        "\nSecond factor of all of them, for an authenticator app:\n  {}\n  (or `yigate demo-code` prints the code of now)\n",
        second_factor::demo_uri()
    );
    text += &format!(
        "\nA ready query, valid for 10 minutes:\n\n\
         curl -s http://{address}/graphql \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         -H 'Authorization: Bearer {token}' \\\n  \
         -d '{{\"query\":\"{{ orders(first: 3) {{ totalCount edges {{ node {{ orderNo title \
         paid {{ amount currency }} createdAt }} }} }} }}\"}}'\n\n\
         New orders arrive every few seconds; every few minutes 微信支付 of 汇贤饭店 fails for a while. \
         Ctrl-C stops.\n"
    );
    text
}
