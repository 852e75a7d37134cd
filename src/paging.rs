//! Paging, once for every list: arguments read, cursors kept opaque.

use crate::error::{Error, Problem};

/// How many items a page has where nothing is asked for.
const DEFAULT: u64 = 20;
/// How many items a page has at the most.
const MOST: u64 = 100;

/// Which page of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many items.
    pub limit: u64,
    /// Whether the page is counted from the end.
    pub backward: bool,
    /// The cursor that the page lies beyond, in the direction of reading.
    pub beyond: Option<String>,
    /// The cursor that the page must not pass.
    pub until: Option<String>,
}

impl Paging {
    /// Reads the four arguments of a connection.
    pub fn read(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self, Error> {
        let (field, wanted, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(
                    "last",
                    "give `first` or `last`, not both.",
                    "`first` 与 `last` 只能给出其一。",
                ));
            }
            (None, Some(last)) => ("last", Some(last), true),
            (first, None) => ("first", first, false),
        };
        let limit = match wanted.map(u64::try_from) {
            None => DEFAULT,
            Some(Ok(limit)) if limit > MOST => {
                return Err(Error::LimitExceeded(Problem::new(
                    format!("`{field}` is at most {MOST}; page on with `after`."),
                    format!("`{field}` 最多为 {MOST}，请用 `after` 翻页。"),
                )));
            }
            Some(Ok(limit)) if limit > 0 => limit,
            Some(_) => {
                return Err(Error::bad_input(
                    field,
                    format!("must be from 1 to {MOST}."),
                    format!("必须在 1 到 {MOST} 之间。"),
                ));
            }
        };
        let (beyond, until) = if backward {
            (before, after)
        } else {
            (after, before)
        };
        Ok(Self {
            limit,
            backward,
            beyond,
            until,
        })
    }
}

/// A page, in the order of the list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Whether there is something before them.
    pub has_previous: bool,
    /// Whether there is something after them.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Makes a page of what was read in reading direction, one item more than wanted.
    #[must_use]
    pub fn of(mut items: Vec<T>, paging: &Paging) -> Self {
        let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        if paging.backward {
            items.reverse();
        }
        let came_from = paging.beyond.is_some();
        let (has_previous, has_next) = if paging.backward {
            (more, came_from)
        } else {
            (came_from, more)
        };
        Self {
            items,
            has_previous,
            has_next,
        }
    }

    /// The same page of what its items are read as; the first that cannot be is what is answered.
    pub fn maybe_map<U, E>(self, read: impl Fn(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page {
            items: self.items.into_iter().map(read).collect::<Result<_, E>>()?,
            has_previous: self.has_previous,
            has_next: self.has_next,
        })
    }
}

/// A cursor that this list did not give.
#[must_use]
pub fn bad_cursor(backward: bool) -> Error {
    Error::bad_input(
        if backward { "before" } else { "after" },
        "is not a cursor of this list in this order.",
        "不是该列表在当前排序下的有效游标。",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_from_one_to_a_hundred_items() {
        for (first, code) in [
            (0, "BAD_USER_INPUT"),
            (-1, "BAD_USER_INPUT"),
            (101, "LIMIT_EXCEEDED"),
        ] {
            let error = Paging::read(Some(first), None, None, None).unwrap_err();
            assert_eq!(error.code(), code, "first: {first}");
        }
        assert_eq!(
            Paging::read(Some(100), None, None, None).unwrap().limit,
            100
        );
        assert_eq!(Paging::read(None, None, None, None).unwrap().limit, 20);
    }

    #[test]
    fn a_page_read_backwards_is_shown_forwards() {
        let paging = Paging::read(None, None, Some(2), None).unwrap();
        let page = Page::of(vec![9, 8, 7], &paging);
        assert_eq!(page.items, [8, 9]);
        assert!(page.has_previous && !page.has_next);
    }
}
