//! Charts 图表: pictures of statistics, for reports, mails and chats.
//!
//! A picture is a question to the statistics, asked as GraphQL by whoever wants the picture: it costs what the
//! question costs, and shows what its asker may see. What it looks like is said beside, and the answer is
//! drawn as SVG: nothing in it runs, and nothing is fetched. Its texts are shown in the fonts of whoever looks.
//!
//! A *link* to a picture holds no token. It says until when it may be looked at and is signed under the
//! master key, over everything that it says; whoever has it sees that picture and nothing else. One that has
//! ended, or was altered, shows nothing. With another master key links from before are void.

pub mod model;
pub mod schema;
pub mod service;
