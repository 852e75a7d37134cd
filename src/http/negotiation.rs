//! What a request's headers say of its body, and of the answer that its sender can read (RFC 9110).

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderName, header};

/// The media types of an answer to GraphQL over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/json`, which knows no status but 200 for an answer to what was well formed. Who names
    /// nothing has always got this.
    #[default]
    Json,
    /// `application/graphql-response+json`, whose status says what became of the request.
    GraphqlResponse,
}

impl Media {
    /// What goes into `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The one that a client would rather read; none where it can read neither. Of two that it likes as
    /// much, the one that it names; of two that it names, the newer one.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let Some(ranges) = accepted(headers) else {
            return Some(Self::default());
        };
        let rank = |media: Self, subtype: &str| {
            let (exactness, quality) = rated(&ranges, "application", subtype)?;
            let is_newer = media == Self::GraphqlResponse;
            let is_named = exactness == Exactness::Named;
            (quality > 0).then_some(((quality, exactness, is_newer == is_named), media))
        };
        let older = rank(Self::Json, "json");
        let newer = rank(Self::GraphqlResponse, "graphql-response+json");
        let best = older.into_iter().chain(newer).max_by_key(|(rank, _)| *rank);
        best.map(|(_, media)| media)
    }
}

/// Whether a body is JSON in UTF-8, as its header says. A page elsewhere could send any other kind without
/// its browser asking first.
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return false;
    };
    let Ok(kind) = kind.to_str() else {
        return false;
    };
    let mut parts = split(kind, ';').into_iter();
    let named = parts.next().unwrap_or_default();
    named.eq_ignore_ascii_case("application/json") && parts.all(is_utf8)
}

/// Whether a client can read an event stream.
pub fn accepts_events(headers: &HeaderMap) -> bool {
    accepted(headers).is_none_or(|ranges| {
        rated(&ranges, "text", "event-stream").is_some_and(|(_, quality)| quality > 0)
    })
}

/// How exactly a range names a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    /// `*/*`.
    Anything,
    /// `application/*`.
    Kind,
    /// `application/json`.
    Named,
}

/// A part of `Accept`: what can be read, and how gladly, in thousandths.
struct Range {
    kind: String,
    subtype: String,
    quality: u16,
}

/// What a client can read; none where it does not say. What cannot be understood counts as not said of
/// anything.
fn accepted(headers: &HeaderMap) -> Option<Vec<Range>> {
    let texts = texts(headers, &header::ACCEPT);
    let parts: Vec<&str> = texts.iter().flat_map(|text| split(text, ',')).collect();
    let is_told = parts.iter().any(|part| !part.is_empty());
    is_told.then(|| parts.into_iter().filter_map(range).collect())
}

fn texts<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    // A value that is no text names nothing that is known, but it was sent.
    values.map(|value| value.to_str().unwrap_or("?")).collect()
}

fn range(text: &str) -> Option<Range> {
    let mut parts = split(text, ';').into_iter();
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut quality = 1_000;
    for part in parts {
        match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                quality = thousandths(value.trim())?;
            }
            // Nothing is answered in another charset.
            _ if !is_utf8(part) => return None,
            _ => {}
        }
    }
    Some(Range {
        kind: kind.to_ascii_lowercase(),
        subtype: subtype.to_ascii_lowercase(),
        quality,
    })
}

/// How gladly a media type is read: the most exact range that holds it decides.
fn rated(ranges: &[Range], kind: &str, subtype: &str) -> Option<(Exactness, u16)> {
    let fitting = ranges.iter().filter_map(|range| {
        let exactness = match (range.kind.as_str(), range.subtype.as_str()) {
            ("*", "*") => Exactness::Anything,
            (wanted, "*") if wanted == kind => Exactness::Kind,
            (wanted, named) if wanted == kind && named == subtype => Exactness::Named,
            _ => return None,
        };
        Some((exactness, range.quality))
    });
    fitting.min_by_key(|(exactness, quality)| (Reverse(*exactness), Reverse(*quality)))
}

/// `0`, `0.25`, `1`, `1.000`: at most three digits behind the point, and no more than 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_short = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let whole = match whole {
        "0" => 0,
        "1" => 1_000,
        _ => return None,
    };
    let part: u16 = is_short.then(|| format!("{part:0<3}").parse().ok())??;
    Some(whole + part).filter(|quality| *quality <= 1_000)
}

/// Whether a parameter of a media type names no charset but UTF-8.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let value = value.trim().trim_matches('"');
    !name.trim().eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8"].contains(&value.to_ascii_lowercase().as_str())
}

/// The parts of a header, without the space around them; a separator in quotes separates nothing.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let parts = text.split(|letter: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match letter {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted => is_escaped = !was_escaped,
            _ => {}
        }
        letter == separator && !is_quoted
    });
    parts.map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let values = values.iter();
        let pairs = values.map(|value| (name.clone(), HeaderValue::from_str(value).unwrap()));
        pairs.collect()
    }

    #[test]
    fn the_media_type_that_is_wanted_most_is_answered() {
        let (older, newer) = (Some(Media::Json), Some(Media::GraphqlResponse));
        for (accept, wanted) in [
            (&[][..], older),
            (&[""], older),
            (&[" , "], older),
            (&["*/*"], older),
            (&["application/*"], older),
            (&["application/json"], older),
            (&["Application/JSON; charset=UTF-8"], older),
            (&["application/json;charset=\"utf-8\""], older),
            (&["application/graphql-response+json"], newer),
            (&["APPLICATION/GraphQL-Response+JSON"], newer),
            (
                &[
                    "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                ],
                newer,
            ),
            (
                &["application/json, application/graphql-response+json"],
                newer,
            ),
            (
                &["application/json", "application/graphql-response+json"],
                newer,
            ),
            (
                &["application/json, application/graphql-response+json;q=0.9"],
                older,
            ),
            (
                &["application/json;q=0.5, application/graphql-response+json;q=0.501"],
                newer,
            ),
            (&["application/json, */*"], older),
            (&["application/graphql-response+json, */*"], newer),
            (
                &["application/graphql-response+json;q=0.1, */*;q=0.2"],
                older,
            ),
            (&["application/json;q=0, */*"], newer),
            (&["application/json;q=0, application/*;q=0.1"], newer),
            (&["text/html, application/xhtml+xml, */*;q=0.8"], older),
            (
                &["x/y;note=\"a, application/graphql-response+json\", */*"],
                older,
            ),
            (
                &["x/y;note=\"a\\\", b\", application/graphql-response+json"],
                newer,
            ),
            (&["text/html"], None),
            (&["application/xml, text/*"], None),
            (&["*/*;q=0"], None),
            (&["*/*;q=0.000"], None),
            (&["application/json;q=0"], None),
            (&["application/json;charset=iso-8859-1"], None),
            (&["application/json;q=x"], None),
            (&["application/json;q=1.5"], None),
            (&["application/json;q=0.0001"], None),
            (&["json"], None),
        ] {
            let headers = headers(header::ACCEPT, accept);
            assert_eq!(Media::accepted(&headers), wanted, "{accept:?}");
        }
    }

    #[test]
    fn a_body_of_json_says_so() {
        for (kind, is) in [
            (&["application/json"][..], true),
            (&["Application/JSON;charset=UTF-8"], true),
            (&["application/json ; charset=\"utf-8\""], true),
            (&["application/json;"], true),
            (&["application/json; charset=utf-16"], false),
            (&["application/json; charset=latin1"], false),
            (&["application/jsonp"], false),
            (&["text/plain; application/json"], false),
            (&["application/json", "text/plain"], false),
            (&["application/json, text/plain"], false),
            (&[""], false),
            (&[], false),
        ] {
            assert_eq!(
                is_json(&headers(header::CONTENT_TYPE, kind)),
                is,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn an_event_stream_is_for_who_can_read_it() {
        for (accept, can) in [
            ("", true),
            ("*/*", true),
            ("text/*", true),
            ("text/event-stream", true),
            ("application/json, Text/Event-Stream;q=0.5", true),
            ("application/json", false),
            ("text/event-stream;q=0, */*", false),
            ("text/html", false),
        ] {
            assert_eq!(
                accepts_events(&headers(header::ACCEPT, &[accept])),
                can,
                "{accept}"
            );
        }
    }
}
