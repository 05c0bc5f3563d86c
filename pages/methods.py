from yjdisp.ui import methods, shell

view = shell.page()
methods.page(view.release)
