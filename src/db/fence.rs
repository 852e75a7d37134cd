//! The second fence on PostgreSQL: a transaction of a merchant works under a role to which the database shows
//! the rows of that merchant alone, whatever its statements ask for.

use entity::MerchantId;

/// The role of a merchant's transactions. Nobody signs in as it, and it bypasses nothing.
pub(super) const ROLE: &str = "yigate_tenant";

/// What a transaction of a merchant says first, in one message. It holds until the transaction ends.
pub(super) fn entering(merchant_id: MerchantId) -> String {
    format!(
        "SET LOCAL ROLE {ROLE}; SET LOCAL yigate.merchant = '{}'",
        merchant_id.0
    )
}

/// Whose rows a transaction may see: no merchant's where none was said.
const HERE: &str = "NULLIF(current_setting('yigate.merchant', true), '')::bigint";

/// A table or a sequence, as the catalogue knows it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub name: String,
    /// Whether its rows name a merchant.
    pub of_merchant: bool,
    /// Whether its rows name a person.
    pub of_staff: bool,
    pub enabled: bool,
    pub is_open: bool,
    pub is_closed: bool,
    /// Whether it is no table but a sequence, which numbers what is written into one.
    pub is_sequence: bool,
    pub may: bool,
    pub is_owned: bool,
}

impl Table {
    /// Which rows of it a merchant's transactions see: its own, and what is of the people who work for it.
    fn rule(&self) -> Option<String> {
        let member = |column: &str| {
            format!(
                "EXISTS (SELECT FROM memberships AS member WHERE member.merchant_id = {HERE} \
                 AND member.staff_id = {}.{column})",
                self.name
            )
        };
        match self.name.as_str() {
            "merchants" => Some(format!("id = {HERE}")),
            "staff" => Some(member("id")),
            _ if self.is_sequence => None,
            _ if self.of_merchant => Some(format!("merchant_id = {HERE}")),
            _ if self.of_staff => Some(member("staff_id")),
            _ => None,
        }
    }

    /// What a merchant's transactions may do with it at all. A lease is renewed in them.
    fn rights(&self) -> Option<&'static str> {
        match self.name.as_str() {
            _ if self.is_sequence => Some("USAGE"),
            "leases" => Some("SELECT, UPDATE"),
            _ => self.rule().map(|_| "SELECT, INSERT, UPDATE, DELETE"),
        }
    }

    /// What is missing until the fence stands around it. The first policy leaves everybody else as they were: where
    /// rows are guarded, who has no policy sees nothing.
    pub(super) fn missing(&self) -> Vec<String> {
        let name = &self.name;
        let mut missing = Vec::new();
        if let Some(rights) = self.rights().filter(|_| !self.may) {
            let kind = if self.is_sequence { "SEQUENCE " } else { "" };
            missing.push(format!("GRANT {rights} ON {kind}{name} TO {ROLE}"));
        }
        let Some(rule) = self.rule() else {
            return missing;
        };
        if !self.is_open {
            missing.push(format!(
                "CREATE POLICY yigate_everybody ON {name} USING (true) WITH CHECK (true)"
            ));
        }
        if !self.is_closed {
            missing.push(format!(
                "CREATE POLICY {ROLE} ON {name} AS RESTRICTIVE TO {ROLE} USING ({rule}) WITH CHECK ({rule})"
            ));
        }
        if !self.enabled {
            missing.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        missing
    }
}
