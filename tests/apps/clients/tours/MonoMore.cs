// What .NET programs do with System.Data.Odbc besides the tour; what is wanted stands in mono.more.tsv.
using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Data.Odbc;
using System.Linq;
using System.Threading;

static partial class Tour
{
    static void More(OdbcConnection connection)
    {
        MonoSchema.Mend(connection);
        Schemas(connection);
        Properties(connection);
        Adapters(connection);
        Readers(connection);
        Parameters(connection);
        Transactions(connection);
        Threads();
        Failures(connection);
    }

    static void Tell(string name, params object[] values)
    {
        Row("more", name, string.Join("|", values.Select(value => Text(value) ?? "-")));
    }

    static object Scalar(OdbcConnection connection, string sql, params OdbcParameter[] parameters)
    {
        using (var command = new OdbcCommand(sql, connection))
        {
            command.Parameters.AddRange(parameters);
            return command.ExecuteScalar();
        }
    }

    /// The SQLSTATE that an action fails with.
    static string StateOf(Action action)
    {
        try
        {
            action();
            return "00000";
        }
        catch (OdbcException error)
        {
            return error.Errors[0].SQLState;
        }
    }

    static IEnumerable<DataRow> Rows(DataTable table)
    {
        return table.Rows.Cast<DataRow>();
    }

    static void Schemas(OdbcConnection connection)
    {
        Tell("collections", Rows(connection.GetSchema()).Select(row => row["CollectionName"]).ToArray());
        Tell("restrictions of Columns", connection.GetSchema("Restrictions").Select("CollectionName = 'Columns'").Length);
        Tell("tables by pattern", Rows(connection.GetSchema("Tables", new[] { "Okta", "dbo", "Group%" })).Select(row => row["TABLE_NAME"]).ToArray());
        Tell("views", connection.GetSchema("Views", new[] { null, "dbo", null }).Rows.Count);
        var column = Rows(connection.GetSchema("Columns", new[] { null, "dbo", "Users", "Created" })).Single();
        Tell("a column", column["DATA_TYPE"], column["COLUMN_SIZE"], column["NULLABLE"], column["ORDINAL_POSITION"]);
        Tell("index", Rows(connection.GetSchema("Indexes", new[] { null, null, "Users" })).Where(row => !(row["INDEX_NAME"] is DBNull)).SelectMany(row => new[] { row["NON_UNIQUE"], row["COLUMN_NAME"] }).ToArray());
        Tell("procedures", connection.GetSchema("Procedures").Rows.Count, connection.GetSchema("ProcedureColumns").Rows.Count, connection.GetSchema("ProcedureParameters").Rows.Count);
        var types = Rows(connection.GetSchema("DataTypes")).ToList();
        Tell("data types", types.Count > 15, types.Single(row => (string)row["TypeName"] == "datetime2")["DataType"], types.Single(row => (string)row["TypeName"] == "int")["IsBestMatch"]);
        var source = connection.GetSchema("DataSourceInformation").Rows[0];
        Tell("data source", source["DataSourceProductName"], source["QuotedIdentifierPattern"], source["ParameterMarkerFormat"], source["CompositeIdentifierSeparatorPattern"]);
        Tell("identifiers", source["IdentifierCase"], source["OrderByColumnsInSelect"], source["GroupByBehavior"], source["SupportedJoinOperators"]);
    }

    static void Properties(OdbcConnection connection)
    {
        Tell("connection", connection.Database, connection.State, connection.ServerVersion.Length > 9);
        connection.ChangeDatabase("Okta");
        Tell("changed database", connection.Database);
        var factory = DbProviderFactories.GetFactory("System.Data.Odbc");
        using (var made = factory.CreateConnection())
        {
            made.ConnectionString = "Dsn=" + Variable("TOUR_DSN");
            made.Open();
            using (var command = made.CreateCommand())
            {
                command.CommandText = "SELECT COUNT(*) FROM Users";
                Tell("by name of the data source", command.ExecuteScalar());
            }
        }
        var builder = new OdbcConnectionStringBuilder(Variable("TOUR_CONNECTION"));
        builder.Remove("APIToken");
        builder["UID"] = "someone";
        builder["PWD"] = "sim-token";
        using (var user = Connect(builder.ConnectionString)) Tell("the token as a password", Scalar(user, "SELECT COUNT(*) FROM Users"));
        for (var n = 0; n < 5; n++) using (var again = Connect(Variable("TOUR_CONNECTION"))) Scalar(again, "SELECT 1");
        OdbcConnection.ReleaseObjectPool();
        Tell("opened again and again", Scalar(connection, "SELECT COUNT(*) FROM Groups"));
    }

    static void Adapters(OdbcConnection connection)
    {
        var set = new DataSet();
        using (var adapter = new OdbcDataAdapter("SELECT * FROM Users ORDER BY Id", connection)) Tell("filled", adapter.Fill(set, "Users"), set.Tables["Users"].Columns.Count == connection.GetSchema("Columns", new[] { null, null, "Users" }).Rows.Count);
        var users = set.Tables["Users"];
        Tell("types of columns", new[] { "Id", "Created", "ProfileSeatNumber", "ProfileContractHours", "ProfileBadgeActive", "Links" }.Select(name => users.Columns[name].DataType.Name).ToArray());
        Tell("missing", Rows(users).Count(row => row.IsNull("ProfileCity")), users.Compute("AVG(ProfileContractHours)", "") is double);
        Tell("filtered in memory", users.Select("Status = 'ACTIVE' AND ProfileSeatNumber > 4000").Length);
        using (var adapter = new OdbcDataAdapter("SELECT Id FROM Users ORDER BY Id", connection))
        {
            var some = new DataTable();
            adapter.Fill(100, 30, some);
            Tell("30 from the hundredth", some.Rows.Count, some.Rows[0][0]);
        }
        using (var adapter = new OdbcDataAdapter("SELECT Id, ProfileLogin, Created FROM Users", connection))
        {
            var schema = new DataTable();
            adapter.FillSchema(schema, SchemaType.Source);
            Tell("key by FillSchema", schema.PrimaryKey.Select(column => column.ColumnName).ToArray());
            Tell("lengths by FillSchema", schema.Columns["Id"].MaxLength, schema.Columns["ProfileLogin"].MaxLength);
            using (var commands = new OdbcCommandBuilder(adapter) { QuotePrefix = "\"", QuoteSuffix = "\"" })
            {
                Tell("built commands", commands.GetDeleteCommand().Parameters.Count > 0, commands.GetInsertCommand().CommandText.StartsWith("INSERT INTO "));
                Tell("quoted by the driver's character", commands.QuoteIdentifier("a b", connection));
            }
        }
    }

    static void Readers(OdbcConnection connection)
    {
        const string sql = "SELECT Id, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive, Links, CAST(Created AS DATE) AS Day FROM Users ORDER BY Id";
        using (var command = new OdbcCommand(sql, connection))
        using (var reader = command.ExecuteReader())
        {
            var schema = reader.GetSchemaTable();
            Tell("names", Rows(schema).Select(row => row["ColumnName"]).ToArray());
            Tell("sizes", schema.Rows[0]["ColumnSize"], schema.Rows[1]["NumericPrecision"], schema.Rows[1]["NumericScale"], schema.Rows[1]["AllowDBNull"], schema.Rows[5]["IsLong"]);
            Tell("provider's types", Rows(schema).Select(row => (object)(OdbcType)(int)row["ProviderType"]).ToArray());
            reader.Read();
            Tell("typed", reader.GetString(0), reader.GetDateTime(1), reader.GetInt64(2), reader.GetDouble(3), reader.GetBoolean(4), reader.GetDate(6), reader["ID"]);
            reader.Read();
            Tell("null", reader.IsDBNull(2), reader.IsDBNull(0), reader.GetValue(2));
            Tell("another result", reader.NextResult(), reader.RecordsAffected);
        }
        using (var command = new OdbcCommand("SELECT Id, Links FROM Users ORDER BY Id", connection))
        using (var reader = command.ExecuteReader(CommandBehavior.SequentialAccess))
        {
            reader.Read();
            var piece = new char[40];
            reader.GetChars(1, 0, piece, 0, 20);
            reader.GetChars(1, 20, piece, 20, 20);
            Tell("characters in pieces", new string(piece).StartsWith("{\"self\":{\"href\":\"http"));
        }
        using (var command = new OdbcCommand("SELECT 0x0102030405", connection))
        using (var reader = command.ExecuteReader())
        {
            reader.Read();
            var piece = new byte[3];
            Tell("bytes in pieces", reader.GetBytes(0, 2, piece, 0, 3), piece);
        }
        using (var command = new OdbcCommand("SELECT Id, ProfileEmail FROM Users", connection))
        {
            using (var reader = command.ExecuteReader(CommandBehavior.SchemaOnly)) Tell("schema only", reader.FieldCount, reader.Read());
            using (var reader = command.ExecuteReader(CommandBehavior.SingleRow)) Tell("a single row", reader.Read(), reader.Read());
            using (var reader = command.ExecuteReader(CommandBehavior.KeyInfo))
            {
                var keys = Rows(reader.GetSchemaTable()).ToList();
                Tell("key information", keys[0]["IsKey"], keys[0]["BaseTableName"], keys[0]["BaseColumnName"], keys[1]["IsKey"]);
            }
            Tell("rows of a SELECT", command.ExecuteNonQuery());
        }
        using (var command = new OdbcCommand("SELECT CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS UNIQUEIDENTIFIER), CAST('13:14:15' AS TIME), CAST('12345.678' AS DECIMAL(12, 3)), CAST(200 AS SMALLINT)", connection))
        using (var reader = command.ExecuteReader())
        {
            reader.Read();
            Tell("guid, time, decimal, smallint", reader.GetValue(0).GetType().Name, reader.GetTime(1), reader.GetDecimal(2), reader.GetInt16(3));
        }
        using (var two = new OdbcCommand("SELECT Id FROM Groups ORDER BY Id", connection))
        using (var groups = two.ExecuteReader())
        {
            var members = 0;
            while (groups.Read()) members += Convert.ToInt32(Scalar(connection, "SELECT COUNT(*) FROM GroupMembers WHERE GroupId = ?", new OdbcParameter("", groups.GetString(0))));
            Tell("two readers at once", members);
        }
    }

    static void Parameters(OdbcConnection connection)
    {
        Tell("text", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?", new OdbcParameter("", "Łukasz")));
        Tell("narrow text", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE Status = ?", new OdbcParameter("", OdbcType.VarChar, 20) { Value = "ACTIVE" }));
        Tell("integer", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?", new OdbcParameter("", 4000)));
        Tell("long", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?", new OdbcParameter("", 4000L)));
        Tell("decimal", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?", new OdbcParameter("", 20.25m)));
        Tell("double", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?", new OdbcParameter("", 20.25)));
        Tell("boolean", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive = ?", new OdbcParameter("", true)));
        Tell("timestamp", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE Created >= ?", new OdbcParameter("", new DateTime(2021, 1, 1))));
        Tell("date", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE Created >= ?", new OdbcParameter("", OdbcType.Date) { Value = new DateTime(2021, 1, 1) }));
        Tell("time", Scalar(connection, "SELECT CAST(? AS TIME)", new OdbcParameter("", new TimeSpan(13, 14, 15))));
        Tell("null", Scalar(connection, "SELECT COUNT(*) FROM Users WHERE ProfileCity = ?", new OdbcParameter("", DBNull.Value)));
        Tell("bytes", Scalar(connection, "SELECT CAST(? AS VARBINARY(4))", new OdbcParameter("", new byte[] { 0xCA, 0xFE })));
        Tell("guid", Scalar(connection, "SELECT CAST(? AS NVARCHAR(36))", new OdbcParameter("", new Guid("6F9619FF-8B86-D011-B42D-00C04FC964FF"))).ToString().ToUpperInvariant());
        Tell("long text", Scalar(connection, "SELECT LEN(?)", new OdbcParameter("", new string('ä', 20000))));
        using (var command = new OdbcCommand("SELECT COUNT(*) FROM Users WHERE Status = ?", connection))
        {
            var status = command.Parameters.Add("status", OdbcType.NVarChar, 32);
            command.Prepare();
            Tell("one prepared, three times", new[] { "ACTIVE", "STAGED", "active" }.Select(value => { status.Value = value; return command.ExecuteScalar(); }).ToArray());
        }
        Tell("a page", Scalar(connection, "SELECT Id FROM Users ORDER BY Id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY", new OdbcParameter("", 10), new OdbcParameter("", 1)));
    }

    static void Transactions(OdbcConnection connection)
    {
        using (var transaction = connection.BeginTransaction())
        using (var command = new OdbcCommand("SELECT COUNT(*) FROM Groups", connection, transaction))
        {
            Tell("transaction", transaction.IsolationLevel, command.ExecuteScalar());
            transaction.Rollback();
        }
        using (var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted))
        {
            transaction.Commit();
            Tell("committed", connection.State);
        }
    }

    /// Eight threads, each with connections of the pool, ten times.
    static void Threads()
    {
        var found = new object[8];
        var threads = Enumerable.Range(0, found.Length).Select(n => new Thread(() =>
        {
            for (var times = 0; times < 10; times++) using (var mine = Connect(Variable("TOUR_CONNECTION"))) found[n] = Scalar(mine, "SELECT COUNT(*) FROM Users");
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Tell("eight threads", found.Distinct().ToArray());
    }

    static void Failures(OdbcConnection connection)
    {
        Tell("syntax error", StateOf(() => Scalar(connection, "SELEKT 1")));
        Tell("no such table", StateOf(() => Scalar(connection, "SELECT * FROM Nowhere")));
        Tell("division by zero", StateOf(() => Scalar(connection, "SELECT 1 / 0")));
        Tell("read only", StateOf(() => new OdbcCommand("DELETE FROM Users WHERE Id = 'x'", connection).ExecuteNonQuery()));
        Tell("too few parameters", StateOf(() => Scalar(connection, "SELECT Id FROM Users WHERE Id = ? AND Status = ?", new OdbcParameter("", "a"))));
        Tell("wrong token", StateOf(() => Connect(Variable("TOUR_CONNECTION").Replace("sim-token", "nonsense"))));
        Tell("nobody there", StateOf(() => Connect("Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x")));
        using (var waiting = Connect(Variable("TOUR_SLOW")))
        using (var command = new OdbcCommand("SELECT COUNT(*), MAX(ProfileCity) FROM Users", waiting) { CommandTimeout = 1 }) Tell("time-out", StateOf(() => command.ExecuteScalar()));
        Tell("still connected", connection.State, Scalar(connection, "SELECT 42"));
    }
}
