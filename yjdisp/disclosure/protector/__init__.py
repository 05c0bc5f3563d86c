"""What the analyst's side alone does: it imagines every reader, and looks for the records that each could still believe in."""
