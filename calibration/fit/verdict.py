"""What a fit amounts to: counts of verdicts, one sentence, and which numbers to look at first."""

from collections.abc import Sequence

from calibration.fit.result import Fitted, Judged, Verdict

ORDER: tuple[Verdict, ...] = ("FAIL", "WARN", "PASS", "not assessed", "report")
"""Verdicts, the worst first."""
ROLES = ("fit", "hold-out", "report")


def counts(fitted: Fitted, role: str) -> dict[str, int]:
    """How many numbers of a role have each verdict."""
    found = [one.verdict for one in fitted.targets if one.role == role]
    return {verdict: found.count(verdict) for verdict in ORDER}


def overall(fitted: Fitted) -> Verdict:
    """FAIL where a fit target fails, WARN where one is met only nearly or any other fails, PASS where neither is so."""
    if fitted.failed:
        return "FAIL"
    fit, held = counts(fitted, "fit"), counts(fitted, "hold-out")
    if not fit["PASS"] and not fit["WARN"]:
        return "not assessed"
    return "WARN" if fit["WARN"] or held["FAIL"] or held["WARN"] else "PASS"


def sentence(fitted: Fitted) -> str:
    """What the fit amounts to, in a sentence or two."""
    met, judged = fitted.share_met("fit")
    held_met, held = fitted.share_met("hold-out")
    known = sum(one.identified for one in fitted.estimates)
    said = f"{met:,} of {many(judged, 'fit number')} {'is' if met == 1 else 'are'} within their tolerance"
    said += f", and {held_met:,} of {held:,} that were held out" if held else "; none was held out"
    said += (
        f". {known} of {many(len(fitted.estimates), 'parameter')} {'is' if known == 1 else 'are'} identified by them"
        if fitted.estimates
        else ". No parameter was searched"
    )
    silent = sum(counts(fitted, role)["not assessed"] for role in ("fit", "hold-out"))
    if silent:
        said += f"; {many(silent, 'number')} could not be assessed"
    if fitted.contradictions:
        said += f"; {len(fitted.contradictions):,} contradict{'s' if len(fitted.contradictions) == 1 else ''} the rest"
    return said + "."


def misses(rows: Sequence[Judged]) -> list[Judged]:
    """Numbers that a world is held to and misses, the worst first."""
    off = [one for one in rows if one.verdict in ("FAIL", "WARN")]
    return sorted(off, key=lambda one: (ORDER.index(one.verdict), -(one.misfit or 0.0)))


def ranked(rows: Sequence[Judged]) -> list[Judged]:
    """All numbers, the misses first, then those that are met, then those that are not judged."""
    return sorted(rows, key=lambda one: (ORDER.index(one.verdict), -(one.misfit or 0.0)))


def many(count: int, word: str) -> str:
    """A count with its word: `1 number`, `2 numbers`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
