//! Allocating and freeing handles, and SQLFreeStmt.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::consts::*;
use super::fork::ForkMutex;
use super::{guard, memory, text};
use crate::diag::{Record, SqlState};
use crate::handles::{self, DescriptorEntry, Entry, Environment, Family, StatementEntry};
use crate::statement::descriptor::Binding;
use crate::statement::state::Call;
use crate::statement::{Descriptor, Done, Outcome, Role, Statement};

fn too_many() -> Record {
    Record::new(SqlState::OUT_OF_MEMORY, "Too many handles are alive in this process")
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLAllocHandle(handle_type: i16, input: Handle, output: *mut Handle) -> i16 {
    let output = output as usize;
    // What a failing call leaves behind ("SQLAllocHandle", Returns).
    memory::write(output, 0usize);
    match handle_type {
        SQL_HANDLE_ENV => guard::unlocked(|| {
            if output == 0 {
                return SQL_ERROR;
            }
            match handles::insert(Entry::Env(Environment::new())) {
                Some(token) => {
                    memory::write(output, token);
                    SQL_SUCCESS
                }
                None => SQL_ERROR,
            }
        }),
        SQL_HANDLE_DBC => guard::env(input, |environment, _| {
            let family = Family::new(environment.clone(), text::default_wide());
            let token = give(output, Entry::Dbc(family))?;
            environment.connections.fetch_add(1, Ordering::AcqRel);
            memory::write(output, token);
            Ok(Done::Success)
        }),
        SQL_HANDLE_STMT => guard::dbc("SQLAllocHandle", input, |family, connection| {
            if connection.session.is_none() {
                return Err(Record::new(
                    SqlState::CONNECTION_NOT_OPEN,
                    "Connect before allocating a statement",
                ));
            }
            if output == 0 {
                return Err(null_output());
            }
            let mut describe = |role| -> Result<usize, Record> {
                let key = connection.descriptors.insert(Descriptor::new(role, false));
                let entry = DescriptorEntry {
                    family: family.clone(),
                    key,
                };
                let token = handles::insert(Entry::Desc(Arc::new(entry))).ok_or_else(too_many)?;
                if let Some(descriptor) = connection.descriptors.get_mut(key) {
                    descriptor.token = token;
                }
                Ok(key)
            };
            let implicit = crate::statement::Implicit {
                ard: describe(Role::Application)?,
                apd: describe(Role::ApplicationParameter)?,
                ird: describe(Role::ImplementationRow)?,
                ipd: describe(Role::ImplementationParameter)?,
            };
            let statement = Statement::new(implicit, connection.statement_defaults.clone());
            let asynchronous = statement.asynchronous.clone();
            let key = connection.statements.insert(statement);
            let entry = StatementEntry {
                family: family.clone(),
                key,
                cancel: Default::default(),
                abandoned: Default::default(),
                asynchronous,
                wide: connection.wide,
                pending: ForkMutex::new(None),
            };
            let token = handles::insert(Entry::Stmt(Arc::new(entry))).ok_or_else(too_many)?;
            if let Some(statement) = connection.statements.get_mut(key) {
                statement.token = token;
                statement.cursor_name = format!("SQL_CUR{token:X}");
            }
            memory::write(output, token);
            Ok(Done::Success)
        }),
        SQL_HANDLE_DESC => guard::dbc("SQLAllocHandle", input, |family, connection| {
            if connection.session.is_none() {
                return Err(Record::new(
                    SqlState::CONNECTION_NOT_OPEN,
                    "Connect before allocating a descriptor",
                ));
            }
            if output == 0 {
                return Err(null_output());
            }
            let key = connection.descriptors.insert(Descriptor::new(Role::Application, true));
            let token = give(
                output,
                Entry::Desc(Arc::new(DescriptorEntry {
                    family: family.clone(),
                    key,
                })),
            )?;
            if let Some(descriptor) = connection.descriptors.get_mut(key) {
                descriptor.token = token;
            }
            memory::write(output, token);
            Ok(Done::Success)
        }),
        _ => guard::refuse("SQLAllocHandle", input, no_handle_type(handle_type)),
    }
}

fn no_handle_type(handle_type: i16) -> Record {
    Record::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("{handle_type} is no type of handle"),
    )
}

fn null_output() -> Record {
    Record::new(SqlState::NULL_POINTER, "The address for the new handle is null")
}

fn give(output: usize, entry: Entry) -> Result<usize, Record> {
    if output == 0 {
        return Err(null_output());
    }
    handles::insert(entry).ok_or_else(too_many)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLFreeHandle(handle_type: i16, handle: Handle) -> i16 {
    match handle_type {
        SQL_HANDLE_ENV => free_env(handle),
        SQL_HANDLE_DBC => free_dbc(handle),
        SQL_HANDLE_STMT => free_stmt(handle),
        SQL_HANDLE_DESC => free_desc(handle),
        _ => guard::refuse("SQLFreeHandle", handle, no_handle_type(handle_type)),
    }
}

fn free_env(handle: Handle) -> i16 {
    let code = guard::env(handle, |environment, _| {
        if environment.connections.load(Ordering::Acquire) > 0 {
            return Err(Record::new(
                SqlState::SEQUENCE_ERROR,
                "Connections of this environment are still allocated",
            ));
        }
        Ok(Done::Success)
    });
    if code == SQL_SUCCESS {
        return guard::unlocked(|| {
            // The last environment ends the runtime, by its drop.
            drop(handles::remove(handle as usize));
            SQL_SUCCESS
        });
    }
    code
}

fn free_dbc(handle: Handle) -> i16 {
    let code = guard::dbc("SQLFreeHandle", handle, |_, connection| {
        if connection.session.is_some() {
            return Err(Record::new(
                SqlState::SEQUENCE_ERROR,
                "The connection is open: call SQLDisconnect first",
            ));
        }
        Ok(Done::Success)
    });
    if code != SQL_SUCCESS {
        return code;
    }
    guard::unlocked(|| {
        if let Some(Entry::Dbc(family)) = handles::remove(handle as usize) {
            family.environment.connections.fetch_sub(1, Ordering::AcqRel);
        }
        SQL_SUCCESS
    })
}

fn free_stmt(handle: Handle) -> i16 {
    let Some(Entry::Stmt(entry)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    guard::unlocked(|| {
        let mut connection = entry.family.connection.lock();
        if handles::remove(handle as usize).is_none() {
            return SQL_INVALID_HANDLE;
        }
        release_statement(&mut connection, entry.key);
        SQL_SUCCESS
    })
}

fn release_statement(connection: &mut handles::Connection, key: usize) {
    if let Some(statement) = connection.statements.remove(key) {
        let implicit = statement.implicit;
        for key in [implicit.ard, implicit.apd, implicit.ird, implicit.ipd] {
            if let Some(descriptor) = connection.descriptors.remove(key) {
                handles::remove(descriptor.token);
            }
        }
    }
}

/// SQLDisconnect: the statements and descriptors of a connection go with it.
pub(super) fn release_all(connection: &mut handles::Connection) {
    let statements: Vec<_> = connection
        .statements
        .iter()
        .map(|(key, statement)| (key, statement.token))
        .collect();
    for (key, token) in statements {
        handles::remove(token);
        release_statement(connection, key);
    }
    let descriptors: Vec<_> = connection
        .descriptors
        .iter()
        .map(|(key, desc)| (key, desc.token))
        .collect();
    for (key, token) in descriptors {
        handles::remove(token);
        connection.descriptors.remove(key);
    }
}

fn free_desc(handle: Handle) -> i16 {
    let Some(Entry::Desc(entry)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    let code = guard::desc("SQLFreeHandle", handle, |descriptor, _, _| match descriptor.explicit {
        true => Ok(Done::Success),
        false => Err(Record::new(
            SqlState::AUTOMATIC_DESCRIPTOR,
            "The descriptor belongs to a statement and is freed with it",
        )),
    });
    if code != SQL_SUCCESS {
        return code;
    }
    guard::unlocked(|| {
        let mut connection = entry.family.connection.lock();
        if handles::remove(handle as usize).is_none() {
            return SQL_INVALID_HANDLE;
        }
        connection.descriptors.remove(entry.key);
        for (_, statement) in connection.statements.iter_mut() {
            if statement.ard == entry.key {
                statement.ard = statement.implicit.ard;
            }
            if statement.apd == entry.key {
                statement.apd = statement.implicit.apd;
            }
        }
        SQL_SUCCESS
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLFreeStmt(statement: Handle, option: u16) -> i16 {
    if option == SQL_DROP {
        return free_stmt(statement);
    }
    guard::stmt("SQLFreeStmt", statement, Call::FreeStmt, |scope| -> Outcome {
        match option {
            SQL_CLOSE => scope.stmt.close(),
            SQL_UNBIND => {
                let key = scope.stmt.ard;
                scope.descriptor_mut(key)?.bindings.clear();
            }
            SQL_RESET_PARAMS => {
                for key in [scope.stmt.apd, scope.stmt.implicit.ipd] {
                    let bindings: &mut Vec<Binding> = &mut scope.descriptor_mut(key)?.bindings;
                    bindings.clear();
                }
            }
            _ => {
                return Err(Record::new(
                    SqlState::INVALID_ATTRIBUTE,
                    format!("{option} is no option of SQLFreeStmt"),
                ));
            }
        }
        Ok(Done::Success)
    })
}
