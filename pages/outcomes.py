from yjdisp.ui import shell, system

view = shell.page()
system.outcomes_page(view.release)
