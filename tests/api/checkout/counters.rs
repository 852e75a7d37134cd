//! Counters hold their limits, whoever takes at the same time.

use entity::{Day, MemberId, offer_counter};
use yigate::app::App;
use yigate::checkout::model::Taken;
use yigate::checkout::service::counters::{
    Kind, Place, Span, Take, Takes, read, release, take, take_or_leave,
};
use yigate::error::{Error, Failure, Problem, Refusal};

use crate::everywhere;
use crate::support::{Merchant, World};

/// The limit or the budget does not bear it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct UsedUp;

impl Refusal for UsedUp {
    fn message(&self) -> Problem {
        Problem::new("used up", "已用完")
    }

    fn field(&self) -> Option<String> {
        None
    }
}

const CAMPAIGN: i64 = 7;
const MONDAY: Day = Day(20_780);

fn place(span: Span) -> Place {
    Place {
        span,
        kind: Kind::Campaign,
        offer_id: CAMPAIGN,
    }
}

fn of(span: Span, times: i64, minor: i64, most: Option<i64>, budget_minor: Option<i64>) -> Takes {
    let mut takes = Takes::default();
    let take = Take {
        times,
        minor,
        most,
        budget_minor,
    };
    takes.add(place(span), take);
    takes
}

/// Takes in a transaction of its own; whether it was borne.
async fn takes(app: &App, merchant: &Merchant, takes: Takes) -> bool {
    let takes = &takes;
    let taken = app.write(merchant.id, |txn| async move {
        match take(&txn, merchant.id, takes).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Refused(UsedUp)),
            Err(error) => Err(Failure::from(Error::from(error))),
        }
    });
    match taken.await {
        Ok(()) => true,
        Err(Failure::Refused(UsedUp)) => false,
        Err(Failure::Failed(error)) => panic!("{error:?}"),
    }
}

async fn taken(world: &World, merchant: &Merchant, member: Option<MemberId>) -> Taken {
    let (db, campaign) = (&world.app().db, entity::CampaignId(CAMPAIGN));
    let reads = db.reads(merchant.id);
    let read = read(db, &reads, merchant.id, &[campaign], MONDAY, member).await;
    let all = read.expect("the database answers");
    all.get(&campaign).copied().unwrap_or_default()
}

everywhere! {
    async fn a_counter_is_taken_up_to_its_limit_and_not_beyond(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for fits in [true, true, false] {
            assert_eq!(takes(world.app(), &merchant, of(Span::All, 1, 100, Some(2), None)).await, fits);
        }
        // What is asked for at once counts whole, and a limit that was raised bears more.
        assert!(!takes(world.app(), &merchant, of(Span::All, 2, 0, Some(3), None)).await);
        assert!(takes(world.app(), &merchant, of(Span::All, 1, 0, Some(3), None)).await);
        // One that was lowered takes nothing back.
        assert!(!takes(world.app(), &merchant, of(Span::All, 1, 0, Some(1), None)).await);
        assert_eq!(taken(&world, &merchant, None).await.total, 3);
    }

    async fn a_budget_is_spent_to_the_last_minor_unit_and_not_beyond(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        assert!(!takes(world.app(), &merchant, of(Span::All, 1, 1_001, None, Some(1_000))).await);
        assert!(takes(world.app(), &merchant, of(Span::All, 1, 999, None, Some(1_000))).await);
        assert!(!takes(world.app(), &merchant, of(Span::All, 1, 2, None, Some(1_000))).await);
        assert!(takes(world.app(), &merchant, of(Span::All, 1, 1, None, Some(1_000))).await);
        assert_eq!(taken(&world, &merchant, None).await.spent_minor, 1_000);
    }

    async fn what_one_of_several_does_not_bear_none_of_them_gives(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let member = MemberId(5);
        let mut several = of(Span::Day(MONDAY), 1, 0, Some(9), None);
        several.add(place(Span::Member(member)), Take { times: 1, most: Some(1), ..Take::default() });
        several.add(place(Span::All), Take { times: 1, minor: 50, ..Take::default() });
        assert!(takes(world.app(), &merchant, several.clone()).await);
        assert!(!takes(world.app(), &merchant, several).await);
        let expected = Taken { total: 1, today: 1, by_member: 1, spent_minor: 50 };
        assert_eq!(taken(&world, &merchant, Some(member)).await, expected);
        let other = Taken { by_member: 0, ..expected };
        assert_eq!(taken(&world, &merchant, Some(MemberId(6))).await, other);
    }

    async fn a_transaction_that_goes_on_keeps_nothing_of_what_was_not_borne(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        assert!(takes(world.app(), &merchant, of(Span::All, 1, 0, Some(1), None)).await);
        let mut two = of(Span::Day(MONDAY), 1, 0, None, None);
        two.add(place(Span::All), Take { times: 1, most: Some(1), ..Take::default() });
        let two = &two;
        let left = world.app().write(merchant.id, |txn| async move {
            Ok::<_, Error>(take_or_leave(&txn, merchant.id, two).await?)
        });
        assert!(!left.await.expect("the transaction goes on"));
        assert_eq!(taken(&world, &merchant, None).await, Taken { total: 1, ..Taken::default() });
    }

    async fn of_a_counter_that_has_less_than_is_given_back_nothing_is_left(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        assert!(takes(world.app(), &merchant, of(Span::All, 1, 80, None, None)).await);
        let mut more = of(Span::All, 2, 50, None, None);
        more.add(place(Span::Day(MONDAY)), Take { times: 1, ..Take::default() });
        let more = &more;
        let released = world.app().write(merchant.id, |txn| async move {
            Ok::<_, Error>(release(&txn, merchant.id, more).await?)
        });
        released.await.expect("the transaction goes on");
        let expected = Taken { total: 0, spent_minor: 30, ..Taken::default() };
        assert_eq!(taken(&world, &merchant, None).await, expected);
    }

    async fn what_is_given_back_can_be_taken_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let one = of(Span::All, 1, 80, Some(1), Some(100));
        assert!(takes(world.app(), &merchant, one.clone()).await);
        assert!(!takes(world.app(), &merchant, one.clone()).await);
        let again = &one;
        let released = world.app().write(merchant.id, |txn| async move {
            Ok::<_, Error>(release(&txn, merchant.id, again).await?)
        });
        released.await.expect("given back");
        assert!(takes(world.app(), &merchant, one).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixty_four_at_once_as_many_have_it_as_may() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (app, merchant) = (world.app().clone(), merchant.clone());
            tokio::spawn(async move {
                takes(&app, &merchant, of(Span::All, 1, 10, Some(5), None)).await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += u32::from(task.await.expect("it ran"));
    }
    assert_eq!(won, 5);
    let kept = offer_counter::Entity::of(merchant.id)
        .one(world.app().db.writer())
        .await
        .expect("the database answers")
        .expect("a counter");
    assert_eq!((kept.taken, kept.spent_minor), (5, 50));
}
