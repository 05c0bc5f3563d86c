"""The pages of trends and of the action plan, without a browser: forms, conflicts, refusals, history, overlay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest
from ui import small

from yjdisp import actions
from yjdisp.actions import Action
from yjdisp.project import project_folder
from yjdisp.ui import blocks

OTHER = "All other ethnic groups combined"
MENTORING = Action(
    action="Offer *mentoring*",
    owner="Board",
    start=date(2020, 4, 1),
    target_date=date(2023, 3, 31),
    by="ethnicity",
    group=OTHER,
    measure="share",
    unit="children",
    baseline_value=30.0,
    target_value=15.0,
)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty plan beside a small release, which the app then shows."""
    small.write(tmp_path / "releases" / "small")
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path / "releases"))
    monkeypatch.delenv("YJDISP_ACTIONS_URL", raising=False)
    engine = actions.connect(f"sqlite:///{tmp_path / 'action-plan.db'}")
    yield engine
    engine.dispose()


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(project_folder() / "app.py"), default_timeout=30)
    for key, value in query.items():
        app.query_params[key] = value
    app.run().switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def field(app: AppTest, label: str):
    return next(w for w in (*app.text_input, *app.text_area, *app.selectbox) if w.label == label)


def save(app: AppTest) -> AppTest:
    next(b for b in app.button if b.label == "Save").click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    elements = (*app.success, *app.warning, *app.error, *app.info, *app.markdown, *app.caption)
    return "\n".join([*(e.value for e in elements), *(h.proto.body for h in app.get("html"))])


def test_adding_an_action(store):
    app = opened("action_plan")
    field(app, "Action (needed)").input("Train the panel")
    field(app, "Start").input("01/04/2026")
    field(app, "Target").input("25%")
    field(app, "Your name").input("Ann")
    save(app)
    (stored,) = actions.plan(store)
    assert (stored.action, stored.start, stored.target_value) == ("Train the panel", date(2026, 4, 1), 25.0)
    assert "Saved." in said(app) and "1 action: 1 not started." in said(app)
    assert field(app, "Action (needed)").value == ""


def test_what_is_refused_stays_in_the_form(store):
    app = opened("action_plan")
    field(app, "Action (needed)").input("Ring jo@example.org")
    field(app, "Your name").input("Ann")
    save(app)
    assert "an e-mail address" in said(app) and "jo@" not in said(app)
    assert field(app, "Action (needed)").value == "Ring jo@example.org"
    field(app, "Action (needed)").input("Ring the school")
    field(app, "Start").input("soon")
    save(app)
    assert "it is not a date" in said(app)
    assert actions.plan(store) == ()


def at_an_action(store) -> tuple[AppTest, actions.Action]:
    """The page with an action of the plan on its form."""
    stored = actions.add(store, MENTORING, who="Ann")
    app = opened("action_plan")
    app.selectbox(key="plan_chosen").select(stored.id).run()
    return app, stored


def test_a_share_above_100_is_not_saved(store):
    app, stored = at_an_action(store)
    field(app, "Baseline").input("150")
    field(app, "Your name").input("Ann")
    save(app)
    assert "Not saved" in said(app) and "from 0 to 100" in said(app)
    assert field(app, "Baseline").value == "150"
    assert actions.plan(store) == (stored,)


def test_two_people_at_one_action(store):
    app, stored = at_an_action(store)
    field(app, "Owner").input("Ben's team")
    field(app, "Notes").input("Ben's notes")
    field(app, "Your name").input("Ben")
    actions.edit(store, replace(stored, owner="Cem's team", status="in progress"), who="Cem")
    save(app)
    assert "Somebody else changed this action" in said(app) and "You both changed: Owner" in said(app)
    assert actions.plan(store)[0].owner == "Cem's team"
    assert field(app, "Owner").value == "Ben's team" and field(app, "Notes").value == "Ben's notes"
    assert (
        next(w for w in app.selectbox if w.label == "Status" and "action" in (w.form_id or "")).value == "in progress"
    )
    save(app)
    (merged,) = actions.plan(store)
    assert (merged.owner, merged.notes, merged.status) == ("Ben's team", "Ben's notes", "in progress")
    assert [c.who for c in actions.history(store) if c.field == "owner"] == ["Ben", "Cem", "Ann"]


def test_history_and_filters(store):
    stored = actions.add(store, MENTORING, who="Ann")
    actions.add(store, Action(action="Train", status="completed"), who="Ann")
    app = opened("action_plan")
    assert "2 actions: 1 completed and 1 overdue." in said(app)
    assert app.table[0].value.reset_index()["Action"].tolist() == [r"Offer \*mentoring\*", "Train"]
    app.selectbox(key="plan_status").select("overdue").run()
    assert len(app.table[0].value) == 1
    app.selectbox(key="plan_chosen").select(stored.id).run()
    assert set(app.table[1].value.reset_index()["Who"]) == {"Ann"}


def test_a_plan_that_cannot_be_reached_stops_only_its_own_page(store, monkeypatch):
    monkeypatch.setenv("YJDISP_ACTIONS_URL", "postgresql://user:secret@127.0.0.1:1/plan")
    app = opened("action_plan")
    assert "cannot be used just now" in said(app) and "secret" not in said(app)
    assert opened("trends").get("plotly_chart")


def test_a_trend_with_its_actions_and_their_course(store):
    actions.add(store, MENTORING, who="Ann")
    app = opened("trends")
    assert "29.5% to 35.6%, up 6.0 percentage points (20.3% more), well within chance" in said(app)
    (chart,) = app.get("plotly_chart")
    assert "Offer *mentoring*" in chart.proto.spec
    course = app.table[1].value.iloc[0]["Course"]
    assert course == blocks.plain("Not on course: the line to the target asks for 20.0% at 2021/22")


def test_the_filters_of_a_trend_fall_back_where_nothing_is_published(store):
    app = opened("trends")
    app.selectbox(key="trend_ethnicity_group").select("Mixed").run()
    app.selectbox(key="trend_by").select("sex").run()
    assert not app.exception and app.get("plotly_chart")
    assert app.selectbox(key="trend_sex_group").value == "Girls"  # as in the pack: boys are whom they are set beside
    assert "is not published here" not in said(app)
