"""Roles beyond people and shops: the government pays benefits, billers are paid bills, employers pay suppliers."""

import pytest

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.codes import Method, Purpose
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

PAYS_BILL = """\
# A neighbour pays a bill for another. It goes to who sends such bills. Nobody minds.
name: pays_bill
title: A bill paid for another
typology: X6
family: innocent
lookalike_of: S9
about: A neighbour pays a bill for another. It goes to who sends such bills, like the bills of everybody else. Nobody minds.
rate: {yearly: 0.05, source: assumption}
cast:
  neighbour: {drawn: people, available: 200}
  utility: {drawn: firms, categories: [electricity]}
acts:
  - name: pays
    says: the neighbour pays the bill
    hours: [8, 20]
    pay: {payer: neighbour, payee: utility, method: direct_debit, channel: none, purpose: bill, known: true, amount: {between: [30, 60]}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("roles")
    (folder / "pays_bill.yaml").write_text(PAYS_BILL)
    file = folder / "town.yaml"
    file.write_text(
        "extends: hamlet\nname: town\npopulation: {customers: 500}\nperiod: {days: 70}\n"
        "stories: {library: [benefit_fraud, between_jobs, pays_bill.yaml, invoice_redirected_large], intensity: 1000, lookalikes: 300,"
        " mix: {S5: 3}}\n"
    )
    run_scenario(load_scenario(file), folder / "run")
    return open_run(folder / "run")


def test_benefits_come_from_the_government_and_bills_go_to_billers(run: Run) -> None:
    rows = run.transactions().to_pandas().merge(run.true_labels().to_pandas(), on="transaction_id", suffixes=("", "_told"))
    ordinary = run.transactions(["transaction_id", "payer_account", "purpose", "method", "channel"]).to_pandas()
    ordinary = ordinary[~ordinary["transaction_id"].isin(rows["transaction_id"])]
    ordinary = ordinary[ordinary["purpose"].astype(str) == Purpose.BENEFIT.name.lower()]
    benefits = rows[rows["purpose"].astype(str) == "benefit"]
    assert len(benefits) > 30 and len(ordinary) > 5 and benefits["is_fraud"].any() and not benefits["is_fraud"].all()
    assert set(benefits["payer_account"]) == set(ordinary["payer_account"])  # one account pays them all
    for column in ("method", "channel"):
        assert set(benefits[column].astype(str)) == set(ordinary[column].astype(str))
    bills = rows[rows["typology"].astype(str) == "X6"]
    assert len(bills) > 10 and set(bills["method"].astype(str)) == {Method.DIRECT_DEBIT.name.lower()}
    paid = run.transactions(["payee_account", "purpose", "mcc", "transaction_id"]).to_pandas()
    others = paid[(paid["purpose"].astype(str) == "bill") & ~paid["transaction_id"].isin(rows["transaction_id"])]
    assert set(bills["mcc"]) <= set(others["mcc"]) and set(bills["payee_account"]) & set(others["payee_account"])


def test_large_invoices_are_paid_by_employers_and_by_no_shop(run: Run) -> None:
    told = run.true_labels().to_pandas()
    rows = run.transactions().to_pandas().merge(told[told["typology"] == "S5"], on="transaction_id", suffixes=("", "_told"))
    owners = run.accounts(["account_id", "owner_kind"]).to_pandas().drop_duplicates("account_id").set_index("account_id")["owner_kind"]
    stolen = rows[rows["is_fraud"]]
    assert len(stolen) > 5
    assert set(owners[stolen["payer_account"]]) == {"employer"}
    assert set(owners[stolen["payee_account"]]) == {"customer"}  # mules


def test_the_books_and_the_verifier(run: Run) -> None:
    assert reconcile(run)["passed"]
    found = verify(run)
    assert found["passed"], [check for check in found["checks"] if not check["passed"]]
