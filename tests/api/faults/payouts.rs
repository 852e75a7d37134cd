//! The gateway dies at each point of a payout's way: nothing is lost, and nobody is paid twice.

use std::collections::BTreeSet;

use entity::membership::Role;
use entity::{BankAccountId, payout};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::config::Settings;
use yigate::crash;

use crate::epay::orders::Stage;
use crate::support::instances::browser;
use crate::support::payouts::{Payout, SEEN};
use crate::support::process::Process;
use crate::support::second_factor::Device;
use crate::support::{World, eventually, noon};

/// Where a worker dies, in the order of its work.
const WORKING: [&str; 6] = [
    "payout.claimed",
    "payout.sending",
    "payout.answered",
    "payout.recording",
    "payout.recorded",
    // Nowhere: it is the measure of the others.
    "",
];

struct Scene {
    stage: Stage,
    settings: Settings,
    bearer: String,
    account: BankAccountId,
    device: Device,
    /// Of which time steps codes were used.
    used: std::sync::Mutex<BTreeSet<String>>,
}

impl Scene {
    async fn set(world: World) -> Self {
        let world = world
            .served_elsewhere()
            .await
            .with_settings(|settings| {
                settings.payouts.worker_interval_ms = 20;
                settings.payouts.resend_after_ms = 1;
                // Whoever died has it until the test says that its time is over.
                settings.payouts.lease_ms = 3_600_000;
                settings.second_factor.rest_s = 0;
            })
            .await;
        let stage = Stage::set_on(world).await;
        let merchant = &stage.merchant;
        merchant.adjusts("1000.00").await;
        let device = merchant.device(Role::Owner).await;
        let account = merchant.payable_account().await;
        let auth = &stage.world.gateway.auth;
        let minted = auth.mint(merchant.staff(Role::Owner), merchant.id).await;
        let mut settings = stage.world.app().settings.clone();
        settings.events.poll_interval_ms = 500;
        Self {
            settings,
            bearer: format!("Bearer {}", minted.expect("a token").text),
            account,
            device,
            used: std::sync::Mutex::default(),
            stage,
        }
    }

    async fn process(&self, point: &str) -> Process {
        let variables = [(crash::REACH, "1"), (crash::VARIABLE, point)];
        Process::start_with(&self.settings, self.stage.world.directory(), &variables).await
    }

    /// A recovery code: steps of the app would have to be waited for by the machine's clock.
    fn code(&self) -> String {
        let mut used = self.used.lock().expect("a lock");
        let mut codes = self.device.recovery_codes.iter();
        let code = codes.find(|code| !used.contains(*code));
        let code = code.expect("a recovery code that is left").clone();
        used.insert(code.clone());
        code
    }

    /// Takes all payouts that wait out of the way of what comes next.
    async fn are_put_aside(&self) {
        self.are_taken_up(noon().timestamp_millis() * 2).await;
    }

    /// When all payouts that wait are taken up: never, or at once.
    async fn are_taken_up(&self, at: i64) {
        payout::Entity::update_of(self.stage.merchant.id)
            .filter(payout::Column::NextAttemptAt.is_not_null())
            .filter(payout::Column::State.ne(payout::PayoutStatus::Paid))
            .col_expr(payout::Column::NextAttemptAt, Expr::value(at))
            .exec(self.stage.world.app().db.writer())
            .await
            .expect("the database answers");
    }

    /// A payout, asked for here.
    async fn payout(&self) -> Payout {
        let merchant = &self.stage.merchant;
        let owner = merchant.owner().await;
        let challenge = crate::support::payouts::challenged(&owner, self.account, "3.00").await;
        let challenge = &challenge["challenge"]["id"];
        let payload =
            crate::support::payouts::signed(&owner, challenge, &self.code(), json!({})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        merchant.payout_of(&payload)
    }

    /// Somebody signs a challenge over HTTP; none where the connection broke.
    async fn signs(&self, challenge: &Value, key: &str, code: &str) -> Option<Value> {
        let document = format!(
            "mutation($input: PayoutCreateInput!) {{ payoutCreate(input: $input) {{ \
             payout {{ {SEEN} }} userErrors {{ code }} }} }}"
        );
        let input = json!({ "challengeId": challenge, "idempotencyKey": key, "code": code });
        let body = json!({ "query": document, "variables": { "input": input } });
        let request = browser()
            .post(format!("{}/graphql", self.settings.http.public_url))
            .header("authorization", &self.bearer)
            .header("content-type", "application/json")
            .body(body.to_string());
        let text = request.send().await.ok()?.text().await.ok()?;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        Some(answer["data"]["payoutCreate"].clone())
    }

    /// Time passes for a living process, until a payout has come to its end.
    async fn comes_to_an_end(&self, payout: &Payout) {
        eventually("the payout is through", async || {
            self.are_taken_up(0).await;
            let seen = payout.read("state").await;
            seen["state"] == "PAID"
        })
        .await;
    }

    async fn nobody_is_paid_twice(&self, payouts: usize) {
        let out = self.stage.stub.money_out();
        let numbers: BTreeSet<_> = out.iter().map(|one| &one.out_biz_no).collect();
        assert_eq!(numbers.len(), out.len(), "a number twice");
        assert_eq!(out.len(), payouts);
        self.stage.merchant.books_are_right().await;
    }
}

async fn workers_that_die(world: World) {
    let scene = Scene::set(world).await;
    let mut payouts = Vec::new();
    for point in WORKING.into_iter().filter(|point| !point.is_empty()) {
        let mut process = scene.process(point).await;
        let payout = scene.payout().await;
        process.dies().await;
        scene.are_put_aside().await;
        payouts.push(payout);
    }
    let _process = scene.process("").await;
    payouts.push(scene.payout().await);
    for payout in &payouts {
        scene.comes_to_an_end(payout).await;
    }
    scene.nobody_is_paid_twice(payouts.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_has_lost_nothing() {
    if let Some(world) = World::on_postgres().await {
        workers_that_die(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_has_lost_nothing_on_sqlite() {
    workers_that_die(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asked_a_dying_gateway_asks_again_with_the_same_key_and_has_one_payout() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let scene = Scene::set(world).await;
    let owner = scene.stage.merchant.owner().await;
    for (turn, (point, is_kept)) in [("payout.reserving", false), ("payout.reserved", true)]
        .into_iter()
        .enumerate()
    {
        let asked = crate::support::payouts::challenged(&owner, scene.account, "3.00").await;
        let (challenge, code) = (&asked["challenge"]["id"], scene.code());
        let mut process = scene.process(point).await;
        assert_eq!(
            scene.signs(challenge, point, &code).await,
            None,
            "nobody answers"
        );
        process.dies().await;
        scene.are_put_aside().await;
        let kept = scene.stage.merchant.payouts().await.len();
        assert_eq!(kept, turn + usize::from(is_kept), "{point}");
        scene.stage.merchant.books_are_right().await;
        let process = scene.process("").await;
        let payload = scene
            .signs(challenge, point, &code)
            .await
            .expect("an answer");
        let again = scene
            .signs(challenge, point, &code)
            .await
            .expect("an answer");
        assert_eq!(payload["payout"]["id"], again["payout"]["id"], "{payload}");
        let payout = scene.stage.merchant.payout_of(&payload);
        scene.comes_to_an_end(&payout).await;
        drop(process);
    }
    scene.nobody_is_paid_twice(2).await;
}
