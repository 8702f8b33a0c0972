//! `/api/v1/users/{id}/factors`.

use super::Answer;
use crate::error::OktaError;
use crate::org::Org;
use crate::org::factor::factors;
use crate::org::user::find;
use crate::request::Request;

pub(super) fn list(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let user = find(org, id).ok_or_else(|| OktaError::not_found(id, "User"))?;
    Ok(Answer::whole_list(&factors(&user, &request.base)))
}

pub(super) fn get(org: &Org, request: &Request, id: &str, factor_id: &str) -> Result<Answer, OktaError> {
    let user = find(org, id).ok_or_else(|| OktaError::not_found(id, "User"))?;
    let factor = factors(&user, &request.base)
        .into_iter()
        .find(|factor| factor["id"] == factor_id);
    factor
        .map(|factor| Answer::one(&factor))
        .ok_or_else(|| OktaError::not_found(factor_id, "UserFactor"))
}
