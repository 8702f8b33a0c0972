//! `fields=id,status,profile:(firstName,city)`.

use crate::error::OktaError;
use crate::org::user::Projection;

/// Reads `fields`; a field named twice is a 500, as Okta once answered it.
pub(super) fn parse(fields: &str) -> Result<Projection, OktaError> {
    let malformed = || OktaError::validation("fields", "The fields parameter is malformed");
    let mut top: Vec<String> = Vec::new();
    let mut profile = None;
    let mut rest = fields.trim();
    while !rest.is_empty() {
        let end = rest.find([',', ':']).unwrap_or(rest.len());
        let name = rest[..end].trim().to_owned();
        if name.is_empty() || name.contains(['(', ')']) {
            return Err(malformed());
        }
        rest = &rest[end..];
        if let Some(inner) = rest.strip_prefix(':') {
            let (inner, after) = inner
                .trim_start()
                .strip_prefix('(')
                .and_then(|inner| inner.split_once(')'))
                .ok_or_else(malformed)?;
            let names: Vec<String> = inner.split(',').map(|name| name.trim().to_owned()).collect();
            if name != "profile" || names.iter().any(String::is_empty) {
                return Err(malformed());
            }
            repeated(&names)?;
            profile = Some(names);
            rest = after.trim_start();
        }
        top.push(name);
        rest = match rest.strip_prefix(',') {
            Some(more) if !more.trim().is_empty() => more.trim_start(),
            None if rest.is_empty() => rest,
            _ => return Err(malformed()),
        };
    }
    repeated(&top)?;
    Ok(Projection {
        top: Some(top),
        profile,
        credentials: true,
    })
}

fn repeated(names: &[String]) -> Result<(), OktaError> {
    let twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    if twice { Err(OktaError::internal()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_the_profiles() {
        let projection = parse("id,status,profile:(firstName, city),type").unwrap();
        assert_eq!(projection.top.unwrap(), ["id", "status", "profile", "type"]);
        assert_eq!(projection.profile.unwrap(), ["firstName", "city"]);
        assert_eq!(parse("profile").unwrap().profile, None);
    }

    #[test]
    fn repeated_and_malformed_fields_are_refused() {
        assert_eq!(parse("id,id").unwrap_err().code, "E0000009");
        assert_eq!(parse("profile:(a,a)").unwrap_err().code, "E0000009");
        for bad in [
            "id,",
            ",id",
            "profile:(",
            "profile:()",
            "profile:(a",
            "type:(id)",
            "(a)",
            "id)",
            "profile:(a)b",
        ] {
            assert_eq!(parse(bad).unwrap_err().code, "E0000001", "{bad}");
        }
    }
}
