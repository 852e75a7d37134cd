//! Setting up: the first merchant, its owner, and channels.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::membership::Role;
use entity::{MerchantId, StaffId, channel, staff};
use rand::RngExt;
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::auth::model::Actor;
use yigate::auth::service::Auth;
use yigate::channels::model::Offer;
use yigate::channels::providers::Providers;
use yigate::channels::providers::epay::Reach;
use yigate::channels::service::{self as channels, NewChannel};
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};

use super::{Outcome, Said, join, print, said, start};

/// What a merchant is to be.
pub struct MerchantWish {
    pub name: String,
    pub email: String,
    pub time_zone: String,
    pub currency: String,
    pub existing_account: Option<String>,
}

/// Makes a merchant, its owner and a sandbox channel.
pub async fn merchant(settings: Settings, wish: MerchantWish) -> Outcome {
    let app = start(settings).await?;
    app.db.migrate().await?;
    let auth = Auth::start(&app).await.map_err(|error| said(&error))?;
    let (owner, password) = owner(&auth, &wish).await?;
    let merchant = auth
        .merchant_create(NewMerchant {
            time_zone: wish.time_zone,
            currency: wish.currency,
            ..NewMerchant::named(wish.name)
        })
        .await
        .map_err(|error| said(&error))?;
    auth.membership_create(merchant.id, owner.id, Role::Owner)
        .await
        .map_err(|error| said(&error))?;
    let channel = NewChannel {
        kind: ChannelKind::Sandbox,
        method: PaymentMethod::WechatPay,
        offer: Offer::named("沙箱"),
        enabled: true,
        credentials: None,
    };
    let channel = create(&app, merchant.id, channel).await?;
    app.stop().await;
    let password = password.as_deref().unwrap_or("(the account's own)");
    print(&format!(
        "merchant  {}  {}\nowner     {}  password {password}\nchannel   {}  sandbox",
        merchant.id, merchant.name, owner.email, channel.id
    ))
}

/// The account of an e-mail address, made now with a random password; one that exists only where it is named.
async fn owner(auth: &Auth, wish: &MerchantWish) -> Result<(staff::Model, Option<String>), Said> {
    let password = random_password();
    let existing = wish.existing_account.as_deref().map(str::parse);
    let existing: Option<StaffId> = existing.transpose()?;
    let made = auth.owner_account(&wish.email, &password, existing).await;
    match made {
        Ok((owner, is_new)) => Ok((owner, is_new.then_some(password))),
        Err(Failure::Failed(error)) => Err(said(&error)),
        Err(Failure::Refused(refusal)) => {
            let known = auth.maybe_find_account(&wish.email).await;
            let Some(known) = known.map_err(|error| said(&error))? else {
                return Err(refusal.message().en.into());
            };
            let (id, name) = (known.id, &known.name);
            Err(format!(
                "this address has an account already, {id} ({name}). Nobody has proven that the address is theirs: \
                 ask them. Where it is, add `--existing-account {id}`."
            )
            .into())
        }
    }
}

fn random_password() -> String {
    let random = rand::rng().random::<[u8; 15]>();
    BASE32_NOPAD.encode(&random).to_lowercase()
}

/// Gives an account another password, printed once, and ends its sign-ins: for who has lost theirs, or whose address
/// somebody else took.
pub async fn password_reset(settings: Settings, email: &str) -> Outcome {
    let app = join(settings).await?;
    let auth = Auth::start(&app).await.map_err(|error| said(&error))?;
    let known = auth.maybe_find_account(email).await;
    let known = known.map_err(|error| said(&error))?;
    let known = known.ok_or("there is no account with this e-mail address")?;
    let password = random_password();
    let reset = auth.password_reset(known.id, &password).await;
    reset.map_err(|error| said(&error))?;
    app.stop().await;
    print(&format!(
        "{}  {}  password {password}",
        known.id, known.email
    ))
}

/// What a channel is to be, as it was typed.
pub struct ChannelWish {
    pub merchant: String,
    pub name: String,
    pub kind: String,
    pub method: String,
    pub credentials: Option<PathBuf>,
}

/// Makes a channel; its credentials are tried out before they are sealed.
pub async fn channel(settings: Settings, wish: ChannelWish) -> Outcome {
    let merchant_id: MerchantId = wish.merchant.parse()?;
    let (kind, method) = (read_kind(&wish.kind)?, read_method(&wish.method)?);
    let credentials = wish.credentials.as_deref().map(read_file).transpose()?;
    let app = join(settings).await?;
    let timeout = Duration::from_millis(app.settings.orders.provider_timeout_ms);
    let providers = Providers::new(timeout, Reach::PublicHttps)?;
    let wanted = NewChannel {
        kind,
        method,
        offer: Offer::named(wish.name),
        enabled: true,
        credentials: providers.check(kind, credentials.as_deref())?,
    };
    let made = create(&app, merchant_id, wanted).await?;
    let callback = channels::callback_url(&app, &made);
    app.stop().await;
    print(&format!("channel   {}\ncallback  {callback}", made.id))
}

/// Makes a channel; nobody of the merchant's did.
async fn create(
    app: &App,
    merchant_id: MerchantId,
    wanted: NewChannel,
) -> Result<channel::Model, Said> {
    let made = channels::create(app, &Actor::system(merchant_id), wanted).await;
    made.map_err(|failure| match failure {
        Failure::Refused(refusal) => refusal.message().en.into(),
        Failure::Failed(error) => said(&error),
    })
}

/// What a file holds; `-` is standard input.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Said> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    }
    Ok(bytes)
}

fn read_kind(text: &str) -> Result<ChannelKind, Said> {
    Ok(match text {
        "sandbox" => ChannelKind::Sandbox,
        "epay-v1" => ChannelKind::EpayV1,
        "epay-v2" => ChannelKind::EpayV2,
        _ => return Err("--kind is `sandbox`, `epay-v1` or `epay-v2`".into()),
    })
}

fn read_method(text: &str) -> Result<PaymentMethod, Said> {
    Ok(match text {
        "wechat-pay" => PaymentMethod::WechatPay,
        "alipay" => PaymentMethod::Alipay,
        "union-pay" => PaymentMethod::UnionPay,
        "card" => PaymentMethod::Card,
        "qq-pay" => PaymentMethod::QqPay,
        _ => {
            return Err(
                "--method is `wechat-pay`, `alipay`, `union-pay`, `card` or `qq-pay`".into(),
            );
        }
    })
}
