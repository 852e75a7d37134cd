//! Where a page lies in its list, as clients are told.

use super::plain::plain_object;
use crate::paging::Page;

/// Where a page lies in its list.
#[derive(Clone, Debug)]
pub struct PageInfo {
    pub(crate) has_previous_page: bool,
    pub(crate) has_next_page: bool,
    pub(crate) start_cursor: Option<String>,
    pub(crate) end_cursor: Option<String>,
}

impl PageInfo {
    /// Tells where a page lies.
    pub fn of<T>(page: &Page<T>, cursor: impl Fn(&T) -> String) -> Self {
        Self {
            has_previous_page: page.has_previous,
            has_next_page: page.has_next,
            start_cursor: page.items.first().map(&cursor),
            end_cursor: page.items.last().map(&cursor),
        }
    }
}

plain_object! {
    /// Where a page lies in its list.
    PageInfo(self) {
        /// Whether there are items before it.
        has_previous_page / "hasPreviousPage": bool = self.has_previous_page;
        /// Whether there are items after it.
        has_next_page / "hasNextPage": bool = self.has_next_page;
        /// The cursor of its first item.
        start_cursor / "startCursor": Option<&str> = self.start_cursor.as_deref();
        /// The cursor of its last item; pass it as `after` for the next page.
        end_cursor / "endCursor": Option<&str> = self.end_cursor.as_deref();
    }
}

/// Declares a list of things, page by page: its connection and its edge.
///
/// ```ignore
/// connection! {
///     /// A list of refunds.
///     RefundConnection
///     /// A refund in a list.
///     RefundEdge
///     /// The refund.
///     node: Lean<Refund>
/// }
/// ```
///
/// Resolvers that a connection offers beside its page follow in a block. `RefundConnection::page` makes one
/// of a page.
macro_rules! connection {
    (
        $(#[$doc:meta])* $connection:ident $({ $($more:ident: $ty:ty),+ $(,)? })?
        $(#[$edge_doc:meta])* $edge:ident
        $(#[$node_doc:meta])* node: $node:ty
        $({ $($resolvers:tt)* })?
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $connection {
            edges: Vec<$edge>,
            page_info: $crate::graphql::connection::PageInfo,
            $($($more: $ty,)+)?
        }

        impl $connection {
            /// A page of what was read; the cursor of each is a text of its own.
            #[allow(clippy::redundant_closure_call, reason = "read by whatever the list holds")]
            pub fn page<T>(
                page: $crate::paging::Page<T>,
                cursor: impl Fn(&T) -> String,
                node: impl Fn(T) -> $node,
                $($($more: $ty,)+)?
            ) -> Self {
                let page_info = $crate::graphql::connection::PageInfo::of(&page, &cursor);
                let edges = page.items.into_iter().map(|item| $edge {
                    cursor: cursor(&item),
                    node: node(item),
                });
                Self {
                    edges: edges.collect(),
                    page_info,
                    $($($more,)+)?
                }
            }
        }

        $crate::graphql::plain::plain_object! {
            $(#[$doc])*
            $connection(self) {
                /// The page's items.
                edges / "edges": &Vec<$edge> = &self.edges;
                /// Where the page lies in the list.
                page_info / "pageInfo": &$crate::graphql::connection::PageInfo = &self.page_info;
            }
            $({ $($resolvers)* })?
        }

        $(#[$edge_doc])*
        #[derive(Debug)]
        pub struct $edge {
            cursor: String,
            node: $node,
        }

        $crate::graphql::plain::plain_object! {
            $(#[$edge_doc])*
            $edge(self) {
                /// Its place in the list; pass it as `after` or `before`.
                cursor / "cursor": &str = self.cursor.as_str();
                $(#[$node_doc])*
                node / "node": &$node = &self.node;
            }
        }
    };
}
pub(crate) use connection;
