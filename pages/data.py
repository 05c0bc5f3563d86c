from yjdisp.ui import shell

release = shell.page()

from yjdisp.ui import data  # noqa: E402  the analyst's side is imported by nobody else, and only behind the guard

data.page(release)
