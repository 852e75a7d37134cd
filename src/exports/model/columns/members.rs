//! The columns of members.

use entity::member;

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::{Cell, Part};
use crate::members::model::{Birthday, Profile};
use crate::money::Currency;

/// A member, with what belongs to them as far as that is wanted.
#[derive(Debug)]
pub struct KnownMember {
    /// The member.
    pub row: member::Model,
    /// What names them, masked where they must not be seen.
    pub profile: Profile,
    /// Whether it is masked.
    pub masked: bool,
    /// Their tags.
    pub tags: Vec<String>,
    /// What their tier is called.
    pub tier: Option<String>,
    /// The merchant's currency.
    pub currency: Currency,
}

impl KnownMember {
    /// The birthday, `05-20` or `1990-05-20`; of what is masked the month alone.
    fn birthday(&self) -> Cell {
        let number = self.row.birthday;
        let birthday =
            number.and_then(|number| Birthday::of_number(number, self.profile.birth_year));
        birthday.map_or(Cell::Empty, |birthday| {
            let Birthday { month, day, year } = birthday;
            Cell::Text(match year {
                _ if self.masked => format!("{month:02}-**"),
                Some(year) => format!("{year}-{month:02}-{day:02}"),
                None => format!("{month:02}-{day:02}"),
            })
        })
    }

    fn tags(&self) -> Cell {
        let part = |tag: &String| Part {
            text: tag.clone(),
            fields: vec![("tag", Cell::Text(tag.clone()))],
        };
        Cell::Parts(self.tags.iter().map(part).collect())
    }
}

/// The columns that tell what members bought.
pub const BOUGHT_COLUMNS: [&str; 3] = ["paidOrders", "spent", "lastPaidAt"];

/// The columns for which what names members is opened.
pub const PROFILE_COLUMNS: [&str; 4] = ["name", "phone", "email", "birthday"];

/// The column for which tags are read.
pub const TAGS_COLUMN: &str = "tags";

/// The column for which tiers are read.
pub const TIER_COLUMN: &str = "tier";

/// The columns of members.
pub static MEMBERS: &[Column<KnownMember>] = &[
    column("memberNo", "Member no.", "会员号", Plain, |it| {
        Cell::Text(it.row.member_no.clone())
    }),
    column("name", "Name", "姓名", Plain, |it| {
        Cell::text(it.profile.name.as_deref())
    }),
    column("phone", "Telephone", "手机号", Plain, |it| {
        Cell::text(it.profile.phone.as_deref())
    }),
    column("email", "E-mail", "邮箱", Plain, |it| {
        Cell::text(it.profile.email.as_deref())
    }),
    column("birthday", "Birthday", "生日", Plain, KnownMember::birthday),
    column("tags", "Tags", "标签", Plain, KnownMember::tags),
    column("tier", "Tier", "会员等级", Plain, |it| {
        Cell::text(it.tier.as_deref())
    }),
    column("points", "Points", "积分", Plain, |it| {
        Cell::Whole(it.row.points)
    }),
    column("joinedAt", "Joined", "入会时间", Zone, |it| {
        Cell::time(Some(it.row.joined_at))
    }),
    column(
        "createdAt",
        "First named",
        "首次出现时间",
        Zone,
        |it| Cell::made_at(it.row.id.made_at_ms()),
    ),
    column(
        "firstPaidAt",
        "First paid",
        "首次支付时间",
        Zone,
        |it| Cell::time(it.row.first_paid_at),
    ),
    column("lastPaidAt", "Last paid", "最近支付时间", Zone, |it| {
        Cell::time(it.row.last_paid_at)
    }),
    column("paidOrders", "Paid orders", "支付笔数", Plain, |it| {
        Cell::Whole(it.row.paid_orders)
    }),
    column("spent", "Spent", "累计消费", InCurrency, |it| {
        Cell::money(it.row.spent_minor, it.currency)
    }),
];
