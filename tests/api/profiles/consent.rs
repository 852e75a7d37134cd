//! Who agrees to be written to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use entity::member_change::MemberChangeKind;
use entity::membership::Role;
use serde_json::{Value, json};

use super::making::{audited, history};
use super::{asked, done, listed, refused, seen, zhang};
use crate::everywhere;

/// Lets a world's clock run, far faster than a mutation is done.
struct Running(Arc<AtomicBool>);

impl Running {
    fn of(clock: &yigate::clock::Clock) -> Self {
        let (runs, clock) = (Arc::new(AtomicBool::new(true)), clock.clone());
        let running = Self(runs.clone());
        std::thread::spawn(move || {
            while runs.load(Ordering::SeqCst) {
                clock.advance(TimeDelta::milliseconds(1));
                std::thread::sleep(Duration::from_micros(20));
            }
        });
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

everywhere! {
    async fn what_is_answered_is_when_they_agreed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = done(&owner, "memberCreate", zhang()).await;
        for _ in 0..3 {
            let input = |consent: bool| json!({ "id": made["id"], "consent": consent });
            let running = Running::of(&world.clock);
            let told = asked(&owner, "memberConsentSet", "consentedAt", input(true)).await["member"].clone();
            drop(running);
            assert!(told["consentedAt"].is_string(), "{told}");
            assert_eq!(told, seen(&owner, "M-1", "consentedAt").await);
            let told = asked(&owner, "memberConsentSet", "consentedAt", input(false)).await["member"].clone();
            assert_eq!(told["consentedAt"], Value::Null);
        }
    }

    async fn who_agrees_is_known_since_when_and_by_whom_and_may_take_it_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let made = done(&owner, "memberCreate", zhang()).await;
        let consent = |consent: bool, source: Value| json!({ "id": made["id"], "consent": consent, "source": source });
        let since = async || seen(&owner, "M-1", "consentedAt").await["consentedAt"].clone();
        assert_eq!(since().await, Value::Null);
        world.clock.advance(TimeDelta::hours(1));
        let agreed = world.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        done(&owner, "memberConsentSet", consent(true, json!("扫码"))).await;
        assert_eq!(since().await, agreed);
        // Said again, it is what it was.
        world.clock.advance(TimeDelta::hours(1));
        done(&owner, "memberConsentSet", consent(true, json!("门店"))).await;
        assert_eq!(since().await, agreed);
        assert_eq!(listed(&owner, json!({ "consented": true }), Value::Null).await, ["M-1"]);
        assert_eq!(listed(&owner, json!({ "consented": false }), Value::Null).await, Vec::<String>::new());
        let support = merchant.client(Role::Support).await;
        done(&support, "memberConsentSet", consent(false, Value::Null)).await;
        assert_eq!(since().await, Value::Null);
        let rows = history(&world, &merchant).await;
        let told: Vec<_> = rows.iter().skip(1).map(|row| (row.kind, row.actor.clone(), row.note.as_deref())).collect();
        assert_eq!(told, [
            (MemberChangeKind::Consented, merchant.staff(Role::Owner).to_string(), Some("扫码")),
            (MemberChangeKind::Withdrawn, merchant.staff(Role::Support).to_string(), None),
        ]);
        let events = merchant.events().await;
        assert_eq!(events, ["MEMBER_CREATED", "MEMBER_CONSENT_CHANGED", "MEMBER_CONSENT_CHANGED"]);
        assert!(audited(&merchant, "memberConsentSet").await.contains("扫码"));
        // It is no change of who they are.
        assert_eq!(seen(&owner, "M-1", "version").await["version"], 1);
        let long = consent(true, json!("字".repeat(81)));
        assert_eq!(refused(&owner, "memberConsentSet", long).await, ("INVALID".to_owned(), "source".to_owned()));
        let viewer = merchant.client(Role::Viewer).await;
        let document = "mutation($input: MemberConsentSetInput!) { memberConsentSet(input: $input) { member { id } } }";
        let told = viewer.error(document, json!({ "input": consent(true, Value::Null) })).await;
        assert_eq!(told.0, "FORBIDDEN");
    }
}
