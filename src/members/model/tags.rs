//! Tags 标签 that a merchant puts on members.

use crate::error::Problem;
use crate::invalid::Invalid;

/// How many tags a member has at the most.
pub const MOST_TAGS: usize = 20;
/// How many characters a tag has at the most.
pub const LONGEST_TAG: usize = 40;

/// A tag as it is kept.
pub fn clean_tag(tag: &str) -> Result<String, Problem> {
    let tag = tag.trim();
    let letters = tag.chars().count();
    if (1..=LONGEST_TAG).contains(&letters) && !tag.chars().any(char::is_control) {
        return Ok(tag.to_owned());
    }
    Err(Problem::new(
        format!("must be 1 to {LONGEST_TAG} characters"),
        format!("须为 1 至 {LONGEST_TAG} 个字符。"),
    ))
}

/// Tags as they are kept: each once, in order.
pub fn clean_tags(field: &str, tags: &[String]) -> Result<Vec<String>, Invalid> {
    let mut clean = Vec::with_capacity(tags.len());
    for (place, tag) in tags.iter().enumerate() {
        let tag = clean_tag(tag);
        clean.push(tag.map_err(|problem| Invalid::because(format!("{field}.{place}"), &problem))?);
    }
    clean.sort_unstable();
    clean.dedup();
    if clean.len() > MOST_TAGS {
        let problem = Problem::new(
            format!("names at most {MOST_TAGS} tags."),
            format!("最多 {MOST_TAGS} 个标签。"),
        );
        return Err(Invalid::because(field, &problem));
    }
    Ok(clean)
}
