//! Whether somebody may still be written to.

use entity::member::Model;

/// Whether what was sent to a member may still be handed on: they agree to it now as well, nothing of them was erased,
/// and they are nobody else by now. What is late is handed on hours or days after it was sent.
#[must_use]
pub const fn may_be_written_to(member: &Model) -> bool {
    member.consented_at.is_some() && member.erased_at.is_none() && member.merged_into.is_none()
}
