from yjdisp.ui import methods, shell

release = shell.page()
methods.page(release)
