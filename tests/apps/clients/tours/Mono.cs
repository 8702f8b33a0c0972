// The tour of Mono's System.Data.Odbc, which is .NET's own source, and what .NET programs do with it besides.
using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Odbc;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;

static partial class Tour
{
    static readonly Dictionary<string, string> Statements = new Dictionary<string, string>();
    static StreamWriter answers;

    static int Main()
    {
        foreach (var line in File.ReadAllLines(Variable("TOUR_STATEMENTS"), Encoding.UTF8))
        {
            var parts = line.Split(new[] { '\t' }, 2);
            Statements[parts[0]] = parts[1];
        }
        using (answers = new StreamWriter(Variable("TOUR_ANSWERS"), false, new UTF8Encoding(false)))
        {
            using (var connection = Connect(Variable("TOUR_CONNECTION")))
            {
                Answer("version", "client", "System.Data.Odbc (Mono " + MonoVersion() + ")", "manager", Manager());
                Answer("connect");
                Read(connection);
                Many();
                Error(connection);
                Cancel();
            }
            Answer("disconnect");
            using (var connection = Connect(Variable("TOUR_CONNECTION"))) More(connection);
        }
        return 0;
    }

    static void Read(OdbcConnection connection)
    {
        MonoSchema.Mend(connection);
        foreach (DataRow table in connection.GetSchema("Tables").Rows) Row("tables", table["TABLE_NAME"], table["TABLE_TYPE"]);
        foreach (DataRow column in connection.GetSchema("Columns", new[] { null, null, "Users" }).Rows) Row("columns", column["COLUMN_NAME"], column["TYPE_NAME"]);
        ReadAll("types", new OdbcCommand(Statements["types"], connection));
        ReadAll("okta", new OdbcCommand(Statements["okta"], connection));
        var command = new OdbcCommand(Statements["parameters"], connection);
        foreach (var given in Statements["parameters.values"].Split('\t')) command.Parameters.Add(Parameter(given));
        ReadAll("parameters", command);
        ReadAll("long", new OdbcCommand(Statements["long"], connection));
    }

    /// A parameter of `type:value`, its ODBC type found by .NET from that of the value.
    static OdbcParameter Parameter(string given)
    {
        var parts = given.Split(new[] { ':' }, 2);
        object value = parts[1];
        if (parts[0] == "integer") value = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (parts[0] == "double") value = double.Parse(parts[1], CultureInfo.InvariantCulture);
        if (parts[0] == "timestamp") value = DateTime.Parse(parts[1], CultureInfo.InvariantCulture);
        return new OdbcParameter("", value);
    }

    static void Many()
    {
        using (var large = Connect(Variable("TOUR_LARGE"))) ReadAll("many", new OdbcCommand(Statements["many"], large));
    }

    static void Error(OdbcConnection connection)
    {
        try
        {
            new OdbcCommand(Statements["error"], connection).ExecuteReader();
        }
        catch (OdbcException error)
        {
            Answer("error", "sqlstate", error.Errors[0].SQLState, "message", error.Errors[0].Message);
        }
        ReadAll("after-error", new OdbcCommand(Statements["after-error"], connection));
    }

    /// OdbcCommand.Cancel from another thread, while this one waits for a row: between two of them a cancel would close the cursor
    /// in the driver manager's eyes, and the next call be out of sequence to it (HY010).
    static void Cancel()
    {
        using (var slow = Connect(Variable("TOUR_SLOW")))
        using (var command = new OdbcCommand(Statements["cancel"], slow))
        {
            var rows = 0;
            string state = null;
            var waiting = Stopwatch.StartNew();
            var canceller = new Thread(() =>
            {
                while (rows < 200 || waiting.ElapsedMilliseconds < 100) Thread.Sleep(10);
                command.Cancel();
            });
            canceller.Start();
            try
            {
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        rows++;
                        waiting.Restart();
                    }
                }
            }
            catch (OdbcException error)
            {
                state = error.Errors[0].SQLState;
            }
            canceller.Join();
            Answer("cancel", "rows", rows.ToString(), "sqlstate", state);
        }
    }

    static OdbcConnection Connect(string connectionString)
    {
        var connection = new OdbcConnection(connectionString);
        connection.Open();
        return connection;
    }

    static void ReadAll(string part, OdbcCommand command)
    {
        using (command)
        using (var reader = command.ExecuteReader())
        {
            var values = new object[reader.FieldCount];
            while (reader.Read())
            {
                reader.GetValues(values);
                Row(part, values);
            }
        }
    }

    /// A value as text that loses nothing of it.
    static string Text(object value)
    {
        if (value == null || value is DBNull) return null;
        if (value is byte[]) return BitConverter.ToString((byte[])value).Replace("-", "");
        if (value is DateTime) return ((DateTime)value).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        if (value is float) return ((float)value).ToString("R", CultureInfo.InvariantCulture);
        if (value is double) return ((double)value).ToString("R", CultureInfo.InvariantCulture);
        return Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    static void Row(string part, params object[] values)
    {
        answers.WriteLine("{\"part\":" + Quoted(part) + ",\"row\":[" + string.Join(",", values.Select(value => Quoted(Text(value)))) + "]}");
    }

    static void Answer(string part, params string[] fields)
    {
        var more = Enumerable.Range(0, fields.Length / 2).Select(n => "," + Quoted(fields[2 * n]) + ":" + Quoted(fields[2 * n + 1]));
        answers.WriteLine("{\"part\":" + Quoted(part) + string.Concat(more) + "}");
    }

    /// A JSON string; Mono's class library for JSON is a package of its own.
    static string Quoted(string text)
    {
        if (text == null) return "null";
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter == '"' || letter == '\\') quoted.Append('\\').Append(letter);
            else if (letter < ' ') quoted.AppendFormat("\\u{0:x4}", (int)letter);
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }

    static string Variable(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    static string MonoVersion()
    {
        var told = Type.GetType("Mono.Runtime").GetMethod("GetDisplayName", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static);
        return (string)told.Invoke(null, null);
    }

    /// unixODBC's own word: System.Data.Odbc asks the driver manager for no version.
    static string Manager()
    {
        var asked = new ProcessStartInfo("odbcinst", "--version") { RedirectStandardOutput = true, UseShellExecute = false };
        using (var process = Process.Start(asked)) return process.StandardOutput.ReadToEnd().Trim();
    }
}
