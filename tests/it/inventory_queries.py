"""Runs the queries of docs/inventory.md over tables in a folder, and prints their rows as JSON.

Usage: inventory_queries.py MARK PAGE [REPOSITORY]: MARK is that of the blocks. Queries for Athena are
translated to DuckDB; the definitions of their tables are parsed, and give the types of the columns.
"""

import json
import pathlib
import re
import sys

import duckdb
import sqlglot
from sqlglot import exp

mark, page = sys.argv[1], pathlib.Path(sys.argv[2]).read_text()
blocks = re.findall(rf"<!-- {re.escape(mark)} -->\n```sql\n(.*?)```", page, re.S)
database = duckdb.connect()
queries = [query for block in blocks for query in block.split(";") if query.strip()]

if mark == "athena":
    definitions = pathlib.Path(sys.argv[3], "deploy/athena")
    types = {"string": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN", "timestamp": "TIMESTAMPTZ"}
    for file in sorted(definitions.glob("*/*.sql")):
        table = sqlglot.parse_one(file.read_text(), read="athena")
        assert isinstance(table, exp.Create), file
        name = table.find(exp.Table).name
        assert name == file.stem, file
        columns = [
            (column.name, column.args["kind"].sql("hive").lower())
            for column in table.this.find_all(exp.ColumnDef)
        ]
        data = pathlib.Path("inventory", name, f"{name}.csv")
        if not data.exists():
            continue
        with data.open(newline="") as lines:
            header = lines.readline().rstrip("\r\n").split(",")
        assert [column for column, _ in columns if column != "date"] == header, file
        if file.parent.name == "parquet":
            casts = ", ".join(
                f'CAST("{column}" AS {types[kind]}) AS "{column}"' for column, kind in columns if column != "date"
            )
            source = f"read_csv('{data}', all_varchar = true)"
            database.execute(f"CREATE VIEW {name} AS SELECT {casts}, '2026-03-14' AS date FROM {source}")
    queries = [query for text in queries for query in sqlglot.transpile(text, read="athena", write="duckdb")]

results = []
for query in queries:
    cursor = database.execute(query)
    names = [column[0] for column in cursor.description]
    results.append([dict(zip(names, row)) for row in cursor.fetchall()])
print(json.dumps(results, default=str))
