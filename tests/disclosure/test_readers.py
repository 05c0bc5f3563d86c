"""What readers are told without being asked: that what an earlier release hides for the sake of others is large."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import at, counted, published

from yjdisp.disclosure.facts import versions
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector.readers import Readers
from yjdisp.vocabulary import flat_dimension


def after_a_release(boys: int, girls: int) -> tuple[Readers, int, int]:
    """Readers of a release after one that printed how many children there are and hid that by sex; and both figures."""
    dimensions = (flat_dimension("year", ("2023/24",), axis="period"), flat_dimension("sex", ("Boys", "Girls")))
    sexes = np.repeat(["Boys", "Girls"], [boys, girls])
    children = {"period": np.repeat("2023/24", len(sexes)), "sex": sexes, "child": np.arange(len(sexes))}
    records = {"children": children}
    cells = counted(dimensions, records, [("children", ("sex",), 0)])
    small = at(cells, ("Girls",))
    earlier = [Entry(published(cells, at(cells, ("Boys",), ("Girls",))), np.where(small, 4.0, 0.0), records)]
    history, ours = versions.history(records, earlier, dimensions)
    readers = Readers(cells, Policy("of one's own", 5), earlier, history, ours, lambda: None)
    return readers, int(readers.figure[at(cells, ("Boys",))][0]), int(readers.figure[small][0])


@pytest.mark.parametrize(("boys", "asked"), [(20, False), (6, True)])
def test_what_is_hidden_for_the_sake_of_others_is_taken_to_be_large_until_that_is_in_the_way(boys, asked):
    """4 girls of 22 leave boys enough to be large; 4 girls of 8 do not."""
    readers, large, small = after_a_release(boys, girls=2)
    readers.say()
    assert readers.search.low[large] == 5
    readers.accept()
    assert (readers.known.asked[large], readers.search.low[large]) == (asked, 0 if asked else 5)
    goal = np.flatnonzero(readers.old & (readers.goals.owner == small))
    assert (readers.search.worlds.shown[:, :, goal] > 0).all() and not readers.search.waived[:, :, goal].any()
