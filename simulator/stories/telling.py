"""A story in plain sentences, made of what really happened; every number in them is a sum over its rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from simulator.codes import Reason
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS, PURSE, TILL, Layout
from simulator.stories.instance import Fact, Instance
from simulator.stories.library import Told

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Name = Callable[[int], int]
"""Public id of an account row."""


def moment(time: int) -> str:
    """A time, microseconds since 1970, as it is read."""
    when = (EPOCH + timedelta(microseconds=time)).isoformat()
    return f"{when[:10]} at {when[11:16]}"


def in_bank(layout: Layout, account: int) -> int:
    """An account that a bank knows: for a purse or till, its owner's current account."""
    if account < layout.firm_base:
        return account - PURSE if account % PERSON_ROWS == PURSE else account
    is_till = account < layout.government and (account - layout.firm_base) % FIRM_ROWS == TILL
    return account - TILL if is_till else account


class Narrator:
    """Tells stories.

    Args:
        account: names an account.
        layout: account rows.
        unit: minor units in a currency unit.
        currency: of the world, ISO 4217.
    """

    def __init__(self, account: Name, layout: Layout, unit: float, currency: str) -> None:
        self._layout = layout
        self._account, self._unit, self._currency = account, unit, currency
        self._digits = len(str(int(unit))) - 1

    def money(self, amount: int) -> str:
        """An amount in the world's currency."""
        return f"{amount / self._unit:,.{self._digits}f} {self._currency}"

    def tell(self, told: Told, instance: Instance, reports: list[str]) -> str:
        """The whole story.

        Args:
            told: its file.
            instance: what happened.
            reports: sentences on who told which bank.
        """
        parts = [self._opening(told, instance)]
        parts += [sentence for _, sentence in sorted(self._acts(told, instance), key=lambda one: one[0])]
        return " ".join([*parts, *reports, self._end(instance)])

    def _opening(self, told: Told, instance: Instance) -> str:
        parts = []
        for role, accounts in instance.cast.items():
            shown = ", ".join(str(self._account(in_bank(self._layout, account))) for account in accounts[:4])
            more = f" and {len(accounts) - 4} more" if len(accounts) > 4 else ""
            parts.append(f"{role.replace('_', ' ')} {shown}{more}")
        crew = f", run by crew {instance.crew}" if instance.crew >= 0 else ""
        return f"{told.typology.title}{crew}; cast by account: {'; '.join(parts)}."

    def _acts(self, told: Told, instance: Instance) -> list[tuple[int, str]]:
        found = []
        for act in told.acts:
            fact = instance.facts.get(act.name)
            if fact is not None and fact.tries:
                found.append((fact.first if fact.approved else instance.end, f"{self._capital(act.says)}: {self._paid(fact)}."))
        for number, time, _ in instance.notes:
            found.append((time, f"{self._capital(told.acts[number].says)} on {moment(time)}."))
        for number, time, count, amount in instance.claims:
            dispute = told.acts[number].dispute
            assert dispute is not None
            purchases = f"{count} payments" if count > 1 else "1 payment"
            claim = f"{self.money(amount)} by {purchases}, as {dispute.reason.replace('_', ' ')}"
            found.append((time, f"{self._capital(told.acts[number].says)} on {moment(time)}: {claim}."))
        return found

    @staticmethod
    def _capital(text: str) -> str:
        return text[:1].upper() + text[1:]

    def _paid(self, fact: Fact) -> str:
        declined = fact.tries - fact.approved
        refused = f"{declined} declined, the last for {Reason(fact.reason).name.lower()}" if declined else ""
        if not fact.approved:
            return refused
        sides = f"from account {self._account(fact.payer)} to account {self._account(fact.payee)}"
        if fact.approved == 1:
            paid = f"{self.money(fact.paid)} on {moment(fact.first)} {sides}"
        else:
            paid = (
                f"{fact.approved} payments of {self.money(fact.paid)} in all, between {moment(fact.first)} and {moment(fact.last)}, "
                f"the first of {self.money(fact.amount)} {sides}"
            )
        return f"{paid}; {refused}" if refused else paid

    def _end(self, instance: Instance) -> str:
        if not instance.why:
            return "It was still under way when the run ended."
        outcome, _, why = instance.why.partition(": ")
        return f"It was {outcome}: {why}."
