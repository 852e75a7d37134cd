//! Raises the second fence, beside the migrations: looks at the catalogue, and does what is missing.

use entity::MerchantId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};

use super::fence::{ROLE, Table, entering};

/// The login, and what it may.
#[derive(Clone, Debug)]
struct Login {
    name: String,
    is_super: bool,
    may_make_roles: bool,
    has_role: bool,
    /// Whether the role bypasses what it is there for.
    role_is_mighty: bool,
    is_member: bool,
    /// Whether it has the role's restrictions without having taken the role on.
    inherits: bool,
    version: i32,
}

const LOGIN: &str = "SELECT login.rolname::text AS name,
        login.rolsuper OR login.rolbypassrls AS is_super,
        login.rolsuper OR login.rolcreaterole AS may_make_roles,
        role.oid IS NOT NULL AS has_role,
        COALESCE(role.rolsuper OR role.rolbypassrls OR role.rolcanlogin, false) AS role_is_mighty,
        COALESCE(pg_has_role(login.oid, role.oid, 'MEMBER'), false) AS is_member,
        COALESCE(pg_has_role(login.oid, role.oid, 'USAGE'), false) AS inherits,
        current_setting('server_version_num')::int AS version
    FROM pg_roles AS login LEFT JOIN pg_roles AS role ON role.rolname = 'yigate_tenant'
    WHERE login.rolname = current_user";

const TABLES: &str = "SELECT t.relname::text AS name,
        EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid
            AND a.attname = 'merchant_id' AND NOT a.attisdropped) AS of_merchant,
        EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = t.oid
            AND a.attname = 'staff_id' AND NOT a.attisdropped) AS of_staff,
        t.relrowsecurity AS enabled,
        EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = t.oid
            AND p.polname = 'yigate_everybody' AND p.polpermissive) AS is_open,
        EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = t.oid
            AND p.polname = 'yigate_tenant' AND NOT p.polpermissive
            AND p.polroles = ARRAY[role.oid]) AS is_closed,
        t.relkind = 'S' AS is_sequence,
        COALESCE(CASE WHEN t.relkind = 'S' THEN has_sequence_privilege(role.oid, t.oid, 'USAGE')
            ELSE has_table_privilege(role.oid, t.oid, 'SELECT')
            AND has_table_privilege(role.oid, t.oid, 'UPDATE')
            AND (t.relname = 'leases' OR has_table_privilege(role.oid, t.oid, 'INSERT')
                AND has_table_privilege(role.oid, t.oid, 'DELETE')) END, false) AS may,
        pg_has_role(current_user, t.relowner, 'USAGE') AS is_owned
    FROM pg_class AS t LEFT JOIN pg_roles AS role ON role.rolname = 'yigate_tenant'
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p', 'S')
    ORDER BY t.relname";

async fn rows(txn: &DatabaseTransaction, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    txn.query_all_raw(statement).await
}

async fn login(txn: &DatabaseTransaction) -> Result<Login, DbErr> {
    let found = rows(txn, LOGIN).await?;
    let row = found.first();
    let row = row.ok_or_else(|| DbErr::Custom("the catalogue knows no login".to_owned()))?;
    Ok(Login {
        name: row.try_get("", "name")?,
        is_super: row.try_get("", "is_super")?,
        may_make_roles: row.try_get("", "may_make_roles")?,
        has_role: row.try_get("", "has_role")?,
        role_is_mighty: row.try_get("", "role_is_mighty")?,
        is_member: row.try_get("", "is_member")?,
        inherits: row.try_get("", "inherits")?,
        version: row.try_get("", "version")?,
    })
}

async fn tables(txn: &DatabaseTransaction) -> Result<Vec<Table>, DbErr> {
    let read = |row: &QueryResult| {
        Ok(Table {
            name: row.try_get("", "name")?,
            of_merchant: row.try_get("", "of_merchant")?,
            of_staff: row.try_get("", "of_staff")?,
            enabled: row.try_get("", "enabled")?,
            is_open: row.try_get("", "is_open")?,
            is_closed: row.try_get("", "is_closed")?,
            is_sequence: row.try_get("", "is_sequence")?,
            may: row.try_get("", "may")?,
            is_owned: row.try_get("", "is_owned")?,
        })
    };
    rows(txn, TABLES).await?.iter().map(read).collect()
}

impl Login {
    fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }

    /// What is missing of the role, for an administrator to read.
    fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if !self.has_role {
            missing.push(format!("CREATE ROLE {ROLE} NOLOGIN NOINHERIT"));
        }
        if !self.is_member {
            // Whoever inherits from the role has its restrictions at all times.
            let apart = if self.version >= 160_000 {
                " WITH INHERIT FALSE, SET TRUE"
            } else {
                ""
            };
            missing.push(format!("GRANT {ROLE} TO {}{apart}", self.quoted()));
        }
        missing
    }
}

/// Why the fence does not stand, and what an administrator runs.
fn refused(why: &str, missing: &[String]) -> DbErr {
    let mut words = format!("setting `database.row_security`: {why}");
    if !missing.is_empty() {
        words += "; an administrator runs:\n";
        for statement in missing {
            words += &format!("  {statement};\n");
        }
        words += "or it is set to false";
    }
    DbErr::Custom(words)
}

/// Does what is missing, in the transaction of the migrations: nothing where the fence stands.
pub(super) async fn raise(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    let login_of_now = login(txn).await?;
    let of_role = login_of_now.missing();
    let allowed = of_role.is_empty() || login_of_now.may_make_roles;
    let of_tables =
        |tables: &[Table]| -> Vec<String> { tables.iter().flat_map(Table::missing).collect() };
    let known = tables(txn).await?;
    let all = || [of_role.clone(), of_tables(&known)].concat();
    if !allowed {
        return Err(refused(
            &format!("this login may not make the role {ROLE}"),
            &all(),
        ));
    }
    if known
        .iter()
        .any(|table| !table.is_owned && !table.missing().is_empty())
    {
        return Err(refused("this login does not own the tables", &all()));
    }
    for statement in &of_role {
        // Roles are the whole server's: another database's migration may make it at the same time.
        txn.execute_unprepared(&format!(
            "DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ))
        .await?;
    }
    for statement in of_tables(&tables(txn).await?) {
        txn.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Whether the fence stands around everything, and can be worked behind. Changes nothing.
pub(super) async fn check(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    let login = login(txn).await?;
    let known = tables(txn).await?;
    let mut missing = login.missing();
    missing.extend(known.iter().flat_map(Table::missing));
    if !missing.is_empty() {
        return Err(refused(
            "the rows are not guarded; `yigate migrate` does it",
            &missing,
        ));
    }
    if login.role_is_mighty {
        let weaker = format!("ALTER ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS");
        return Err(refused(
            &format!("the role {ROLE} is not bound by what guards rows"),
            &[weaker],
        ));
    }
    let is_bound = login.inherits && !login.is_super;
    if is_bound && known.iter().any(|table| !table.is_owned) {
        let apart = if login.version >= 160_000 {
            format!("GRANT {ROLE} TO {} WITH INHERIT FALSE", login.quoted())
        } else {
            format!("ALTER ROLE {} NOINHERIT", login.quoted())
        };
        return Err(refused(
            &format!("this login inherits what binds {ROLE}"),
            &[apart],
        ));
    }
    txn.execute_unprepared(&entering(MerchantId(0)))
        .await
        .map(drop)
}
