from yjdisp.ui import shell, trends

view = shell.page()
trends.page(view.release)
