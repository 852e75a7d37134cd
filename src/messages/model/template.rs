//! A title or a text with placeholders, and what becomes of it for one member.

use serde::{Deserialize, Serialize};

use super::draft::Texts;
use crate::invalid::Invalid;
use crate::locale::Locale;

/// What there is of a member to be put into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Values<'a> {
    /// The name, where it is known.
    pub name: Option<&'a str>,
    /// What their tier is called; none where they have reached none.
    pub tier: Option<&'a str>,
    /// The points that they can spend.
    pub points: i64,
    /// The shop's own number.
    pub member_no: &'a str,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name,
    Tier,
    Points,
    MemberNo,
}

impl Piece {
    fn of_placeholder(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "tier" => Self::Tier,
            "points" => Self::Points,
            "memberNo" => Self::MemberNo,
            _ => return None,
        })
    }
}

/// A title or a text, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Understands a text: `{name}`, `{tier}`, `{points}` and `{memberNo}` stand for what differs, `{{` for a brace.
    /// Anything else in braces is refused: it would be sent as it stands.
    pub fn read(field: &str, text: &str) -> Result<Self, Invalid> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
                continue;
            }
            let inside = from.trim_start_matches('{');
            let (name, after) = inside.split_once('}').ok_or_else(|| open(field))?;
            let piece = Piece::of_placeholder(name.trim()).ok_or_else(|| unknown(field, name))?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// What it is for one member. What they are called is put in as it is: no braces in it mean anything.
    #[must_use]
    pub fn render(&self, values: Values<'_>, locale: Locale) -> String {
        let member = match locale {
            Locale::ZhCn => "会员",
            Locale::En => "member",
        };
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Name => text.push_str(values.name.unwrap_or(member)),
                Piece::Tier => text.push_str(values.tier.unwrap_or(member)),
                Piece::Points => text.push_str(&values.points.to_string()),
                Piece::MemberNo => text.push_str(values.member_no),
            }
        }
        text
    }

    /// Whether it holds something that differs by what a member is called.
    #[must_use]
    pub fn names(&self) -> bool {
        self.0.contains(&Piece::Name)
    }
}

fn open(field: &str) -> Invalid {
    Invalid::new(
        field,
        "opens a brace that nothing closes; write `{{` for a brace.",
        "有未闭合的大括号；如需显示大括号请写 `{{`。",
    )
}

fn unknown(field: &str, name: &str) -> Invalid {
    let name: String = name.chars().take(40).collect();
    Invalid::new(
        field,
        format!(
            "names a placeholder that there is not: {{{name}}}. There are {{name}}, {{tier}}, {{points}} and \
             {{memberNo}}; write `{{{{` for a brace."
        ),
        format!(
            "含有未知占位符 {{{name}}}。可用：{{name}}、{{tier}}、{{points}}、{{memberNo}}；如需显示大括号请写 `{{{{`。"
        ),
    )
}

/// What one member is written.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
}

crate::members::model::hidden!(Rendered);

/// A message's title and text in both languages, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    zh: (Template, Template),
    en: Option<(Template, Template)>,
}

impl Wording {
    /// Understands all texts of a message; what cannot be meant is named by its field.
    pub fn read(texts: &Texts) -> Result<Self, Invalid> {
        let zh = (
            Template::read("title", &texts.title)?,
            Template::read("body", &texts.body)?,
        );
        let en = match (&texts.title_en, &texts.body_en) {
            (Some(title), Some(body)) => Some((
                Template::read("titleEn", title)?,
                Template::read("bodyEn", body)?,
            )),
            _ => None,
        };
        Ok(Self { zh, en })
    }

    /// Whether there is English.
    #[must_use]
    pub const fn has_english(&self) -> bool {
        self.en.is_some()
    }

    /// Whether what a member is called stands in it.
    #[must_use]
    pub fn names(&self) -> bool {
        let mut both = std::iter::once(&self.zh).chain(&self.en);
        both.any(|(title, body)| title.names() || body.names())
    }

    /// What a member is written in a language; Chinese where there is no English.
    #[must_use]
    pub fn render(&self, values: Values<'_>, locale: Locale) -> Rendered {
        let (title, body) = match (locale, &self.en) {
            (Locale::En, Some(en)) => en,
            _ => &self.zh,
        };
        Rendered {
            title: title.render(values, locale),
            body: body.render(values, locale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LI: Values<'_> = Values {
        name: Some("李{points}"),
        tier: Some("金卡"),
        points: 1_280,
        member_no: "m7",
    };

    fn rendered(text: &str, values: Values<'_>, locale: Locale) -> String {
        Template::read("body", text)
            .expect("a template")
            .render(values, locale)
    }

    #[test]
    fn placeholders_stand_for_what_a_member_is_and_what_is_put_in_means_nothing() {
        let text = "{name}您好，{ tier }会员 {memberNo} 有 {points} 积分 {{name} }";
        assert_eq!(
            rendered(text, LI, Locale::ZhCn),
            "李{points}您好，金卡会员 m7 有 1280 积分 {name} }"
        );
    }

    #[test]
    fn who_has_no_name_and_no_tier_is_a_member() {
        let nobody = Values {
            name: None,
            tier: None,
            ..LI
        };
        assert_eq!(rendered("{name} {tier}", nobody, Locale::ZhCn), "会员 会员");
        assert_eq!(
            rendered("{name} {tier}", nobody, Locale::En),
            "member member"
        );
    }

    #[test]
    fn what_is_no_placeholder_is_refused_by_its_field() {
        for text in ["{nmae}", "{}", "{name", "a {", "{name}{phone}", "{{{x}"] {
            let told = Template::read("bodyEn", text).expect_err(text);
            assert_eq!(told.field, "bodyEn", "{text}");
            assert!(!told.problem.zh.is_empty());
        }
        let told = Template::read("title", "{phone}").expect_err("unknown");
        assert!(told.problem.en.contains("{phone}") && told.problem.zh.contains("{phone}"));
        assert!(Template::read("title", "").is_ok());
    }
}
