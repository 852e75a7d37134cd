//! Why a connection is closed: the codes of graphql-transport-ws and of WebSocket itself.

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;

/// What a close frame's reason may hold, in bytes.
const LONGEST: usize = 123;

/// A code, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The code.
    pub code: u16,
    /// For whoever writes the client.
    pub reason: Cow<'static, str>,
}

impl Closing {
    /// The client speaks another protocol.
    pub const SUBPROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    /// The client has not signed in in time.
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    /// The client signs in twice.
    pub const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");
    /// The client asks before it has signed in.
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The client's token or key proves nothing.
    pub const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// Bytes came instead of text.
    pub const BINARY: Self = Self::invalid("Messages are text");
    /// A message is larger than allowed.
    pub const TOO_LONG: Self = Self::new(1009, "Message too big");
    /// Text is not UTF-8.
    pub const NOT_TEXT: Self = Self::new(1007, "Invalid UTF-8");
    /// Frames are not WebSocket's.
    pub const BROKEN: Self = Self::new(1002, "Protocol error");
    /// The client sends more messages than it may.
    pub const TOO_MANY_MESSAGES: Self = Self::new(1008, "Too many messages");
    /// The user or the merchant has as many connections as they may. Clients try again later.
    pub const TOO_MANY_CONNECTIONS: Self = Self::new(1013, "Too many connections");
    /// Who connects cannot be found out at the moment. Clients try again later.
    pub const UNAVAILABLE: Self = Self::new(1013, "Try again later");
    /// The client reads too slowly. It tries again later, from its cursor.
    pub const SLOW: Self = Self::new(1013, "Slow consumer");
    /// This instance stops; clients connect to another.
    pub const RESTART: Self = Self::new(1012, "Service restart");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
        }
    }

    /// A message that is none of the protocol's.
    pub const fn invalid(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    /// Who signed in may no longer.
    pub const fn ended(reason: &'static str) -> Self {
        Self::new(4403, reason)
    }

    /// An operation of this id is under way already.
    pub fn duplicate(id: &str) -> Self {
        let reason = format!("Subscriber for {id} already exists");
        Self {
            code: 4409,
            reason: if reason.len() <= LONGEST {
                reason.into()
            } else {
                "Subscriber already exists".into()
            },
        }
    }

    /// As it is sent.
    pub fn frame(self) -> CloseFrame {
        CloseFrame {
            code: self.code,
            reason: self.reason.into_owned().into(),
        }
    }
}

/// How a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The client has gone.
    Gone,
    /// We close it.
    Closed(Closing),
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        Self::Closed(closing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_a_close_frame_whatever_the_id() {
        let fits = Closing::duplicate(&"x".repeat(LONGEST - 30));
        assert!(fits.reason.contains("xxx") && fits.reason.len() <= LONGEST);
        for id in ["x".repeat(LONGEST), "订单".repeat(40)] {
            assert_eq!(Closing::duplicate(&id).reason, "Subscriber already exists");
        }
    }
}
