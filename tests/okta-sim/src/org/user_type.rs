//! User types: the default one and two more, each with a schema of its own.

use super::{DAY, FOUNDED, Org};
use crate::json::timestamp_text;
use serde_json::{Value, json};

/// A user type, by its place in `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserType {
    Default,
    Contractor,
    Partner,
}

impl UserType {
    pub(crate) const ALL: [Self; 3] = [Self::Default, Self::Contractor, Self::Partner];

    fn index(self) -> u64 {
        self as u64
    }

    pub(crate) fn id(self, org: &Org) -> String {
        org.id("oty", self.index())
    }

    pub(crate) fn schema_id(self, org: &Org) -> String {
        org.id("osc", self.index())
    }

    pub(crate) fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Default => (
                "user",
                "User",
                "Okta user profile template with default permission settings",
            ),
            Self::Contractor => ("contractor", "Contractor", "People of agencies"),
            Self::Partner => ("partner", "Partner", "People of resellers"),
        }
    }

    pub(crate) fn created(self) -> i64 {
        FOUNDED + DAY * 30 * i64::from(self as u8)
    }

    pub(crate) fn to_value(self, org: &Org, base: &str) -> Value {
        let (name, display_name, description) = self.names();
        json!({
            "id": self.id(org),
            "displayName": display_name,
            "name": name,
            "description": description,
            "createdBy": org.id("00u", 0),
            "lastUpdatedBy": org.id("00u", 0),
            "created": timestamp_text(self.created()),
            "lastUpdated": timestamp_text(self.created() + DAY),
            "default": self == Self::Default,
            "_links": {
                "schema": {
                    "rel": "schema",
                    "href": format!("{base}/api/v1/meta/schemas/user/{}", self.schema_id(org)),
                    "method": "GET",
                },
                "self": { "rel": "self", "href": format!("{base}/api/v1/meta/types/user/{}", self.id(org)), "method": "GET" },
            },
        })
    }
}
