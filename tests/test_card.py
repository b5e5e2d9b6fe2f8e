"""The dataset card: complete, true to the manifest, and the same bytes for the same run."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from made_up_run import make_run, write_manifest

from simulator.errors import MachineError
from simulator.record.card import card, write_card
from simulator.record.croissant import croissant
from simulator.record.schema import TABLES

REQUIRED = "@context @type conformsTo name description license url creator datePublished distribution".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_run(tmp_path_factory.mktemp("run"), rows=500, days=20)
    write_card(folder, write_manifest(folder, 500), "tiny_town", "A town for tests.")
    return folder


@pytest.fixture(scope="module")
def metadata(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    return loaded


def test_the_card_documents_every_table_and_column(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    for name, table in TABLES.items():
        assert f"### {name}\n" in text
        assert table.meaning in text
        assert all(f"| `{column.name}` |" in text for column in table.columns)
    assert "| `transactions/` | 500 |" in text
    assert "ab" * 32 in text and "tiny_town" in text and "`7`" in text
    assert "insufficient_funds" in text, "code lists are spelt out"


def test_what_the_card_says_of_labels_follows_their_number(folder: Path) -> None:
    manifest = write_manifest(folder, 500)
    assert "tells no stories" in card(manifest, "tiny_town", "")
    manifest["rows"]["truth/labels"] = 1234
    assert "tells no stories" not in card(manifest, "tiny_town", "") and "1,234 rows" in card(manifest, "tiny_town", "")


def test_croissant_has_what_its_specification_requires(metadata: dict[str, Any]) -> None:
    assert all(metadata.get(key) for key in REQUIRED)
    assert metadata["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert metadata["datePublished"] == "2024-02-09", "the last simulated day"
    assert [record_set["name"] for record_set in metadata["recordSet"]] == list(TABLES)


def test_croissant_files_are_there_with_their_digests(folder: Path, metadata: dict[str, Any]) -> None:
    ids = set()
    for file in metadata["distribution"]:
        ids.add(file["@id"])
        if file["@type"] == "cr:FileSet":
            assert list(folder.glob(file["includes"]))
        else:
            assert hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest() == file["sha256"]
    for record_set in metadata["recordSet"]:
        for field in record_set["field"]:
            source = field["source"].get("fileObject") or field["source"]["fileSet"]
            assert source["@id"] in ids
            assert field["dataType"].startswith("sc:")


def test_every_prefix_is_declared(metadata: dict[str, Any]) -> None:
    words: set[str] = set()

    def collect(thing: Any) -> None:
        if isinstance(thing, dict):
            words.update(thing)
            words.add(thing.get("@type", ""))
        for part in thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ():
            collect(part)

    collect({key: value for key, value in metadata.items() if key != "@context"})
    prefixes = {word.split(":")[0] for word in words if ":" in word}
    assert prefixes <= set(metadata["@context"]), prefixes


def test_the_same_run_gives_the_same_bytes(folder: Path) -> None:
    manifest = write_manifest(folder, 500, timings={"running": 99.0}, peak_rss_bytes=5)
    before = [(folder / name).read_bytes() for name in ("README.md", "croissant.json")]
    write_card(folder, manifest, "tiny_town", "A town for tests.")
    assert [(folder / name).read_bytes() for name in ("README.md", "croissant.json")] == before


def test_an_empty_world_has_a_card(tmp_path: Path) -> None:
    folder = make_run(tmp_path, rows=0, days=1)
    assert croissant(folder, write_manifest(folder, 0), "nobody", "")["datePublished"]


def test_a_folder_that_cannot_be_written_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="missing"):
        write_card(tmp_path / "missing", write_manifest(tmp_path), "tiny_town", "")
