"""Policies and plans are files that people write: what ships says what the design says, a mistake is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yjdisp.disclosure import plan as plans
from yjdisp.disclosure import policy as policies
from yjdisp.disclosure.plan import PlanError
from yjdisp.disclosure.policy import PolicyError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.sampled_from(["children", "year", "sex", "", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["unit", "year", "x"]), inner),
)


@pytest.mark.parametrize(
    ("name", "threshold", "zeros", "rounding"),
    [("caseload", 5, "hidden", 0), ("published", 5, "shown", 0), ("ten", 10, "hidden", 0), ("round5", 5, "hidden", 5)],
)
def test_the_profiles_that_ship(name, threshold, zeros, rounding):
    policy = policies.load(name)
    assert (policy.name, policy.threshold, policy.zeros, policy.rounding) == (name, threshold, zeros, rounding)
    assert policy.exempt == ("Unknown", "Not stated") and bool(policy.sensitive) == (zeros == "hidden")
    assert policies.from_toml(policies.to_toml(policy)) == policy


def test_the_profile_where_none_is_named_is_caseload():
    assert policies.load().name == "caseload"
    assert policies.names() == ("caseload", "published", "round5", "ten")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "x"\nthreshold = 5\nthresold = 3', "unknown key 'thresold'; known are bad_rows, "),
        ('name = "x"', "'threshold' is missing"),
        ('name = ""\nthreshold = 5', "give it a name"),
        ('name = "x"\nthreshold = 0', "threshold must be a whole number"),
        ('name = "x"\nthreshold = 99999999999999999999', "threshold must be a whole number"),
        ('name = "x"\nthreshold = 4.5', "threshold must be a whole number"),
        ('name = "x"\nthreshold = true', "threshold must be a whole number"),
        ('name = "x"\nthreshold = 5\nzeros = "kept"', "zeros must be"),
        ('name = "x"\nthreshold = 5\nrounding = 3', "rounding must be"),
        ('name = "x"\nthreshold = 5\nbad_rows = "drop"', "bad_rows must be"),
        ('name = "x"\nthreshold = 5\nexempt = "Unknown"', "exempt must be a list"),
        ('name = "x"\nthreshold = 5\nexempt = [1]', "exempt must be a list of texts"),
        ('name = "x"\nthreshold = 5\nsensitive = 5', "sensitive must be a list"),
        ('name = "x"\nthreshold = 5\nsensitive = [["sex"]]', "sensitive takes dimensions"),
        ('name = "x"\nthreshold = 5\nsensitive = ["colour"]', "sensitive takes dimensions, and 'colour' is none"),
        ('name = "x', "not a TOML file"),
    ],
)
def test_a_mistake_in_a_policy_is_told(tmp_path, text, says):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=f"^policy: .*{says}"):
        policies.load(path)


def test_a_policy_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(PolicyError, match="no profile or file 'caselaod'; profiles are caseload, published"):
        policies.load("caselaod")


def test_in_the_default_plan_no_table_comes_before_a_coarser_one():
    tables = plans.load().tables
    for number, table in enumerate(tables):
        for later in tables[number + 1 :]:
            part = later.unit == table.unit and set(later.dimensions) < set(table.dimensions)
            coarser = part and all(later.levels(name) <= table.levels(name) for name in later.dimensions)
            assert not coarser, (later.name, table.name)
    assert plans.from_dict(plans.tomllib.loads(plans.to_toml(plans.load()))) == plans.load()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tiers = []", "plan: unknown key 'tiers'; known are name, tier"),
        ("", "plan: it has no table"),
        ("tier = 3", "plan: tier must be a list"),
        ("tier = [1]", "plan, tier 1: must be keys with values"),
        ("[[tier]]\ntables = 5", "plan, tier 1: tables must be a list"),
        ("[[tier]]\ntables = [5]", "plan, tier 1, table 1: must be keys with values"),
        ('[[tier]]\ntables = [{ unit = ["children"] }]', "plan, tier 1, table 1: unit must be one of children, "),
        ('[[tier]]\ntables = [{ unit = "children", dimensions = "sex" }]', "dimensions must be a list"),
        ('[[tier]]\ntables = [{ unit = "children", dimensions = [["sex"]] }]', "children are not counted by"),
        ('[[tier]]\ntables = [{ unit = "children", dimensions = ["quarter"] }]', "not counted by 'quarter'; use year"),
        ('[[tier]]\ntables = [{ unit = "children", dimensions = ["sex", "sex"] }]', "a dimension is there twice"),
        ('[[tier]]\ntables = [{ unit = "outcomes", dimensions = ["year", "quarter"] }]', "use one of year, quarter"),
        ('[[tier]]\ntables = [{ unit = "children", depth = 2 }]', "depth: must be keys with values"),
        ('[[tier]]\ntables = [{ unit = "children", depth = { sex = 2 } }]', "depth: unknown key 'sex'"),
        ('[[tier]]\ntables = [{ unit = "children", dimensions = ["sex"], depth = { sex = 0 } }]', "at least 1"),
        ('[[tier]]\ntables = [{ unit = "children" }, { unit = "children" }]', "children by total is there twice"),
        ("[[tier", "plan: not a TOML file"),
    ],
)
def test_a_mistake_in_a_plan_is_told(tmp_path, text, says):
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as told:
        plans.load(path)
    assert says in str(told.value)


@given(st.fixed_dictionaries({}, optional={k: VALUES for k in ("name", "threshold", "zeros", "exempt", "sensitive")}))
def test_any_policy_is_read_or_told_to_be_none(data):
    try:
        policy = policies.from_dict(data)
    except PolicyError:
        return
    assert policies.from_toml(policies.to_toml(policy)) == policy


@given(VALUES | st.lists(st.fixed_dictionaries({}, optional={k: VALUES for k in ("unit", "dimensions", "depth")})))
def test_any_plan_is_read_or_told_to_be_none(tables):
    try:
        plan = plans.from_dict({"tier": [{"tables": tables}]})
    except PlanError:
        return
    assert plans.from_dict(plans.tomllib.loads(plans.to_toml(plan))) == plan
