//! What an endpoint may be.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::error::Problem;
use crate::reach::{OutOfReach, Reach};

/// The longest address.
const LONGEST_URL: usize = 1_024;
/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;
/// For how many hours two secrets may sign.
pub const ROTATION_HOURS: std::ops::RangeInclusive<i32> = 0..=168;

/// What is to be known of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointDraft {
    /// Where to.
    pub url: String,
    /// What it is for, in words.
    pub description: String,
}

impl EndpointDraft {
    /// Checks it; what cannot be meant is told with its field.
    pub fn check(&self, reach: Reach) -> Result<(), (&'static str, Problem)> {
        check_url(&self.url, reach).map_err(|problem| {
            let (en, zh) = (
                format!("`url` {}", problem.en),
                format!("`url` {}", problem.zh),
            );
            ("url", Problem::new(en, zh))
        })?;
        let is_text = !self.description.chars().any(char::is_control);
        if !is_text || self.description.chars().count() > LONGEST_DESCRIPTION {
            let problem = Problem::new(
                format!("`description` is at most {LONGEST_DESCRIPTION} characters of text."),
                format!("`description` 最多 {LONGEST_DESCRIPTION} 个字符。"),
            );
            return Err(("description", problem));
        }
        Ok(())
    }
}

/// Whether an address may be called: HTTPS, at a public host and a usual port, without a password in it.
/// What a name leads to is looked at once more at each call.
pub fn check_url(text: &str, reach: Reach) -> Result<Url, Problem> {
    let wrong = |en: &str, zh: &str| Problem::new(format!("{en}."), format!("{zh}。"));
    if text.len() > LONGEST_URL {
        return Err(wrong(
            &format!("is at most {LONGEST_URL} characters long"),
            &format!("最长 {LONGEST_URL} 个字符"),
        ));
    }
    let url = Url::parse(text).map_err(|_| {
        wrong(
            "cannot be read; write it such as https://shop.example.com/hooks",
            "无法识别，请按 https://shop.example.com/hooks 的格式填写",
        )
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "must hold no user name and no password",
            "不能包含用户名或密码",
        ));
    }
    if url.fragment().is_some() {
        return Err(wrong("must hold no `#`", "不能包含 `#`"));
    }
    reach.permit(&url).map_err(|why| match why {
        OutOfReach::NoHost => wrong("names no host", "缺少主机名"),
        OutOfReach::NotHttps | OutOfReach::NotHttp => {
            wrong("must begin with https://", "须以 https:// 开头")
        }
        OutOfReach::Private => wrong("leads into a private network", "指向内部网络，不能使用"),
    })?;
    let port = url.port_or_known_default().unwrap_or(0);
    let is_usual = matches!(port, 80 | 443 | 8_000..);
    if !is_usual && reach == Reach::PublicHttps {
        return Err(wrong(
            "has a port that is not called: 443, 80, or 8000 and above",
            "端口不可用：仅支持 443、80 及 8000 以上端口",
        ));
    }
    Ok(url)
}

/// Until when the secret before signs as well; none where it ends at once.
pub fn overlap(hours: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (hours > 0).then(|| now + TimeDelta::hours(i64::from(hours)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_public_https_at_a_usual_port_and_holds_no_password() {
        for text in [
            "https://shop.example.com/hooks",
            "https://shop.example.com:8443/hooks?shop=1",
            "https://1.1.1.1/",
            "https://商店.example/回调",
        ] {
            assert!(check_url(text, Reach::PublicHttps).is_ok(), "{text}");
        }
        for (text, why) in [
            ("shop.example.com", "cannot be read"),
            ("http://shop.example.com/", "https://"),
            ("ftp://shop.example.com/", "https://"),
            ("https://u:p@shop.example.com/", "password"),
            ("https://u@shop.example.com/", "password"),
            ("https://shop.example.com/#a", "`#`"),
            ("https://shop.example.com:22/", "port"),
            ("https://shop.example.com:6379/", "port"),
            ("https://127.0.0.1/", "private"),
            ("https://127.1/", "private"),
            ("https://[::ffff:127.0.0.1]/", "private"),
            ("https://[64:ff9b::a00:1]/", "private"),
            ("https://[fe80::1]/", "private"),
            ("https://169.254.169.254/latest/meta-data", "private"),
        ] {
            let told = check_url(text, Reach::PublicHttps).unwrap_err();
            assert!(told.en.contains(why), "{text}: {}", told.en);
        }
        let long = format!("https://shop.example.com/{}", "x".repeat(LONGEST_URL));
        assert!(check_url(&long, Reach::PublicHttps).is_err());
        assert!(check_url("http://127.0.0.1:12345/", Reach::Anywhere).is_ok());
    }
}
