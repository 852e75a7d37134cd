//! Proves the chains of audit entries.

use data_encoding::HEXLOWER;
use yigate::audit::model::Known;
use yigate::audit::service::verify;
use yigate::config::Settings;

use super::statistics::merchants;
use super::{Outcome, Said, join, print, said};

/// Follows the chain of each merchant and prints how far it goes; where one breaks, at which place and entry, and
/// the exit code is 1.
pub async fn prove(settings: Settings, merchant: Option<&str>, head: Option<&str>) -> Outcome {
    let known = head.map(read_head).transpose()?;
    if known.is_some() && merchant.is_none() {
        return Err("--head is the head of one chain: name its --merchant".into());
    }
    let app = join(settings).await?;
    let mut broken = 0;
    for merchant_id in merchants(&app, merchant).await? {
        let verified = verify(&app, merchant_id, known.as_ref()).await;
        let verified = verified.map_err(|error| said(&error))?;
        let told = match verified.broken {
            Some(found) => {
                broken += 1;
                format!("BROKEN at {found}")
            }
            None => head_of(verified.seq, &verified.hash),
        };
        print(&format!("{merchant_id}  {told}"))?;
    }
    app.stop().await;
    match broken {
        0 => print("every entry is what was written, and none is missing"),
        some => Err(format!("{some} audit logs are not what was written").into()),
    }
}

/// How far a chain goes: the head is to be kept elsewhere.
fn head_of(seq: i64, hash: &[u8]) -> String {
    format!("{seq} entries  head {seq}:{}", HEXLOWER.encode(hash))
}

fn read_head(text: &str) -> Result<Known, Said> {
    let wrong = || "--head is PLACE:HASH, as this command printed it";
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok(Known {
        seq: seq.parse().map_err(|_| wrong())?,
        hash: HEXLOWER.decode(hash.as_bytes()).map_err(|_| wrong())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back() {
        let told = head_of(7, &[0xab; 32]);
        let (_, head) = told.split_once("head ").unwrap_or_default();
        let known = read_head(head).ok();
        assert_eq!(
            known.map(|known| (known.seq, known.hash.len())),
            Some((7, 32))
        );
        assert!(read_head("7").is_err() && read_head("7:xyz").is_err());
    }
}
