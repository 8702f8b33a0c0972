//! `/api/v1/meta`: schemas and user types.

use super::Answer;
use crate::error::OktaError;
use crate::org::Org;
use crate::org::profile;
use crate::org::user_type::UserType;
use crate::request::Request;

pub(super) fn user_schema(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let of_id =
        |user_type: &UserType| id == user_type.schema_id(org) || (id == "default" && *user_type == UserType::Default);
    let user_type = UserType::ALL
        .into_iter()
        .find(of_id)
        .ok_or_else(|| OktaError::not_found(id, "UserSchema"))?;
    Ok(Answer::one(&profile::schema(org, user_type, &request.base)))
}

pub(super) fn user_types(org: &Org, request: &Request) -> Answer {
    let types: Vec<_> = UserType::ALL
        .iter()
        .map(|user_type| user_type.to_value(org, &request.base))
        .collect();
    Answer::whole_list(&types)
}

pub(super) fn user_type(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let of_id = |user_type: &UserType| id == user_type.id(org) || (id == "default" && *user_type == UserType::Default);
    let user_type = UserType::ALL
        .into_iter()
        .find(of_id)
        .ok_or_else(|| OktaError::not_found(id, "UserType"))?;
    Ok(Answer::one(&user_type.to_value(org, &request.base)))
}
