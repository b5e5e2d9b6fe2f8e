"""Croissant metadata of a run folder: what is in it, for machines."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.record.schema import TABLES, Column, Table

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
PARQUET = "application/x-parquet"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "arrayShape": "cr:arrayShape",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(folder: Path, manifest: dict[str, Any], scenario_name: str, about: str) -> dict[str, Any]:
    """The Croissant 1.1 description of a run whose tables are whole.

    Args:
        folder: The run folder.
        manifest: What its manifest says: `seed`, `rows`, `digests`.
        scenario_name: The scenario's name.
        about: The scenario's line on what the world is for.

    Returns:
        A JSON-LD object. Its `datePublished` is the last simulated day, so that the same run gives the same bytes.
    """
    digest = manifest["digests"]["run"]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": f"ledgerfolk-{scenario_name.replace('_', '-')}",
        "description": f"{about} Synthetic payments from Ledgerfolk, seed {manifest['seed']}; no row describes a real person.".strip(),
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "url": f"urn:ledgerfolk:run:{digest}",
        "version": f"1.0.0+{digest[:12]}",
        "citeAs": f"Ledgerfolk, scenario {scenario_name}, seed {manifest['seed']}, run {digest}",
        "creator": {"@type": "sc:Organization", "name": "Ledgerfolk"},
        "datePublished": _last_day(folder),
        "isLiveDataset": False,
        "rai:dataCollection": "Simulated by an agent-based model from published aggregates; no real transaction was read.",
        "rai:dataCollectionType": "Synthetic data generation",
        "rai:personalSensitiveInformation": "None: every person is made up.",
        "rai:dataLimitations": "Behaviour is a model set to aggregates; what no aggregate pins down is an assumption.",
        "rai:dataUseCases": "Fraud and laundering detection, graph learning, stress tests, load tests, teaching.",
        "distribution": [_file(folder, table) for table in TABLES.values()],
        "recordSet": [_record_set(table) for table in TABLES.values()],
    }  # fmt: skip


def _last_day(folder: Path) -> str:
    parts = sorted((folder / TABLES["transactions"].file).glob("month=*/part-*.parquet"))
    if not parts:
        return "1970-01-01"
    file = pq.ParquetFile(parts[-1])
    column = file.schema_arrow.names.index("timestamp")
    groups = (file.metadata.row_group(group).column(column).statistics for group in range(file.metadata.num_row_groups))
    return str(max(group.max for group in groups).date())


def _file(folder: Path, table: Table) -> dict[str, Any]:
    described = {"@id": f"{table.name}-file", "name": f"{table.name}-file", "description": table.meaning, "encodingFormat": PARQUET}
    if table.partitioned:
        return {"@type": "cr:FileSet"} | described | {"includes": f"{table.file}/month=*/part-*.parquet"}
    path = folder / table.file
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"@type": "cr:FileObject"} | described | {"contentUrl": table.file, "contentSize": f"{path.stat().st_size} B", "sha256": digest}


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.meaning,
        "field": [_field(table, column) for column in table.columns],
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    unit = f" [{column.unit}]" if column.unit else ""
    kind = "fileSet" if table.partitioned else "fileObject"
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": f"{column.meaning}{unit}; seen by: {table.seen_by(column)}",
        "dataType": _data_type(column.type),
        "source": {kind: {"@id": f"{table.name}-file"}, "extract": {"column": column.name}},
    }
    return field | {"isArray": True, "arrayShape": "-1"} if pa.types.is_list(column.type) else field


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _data_type(kind.value_type)
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    if pa.types.is_date(kind):
        return "sc:Date"
    return "sc:DateTime" if pa.types.is_timestamp(kind) else "sc:Text"
