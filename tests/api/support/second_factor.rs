//! An authenticator app, as tests hold it in hand.

use chrono::TimeDelta;
use data_encoding::BASE32_NOPAD;
use entity::membership::Role;
use serde_json::{Value, json};
use yigate::clock::Clock;
use yigate::second_factor::model::{code_at, step_of};

use super::{Client, Merchant};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

const ENROLL: &str = "mutation($input: TotpEnrollInput!) { totpEnroll(input: $input) { \
    secret uri qrCode expiresAt userErrors { code field message } } }";
const CONFIRM: &str = "mutation($code: String!) { totpConfirm(input: { code: $code }) { \
    recoveryCodes secondFactor { confirmed confirmedAt recoveryCodesLeft restsUntil } \
    userErrors { code field message } } }";

/// An authenticator app that knows one secret.
#[derive(Clone)]
pub struct Device {
    secret: Vec<u8>,
    clock: Clock,
    /// The recovery codes that came with it.
    pub recovery_codes: Vec<String>,
}

impl Device {
    /// An app that was told a secret.
    pub fn told(secret: &Value, clock: &Clock) -> Self {
        let secret = secret.as_str().expect("a secret");
        Self {
            secret: BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32"),
            clock: clock.clone(),
            recovery_codes: Vec::new(),
        }
    }

    /// The code that it shows now.
    pub fn code(&self) -> String {
        self.code_in(0)
    }

    /// The code that it shows so many time steps from now.
    pub fn code_in(&self, steps: i64) -> String {
        code_at(&self.secret, step_of(self.clock.now()) + steps)
    }

    /// Waits for the next time step, by the clock that is set, and reads its code: each counts once.
    pub fn next(&self) -> String {
        self.clock.advance(TimeDelta::seconds(30));
        self.code()
    }

    /// A code that is certainly none of this moment's.
    pub fn wrong(&self) -> String {
        let right: Vec<String> = (-1..=1).map(|steps| self.code_in(steps)).collect();
        let wrong = (0..1_000_000).map(|code| format!("{code:06}"));
        let mut wrong = wrong.filter(|code| !right.contains(code));
        wrong.next().expect("more codes than three")
    }
}

/// Sets a second factor up; the payload.
pub async fn enroll(client: &Client, password: &str, code: Option<&str>) -> Value {
    let input = json!({ "password": password, "code": code });
    let answer = client.data(ENROLL, json!({ "input": input })).await;
    answer["totpEnroll"].clone()
}

/// Confirms a second factor; the payload.
pub async fn confirm(client: &Client, code: &str) -> Value {
    let answer = client.data(CONFIRM, json!({ "code": code })).await;
    answer["totpConfirm"].clone()
}

impl Device {
    /// Sets up the second factor of whoever asks.
    pub async fn of(client: &Client, clock: &Clock) -> Self {
        let enrolled = enroll(client, PASSWORD, None).await;
        assert_eq!(enrolled["userErrors"], json!([]), "{enrolled}");
        let mut device = Self::told(&enrolled["secret"], clock);
        let confirmed = confirm(client, &device.code()).await;
        assert_eq!(confirmed["userErrors"], json!([]), "{confirmed}");
        let codes = confirmed["recoveryCodes"].as_array().expect("codes");
        let texts = codes.iter().map(|code| code.as_str().expect("text"));
        device.recovery_codes = texts.map(str::to_owned).collect();
        device
    }
}

impl Merchant {
    /// Sets up the second factor of who has a role. Before money leaves by it, it rests for a day.
    pub async fn device(&self, role: Role) -> Device {
        Device::of(&self.client(role).await, &self.clock).await
    }

    /// As [`Merchant::device`], a day later: money leaves by it.
    pub async fn rested_device(&self, role: Role) -> Device {
        let device = self.device(role).await;
        self.clock.advance(TimeDelta::hours(24));
        device
    }
}
