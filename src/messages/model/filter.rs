//! Which messages a list wants.

use entity::message::MessageState;

/// Which messages are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Any of these states.
    pub states: Option<Vec<MessageState>>,
}
