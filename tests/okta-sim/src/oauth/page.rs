//! The pages that a person sees in the browser: sign-in with consent, a device's code, and what came of it.

use http::StatusCode;

use super::refusal::Refusal;
use crate::draft::Draft;

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn page(status: StatusCode, title: &str, body: &str) -> Draft {
    let title = escaped(title);
    Draft::html(
        status,
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>okta-sim - {title}</title></head>\n\
             <body>\n<h1 id=\"title\">{title}</h1>\n{body}</body></html>\n"
        ),
    )
}

/// Text, and nothing to do any more.
pub(super) fn message(status: StatusCode, title: &str, text: &str) -> Draft {
    page(status, title, &format!("<p id=\"message\">{}</p>\n", escaped(text)))
}

/// What cannot be sent back to the app, because the app is unknown or the address is not its own.
pub(super) fn refused(refusal: &Refusal) -> Draft {
    let text = format!("Your request resulted in an error. {}", refusal.description);
    message(StatusCode::BAD_REQUEST, "400 Bad Request", &text)
}

/// What a sign-in form asks for, besides name and password.
pub(super) enum Asks<'a> {
    /// The transaction that the app began.
    Consent { transaction: &'a str },
    /// The code on the device's screen, as far as it is known.
    Device { user_code: &'a str },
}

/// Name, password, Allow and Deny. `who` asks for `scopes`; `fault` is what went wrong the last time.
pub(super) fn sign_in(asks: &Asks, who: &str, scopes: &[String], fault: Option<&str>) -> Draft {
    let (action, first) = match asks {
        Asks::Consent { transaction } => (
            "/sign-in",
            format!(
                "<input type=\"hidden\" name=\"transaction\" value=\"{}\">\n",
                escaped(transaction)
            ),
        ),
        Asks::Device { user_code } => (
            "/activate",
            format!(
                "<label>Code <input id=\"user_code\" name=\"user_code\" value=\"{}\" autocomplete=\"off\"></label>\n",
                escaped(user_code)
            ),
        ),
    };
    let fault = fault.map_or_else(String::new, |text| {
        format!("<p id=\"error\" role=\"alert\">{}</p>\n", escaped(text))
    });
    let scopes: String = scopes
        .iter()
        .map(|scope| format!("<li>{}</li>", escaped(scope)))
        .collect();
    let body = format!(
        "{fault}<p><b id=\"client\">{}</b> would like to:</p><ul id=\"scopes\">{scopes}</ul>\n\
         <form id=\"sign-in\" method=\"post\" action=\"{action}\">\n{first}\
         <label>Username <input id=\"username\" name=\"username\" autocomplete=\"off\"></label>\n\
         <label>Password <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\"></label>\n\
         <button id=\"allow\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button>\n</form>\n",
        escaped(who)
    );
    let status = if fault.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNAUTHORIZED
    };
    page(status, "Sign In", &body)
}
