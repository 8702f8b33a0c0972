// The list of schema collections that OdbcConnection.GetSchema starts from, which Mono's System.Data.dll lacks.
using System;
using System.Data;
using System.Data.Common;
using System.Data.Odbc;
using System.IO;
using System.Reflection;

/// Microsoft's assembly embeds OdbcMetaData.xml; Mono's was built without it, so that GetSchema fails before it asks the driver
/// anything. What is missing is data alone: the collections, their restrictions (as ".NET: ODBC Schema Collections" documents
/// them) and empty tables of the common ones. With it in place Mono runs .NET's own code for each collection.
static class MonoSchema
{
    const BindingFlags Inner = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    static readonly string[] Catalog = { "Catalog", "Schema", "Table" };

    // Collection, number of identifier parts, restrictions.
    static readonly Tuple<string, int, string[]>[] Collections =
    {
        Tuple.Create("MetaDataCollections", 0, new string[0]),
        Tuple.Create("DataSourceInformation", 0, new string[0]),
        Tuple.Create("DataTypes", 0, new string[0]),
        Tuple.Create("Restrictions", 0, new string[0]),
        Tuple.Create("ReservedWords", 0, new string[0]),
        Tuple.Create("Columns", 4, new[] { "Catalog", "Schema", "Table", "Column" }),
        Tuple.Create("Indexes", 4, new[] { "Catalog", "Schema", "Table", "Index" }),
        Tuple.Create("Procedures", 3, new[] { "Catalog", "Schema", "Name", "Type" }),
        Tuple.Create("ProcedureColumns", 4, new[] { "Catalog", "Schema", "Name", "Column" }),
        Tuple.Create("ProcedureParameters", 4, new[] { "Catalog", "Schema", "Name", "Column" }),
        Tuple.Create("Tables", 3, Catalog),
        Tuple.Create("Views", 3, Catalog),
    };

    public static void Mend(OdbcConnection connection)
    {
        if (typeof(OdbcConnection).Assembly.GetManifestResourceInfo("System.Data.Odbc.OdbcMetaData.xml") != null) return;
        var data = new MemoryStream();
        Described().WriteXml(data, XmlWriteMode.WriteSchema);
        data.Position = 0;
        var version = (string)typeof(OdbcConnection).GetProperty("ServerVersion").GetValue(connection, null);
        var factory = typeof(OdbcConnection).Assembly.GetType("System.Data.Odbc.OdbcMetaDataFactory");
        var made = Activator.CreateInstance(factory, Inner, null, new object[] { data, version, version, connection }, null);
        var group = typeof(OdbcConnection).GetProperty("PoolGroup", Inner).GetValue(connection, null);
        group.GetType().GetProperty("MetaDataFactory", Inner).SetValue(group, made, null);
    }

    static DataSet Described()
    {
        var set = new DataSet("NewDataSet") { Locale = System.Globalization.CultureInfo.InvariantCulture };
        var collections = Table(set, "MetaDataCollections", "CollectionName", "NumberOfRestrictions#", "NumberOfIdentifierParts#", "PopulationMechanism", "PopulationString", "MinimumVersion", "MaximumVersion");
        var restrictions = Table(set, "Restrictions", "CollectionName", "RestrictionName", "RestrictionDefault", "RestrictionNumber#");
        foreach (var collection in Collections)
        {
            var here = collection.Item1 == "MetaDataCollections" || collection.Item1 == "Restrictions" || collection.Item1 == "ReservedWords";
            collections.Rows.Add(collection.Item1, collection.Item3.Length, collection.Item2, here ? "DataTable" : "PrepareCollection", here ? collection.Item1 : null);
            for (var n = 0; n < collection.Item3.Length; n++) restrictions.Rows.Add(collection.Item1, collection.Item3[n], null, n + 1);
        }
        var source = Table(set, "DataSourceInformation", "CompositeIdentifierSeparatorPattern", "DataSourceProductName", "DataSourceProductVersion", "DataSourceProductVersionNormalized", "GroupByBehavior#", "IdentifierPattern", "IdentifierCase#", "OrderByColumnsInSelect?", "ParameterMarkerFormat", "ParameterMarkerPattern", "ParameterNameMaxLength#", "ParameterNamePattern", "QuotedIdentifierPattern", "QuotedIdentifierCase#", "StatementSeparatorPattern", "StringLiteralPattern", "SupportedJoinOperators#");
        source.Rows.Add(source.NewRow());
        Table(set, "DataTypes", "TypeName", "ProviderDbType#", "ColumnSize#", "CreateFormat", "CreateParameters", "DataType", "IsAutoIncrementable?", "IsBestMatch?", "IsCaseSensitive?", "IsFixedLength?", "IsFixedPrecisionScale?", "IsLong?", "IsNullable?", "IsSearchable?", "IsSearchableWithLike?", "IsUnsigned?", "MaximumScale#", "MinimumScale#", "IsConcurrencyType?", "IsLiteralSupported?", "LiteralPrefix", "LiteralSuffix", "SQLType!", "MaximumVersion", "MinimumVersion");
        Table(set, "ReservedWords", "ReservedWord", "MinimumVersion", "MaximumVersion");
        return set;
    }

    /// A table of text columns; `#` marks a number, `!` a short one, `?` a truth value.
    static DataTable Table(DataSet set, string name, params string[] columns)
    {
        var table = set.Tables.Add(name);
        foreach (var column in columns)
        {
            var type = column.EndsWith("#") ? typeof(int) : column.EndsWith("!") ? typeof(short) : column.EndsWith("?") ? typeof(bool) : typeof(string);
            table.Columns.Add(column.TrimEnd('#', '!', '?'), type);
        }
        return table;
    }
}
