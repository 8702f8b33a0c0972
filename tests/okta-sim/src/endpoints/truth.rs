//! `/sim/truth/{resource}`: every row of a resource as JSON lines, children with the keys of their parents.

use std::sync::Arc;

use crate::json::Json;
use crate::org::Org;
use crate::org::user::{Projection, User};
use crate::org::user_type::UserType;

/// Lines of a resource, some at a time.
pub(crate) type Lines = Box<dyn Iterator<Item = Vec<u8>> + Send + Sync>;

const CHUNK: u64 = 256;

/// The lines of a resource; none if there is no such resource.
pub(crate) fn lines(org: &Arc<Org>, resource: &str, base: &str) -> Option<Lines> {
    let (org, base) = (Arc::clone(org), base.to_owned());
    match resource {
        "users" => Some(chunks(org.users, move |json, k| {
            User::new(&org, k).write(json, &base, &Projection::ALL, false);
            json.newline();
        })),
        "userTypes" => Some(chunks(1, move |json, _| {
            for user_type in UserType::ALL {
                json.value(&user_type.to_value(&org, &base));
                json.newline();
            }
        })),
        _ => None,
    }
}

fn chunks(count: u64, write: impl Fn(&mut Json, u64) + Send + Sync + 'static) -> Lines {
    let starts = (0..count.div_ceil(CHUNK)).map(move |chunk| {
        let mut json = Json::with_capacity(64 * 1024);
        for index in chunk * CHUNK..count.min((chunk + 1) * CHUNK) {
            write(&mut json, index);
        }
        json.into_bytes()
    });
    Box::new(starts)
}
