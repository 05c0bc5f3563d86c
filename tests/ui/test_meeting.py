"""The meeting view: one answer and one chart at a time, back, next and leave."""

from __future__ import annotations

import pytest

from ui.test_pages import opened, texts
from yjdisp import wording
from yjdisp.ui import meeting
from yjdisp.ui.shell import PAGES

STEPS = [page for page in PAGES if page.answers]


def pressed(app, label: str):
    """A button of the page by its words."""
    return next(button for button in app.button if button.label == label)


def labels(app) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.file)
def test_it_is_offered_where_there_is_an_answer(app, page):
    opened(app, page)
    assert (wording.MEETING in labels(app)) == (page in STEPS)
    assert wording.NEXT not in labels(app)


def test_it_is_one_answer_and_one_chart(app):
    opened(app, PAGES[1])
    pressed(app, wording.MEETING).click().run()
    assert not app.exception
    assert app.query_params["meeting"] == "on"
    assert len(app.get("plotly_chart")) == 1
    assert not app.table
    assert "times as likely as White children" in texts(app)
    assert wording.STEP.format(at=2, of=len(STEPS), title="Ethnicity") in texts(app)
    assert wording.MEETING not in labels(app)


def test_next_and_back_go_through_the_pages_in_their_order(app):
    app.query_params["meeting"] = "on"
    app.run()
    seen = []
    for _ in STEPS:
        assert not app.exception
        seen.append(app.title[0].value)
        if not pressed(app, wording.NEXT).disabled:
            pressed(app, wording.NEXT).click().run()
    assert seen == [page.question for page in STEPS]
    assert pressed(app, wording.NEXT).disabled
    pressed(app, wording.BACK).click().run()
    assert app.title[0].value == STEPS[-2].question
    assert app.query_params["meeting"] == "on"


def test_filters_come_along(app):
    app.query_params["meeting"] = "on"
    app.query_params["year"] = "2021/22"
    app.run()
    pressed(app, wording.NEXT).click().run()
    assert "In 2021/22, " in texts(app)


def test_leaving_brings_the_whole_page_back(app):
    app.query_params["meeting"] = "on"
    opened(app, PAGES[0])
    assert pressed(app, wording.BACK).disabled
    pressed(app, wording.LEAVE).click().run()
    assert "meeting" not in app.query_params
    assert app.table


def test_a_page_without_an_answer_can_be_left(app):
    app.query_params["meeting"] = "on"
    opened(app, next(page for page in PAGES if page.file == "methods"))
    assert f"of {len(STEPS)}" not in texts(app)
    assert wording.LEAVE in labels(app)
    assert not pressed(app, wording.NEXT).disabled


def test_it_is_off_unless_the_address_says_on(app):
    app.query_params["meeting"] = "off"
    opened(app, PAGES[1])
    assert wording.LEAVE not in labels(app)
    assert app.table
    pressed(app, wording.MEETING).click().run()
    assert app.query_params["meeting"] == "on"
    assert wording.LEAVE in labels(app)
