from yjdisp.ui import data, shell

view = shell.page()
data.page(view.release)
