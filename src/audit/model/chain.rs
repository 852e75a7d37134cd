//! The chain of seals: each is a keyed hash over the one before and its entry.

use std::fmt;

use aws_lc_rs::hmac;
use entity::{AuditEntryId, MerchantId, audit_entry, audit_seal};

/// An entry's bytes, the same wherever they are computed: each field with its length, in a fixed order.
#[must_use]
pub fn canonical(entry: &audit_entry::Model) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    for number in [
        entry.merchant_id.0,
        entry.id.0,
        entry.happened_at.0.timestamp_millis(),
    ] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    let texts = [
        Some(entry.actor_kind.name()),
        Some(entry.actor.as_str()),
        Some(entry.action.as_str()),
        Some(entry.outcome.name()),
        entry.target.as_deref(),
        entry.before.as_deref(),
        entry.after.as_deref(),
        entry.reason.as_deref(),
        entry.ip.as_deref(),
        entry.user_agent.as_deref(),
        entry.request_id.as_deref(),
    ];
    for text in texts {
        // None is another thing than an empty text.
        let Some(text) = text else {
            bytes.push(0);
            continue;
        };
        bytes.push(1);
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The key of a merchant's chain.
pub struct ChainKey(hmac::Key);

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(…)")
    }
}

impl ChainKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The hash that seals an entry at its place, behind the seal before.
    #[must_use]
    pub fn seal(&self, before: &[u8], seq: i64, entry: &audit_entry::Model) -> Vec<u8> {
        self.hash("seal", before, seq, &canonical(entry))
    }

    /// The hash that proves how far a chain goes.
    #[must_use]
    pub fn head(&self, merchant_id: MerchantId, seq: i64, last: &[u8]) -> Vec<u8> {
        self.hash("head", last, seq, &merchant_id.0.to_be_bytes())
    }

    fn hash(&self, what: &str, before: &[u8], seq: i64, rest: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(what.as_bytes());
        context.update(&(before.len() as u64).to_be_bytes());
        context.update(before);
        context.update(&seq.to_be_bytes());
        context.update(rest);
        context.sign().as_ref().to_vec()
    }
}

/// What is wrong at a place of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// The seal is gone.
    SealMissing,
    /// The entry is gone.
    EntryMissing,
    /// The entry or its seal is another than the one that was written.
    Changed,
    /// Somebody wrote an entry past Yigate: it has no seal, and nobody is about to seal it.
    Inserted,
    /// An entry that has waited for its seal for more than a minute.
    Unsealed,
    /// What says how far the chain goes, or holds its key, was changed or is gone.
    HeadChanged,
    /// It is not the chain whose head somebody kept: it was put back to an earlier state, and went on from there.
    OtherHead,
}

/// Where a chain breaks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// What is wrong.
    pub kind: BreakKind,
    /// The place in the chain, where it has one.
    pub seq: Option<i64>,
    /// The entry, where one is known.
    pub entry_id: Option<AuditEntryId>,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(seq) = self.seq {
            write!(f, "place {seq}: ")?;
        }
        if let Some(id) = self.entry_id {
            write!(f, "{id}: ")?;
        }
        f.write_str(match self.kind {
            BreakKind::SealMissing => "the seal is missing",
            BreakKind::EntryMissing => "the entry is missing",
            BreakKind::Changed => "the entry or its seal was changed",
            BreakKind::Inserted => "the entry was written past Yigate: it has no seal",
            BreakKind::Unsealed => "the entry has waited for its seal for more than a minute",
            BreakKind::HeadChanged => "its end: what says how far the chain goes was changed, is missing, or cannot be opened with this master key",
            BreakKind::OtherHead => "the chain is not the one whose head is known",
        })
    }
}

/// A head of a chain that somebody kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The place.
    pub seq: i64,
    /// The hash there.
    pub hash: Vec<u8>,
}

/// A walk along a chain, from its beginning.
#[derive(Debug, Default)]
pub struct Walk {
    /// The place that was reached.
    pub seq: i64,
    /// The hash there; empty at the beginning.
    pub hash: Vec<u8>,
}

impl Walk {
    /// One place on, or what is wrong there.
    pub fn step(
        &mut self,
        key: &ChainKey,
        seal: &audit_seal::Model,
        entry: Option<&audit_entry::Model>,
    ) -> Result<(), Break> {
        let place = self.seq + 1;
        let wrong = |kind, entry_id| Break {
            kind,
            seq: Some(place),
            entry_id,
        };
        if seal.seq != place {
            return Err(wrong(BreakKind::SealMissing, None));
        }
        let Some(entry) = entry else {
            return Err(wrong(BreakKind::EntryMissing, Some(seal.entry_id)));
        };
        let hash = key.seal(&self.hash, place, entry);
        if hash != seal.hash {
            return Err(wrong(BreakKind::Changed, Some(entry.id)));
        }
        (self.seq, self.hash) = (place, hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::model::{By, Deed};
    use crate::auth::model::Actor;

    fn entry(id: i64, deed: &Deed) -> audit_entry::Model {
        let by = By::from(&Actor::system(MerchantId(1)));
        let now = entity::Instant(chrono::DateTime::UNIX_EPOCH);
        deed.entry(&by, AuditEntryId(id), now)
    }

    fn chain(key: &ChainKey, entries: &[audit_entry::Model]) -> Vec<audit_seal::Model> {
        let mut hash = Vec::new();
        let mut seals = Vec::new();
        for (seq, entry) in (1..).zip(entries) {
            hash = key.seal(&hash, seq, entry);
            seals.push(audit_seal::Model {
                merchant_id: entry.merchant_id,
                seq,
                entry_id: entry.id,
                hash: hash.clone(),
            });
        }
        seals
    }

    #[test]
    fn no_two_entries_have_the_same_bytes() {
        let one = entry(1, &Deed::of("a").on("b"));
        let mut others = vec![
            entry(2, &Deed::of("a").on("b")),
            entry(1, &Deed::of("ab")),
            entry(1, &Deed::of("a").on("")),
            entry(1, &Deed::of("a")),
            entry(1, &Deed::of("a").denied("b")),
        ];
        others.push(audit_entry::Model {
            ip: one.target.clone(),
            target: None,
            ..one.clone()
        });
        for other in others {
            assert_ne!(canonical(&one), canonical(&other), "{other:?}");
        }
    }

    #[test]
    fn a_walk_ends_where_the_chain_breaks() {
        let key = ChainKey::of_bytes(&[7; 32]);
        let entries: Vec<_> = (1..=4).map(|id| entry(id, &Deed::of("a"))).collect();
        let seals = chain(&key, &entries);
        let walk = |seals: &[audit_seal::Model], entries: &[audit_entry::Model]| {
            let mut walk = Walk::default();
            for seal in seals {
                let entry = entries.iter().find(|entry| entry.id == seal.entry_id);
                walk.step(&key, seal, entry)?;
            }
            Ok(walk.seq)
        };
        assert_eq!(walk(&seals, &entries), Ok(4));
        let found = |kind, seq, entry_id: Option<i64>| {
            Err(Break {
                kind,
                seq: Some(seq),
                entry_id: entry_id.map(AuditEntryId),
            })
        };
        let mut changed = entries.clone();
        changed[1].actor = "stf_2".to_owned();
        assert_eq!(
            walk(&seals, &changed),
            found(BreakKind::Changed, 2, Some(2))
        );
        let without = [entries[0].clone(), entries[2].clone()];
        assert_eq!(
            walk(&seals, &without),
            found(BreakKind::EntryMissing, 2, Some(2))
        );
        let gap = [seals[0].clone(), seals[2].clone()];
        assert_eq!(walk(&gap, &entries), found(BreakKind::SealMissing, 2, None));
        let mut swapped = seals.clone();
        (swapped[1].entry_id, swapped[2].entry_id) = (seals[2].entry_id, seals[1].entry_id);
        assert_eq!(
            walk(&swapped, &entries),
            found(BreakKind::Changed, 2, Some(3))
        );
        let forged = chain(&ChainKey::of_bytes(&[8; 32]), &entries);
        assert_eq!(
            walk(&forged, &entries),
            found(BreakKind::Changed, 1, Some(1))
        );
    }
}
