from yjdisp.ui import export, shell

view = shell.page()
export.page(view.release)
