"""What customers tell the bank of themselves changes: phone numbers and e-mails; and the bank looks at them again."""

from enum import IntEnum

import numpy as np

from simulator.clock import Today
from simulator.codes import Detail, Device, Event, Network
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.dossiers import review_dossiers
from simulator.lives.visits import MONTH, befalls, moments, within_month
from simulator.population.devices import HAS_PHONE
from simulator.population.knowledge import REVIEWED_EVERY, YEAR, anniversaries, know_firms, know_people
from simulator.population.presence import last_days
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario


class Step(IntEnum):
    """What the agenda holds for a customer; numbers beyond those of cards."""

    PHONE = 32
    EMAIL = 33
    REVIEW = 34


EVENTS = {
    Step.PHONE: Event.PHONE_CHANGED,
    Step.EMAIL: Event.EMAIL_CHANGED,
    Step.REVIEW: Event.KYC_REVIEWED,
}
HISTORY = {Step.PHONE: "phone", Step.EMAIL: "email"}


def foresee_details(scenario: Scenario, world: World, today: Today, diary: Diary, dossiers: Records, person: Ints) -> None:
    """Draw what will change for the customers visited today in the month that follows."""
    known = scenario.knowledge
    hits = words(scenario.seed, person, Why.CONTACT, 0, today.day)
    days = words(scenario.seed, person, Why.CONTACT, 1, today.day)
    for step, hit, when, share in zip(HISTORY, hits, days, (known.phone_changes, known.email_changes), strict=False):
        chosen = befalls(hit, share)
        diary.agenda.put(within_month(when, today.day)[chosen], step, person[chosen])
    _foresee_reviews(scenario, world, today, diary, dossiers, person)


def _foresee_reviews(scenario: Scenario, world: World, today: Today, diary: Diary, dossiers: Records, person: Ints) -> None:
    """Banks look again at customers after so many years, by their rating."""
    since, firm = world.people.joined[person].astype(np.int64), np.arange(today.day % MONTH, world.layout.firms, MONTH, dtype=np.int64)
    opened = world.firms.opened[firm].astype(np.int64)
    (due, years), (falls, age) = anniversaries(since, today.day, MONTH), anniversaries(opened, today.day, MONTH)
    person, since, years = person[due], since[due], years[due]
    falls &= opened + age * YEAR <= last_days(world.firms)[1][firm]
    firm, opened, age = firm[falls], opened[falls], age[falls]
    if len(person):
        rating = know_people(scenario, world.people, person, dossiers.income[person], dossiers.age[person]).rating
        now = years % REVIEWED_EVERY[rating] == 0
        diary.agenda.put((since + years * YEAR)[now], Step.REVIEW, person[now])
    if len(firm):
        now = age % REVIEWED_EVERY[know_firms(scenario, world, firm, today.day - today.index).rating] == 0
        diary.agenda.put((opened + age * YEAR)[now], Step.REVIEW, firm[now] + world.layout.people)


def change_details(scenario: Scenario, world: World, today: Today, diary: Diary, dossiers: Records, steps: Records) -> None:
    """What customers change today, and whom the bank looks at again."""
    for step, event in EVENTS.items() if len(steps) else ():
        row = np.unique(steps["row"][steps.what == step]).astype(np.int64)
        row = row[(row >= world.layout.people) | (world.people.left[np.minimum(row, world.layout.people - 1)] > today.day)]
        if not len(row):
            continue
        when, how, _, _ = words(scenario.seed, row, Why.CONTACT, int(step), today.day)
        if step == Step.REVIEW:
            diary.note(event, row, moments(today.offset, 9, 8, when))
            review_dossiers(world, today, diary, dossiers, row[row < world.layout.people])
            continue
        # Three in four do it in the app, the others at the branch (assumption).
        by_app = (world.equipment.gear[row] & HAS_PHONE > 0) & (how < np.uint32(3 << 30))
        time = np.where(by_app, moments(today.offset, 7, 15, when), moments(today.offset, 9, 8, when))
        diary.note(
            event, row, time, device_kind=np.where(by_app, int(Device.PHONE), 0), network=np.where(by_app, int(Network.HOME), 0),
            detail=np.where(by_app, int(Detail.APP), int(Detail.BRANCH)),
        )  # fmt: skip
        diary.change(HISTORY[step], today.day, row)
