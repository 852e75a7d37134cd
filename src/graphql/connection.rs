//! Where a page lies in its list, as clients are told.

use super::plain::plain_object;
use crate::paging::Page;

/// Where a page lies in its list.
#[derive(Debug)]
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
