//! How a mutation answers: the thing, or why not, in a type of its own.

use crate::error::{Error, Failure};

/// What a mutation answers: its thing, or the refusal in its payload; a failure is a top-level error.
pub(crate) fn answer<T, R, P>(
    outcome: Result<T, Failure<R>>,
    done: impl FnOnce(T) -> P,
    refused: impl FnOnce(R) -> P,
) -> Result<P, Error> {
    match outcome {
        Ok(thing) => Ok(done(thing)),
        Err(Failure::Refused(refusal)) => Ok(refused(refusal)),
        Err(Failure::Failed(error)) => Err(error),
    }
}

/// Declares a mutation's payload, its error type and its error codes from a refusal enum.
///
/// ```ignore
/// payload! {
///     /// What `orderClose` did.
///     OrderClosePayload { order: Order }
///     /// Why an order was not closed.
///     OrderCloseError / OrderCloseErrorCode from CloseRefusal {
///         /// It is paid: refund it instead.
///         AlreadyPaid,
///     }
/// }
/// ```
///
/// The codes are the refusal's variants; the compiler refuses a variant without a code. Where one of them holds
/// what a second factor says, `with SecondFactor` after the others makes a code of each of its reasons.
macro_rules! payload {
    (
        $(#[$payload_doc:meta])*
        $payload:ident { $($fields:tt)* }
        $(#[$error_doc:meta])*
        $error:ident / $code:ident from $refusal:ident { $($variants:tt)* } with $held:ident
    ) => {
        $crate::graphql::payload::payload! {
            $(#[$payload_doc])*
            $payload { $($fields)* }
            $(#[$error_doc])*
            $error / $code from $refusal { $($variants)* }
            with $held: $crate::second_factor::model::SecondFactorRefusal {
                /// An API key asked; only a member of staff can, with a second factor.
                StaffOnly,
                /// You have no second factor: set one up with `totpEnroll`.
                SecondFactorNeeded,
                /// `code` is missing: you have a second factor, and this takes a code of it.
                CodeNeeded,
                /// The code is neither the one of now nor a recovery code.
                WrongCode,
                /// The code was used before; wait for the next one.
                CodeUsed,
                /// There were too many wrong codes; the message says until when none is looked at.
                SecondFactorBlocked,
                /// Your second factor is too new for money to leave by it; the message says until when.
                SecondFactorResting,
            }
        }
    };
    (
        $(#[$payload_doc:meta])*
        $payload:ident { $($(#[$field_doc:meta])* $field:ident: $thing:ty),* $(,)? }
        $(#[$error_doc:meta])*
        $error:ident / $code:ident from $refusal:ident {
            $($(#[$variant_doc:meta])* $variant:ident),* $(,)?
        }
        $(with $held:ident: $inner:path { $($(#[$more_doc:meta])* $more:ident),* $(,)? })?
    ) => {
        $(#[$payload_doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        pub struct $payload {
            $($(#[$field_doc])* pub $field: Option<$thing>,)*
            /// Why it was not done; empty where it was.
            pub user_errors: Vec<$error>,
        }

        impl $payload {
            /// The answer where a rule says no.
            pub(super) fn refused(refusal: &$refusal, locale: crate::locale::Locale) -> Self {
                use crate::error::Refusal;
                Self {
                    $($field: None,)*
                    user_errors: vec![$error {
                        code: $code::of(refusal),
                        field: refusal.field(),
                        message: refusal.message().in_language(locale).to_owned(),
                    }],
                }
            }
        }

        $(#[$error_doc])*
        #[derive(Debug, async_graphql::SimpleObject)]
        pub struct $error {
            /// The reason, for programs.
            pub code: $code,
            /// The field of the input that it is about.
            pub field: Option<String>,
            /// The reason, for people, in the language of `Accept-Language`.
            pub message: String,
        }

        $(#[$error_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub enum $code {
            $($(#[$variant_doc])* $variant,)*
            $($($(#[$more_doc])* $more,)*)?
        }

        impl $code {
            fn of(refusal: &$refusal) -> Self {
                $(use $inner as Inner;)?
                match refusal {
                    $($refusal::$variant { .. } => Self::$variant,)*
                    $($($refusal::$held(Inner::$more { .. }) => Self::$more,)*)?
                }
            }
        }
    };
}
pub(crate) use payload;
