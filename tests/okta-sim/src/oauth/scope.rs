//! Which scope a call of the Management API needs (management.yaml, `security` of each operation).

/// Path of resources and their scopes' common part; `.read` or `.manage` follows.
const SCOPES: &[(&str, &str)] = &[
    ("/api/v1/apps", "okta.apps"),
    ("/api/v1/groups", "okta.groups"),
    ("/api/v1/logs", "okta.logs"),
    ("/api/v1/meta/schemas", "okta.schemas"),
    ("/api/v1/meta/types/user", "okta.userTypes"),
    ("/api/v1/users", "okta.users"),
];

/// The scope that a GET of the path needs.
pub(super) fn needed(path: &str) -> Option<String> {
    let under = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (_, resource) = SCOPES.iter().find(|(prefix, _)| under(prefix))?;
    Some(format!("{resource}.read"))
}

/// Whether one of the scopes is the needed one; `manage` includes `read`.
pub(super) fn suffices(scopes: &[String], needed: &str) -> bool {
    let manage = needed.replace(".read", ".manage");
    scopes.iter().any(|scope| scope == needed || *scope == manage)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method GET, as management.yaml 2026.06.3 has it.
    #[test]
    fn every_path_that_is_served_needs_the_scope_of_oktas_specification() {
        for (path, scope) in [
            ("/api/v1/users", "okta.users.read"),
            ("/api/v1/users/{id}", "okta.users.read"),
            ("/api/v1/users/{id}/groups", "okta.users.read"),
            ("/api/v1/users/{userId}/factors", "okta.users.read"),
            ("/api/v1/users/{userId}/factors/{factorId}", "okta.users.read"),
            ("/api/v1/groups", "okta.groups.read"),
            ("/api/v1/groups/{groupId}", "okta.groups.read"),
            ("/api/v1/groups/{groupId}/users", "okta.groups.read"),
            ("/api/v1/groups/{groupId}/apps", "okta.groups.read"),
            ("/api/v1/apps", "okta.apps.read"),
            ("/api/v1/apps/{appId}", "okta.apps.read"),
            ("/api/v1/apps/{appId}/users", "okta.apps.read"),
            ("/api/v1/apps/{appId}/users/{userId}", "okta.apps.read"),
            ("/api/v1/apps/{appId}/groups", "okta.apps.read"),
            ("/api/v1/apps/{appId}/groups/{groupId}", "okta.apps.read"),
            ("/api/v1/logs", "okta.logs.read"),
            ("/api/v1/meta/schemas/group/default", "okta.schemas.read"),
            ("/api/v1/meta/schemas/user/{schemaId}", "okta.schemas.read"),
            ("/api/v1/meta/types/user", "okta.userTypes.read"),
            ("/api/v1/meta/types/user/{typeId}", "okta.userTypes.read"),
        ] {
            assert_eq!(needed(path).as_deref(), Some(scope), "{path}");
        }
        assert_eq!(needed("/api/v1/usersx"), None);
    }

    #[test]
    fn manage_includes_read_and_no_other_resource() {
        let has = |scope: &str| suffices(&[scope.to_owned()], "okta.users.read");
        assert!(has("okta.users.read") && has("okta.users.manage"));
        assert!(!has("okta.groups.manage") && !has("okta.users.read.self"));
    }
}
