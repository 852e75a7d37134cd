//! How second factors are asked for: anybody may, and API keys are told why not.

use super::Question;

pub fn questions() -> Vec<Question> {
    [
        (
            "Mutation.totpEnroll",
            r#"totpEnroll(input: { password: "no" })"#,
        ),
        (
            "Mutation.totpConfirm",
            r#"totpConfirm(input: { code: "no" })"#,
        ),
        (
            "Mutation.recoveryCodesRenew",
            r#"recoveryCodesRenew(input: { code: "no" })"#,
        ),
        (
            "Mutation.totpDisable",
            r#"totpDisable(input: { password: "no", code: "no" })"#,
        ),
    ]
    .into_iter()
    .map(|(field, call)| Question {
        field,
        about: "",
        document: format!("mutation {{ {call} {{ userErrors {{ code }} }} }}"),
    })
    .collect()
}
