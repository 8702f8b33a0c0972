// What .NET programs do with System.Data.Odbc besides the tour; what is wanted stands in mono.more.tsv.
using System;
using System.Data;
using System.Data.Odbc;
using System.Linq;

static partial class Tour
{
    static void More(OdbcConnection connection)
    {
    }
}
