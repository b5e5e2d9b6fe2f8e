"""What the project claims at full size: each claim with the figure that was measured, its bound, and whether it is met.

Figures come as `simulator.evidence.gather` finds them; this file says what they must be.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.report.targets import figure

YEARLY_DRIFT = 0.05
"""Holdings that change less than this from one year to the next do not drift."""

FITTED = 0.9
"""Share of the numbers that a world is fitted to that is to be met."""

type Found = Mapping[str, Any]


class Claim(NamedTuple):
    """One claim."""

    about: str
    figure: str
    bound: str
    met: bool


def all_claims(found: Found) -> list[Claim]:
    """Every claim, in the order of the page.

    Args:
        found: what `simulator.evidence.gather` gives.

    Returns:
        The claims.
    """
    return [
        *speed(found["bench"]),
        *aggregates(found),
        *habits(found["habits"]),
        *drift(found["drift"]),
        decade(found["decade"]),
        *same_bits(found["digests"]),
    ]


def speed(rows: Sequence[Found]) -> list[Claim]:
    """Claims of speed and memory: of the largest world, but for the start of the first."""
    first, large = rows[0], max(rows, key=lambda row: int(row["customers"]))
    name = f"{large['scenario']}, {large['customers']:,} customers"
    claims = [
        _at_most(f"CPU of a run over the floor of writing its tables ({name})", large["cpu_over_floor"], 2.5, "{:.2f}"),
        _at_least(f"payments a second, built, run and written ({name})", large["payments_per_second"], 600_000, "{:,.0f}"),
        _at_most(f"peak memory, GiB ({name})", large["peak_rss_bytes"] / 2**30, 4.0, "{:.2f}"),
        _at_most("CPU a payment at 2,000 customers with files off, µs", first["small_world_us"], 4.0, "{:.2f}"),
        _at_most("first-ever compilation, s", first["compile_seconds"], 40.0, "{:.1f}"),
        _at_most(f"later start to the end of the first day, s ({first['scenario']})", first["startup_seconds"], 3.0, "{:.1f}"),
    ]
    if large["cost_over_10000"] is not None:
        about = f"CPU a payment at {large['customers']:,} customers over that at 10,000"
        claims.insert(3, _at_most(about, large["cost_over_10000"], 1.5, "{:.2f}"))
    return claims


def aggregates(found: Found) -> list[Claim]:
    """Claims about the comparison with sourced aggregates."""
    claims = []
    for run, about in (("quarter", "a quarter of a year"), ("year", "a year")):
        verdicts = [row["verdict"] for row in found[run]]
        met, off = verdicts.count("ok"), verdicts.count("off")
        said = f"figures of the high street over {about} within their tolerance (pack us_town)"
        claims.append(Claim(said, f"{met} of {met + off}", "all", off == 0))
    fit = [row["verdict"] for row in found["fitted"] if row["role"] == "fit"]
    met, of = fit.count("ok"), fit.count("ok") + fit.count("off")
    said = "numbers that the high street is fitted to within their tolerance, a quarter of a year at full size (pack us_cards_2024)"
    return [*claims, Claim(said, f"{met} of {of}", f"at least {_per_cent(FITTED, 0)}", met >= FITTED * of)]


def habits(found: Mapping[str, Mapping[str, float]]) -> list[Claim]:
    """Claims about habits, over a quarter and a year."""
    quarter, year = found["quarter"], found["year"]
    rhythm, dealt = year["gap_variation"], year["gap_variation_dealt"]
    said = f"{rhythm:.2f}, and {dealt:.2f} for the same purchases dealt out at random"
    return [
        _at_least(
            "purchases where the customer bought before, a quarter's first visits counted as new", 100 * quarter["revisits"], 60, "{:.1f} %"
        ),
        _at_least("the same in the last month of a year", 100 * year["revisits_last_month"], 60, "{:.1f} %"),
        _at_least("variance of monthly spend between customers over that within a customer", year["between_over_within"], 1.0, "{:.1f}"),
        _at_most("exponent of the tail of merchants' sales (a variance without bound below 2)", year["tail_index"], 2.0, "{:.2f}"),
        Claim("spread of times between purchases (a clock 0, Poisson 1)", said, "neither 0 nor 1", rhythm > 0.1 and rhythm > 1.1 * dealt),
    ]


def drift(found: Mapping[str, Mapping[str, float]]) -> list[Claim]:
    """Claims about what is held in the second of two years against the first."""
    fifths = [held["change"] for who, held in found.items() if who.startswith("q")]
    changes = {
        "deposits of the fifth of households that change most": max(fifths, key=abs),
        "merchants' accounts and tills": found["merchants"]["change"],
        "employers' accounts": found["employers"]["change"],
    }
    bound = f"within {_per_cent(YEARLY_DRIFT, 0)}"
    return [
        Claim(
            f"change from one year to the next: {who}",
            f"{'+' if change > 0 else ''}{_per_cent(change)}",
            bound,
            abs(change) <= YEARLY_DRIFT,
        )
        for who, change in changes.items()
    ]


def decade(found: Mapping[str, Mapping[str, Any]]) -> Claim:
    """The claim about ten years."""
    outside = [who.replace("_", " ") for who, row in found.items() if not row["within"]]
    said = f"{len(found) - len(outside)} of {len(found)}" + (f" (not: {', '.join(outside)})" if outside else "")
    return Claim("moments of years 9 and 10 of a town within the band of years 2 to 4", said, "all", not outside)


def same_bits(found: Sequence[Found]) -> list[Claim]:
    """Claims about digests: one for a world and seed, whatever carries it."""
    claims = []
    for world in dict.fromkeys((row["world"], row["customers"], row["days"]) for row in found):
        name, customers, days = world
        mine = [row for row in found if (row["world"], row["customers"], row["days"]) == world]
        seed = mine[0]["seed"]
        same = {row["run"] for row in mine if row["seed"] == seed}
        others = {row["run"] for row in mine if row["seed"] != seed}
        shards = sorted({row["shards"] for row in mine if row["seed"] == seed})
        carried = f"{', '.join(map(str, shards))} shards and 1 and 2 threads" if len(shards) > 1 else "two runs"
        claims.append(
            Claim(f"digests of {name}, {customers:,} customers, {days} days, with {carried}", f"{len(same)}", "one", len(same) == 1)
        )
        if others:
            claims.append(Claim(f"digests of {name} shared with another seed", f"{len(same & others)}", "none", not same & others))
    return claims


def _per_cent(value: float, places: int = 1) -> str:
    return f"{100 * value:.{places}f} %"


def _at_most(about: str, value: float, bound: float, form: str) -> Claim:
    return Claim(about, form.format(value), f"at most {form.format(bound)}", value <= bound)


def _at_least(about: str, value: float, bound: float, form: str) -> Claim:
    return Claim(about, form.format(value), f"at least {form.format(bound)}", value >= bound)


def claims_table(claims: Sequence[Claim]) -> list[str]:
    """The claims as a table in Markdown."""
    lines = ["| claim | measured | bound | |", "|---|--:|--:|---|"]
    return lines + [f"| {claim.about} | {claim.figure} | {claim.bound} | {'met' if claim.met else '**missed**'} |" for claim in claims]


def targets_table(quarter: Sequence[Found], year: Sequence[Found]) -> list[str]:
    """Every figure beside its target as a table in Markdown, its sources numbered below."""
    sources: dict[str, int] = {}
    later = {row["id"]: row for row in year}
    lines = ["| figure | unit | target | 90 days | 365 days | within | source |", "|---|---|--:|--:|--:|--:|--:|"]
    for row in quarter:
        number = sources.setdefault(row["source"], len(sources) + 1)
        cells = [_judged(one) for one in (row, later[row["id"]])]
        within = row["tolerance"] if row["role"] == "fit" else "report"
        lines.append(
            f"| {row['what']} | {row['unit']} | {figure(row['target'], row['unit'])} | {' | '.join(cells)} | {within} | {number} |"
        )
    return [*lines, "", *(f"{number}. {source}" for source, number in sources.items())]


def _judged(row: Found) -> str:
    said = figure(row["achieved"], row["unit"])
    return f"**{said}**" if row["verdict"] == "off" else said
