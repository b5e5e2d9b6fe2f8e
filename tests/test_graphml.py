"""GraphML comes back as the graph that was written, and only where it is small enough to be of use."""

from datetime import datetime
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from made_up_stories import story_run
from typer.testing import CliRunner

from simulator.cli import app
from simulator.export import graphml
from simulator.export.write import export_run
from simulator.record.read import Run, open_run
from simulator.record.truth import LABELS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(story_run(tmp_path_factory.mktemp("stories") / "run"))


def edge_set(graph: Any) -> dict[int, tuple[Any, Any]]:
    return {key: (source, target) for source, target, key in graph.edges(keys=True)}


@pytest.mark.parametrize(("story", "around"), [(None, None), (2, None), (2, 2.0)])
def test_graphml_comes_back(run: Run, tmp_path: Path, story: int | None, around: float | None) -> None:
    about = export_run(run, "graphml", tmp_path / "out", story=story, around=around)
    name = "accounts.graphml" if story is None else "story-2.graphml"
    graph = run.graph(truth=True, story=story, around=around)
    back = nx.read_graphml(tmp_path / "out" / name, node_type=int, edge_key_type=int, force_multigraph=True)
    assert about["tables"] == {name: graph.number_of_edges()}
    assert edge_set(back) == edge_set(graph) and back.is_directed()
    made = graphml.plain(graph)
    assert dict(back.nodes(data=True)) == dict(made.nodes(data=True))
    for source, target, key, values in made.edges(keys=True, data=True):
        read = back.edges[source, target, key]
        assert {name: value for name, value in read.items() if name != "id"} == values
        assert datetime.fromisoformat(read["timestamp"]) == graph.edges[source, target, key]["timestamp"] and read["timestamp"].endswith(
            "Z"
        )
    text = (tmp_path / "out" / name).read_text()
    assert "None" not in text and "np." not in text


def test_graphml_of_a_bank_has_no_truth(run: Run, tmp_path: Path) -> None:
    export_run(run.view("bank=1"), "graphml", tmp_path / "out")
    text = (tmp_path / "out" / "accounts.graphml").read_text()
    assert "payer" not in text and not any(name in text for name in (*LABELS, "roles", "witting"))


def ledgerfolk(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_draws_a_story(run: Run, tmp_path: Path) -> None:
    result = ledgerfolk("export", run.path, "--to", "graphml", "--story", 2, "--around", 1, "--out", tmp_path / "out")
    assert result.exit_code == 0 and "1 files" in result.stdout, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.md", "export.json", "story-2.graphml"]
    assert "Only story 2." in (tmp_path / "out" / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "found more than 2,999 payments, expected at most that: take a story (--story ID)"),
        (("--story", 42), "story: found '42', expected the number of a story, such as 0"),
        (("--story", 2, "--view", "bank=1"), "story: found in the view 'bank=1'"),
        (("--story", 2, "--to", "csv"), "--story: found with --to csv, expected one of graphml"),
        (("--around", 2), "around: found 2.0, expected days from 0 up, beside a story"),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], says: str
) -> None:
    monkeypatch.setattr(graphml, "LIMIT", 2999)
    result = ledgerfolk("export", run.path, "--to", "graphml", "--out", tmp_path / "out", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.output
    assert says in result.stderr and not list(tmp_path.iterdir())
